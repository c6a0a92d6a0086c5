// Making a token as it was delivered. Names every key that is lost, and wants the serial from the device itself.
import { useState } from "react";
import { type ProvisioningView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { FailureInSight } from "../../parts/failure-in-sight";
import { TextInput } from "../../parts/fields";
import { Sentences } from "../../parts/sentence";
import { provisioning } from "../../words/provisioning";

const words = provisioning.startOver;

/** Seconds in which the button only counts: no key comes back. */
const WAIT = 3;

export function Erase({ view, serial, onClose, onErased }: { view: ProvisioningView; serial: number; onClose: () => void; onErased: () => void }) {
  const [typed, setTyped] = useState("");
  const work = useAct();
  const erase = () =>
    work.run({ kind: "eraseToken", serial, typed: typed.trim() }, () => {
      onErased();
      onClose();
    });
  return (
    <DialogFrame
      title={words.dialog(view.label)}
      onClose={onClose}
      foot={
        <>
          <Button look="primary" onPress={onClose}>
            {words.not}
          </Button>
          <span className="right" />
          <ConfirmButton
            look="danger"
            wait={WAIT}
            words={words.go(view.label, view.erased.length)}
            blocked={typed.trim() === "" ? words.missing : undefined}
            running={work.running ? words.running : undefined}
            onConfirm={erase}
          />
        </>
      }
    >
      <section>
        <h3>{words.lost}</h3>
        {view.erased.length > 0 ? <Sentences sentences={view.erased} /> : <p className="second">{words.nothing}</p>}
        <p className="second measure">
          {view.erased.length > 0 ? `${words.secrets} ` : ""}
          {words.other}
        </p>
      </section>
      <TextInput label={words.typed} why={words.typedWhy(view.label)} required evidence value={typed} onChange={setTyped} />
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
