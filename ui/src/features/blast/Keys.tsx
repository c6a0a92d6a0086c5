// The keys of a repository, to say which are in the wrong hands.
import type { BlastView } from "../../border";
import { LinkButton } from "../../parts/button";
import { Check } from "../../parts/fields";
import { CustodyIcon } from "../../parts/standing";
import { blast as words } from "../../words/blast";
import { ends } from "../../words/format";

export function Keys({ view, chosen, onKeys }: { view: BlastView; chosen: string[]; onKeys: (keys: string[]) => void }) {
  const choose = (key: string, stolen: boolean) => onKeys(stolen ? [...chosen, key] : chosen.filter((other) => other !== key));
  return (
    <section aria-label={words.keys}>
      <div className="sect">
        <h2>{words.keys}</h2>
        <span className="note">{words.keysNote}</span>
      </div>
      <ul className="blast-keys">
        {view.keys.map((key) => (
          <li key={key.physicalKey}>
            <Check checked={chosen.includes(key.physicalKey)} onChange={(stolen) => choose(key.physicalKey, stolen)}>
              <span className="row">
                <CustodyIcon custody={key.custody} silent size="s" />
                <span className="cut strong">{key.label}</span>
                <span className="ev muted right">{ends(key.keyid)}</span>
              </span>
              <span className="second small break">{words.inRoles(key.roles)}</span>
            </Check>
          </li>
        ))}
      </ul>
      {chosen.length > 0 ? <LinkButton onPress={() => onKeys([])}>{words.clear}</LinkButton> : null}
    </section>
  );
}
