// Taking up again what was given up and could be published by anybody, with the reason on record.
import { useState } from "react";
import { type CeremonyView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { FailureInSight } from "../../parts/failure-in-sight";
import { TextInput } from "../../parts/fields";
import { ceremony } from "../../words/ceremony";

const words = ceremony.ended.reopening;

export function Reopen({ view, onClose, onReopened }: { view: CeremonyView; onClose: () => void; onReopened: () => void }) {
  const [reason, setReason] = useState("");
  const work = useAct();
  const reopen = () =>
    work.run({ kind: "reopen", ceremony: view.id, reason: reason.trim() }, () => {
      onReopened();
      onClose();
    });
  return (
    <DialogFrame
      title={words.title(view.id)}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {words.not}
          </Button>
          <span className="right" />
          <ConfirmButton words={words.do} blocked={reason.trim() === "" ? words.missing : undefined} running={work.running ? words.running : undefined} onConfirm={reopen} />
        </>
      }
    >
      <p className="measure">{words.why}</p>
      <TextInput label={words.reason} long required value={reason} onChange={setReason} />
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
