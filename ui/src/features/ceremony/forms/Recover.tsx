// Ways back: what happened is chosen among what the desk sees and what it cannot see; a stolen root key has a form of its own.
import type { ChangeFormView, RecoveryView } from "../../../border";
import { LinkButton } from "../../../parts/button";
import { Icon } from "../../../parts/icon";
import { SentenceText } from "../../../parts/sentence";
import { change } from "../../../words/change";
import { type Intent, intentOf } from "../change";
import { Joining } from "../Joining";
import type { FormOf } from "./form";
import { KeyChoice } from "./Revoke";

const words = change.recoverForm;

export function Recoveries({ view, onChoose }: { view: ChangeFormView; onChoose: (intent: Intent) => void }) {
  return (
    <section>
      <h2>{words.what}</h2>
      <ul className="offers">
        {view.recoveries.map((each) => (
          <li key={each.recovery}>
            <LinkButton onPress={() => onChoose(begun(view, each))}>{words.recoveries[each.recovery]}…</LinkButton>
            <div>
              <p className="second break">
                <SentenceText parts={each.says.parts} />
              </p>
              {each.isSo ? (
                <p className="row start">
                  <Icon name="attention" size="s" className="expiring" />
                  {words.seen}
                </p>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The form that a way back begins with; what the desk proposes stands in it already. */
function begun(view: ChangeFormView, { edits }: RecoveryView): Intent {
  const [edit] = edits;
  if (edit?.kind === "endsBefore") return { form: "ends", which: "before", role: "root", before: edit.before, at: "" };
  if (edit?.kind === "keys" || edit?.kind === "serverKey") {
    const intent = intentOf(view, { form: "keys", role: edit.role });
    if (intent?.form === "keys") return { ...intent, leaving: edit.kind === "keys" ? edit.remove : [], server: edit.kind === "serverKey" };
  }
  return { form: "recover", stolen: "", root: [], targets: [], online: [] };
}

export function RootStolen({ view, intent, onChange }: FormOf<"recover">) {
  return (
    <>
      <KeyChoice view={view} label={words.stolen} of="root" chosen={intent.stolen} onChoose={(stolen) => onChange({ ...intent, stolen })} />
      <Joining form={view} title={words.root} one joining={intent.root} onChange={(root) => onChange({ ...intent, root })} />
      <Joining form={view} title={words.targets} joining={intent.targets} onChange={(targets) => onChange({ ...intent, targets })} />
      <p className="why">{words.targetsWhy}</p>
      {view.dialect === "notary" ? (
        <p className="second">{words.onlineNotary}</p>
      ) : (
        <>
          <Joining form={view} title={words.online} one joining={intent.online} onChange={(online) => onChange({ ...intent, online })} />
          <p className="why">{words.onlineWhy}</p>
        </>
      )}
      <p className="row start">
        <Icon name="attention" size="s" className="expiring" />
        <span className="second measure">{words.clean}</span>
      </p>
    </>
  );
}
