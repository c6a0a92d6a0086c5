// Ending a ceremony without publishing, with its reason on record.
import { useState } from "react";
import { type CeremonyView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { FailureInSight } from "../../parts/failure-in-sight";
import { TextInput } from "../../parts/fields";
import { ceremony } from "../../words/ceremony";

const words = ceremony.abandoning;

export function Abandon({ view, onClose, onAbandoned }: { view: CeremonyView; onClose: () => void; onAbandoned: () => void }) {
  const [reason, setReason] = useState("");
  const work = useAct();
  const abandon = () =>
    work.run({ kind: "abandon", ceremony: view.id, reason: reason.trim() }, () => {
      onAbandoned();
      onClose();
    });
  return (
    <DialogFrame
      title={words.title(view.id)}
      onClose={onClose}
      foot={
        <>
          <Button look="primary" onPress={onClose}>
            {words.not}
          </Button>
          <span className="right" />
          <ConfirmButton
            look="danger"
            words={words.do(view.review.role, view.review.version)}
            blocked={reason.trim() === "" ? words.missing : undefined}
            running={work.running ? words.running : undefined}
            onConfirm={abandon}
          />
        </>
      }
    >
      <p className="measure">{words.why}</p>
      <TextInput label={words.reason} long required value={reason} onChange={setReason} />
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
