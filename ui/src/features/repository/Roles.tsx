// Every role with its keys: who has signed this version, by which keyid, and how the two counts come out.
import { useState } from "react";
import type { RoleKeyView, RoleView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { CustodyIcon, KindIcon, StandingBadge } from "../../parts/standing";
import { blast } from "../../words/blast";
import { ROTATED } from "../../words/ceremony";
import { change, type Opening } from "../../words/change";
import { ends, version } from "../../words/format";
import { roles as words } from "../../words/repository";
import { custodies } from "../../words/standings";

const AT_FIRST = 40;

type Props = {
  onInspect: (node: string) => void;
  /** None where nothing can be changed from here. */
  onChange: ((opening: Opening) => void) | undefined;
};

export function Roles({ roles, onInspect, onChange, onStolen }: Props & { roles: RoleView[]; onStolen: () => void }) {
  const [all, setAll] = useState(false);
  const shown = all ? roles : roles.slice(0, AT_FIRST);
  return (
    <div className="stack">
      <div>
        <Button icon="key" onPress={onStolen}>
          {blast.askAny}
        </Button>
      </div>
      {shown.map((role) => (
        <Role key={role.node} role={role} onInspect={onInspect} onChange={onChange} />
      ))}
      {shown.length < roles.length ? (
        <div>
          <Button onPress={() => setAll(true)}>{words.showAll(roles.length)}</Button>
        </div>
      ) : null}
    </div>
  );
}

function Role({ role, onInspect, onChange }: Props & { role: RoleView }) {
  const rotated = ROTATED.find((name) => role.kind === name);
  return (
    <section aria-label={role.role}>
      <div className="row wrap">
        <KindIcon kind={role.kind} />
        <h2 className="break">
          {role.role} {role.version ? <span className="ev muted">{version(role.version)}</span> : null}
        </h2>
        <StandingBadge standing={role.standing} />
        <span className="second small">
          {words.ours(role.valid, role.threshold)} · {words.clients(role.validForClients)} · {role.expires ? words.expires(role.expires) : words.noDocument}
        </span>
        {onChange ? (
          <span className="row right">
            {role.version && role.kind !== "timestamp" ? (
              <Button look="quiet" aria-label={change.ways.endsOf(role.role)} onPress={() => onChange({ form: "ends", role: role.role })}>
                {change.ways.ends}
              </Button>
            ) : null}
            <Button icon="a-rotate" onPress={() => onChange({ form: "keys", role: role.role })}>
              {rotated ? words.rotate(rotated) : change.ways.keys(role.role)}
            </Button>
          </span>
        ) : null}
      </div>
      <table aria-label={words.keysOf(role.role)} className="gap-keys">
        <thead>
          <tr>
            <th>{words.columns.signed}</th>
            <th>{words.columns.key}</th>
            <th>{words.columns.keyid}</th>
            <th>{words.columns.physical}</th>
            <th>{words.columns.scheme}</th>
            <th>{words.columns.lives}</th>
          </tr>
        </thead>
        <tbody>
          {role.keys.map((key) => (
            <KeyRow key={key.node} held={key} onInspect={onInspect} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function KeyRow({ held, onInspect }: { held: RoleKeyView; onInspect: (node: string) => void }) {
  return (
    <tr>
      <td>
        {held.signed ? <Icon name="a-done" label={words.signed} /> : <span className="hidden-words">{words.notSigned}</span>}
      </td>
      <th scope="row">
        <LinkButton onPress={() => onInspect(held.node)}>{held.name ?? words.unnamed}</LinkButton>
        {held.problem ? <div className="why">{held.problem}</div> : null}
      </th>
      <td className="ev tight" title={held.keyid}>
        {ends(held.keyid)}
        {held.canonicalKeyid ? (
          <div className="muted" title={held.canonicalKeyid}>
            {words.notHash} {ends(held.canonicalKeyid)}
          </div>
        ) : null}
      </td>
      <td className="ev tight" title={held.physicalKey ?? ""}>
        {held.physicalKey ? ends(held.physicalKey) : words.unreadable}
      </td>
      <td className="ev tight">{held.scheme}</td>
      <td className="tight">
        <CustodyIcon custody={held.custody} silent size="s" /> {custodies[held.custody]}
        {held.attested ? <div className="muted small">{held.attested}</div> : null}
      </td>
    </tr>
  );
}
