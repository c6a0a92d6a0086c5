// A new end: of one role, or of every role that ends before a day.
import { Choice, TextInput } from "../../../parts/fields";
import { ceremony } from "../../../words/ceremony";
import { change } from "../../../words/change";
import { isTime } from "../change";
import type { FormOf } from "./form";
import { RoleChoice } from "./RoleChoice";

const words = change.endForm;

export function Ends({ view, intent, onChange }: FormOf<"ends">) {
  const role = view.roles.find((each) => each.role === intent.role);
  return (
    <>
      <Choice
        label={words.which}
        value={intent.which}
        options={[
          { id: "one", name: words.one, text: words.one },
          { id: "before", name: words.before, text: words.before },
        ]}
        onChange={(which) => onChange({ ...intent, which })}
      />
      {intent.which === "one" ? (
        <div className="row wrap">
          <RoleChoice view={view} fits={({ version }) => version !== null} role={intent.role} onChoose={({ role }) => onChange({ ...intent, role })} />
          {role ? <span className="second">{words.ends(role.expires, role.daysLeft)}</span> : null}
        </div>
      ) : null}
      <div className="intent-fields">
        {intent.which === "before" ? (
          <TextInput
            label={words.day}
            why={words.dayWhy}
            evidence
            value={intent.before}
            onChange={(before) => onChange({ ...intent, before })}
            problem={isTime(intent.before) ? undefined : ceremony.intent.expiresProblem}
          />
        ) : null}
        <TextInput
          label={words.at}
          why={words.atWhy}
          evidence
          value={intent.at}
          onChange={(at) => onChange({ ...intent, at })}
          problem={isTime(intent.at) ? undefined : ceremony.intent.expiresProblem}
        />
      </div>
    </>
  );
}
