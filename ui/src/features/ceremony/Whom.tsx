// Who is asked by a file: for the record, and so that the page can say whose answer is awaited.
import type { SignerRow } from "../../border";
import { Check } from "../../parts/fields";
import { Serial } from "../../parts/serial";
import { handoff as words } from "../../words/handoff";

export function Whom({ signers, to, onTo }: { signers: SignerRow[]; to: string[]; onTo: (to: string[]) => void }) {
  const askable = signers.filter(({ ask }) => ask !== null);
  if (askable.length === 0) return null;
  return (
    <fieldset className="whom">
      <legend>{words.whom.title}</legend>
      <p className="why">{words.whom.why}</p>
      {askable.map(({ physicalKey, label, file }) => (
        <Check
          key={physicalKey}
          checked={to.includes(physicalKey)}
          onChange={(checked) => onTo(checked ? [...to, physicalKey] : to.filter((key) => key !== physicalKey))}
        >
          <span className="strong">{label}</span>{" "}
          {file ? (
            <span className="muted">
              <Serial label={file} />
            </span>
          ) : null}
        </Check>
      ))}
    </fieldset>
  );
}
