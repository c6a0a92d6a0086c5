// Officers elsewhere: what is signed goes out as a file, and signatures come back as one.
import { useState } from "react";
import { type Action, type RequestWritten, type ResponseTaken, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { Digest } from "../../parts/digest";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { handoff as words } from "../../words/handoff";

export function Elsewhere({ ceremony, mayHandOut, mayTakeBack }: { ceremony: string; mayHandOut: boolean; mayTakeBack: boolean }) {
  const [open, setOpen] = useState<"out" | "back">();
  if (!mayHandOut && !mayTakeBack) return null;
  const close = () => setOpen(undefined);
  return (
    <section className="gap-above" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="second small measure">{words.why}</p>
      <div className="row">
        <Button isDisabled={!mayHandOut} onPress={() => setOpen("out")}>
          {words.out.open}
        </Button>
        <Button isDisabled={!mayTakeBack} onPress={() => setOpen("back")}>
          {words.back.open}
        </Button>
      </div>
      {open === "out" ? <HandOut ceremony={ceremony} onClose={close} /> : null}
      {open === "back" ? <TakeBack ceremony={ceremony} onClose={close} /> : null}
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
          <p className="second small">{words.out.aloud}</p>
          <Digest digest={written.digest} of={words.out.digest} size="big" />
          <p className="ev break">
            <span className="hidden-words">{words.out.words}: </span>
            {written.words}
          </p>
        </>
      ) : null}
    </FileDialog>
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

type FileDialogProps = {
  words: { title: string; lede: string; path: string; hint: string; go: string; running: string; blocked: string };
  file: Extract<Action, { kind: "choose" }>["what"];
  path: string;
  onPath: (path: string) => void;
  work: ReturnType<typeof useAct>;
  running: boolean;
  done: boolean;
  onGo: () => void;
  onClose: () => void;
  children: React.ReactNode;
};

/** One file, one button; what came of it stays until it is closed. */
function FileDialog({ words: said, file, path, onPath, work, running, done, onGo, onClose, children }: FileDialogProps) {
  const choose = () =>
    work.run({ kind: "choose", what: file }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onPath(outcome.path);
    });
  return (
    <DialogFrame
      title={said.title}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {words.close}
          </Button>
          <span className="right" />
          {done ? null : <ConfirmButton words={said.go} blocked={path.trim() === "" ? said.blocked : undefined} running={running ? said.running : undefined} onConfirm={onGo} />}
        </>
      }
    >
      <p className="second">{said.lede}</p>
      {done ? null : <PathInput label={said.path} hint={said.hint} value={path} onChange={onPath} choose={words.choose} onChoose={choose} />}
      {children}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
