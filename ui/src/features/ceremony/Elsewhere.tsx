// Officers elsewhere: what is signed goes out as a file, and signatures come back as one.
import { useState } from "react";
import { type FileTaken, type SignerRow, useAct, useDrops } from "../../border";
import { Button } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { handoff as words } from "../../words/handoff";
import { FileDialog } from "./FileDialog";
import { Judged, MakeKit, TakeKit } from "./Kit";
import { ReadAloud } from "./ReadAloud";
import { Whom } from "./Whom";

type Props = { ceremony: string; signers: SignerRow[]; mayHandOut: boolean; mayTakeBack: boolean };

export function Elsewhere({ ceremony, signers, mayHandOut, mayTakeBack }: Props) {
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
      <p className="second small">{words.why}</p>
      <div className="row wrap">
        <Button icon="a-export" isDisabled={!mayHandOut} onPress={() => setOpen("out")}>
          {words.out.open}
        </Button>
        <Button isDisabled={!mayHandOut} onPress={() => setOpen("kit")}>
          {words.kit.open}
        </Button>
        <Button icon="a-import" isDisabled={!mayTakeBack} onPress={() => setOpen("back")}>
          {words.back.open}
        </Button>
        <Button isDisabled={!mayTakeBack} onPress={() => setOpen("kitBack")}>
          {words.kitBack.open}
        </Button>
      </div>
      <FailureInSight failure={drops.failure} onDismiss={drops.clear} />
      {dropped ? <Judged files={dropped} /> : null}
      {open === "out" ? <HandOut ceremony={ceremony} signers={signers} onClose={close} /> : null}
      {open === "kit" ? <MakeKit ceremony={ceremony} signers={signers} onClose={close} /> : null}
      {open === "back" ? <TakeBack ceremony={ceremony} onClose={close} /> : null}
      {open === "kitBack" ? <TakeKit onClose={close} /> : null}
    </section>
  );
}

/** `first` is the key that is asked, when somebody chose one. */
export function HandOut({ ceremony, signers, first, onClose }: { ceremony: string; signers: SignerRow[]; first?: string; onClose: () => void }) {
  const [to, setTo] = useState<string[]>(first === undefined ? [] : [first]);
  return (
    <FileDialog
      words={words.out}
      file="newRequestFile"
      action={(path) => ({ kind: "handOut", ceremony, path, to })}
      read={(outcome) => (outcome.kind === "handedOut" ? outcome.request : undefined)}
      onClose={onClose}
      before={<Whom signers={signers} to={to} onTo={setTo} />}
    >
      {(request) => (
        <>
          <p role="status">{words.out.done(request.asksFor, request.path)}</p>
          <ReadAloud request={request} />
        </>
      )}
    </FileDialog>
  );
}

export function TakeBack({ ceremony, onClose }: { ceremony: string; onClose: () => void }) {
  return (
    <FileDialog
      words={words.back}
      file="responseFile"
      action={(path) => ({ kind: "takeBack", ceremony, path })}
      read={(outcome) => (outcome.kind === "tookBack" ? outcome.response : undefined)}
      onClose={onClose}
    >
      {({ signatures }) => <p role="status">{words.back.done(signatures.length, [...new Set(signatures.map(({ role }) => role))])}</p>}
    </FileDialog>
  );
}
