// One key that leaves every role it counts for, and what takes its place. Keys are chosen by who they are, never typed.
import type { ChangeFormView } from "../../../border";
import { Check, Choice, Choose } from "../../../parts/fields";
import { CustodyIcon } from "../../../parts/standing";
import { change } from "../../../words/change";
import { ends } from "../../../words/format";
import { revocation as causes } from "../../../words/revocation";
import { keysHere, nameOf } from "../change";
import { Joining } from "../Joining";
import type { FormOf } from "./form";

const words = change.revokeForm;
const CAUSES = ["leaves", "lost", "stolen"] as const;

export function Revoke({ view, intent, onChange }: FormOf<"revoke">) {
  return (
    <>
      <KeyChoice view={view} label={words.key} chosen={intent.key} onChoose={(key) => onChange({ ...intent, key })} />
      <Choice label={causes.cause} value={intent.cause} options={CAUSES.map((id) => ({ id, name: causes.causes[id], text: causes.causes[id] }))} onChange={(cause) => onChange({ ...intent, cause })} />
      <p className="why">{words.causeWhy}</p>
      <Joining form={view} title={words.replacement} one joining={intent.replacement} onChange={(replacement) => onChange({ ...intent, replacement })} />
      <div>
        <Check checked={intent.signAgain} onChange={(signAgain) => onChange({ ...intent, signAgain })}>
          {words.signAgain}
        </Check>
        <p className="why">{words.signAgainWhy}</p>
      </div>
    </>
  );
}

type KeyChoiceProps = { view: ChangeFormView; label: string; chosen: string; of?: string; onChoose: (physicalKey: string) => void };

/** A key of the repository, with the roles it counts for. */
export function KeyChoice({ view, label, chosen, of, onChoose }: KeyChoiceProps) {
  const keys = keysHere(view).filter(({ roles }) => of === undefined || roles.includes(of));
  const options = keys.map(({ key, roles }) => {
    const text = `${nameOf(key)}, ${words.counts(roles)}`;
    return {
      id: key.physicalKey,
      text,
      name: (
        <span className="row">
          <CustodyIcon custody={key.custody} silent size="s" />
          <span className="strong cut">{nameOf(key)}</span>
          <span className="ev muted">{ends(key.keyid)}</span>
          <span className="second small cut">{words.counts(roles)}</span>
        </span>
      ),
    };
  });
  return <Choose label={label} value={chosen} options={options} onChange={onChoose} />;
}
