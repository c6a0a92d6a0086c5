// One token: what it is, what a person should know of it, and its slots.
import { useId } from "react";
import type { KeyUse, SlotView, TokenView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { FailurePanel } from "../../parts/failure";
import { Icon } from "../../parts/icon";
import { Sentences } from "../../parts/sentence";
import { Serial } from "../../parts/serial";
import { ends } from "../../words/format";
import { provisioning } from "../../words/provisioning";
import { tokens as words } from "../../words/tokens";

const USES = 3;

type Props = { token: TokenView; onRepository: (repository: string) => void; onProvision: (token: string) => void };

export function Device({ token, onRepository, onProvision }: Props) {
  const id = useId();
  const { provision } = token;
  const held = token.slots.filter((slot) => slot.occupied);
  const empty = token.slots.filter((slot) => !slot.occupied);
  return (
    <section className="device" aria-labelledby={id}>
      <div className="row wrap">
        <Icon name="key-token" size="l" />
        <h2 id={id}>
          <Serial label={token.label} />
        </h2>
        <span className="second small">{words.model(token.model, token.firmware)}</span>
        {token.module === null ? null : (
          <span className="second small break">
            {words.behind(token.module)}
            {token.serialText ? `, ${words.serial(token.serialText)}` : ""}
          </span>
        )}
        {token.trouble ? null : (
          <span className="right small">
            <span className="muted">{words.pin} </span>
            <span className={token.pinTries !== null && token.pinTries < 2 ? "expired strong" : "second"}>
              {token.pinTries === null ? words.triesUnknown : words.tries(token.pinTries)}
            </span>
          </span>
        )}
      </div>
      {token.trouble ? <FailurePanel failure={token.trouble} /> : null}
      {token.warnings.length > 0 ? <Sentences sentences={token.warnings} /> : null}
      {held.length > 0 ? <Slots of={token.label} slots={held} onRepository={onRepository} /> : token.trouble ? null : <p className="second">{token.module === null ? words.noKeys : words.noKeysShown}</p>}
      {empty.length > 0 && token.module === null ? <p className="why">{words.empty(named(empty))}</p> : null}
      {provision === null ? null : (
        <div className="row wrap">
          <Button icon="key-token" onPress={() => onProvision(provision)}>
            {provisioning.open(token.label)}
          </Button>
          <span className="why">{token.asDelivered ? words.asDelivered : words.further}</span>
        </div>
      )}
    </section>
  );
}

function Slots({ of, slots, onRepository }: { of: string; slots: SlotView[]; onRepository: (repository: string) => void }) {
  return (
    <table className="roomy" aria-label={words.slotsOf(of)}>
      <thead>
        <tr>
          <th>{slots.some((slot) => slot.key.startsWith("pkcs11:")) ? words.key : words.columns.slot}</th>
          <th>{words.columns.key}</th>
          <th>{words.columns.pin}</th>
          <th>{words.columns.touch}</th>
          <th>{words.columns.origin}</th>
          <th>{words.columns.uses}</th>
        </tr>
      </thead>
      <tbody>
        {slots.map((slot) => (
          <tr key={slot.key}>
            <th scope="row" className="tight">
              <span className="ev strong">{slot.slot}</span>
              <span className="muted small block">{slot.slotName}</span>
            </th>
            <td>
              <span className="ev">{slot.algorithm}</span>
              <Ids slot={slot} />
            </td>
            <td className="small">{slot.pinPolicy}</td>
            <td className="small">{slot.touchPolicy}</td>
            <td className="small">{slot.origin}</td>
            <td className="small">
              <Uses uses={slot.usedBy} onRepository={onRepository} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Ids({ slot }: { slot: SlotView }) {
  if (slot.keyid === null) return <span className="muted small block">{words.noPublic}</span>;
  return (
    <>
      <span className="muted small block">
        {words.keyid}{" "}
        <span className="ev" title={slot.keyid}>
          {ends(slot.keyid)}
        </span>
      </span>
      {slot.canonicalKeyid && slot.canonicalKeyid !== slot.keyid ? (
        <span className="muted small block">
          {words.canonical}{" "}
          <span className="ev" title={slot.canonicalKeyid}>
            {ends(slot.canonicalKeyid)}
          </span>
        </span>
      ) : null}
    </>
  );
}

function Uses({ uses, onRepository }: { uses: KeyUse[]; onRepository: (repository: string) => void }) {
  if (uses.length === 0) return <span className="muted">{words.nothing}</span>;
  return (
    <ul>
      {uses.slice(0, USES).map((use) => (
        <li key={`${use.repository} ${use.role}`} className="break">
          <LinkButton onPress={() => onRepository(use.repository)}>{words.use(use.role, use.repositoryName)}</LinkButton>
        </li>
      ))}
      {uses.length > USES ? <li className="muted">{words.more(uses.length - USES)}</li> : null}
    </ul>
  );
}

/** The empty slots that have names of their own, and how many retired ones there are besides. */
function named(empty: SlotView[]): string[] {
  const retired = empty.filter((slot) => slot.slot.startsWith("8") || (slot.slot.startsWith("9") && slot.slot < "9a"));
  const main = empty.filter((slot) => !retired.includes(slot)).map((slot) => slot.slot);
  return retired.length > 0 ? [...main, words.retired(retired.length)] : main;
}
