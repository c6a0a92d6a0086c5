// Officers elsewhere: what is signed goes out as a file, and signatures come back as one.
import { useState } from "react";
import { type FileTaken, type RequestWritten, type ResponseTaken, useAct, useDrops } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { FailureInSight } from "../../parts/failure-in-sight";
import { handoff as words } from "../../words/handoff";
import { FileDialog } from "./FileDialog";
import { Judged, MakeKit, TakeKit } from "./Kit";

export function Elsewhere({ ceremony, mayHandOut, mayTakeBack }: { ceremony: string; mayHandOut: boolean; mayTakeBack: boolean }) {
  const [open, setOpen] = useState<"out" | "back" | "kit" | "kitBack">();
  const [dropped, setDropped] = useState<FileTaken[]>();
  const drops = useAct();
  // Whatever is dropped on this page is judged by the desk, file by file.
  useDrops((paths) => {
    if (mayTakeBack) drops.run({ kind: "takeFiles", ceremony, paths }, (outcome) => outcome.kind === "tookFiles" && setDropped(outcome.files));
  });
  if (!mayHandOut && !mayTakeBack && dropped === undefined) return null;
  const close = () => setOpen(undefined);
  return (
    <section className="gap-above stack tight" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="second small measure">{words.why}</p>
      <div className="row">
        <Button isDisabled={!mayHandOut} onPress={() => setOpen("out")}>
          {words.out.open}
        </Button>
        <Button isDisabled={!mayHandOut} onPress={() => setOpen("kit")}>
          {words.kit.open}
        </Button>
        <Button isDisabled={!mayTakeBack} onPress={() => setOpen("back")}>
          {words.back.open}
        </Button>
        <Button isDisabled={!mayTakeBack} onPress={() => setOpen("kitBack")}>
          {words.kitBack.open}
        </Button>
      </div>
      <p className="second small">{words.drop}</p>
      <FailureInSight failure={drops.failure} onDismiss={drops.clear} />
      {dropped ? <Judged files={dropped} /> : null}
      {open === "out" ? <HandOut ceremony={ceremony} onClose={close} /> : null}
      {open === "kit" ? <MakeKit ceremony={ceremony} onClose={close} /> : null}
      {open === "back" ? <TakeBack ceremony={ceremony} onClose={close} /> : null}
      {open === "kitBack" ? <TakeKit onClose={close} /> : null}
    </section>
  );
}

function HandOut({ ceremony, onClose }: { ceremony: string; onClose: () => void }) {
  const [path, setPath] = useState("");
  const [written, setWritten] = useState<RequestWritten>();
  const work = useAct();
  const write = () => work.run({ kind: "handOut", ceremony, path: path.trim() }, (outcome) => outcome.kind === "handedOut" && setWritten(outcome.request));
  return (
    <FileDialog
      words={words.out}
      file="newRequestFile"
      path={path}
      onPath={setPath}
      work={work}
      running={work.running === "handOut"}
      done={written !== undefined}
      onGo={write}
      onClose={onClose}
    >
      {written ? (
        <>
          <p role="status">{words.out.done(written.asksFor, written.path)}</p>
          <ReadAloud request={written} />
        </>
      ) : null}
    </FileDialog>
  );
}

/** What makes sure that both look at the same bytes. */
export function ReadAloud({ request }: { request: RequestWritten }) {
  return (
    <>
      <p className="second small">{words.out.aloud}</p>
      <Digest digest={request.digest} of={words.out.digest} size="big" />
      <p className="ev break">
        <span className="hidden-words">{words.out.words}: </span>
        {request.words}
      </p>
    </>
  );
}

function TakeBack({ ceremony, onClose }: { ceremony: string; onClose: () => void }) {
  const [path, setPath] = useState("");
  const [taken, setTaken] = useState<ResponseTaken>();
  const work = useAct();
  const take = () => work.run({ kind: "takeBack", ceremony, path: path.trim() }, (outcome) => outcome.kind === "tookBack" && setTaken(outcome.response));
  const roles = taken ? [...new Set(taken.signatures.map(({ role }) => role))] : [];
  return (
    <FileDialog
      words={words.back}
      file="responseFile"
      path={path}
      onPath={setPath}
      work={work}
      running={work.running === "takeBack"}
      done={taken !== undefined}
      onGo={take}
      onClose={onClose}
    >
      {taken ? <p role="status">{words.back.done(taken.signatures.length, roles)}</p> : null}
    </FileDialog>
  );
}
