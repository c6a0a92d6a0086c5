// A kit on a stick: made for an officer without this desk, and taken back in one gesture.
import { useState } from "react";
import { type FileTaken, type KitView, useAct } from "../../border";
import { Digest } from "../../parts/digest";
import { Icon } from "../../parts/icon";
import { failureText } from "../../words/failures";
import { handoff as words } from "../../words/handoff";
import { ReadAloud } from "./Elsewhere";
import { FileDialog } from "./FileDialog";

export function MakeKit({ ceremony, onClose }: { ceremony: string; onClose: () => void }) {
  const [folder, setFolder] = useState("");
  const [kit, setKit] = useState<KitView>();
  const work = useAct();
  const make = () => work.run({ kind: "makeKit", ceremony, folder: folder.trim() }, (outcome) => outcome.kind === "madeKit" && setKit(outcome.kit));
  const program = kit?.files.find(({ file }) => file.startsWith("rootwardctl"));
  return (
    <FileDialog
      words={words.kit}
      file="kitFolder"
      path={folder}
      onPath={setFolder}
      work={work}
      running={work.running === "makeKit"}
      done={kit !== undefined}
      onGo={make}
      onClose={onClose}
    >
      {kit ? (
        <>
          <p role="status">{words.kit.done(kit.files.length, kit.folder)}</p>
          {program ? (
            <section>
              <h3>{words.kit.program}</h3>
              <p className="second small">{words.kit.programWhy}</p>
              <Digest digest={program.sha256} of={words.kit.program} />
            </section>
          ) : null}
          <ReadAloud request={kit.request} />
        </>
      ) : null}
    </FileDialog>
  );
}

export function TakeKit({ onClose }: { onClose: () => void }) {
  const [folder, setFolder] = useState("");
  const [files, setFiles] = useState<FileTaken[]>();
  const work = useAct();
  const take = () => work.run({ kind: "takeKit", folder: folder.trim() }, (outcome) => outcome.kind === "tookFiles" && setFiles(outcome.files));
  return (
    <FileDialog
      words={words.kitBack}
      file="kitFolder"
      path={folder}
      onPath={setFolder}
      work={work}
      running={work.running === "takeKit"}
      done={files !== undefined}
      onGo={take}
      onClose={onClose}
    >
      {files ? <Judged files={files} /> : null}
    </FileDialog>
  );
}

/** What became of each file, one line each. */
export function Judged({ files }: { files: FileTaken[] }) {
  return (
    <section aria-label={words.judged.title}>
      <h3>{words.judged.title}</h3>
      <ul className="plain" role="status">
        {files.map((file, at) => (
          // Two files of one name may come from two folders.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is shown once and never changes
          <li key={`${at} ${file.file}`} className="row">
            <Icon name={file.response ? "a-done" : "a-close"} />
            <span>
              <span className="ev break">{file.file}</span>{" "}
              {file.response ? words.judged.taken(file.response.signatures.map(({ role }) => role)) : null}
              {file.failure ? `${failureText(file.failure.code).what} ${file.failure.message}` : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
