// The first screen's answer to "could root be rotated today?": which roots have enough keys that were seen to work.
import { useState } from "react";
import type { ReadinessView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { PracticeTag } from "../../parts/practice";
import { readiness as words } from "../../words/keys";

const FIRST = 3;

export function Readiness({ roots, ready, readiness, practiceOnly, onRollCall }: { roots: number; ready: number; readiness: ReadinessView[]; practiceOnly: boolean; onRollCall: (repository: string) => void }) {
  const [all, setAll] = useState(false);
  if (readiness.length === 0) return null;
  const shown = all ? readiness : readiness.slice(0, FIRST);
  const hidden = roots - shown.length;
  return (
    <section className="readiness" aria-labelledby="readiness">
      <div className="sect">
        <h2 id="readiness">{words.title}</h2>
        <span className="note">{words.summary(ready, roots)}</span>
      </div>
      <ul>
        {shown.map((root) => (
          <li key={root.repository}>
            <Icon name={root.could ? "a-done" : "attention"} size="s" className={root.could ? "accent" : "muted"} />
            <span className="cut">
              <span className="strong">{root.repositoryName}</span> {root.practice && !practiceOnly ? <PracticeTag /> : null}
            </span>
            <span className="ev">{words.proven(root.proven, root.keys)}</span>
            <span className="second cut" title={root.says}>
              {root.says}
            </span>
            <Button aria-label={words.openNamed(root.repositoryName)} onPress={() => onRollCall(root.repository)}>
              {words.open}
            </Button>
          </li>
        ))}
      </ul>
      {hidden > 0 ? (
        all || readiness.length <= FIRST ? (
          <p className="why">{words.more(hidden)}</p>
        ) : (
          <Button look="quiet" onPress={() => setAll(true)}>
            {words.more(hidden)}
          </Button>
        )
      ) : null}
    </section>
  );
}
