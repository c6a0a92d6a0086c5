// Who holds each role of a repository that is begun: one line a role, one of them open.
import { type Dispatch, type SetStateAction, useId, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { BeginningFormView, FormRole } from "../../border";
import { Choice, TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { KindIcon } from "../../parts/standing";
import { beginning as words } from "../../words/beginning";
import { ceremony, rotatedRole } from "../../words/ceremony";
import { asChange, type Holder, holderOf, summed, type Typed } from "./beginning";
import { isCount, isTime, onto } from "./change";
import { Joining } from "./Joining";

type Props = { view: BeginningFormView; typed: Typed; onTyped: Dispatch<SetStateAction<Typed>> };

export function Holders({ view, typed, onTyped }: Props) {
  const [open, setOpen] = useState<string | null>("root");
  const id = useId();
  return (
    <section aria-label={words.who}>
      <div className="sect">
        <h2>{words.who}</h2>
        <span className="note">{words.whoNote}</span>
      </div>
      <ul className="holders">
        {view.roles.map((role) => {
          const holder = holderOf(typed, role);
          const isOpen = open === role.role;
          const lacksKeys = !holder.server && holder.joining.length === 0;
          const sum = summed(role, holder);
          // Keys join while the officer types: what changed goes onto the holder as it stands then.
          const onHolder = (changed: Holder) =>
            onTyped((now) => ({ ...now, holders: { ...now.holders, [role.role]: onto(holderOf(now, role), holder, changed) } }));
          return (
            <li key={role.role} className={isOpen ? "on" : ""}>
              <AriaButton className="holder" aria-expanded={isOpen} {...(isOpen ? { "aria-controls": `${id}-${role.role}` } : {})} onPress={() => setOpen(isOpen ? null : role.role)}>
                <Icon name={isOpen ? "a-open" : "a-closed"} size="s" />
                <KindIcon kind={role.kind} />
                <span>
                  <span className="strong">{role.role}</span>
                  <span className="hidden-words">{words.says}</span>
                </span>
                <span className={lacksKeys ? "right muted" : "right"}>{sum}</span>
              </AriaButton>
              {isOpen ? (
                <div id={`${id}-${role.role}`} className="stack">
                  <OneHolder view={view} typed={typed} role={role} holder={holder} onHolder={onHolder} />
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

type OneProps = { view: BeginningFormView; typed: Typed; role: FormRole; holder: Holder; onHolder: (holder: Holder) => void };

function OneHolder({ view, typed, role, holder, onHolder }: OneProps) {
  const name = role.role;
  if (role.server === "always") return <p className="second measure">{words.serverOnly}</p>;
  return (
    <>
      <p className="second measure">{words.roles[rotatedRole(name)]}</p>
      {role.server === "either" ? (
        <Choice
          label={words.holder(name)}
          value={holder.server ? "server" : "people"}
          options={(["server", "people"] as const).map((id) => ({ id, name: ceremony.intent.holders[id], text: ceremony.intent.holders[id] }))}
          onChange={(who) => onHolder({ ...holder, server: who === "server" })}
        />
      ) : null}
      {holder.server ? null : <Joining form={asChange(view, typed)} title={words.keysOf(name)} role={name} joining={holder.joining} onChange={(joining) => onHolder({ ...holder, joining })} />}
      <div className="intent-fields">
        {holder.server ? null : (
          <TextInput
            label={words.threshold(name)}
            why={words.thresholdWhy(holder.joining.length)}
            number
            evidence
            value={holder.threshold}
            onChange={(threshold) => onHolder({ ...holder, threshold })}
            problem={isCount(holder.threshold) ? undefined : words.thresholdProblem}
          />
        )}
        {holder.server ? null : (
          <TextInput
            label={words.ends(name)}
            why={words.endsWhy(role.expires)}
            evidence
            value={holder.ends}
            onChange={(ends) => onHolder({ ...holder, ends })}
            problem={isTime(holder.ends) ? undefined : ceremony.intent.expiresProblem}
          />
        )}
      </div>
    </>
  );
}
