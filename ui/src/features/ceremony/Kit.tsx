// A kit on a stick: made for an officer without this desk, and taken back in one gesture.
import { useState } from "react";
import type { FileTaken, SignerRow } from "../../border";
import { Digest } from "../../parts/digest";
import { Icon } from "../../parts/icon";
import { failureText } from "../../words/failures";
import { handoff as words } from "../../words/handoff";
import { FileDialog } from "./FileDialog";
import { ReadAloud } from "./ReadAloud";
import { Whom } from "./Whom";

export function MakeKit({ ceremony, signers, onClose }: { ceremony: string; signers: SignerRow[]; onClose: () => void }) {
  const [to, setTo] = useState<string[]>([]);
  return (
    <FileDialog
      words={words.kit}
      file="kitFolder"
      action={(folder) => ({ kind: "makeKit", ceremony, folder, to })}
      read={(outcome) => (outcome.kind === "madeKit" ? outcome.kit : undefined)}
      onClose={onClose}
      before={<Whom signers={signers} to={to} onTo={setTo} />}
    >
      {(kit) => {
        const program = kit.files.find(({ file }) => file.startsWith("rootwardctl"));
        return (
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
        );
      }}
    </FileDialog>
  );
}

export function TakeKit({ onClose }: { onClose: () => void }) {
  return (
    <FileDialog
      words={words.kitBack}
      file="kitFolder"
      action={(folder) => ({ kind: "takeKit", folder })}
      read={(outcome) => (outcome.kind === "tookFiles" ? outcome.files : undefined)}
      onClose={onClose}
    >
      {(files) => <Judged files={files} />}
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
