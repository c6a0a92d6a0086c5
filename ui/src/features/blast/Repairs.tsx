// What to do, step by step, with the keys that are left.
import type { BlastRepairView, BlastView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { SentenceText } from "../../parts/sentence";
import { blast as words } from "../../words/blast";
import { change } from "../../words/change";

/** `onTakeOut` leads into the change that takes the stolen keys out of every role. */
export function Repairs({ view, onTakeOut }: { view: BlastView; onTakeOut: () => void }) {
  if (view.repairs.length === 0) return null;
  const mayChange = view.allowed.includes("rotateRoot");
  const possible = view.repairs.some((repair) => repair.possible && (repair.step === "root" || repair.step === "documents"));
  return (
    <section>
      <div className="sect">
        <h2>{words.repairs}</h2>
        <span className="note">{words.repairsNote}</span>
      </div>
      <ol className="blast-steps">
        {view.repairs.map((repair, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are their places in order
          <li key={index}>
            <span className="ev muted" aria-hidden="true">
              {words.step(index + 1)}
            </span>
            <Step repair={repair} />
          </li>
        ))}
      </ol>
      {possible && mayChange ? (
        <Button look="primary" icon="a-revoke" onPress={onTakeOut}>
          {change.ways.takeOut}
        </Button>
      ) : null}
    </section>
  );
}

function Step({ repair }: { repair: BlastRepairView }) {
  return (
    <div className="stack tight">
      <p className="strong break">
        <SentenceText parts={repair.what.parts} />
      </p>
      {repair.by ? (
        <p className="break">
          <SentenceText parts={repair.by.parts} />
        </p>
      ) : null}
      {repair.why.map((sentence, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences never move within a computed account
        <p key={index} className="second break">
          <SentenceText parts={sentence.parts} />
        </p>
      ))}
      {repair.possible ? null : (
        <p className="row start">
          <Icon name="attention" size="s" className="expiring" />
          {words.impossible}
        </p>
      )}
    </div>
  );
}
