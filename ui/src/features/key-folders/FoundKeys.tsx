// The private keys of one folder: role and GUN, both ids, what guards each, where metadata lists it, what to know before it is used.
import type { FoundKeyView } from "../../border";
import { Check } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { bare, ends, endsWithin } from "../../words/format";
import { keyFolders as words } from "../../words/key-folders";

type Props = { folder: string; keys: FoundKeyView[]; ticked: ReadonlySet<string>; onTicked: (ticked: ReadonlySet<string>) => void };

export function FoundKeys({ folder, keys, ticked, onTicked }: Props) {
  const tick = (file: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(file);
    else next.delete(file);
    onTicked(next);
  };
  return (
    <table className="roomy found-keys" aria-label={words.keysIn(folder)}>
      <thead>
        <tr>
          <th>{words.columns.key}</th>
          <th>{words.columns.ids}</th>
          <th>{words.columns.guarded}</th>
          <th>{words.columns.used}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.file} found={key} ticked={ticked.has(key.file)} onTick={(on) => tick(key.file, on)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ found, ticked, onTick }: { found: FoundKeyView; ticked: boolean; onTick: (on: boolean) => void }) {
  const role = <span className="strong break">{words.role(found.role, found.gun)}</span>;
  return (
    <tr>
      <th scope="row">
        {found.here === null ? (
          <Check checked={ticked} onChange={onTick}>
            <span className="hidden-words">{words.copy(endsWithin(found.name))} </span>
            {role}
          </Check>
        ) : (
          role
        )}
        <span className="ev muted break block" title={found.file}>
          {endsWithin(found.name)}
        </span>
        {found.here ? (
          <span className="small block">
            <Icon name="a-done" size="s" /> {words.here(found.here)}
          </span>
        ) : null}
      </th>
      <td>
        <Id name={words.canonical} id={found.canonicalKeyid} more={found.keyidChecked || found.canonicalKeyid === null ? null : words.claimed} />
        {found.keyids.map((keyid) => (
          <Id key={keyid} name={words.keyid} id={keyid} more={null} />
        ))}
        <Id name={words.physical} id={found.physicalKey === null ? null : bare(found.physicalKey)} more={null} />
      </td>
      <td>
        {found.weak ? (
          <span className="badge expiring">
            <Icon name="st-expiring" />
            {words.weak}
          </span>
        ) : null}
        <span className="small block">
          {found.algorithm ? `${found.algorithm}, ` : ""}
          {found.protection}
        </span>
      </td>
      <td className="small">
        {found.uses.length === 0 ? <span className="muted">{words.unlisted}</span> : null}
        {found.uses.map((use) => (
          <span key={use} className="break block">
            {use}
          </span>
        ))}
        {found.remarks.map((remark) => (
          <span key={remark.code} className="break block muted">
            {remark.message}
          </span>
        ))}
      </td>
    </tr>
  );
}

function Id({ name, id, more }: { name: string; id: string | null; more: string | null }) {
  return (
    <span className="block small">
      <span className="muted">{name} </span>
      {id === null ? (
        <span className="muted">{words.notTold}</span>
      ) : (
        <span className="ev" title={id}>
          {ends(id)}
        </span>
      )}
      {more ? <span className="muted"> {more}</span> : null}
    </span>
  );
}
