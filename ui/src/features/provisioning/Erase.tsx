// Making a token as it was delivered. Names every key that is lost, and wants the serial from the device itself.
import { type ProvisioningView, useAct } from "../../border";
import { Sentences } from "../../parts/sentence";
import { TypedDialog } from "../../parts/typed-dialog";
import { provisioning } from "../../words/provisioning";

const words = provisioning.startOver;

/** Seconds in which the button only counts: no key comes back. */
const WAIT = 3;

export function Erase({ view, serial, onClose, onErased }: { view: ProvisioningView; serial: number; onClose: () => void; onErased: () => void }) {
  const work = useAct();
  const erase = (typed: string) =>
    work.run({ kind: "eraseToken", serial, typed }, () => {
      onErased();
      onClose();
    });
  return (
    <TypedDialog
      title={words.dialog(view.label)}
      field={{ label: words.typed, why: words.typedWhy(view.label), evidence: true }}
      words={{ ...words, go: words.go(view.label, view.erased.length) }}
      dangerous
      wait={WAIT}
      running={work.running !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={erase}
      onClose={onClose}
    >
      <section>
        <h3>{words.lost}</h3>
        {view.erased.length > 0 ? <Sentences sentences={view.erased} /> : <p className="second">{words.nothing}</p>}
        <p className="second measure">
          {view.erased.length > 0 ? `${words.secrets} ` : ""}
          {words.other}
        </p>
      </section>
    </TypedDialog>
  );
}
