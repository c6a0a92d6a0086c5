// The keys of one role: which stay, which leave, which join, how many must sign, and whether a server signs it.
import { Choice, TextInput } from "../../../parts/fields";
import { ceremony } from "../../../words/ceremony";
import { change as changeWords } from "../../../words/change";
import { isCount, isTime, placeOf, roleAt } from "../change";
import { Joining } from "../Joining";
import { KeysNow } from "../KeysNow";
import type { FormOf } from "./form";
import { RoleChoice } from "./RoleChoice";

const words = changeWords.keyForm;
const asked = ceremony.intent;

export function Keys(props: FormOf<"keys">) {
  const { view, intent, onChange, terms, onTerms } = props;
  const role = roleAt(view, intent);
  if (!role) return <p className="muted">{changeWords.nobody}</p>;
  return (
    <>
      <RoleChoice
        view={view}
        fits={({ succinct }) => !succinct}
        role={intent.role}
        by={intent.by}
        onChoose={({ role, by, server }) => onChange({ ...intent, role, by, leaving: [], joining: [], server: server === "always" })}
      />
      <Holder {...props} />
      {intent.server ? null : (
        <>
          <KeysNow
            title={words.keys(role.role)}
            note={words.note}
            keys={role.keys}
            leaving={{ keys: intent.leaving, onChange: (leaving) => onChange({ ...intent, leaving }) }}
            placeOf={(key) => placeOf(terms, key)}
            onPlace={(key, place) => onTerms({ places: { [key.physicalKey]: place } })}
          />
          <Joining form={view} title={asked.add} role={role.role} joining={intent.joining} onChange={(joining) => onChange({ ...intent, joining })} />
        </>
      )}
      <div className="intent-fields">
        {intent.server ? null : (
          <TextInput
            label={words.threshold(role.role)}
            why={words.thresholdWhy(role.threshold)}
            number
            evidence
            value={intent.threshold}
            onChange={(threshold) => onChange({ ...intent, threshold })}
            problem={isCount(intent.threshold) ? undefined : asked.thresholdProblem}
          />
        )}
        {role.by === "root" ? (
          <TextInput
            label={words.rootEnds}
            why={words.rootEndsWhy}
            evidence
            value={intent.rootEnds}
            onChange={(rootEnds) => onChange({ ...intent, rootEnds })}
            problem={isTime(intent.rootEnds) ? undefined : asked.expiresProblem}
          />
        ) : null}
      </div>
    </>
  );
}

/** Who signs the role from now on, where a server can. */
function Holder({ view, intent, onChange }: FormOf<"keys">) {
  const role = roleAt(view, intent);
  switch (role?.server ?? "never") {
    case "never":
      return null;
    case "always":
      return (
        <section className="asked">
          <h2>{asked.serverHolds(intent.role)}</h2>
          <p className="second measure">{asked.serverWhy(intent.role)}</p>
        </section>
      );
    case "either":
      return (
        <Choice
          label={asked.holder(intent.role)}
          value={intent.server ? "server" : "people"}
          options={[
            { id: "people", name: asked.holders.people, text: asked.holders.people },
            { id: "server", name: asked.holders.server, text: asked.holders.server },
          ]}
          onChange={(who) => onChange({ ...intent, server: who === "server" })}
        />
      );
  }
}
