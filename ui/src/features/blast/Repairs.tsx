// What to do, step by step, with the keys that are left.
import type { BlastRepairView, BlastView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { SentenceText } from "../../parts/sentence";
import { blast as words } from "../../words/blast";

export function Repairs({ view, onRotate }: { view: BlastView; onRotate: () => void }) {
  if (view.repairs.length === 0) return null;
  const mayRotate = view.allowed.includes("rotateRoot");
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
            <Step repair={repair} onRotate={repair.step === "root" && repair.possible && mayRotate ? onRotate : undefined} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Step({ repair, onRotate }: { repair: BlastRepairView; onRotate: (() => void) | undefined }) {
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
      {onRotate ? (
        <div>
          <Button look="primary" icon="a-rotate" onPress={onRotate}>
            {words.rotate}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
