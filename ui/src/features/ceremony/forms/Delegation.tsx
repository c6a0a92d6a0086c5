// A delegation that is there: for other paths, in another place, ending a search or not; or ended as a whole.
import { Check, TextInput } from "../../../parts/fields";
import { change } from "../../../words/change";
import { isDelegated, roleAt } from "../change";
import type { FormOf } from "./form";
import { RoleChoice } from "./RoleChoice";

const words = change.delegateForm;

export function Delegation({ view, intent, onChange }: FormOf<"delegation">) {
  const now = roleAt(view, intent);
  const hashed = (now?.hashPrefixes.length ?? 0) > 0;
  const notary = view.dialect === "notary";
  return (
    <>
      <RoleChoice
        view={view}
        fits={isDelegated}
        role={intent.role}
        by={intent.by}
        onChoose={({ role, by, terminating }) => onChange({ ...intent, role, by, terminating, paths: "", place: "" })}
      />
      {now ? (
        <>
          <p className="second">
            {change.delegationForm.nowLabel}: <span className="ev break">{change.delegationForm.now(now)}</span>
          </p>
          <TextInput
            label={hashed ? words.prefixes : words.paths}
            why={`${hashed ? words.prefixesWhy : notary ? words.pathsNotary : words.pathsTuf} ${change.delegationForm.pathsEmpty}`}
            long
            evidence
            value={intent.paths}
            onChange={(paths) => onChange({ ...intent, paths })}
          />
          <div className="intent-fields">
            <TextInput label={words.place} why={words.placeNow(now.place ?? 0, now.siblings)} number evidence value={intent.place} onChange={(place) => onChange({ ...intent, place })} />
          </div>
          {notary ? null : (
            <Check checked={intent.terminating} onChange={(terminating) => onChange({ ...intent, terminating })}>
              {words.terminating}
            </Check>
          )}
        </>
      ) : null}
    </>
  );
}

export function Undelegate({ view, intent, onChange }: FormOf<"undelegate">) {
  return <RoleChoice view={view} fits={isDelegated} role={intent.role} by={intent.by} onChoose={({ role, by }) => onChange({ ...intent, role, by })} />;
}
