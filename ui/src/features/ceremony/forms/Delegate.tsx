// A role that is delegated to from now on, or many that share all paths by their digests.
import { Check, Choice, TextInput } from "../../../parts/fields";
import { ceremony } from "../../../words/ceremony";
import { change } from "../../../words/change";
import { isBits, isCount } from "../change";
import { Joining } from "../Joining";
import type { FormOf } from "./form";
import { RoleChoice } from "./RoleChoice";

const words = change.delegateForm;
const KINDS = ["paths", "prefixes", "bins"] as const;

export function Delegate({ view, intent, onChange }: FormOf<"delegate">) {
  const notary = view.dialect === "notary";
  const siblings = view.roles.filter(({ by }) => by === intent.by).length;
  return (
    <>
      <div className="intent-fields">
        <RoleChoice view={view} label={words.by} fits={({ vouches }) => vouches} role={intent.by} onChoose={({ role }) => onChange({ ...intent, by: role })} />
        <span />
        <TextInput
          label={intent.kind === "bins" ? words.prefixName : words.name}
          why={notary ? words.nameNotary(intent.by) : words.nameTuf}
          evidence
          required
          value={intent.role}
          onChange={(role) => onChange({ ...intent, role })}
        />
        <TextInput
          label={words.threshold}
          number
          evidence
          value={intent.threshold}
          onChange={(threshold) => onChange({ ...intent, threshold })}
          problem={isCount(intent.threshold) ? undefined : ceremony.intent.thresholdProblem}
        />
      </div>
      <Joining form={view} title={words.keys} joining={intent.joining} onChange={(joining) => onChange({ ...intent, joining })} />
      {notary ? null : (
        <Choice label={words.kind} value={intent.kind} options={KINDS.map((id) => ({ id, name: words.kinds[id], text: words.kinds[id] }))} onChange={(kind) => onChange({ ...intent, kind })} />
      )}
      {intent.kind === "bins" ? (
        <div className="intent-fields">
          <TextInput
            label={words.bits}
            why={words.bitsWhy(isBits(intent.bits) ? 2 ** Number(intent.bits) : null)}
            number
            evidence
            required
            value={intent.bits}
            onChange={(bits) => onChange({ ...intent, bits })}
          />
        </div>
      ) : (
        <>
          <TextInput
            label={intent.kind === "paths" ? words.paths : words.prefixes}
            why={intent.kind === "prefixes" ? words.prefixesWhy : notary ? words.pathsNotary : words.pathsTuf}
            long
            evidence
            required
            value={intent.paths}
            onChange={(paths) => onChange({ ...intent, paths })}
          />
          <div className="intent-fields">
            <TextInput label={words.place} why={words.placeWhy(siblings)} number evidence value={intent.place} onChange={(place) => onChange({ ...intent, place })} />
          </div>
          {notary ? null : (
            <Check checked={intent.terminating} onChange={(terminating) => onChange({ ...intent, terminating })}>
              {words.terminating}
            </Check>
          )}
        </>
      )}
    </>
  );
}
