// The keys of root now: stay or leave, and the key file each signs with.
import { type RotationKey, useAct } from "../../border";
import { IconButton } from "../../parts/button";
import { Check } from "../../parts/fields";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends } from "../../words/format";
import type { KeyWish } from "./Rotation";

const words = ceremony.intent;

export function KeysNow({ keys, wishOf, onWish }: { keys: RotationKey[]; wishOf: (key: RotationKey) => KeyWish; onWish: (key: string, wish: KeyWish) => void }) {
  return (
    <section>
      <h2>{words.keys}</h2>
      <table aria-label={words.keys}>
        <thead>
          <tr>
            <th>{words.columns.stays}</th>
            <th>{words.columns.key}</th>
            <th>{words.columns.keyid}</th>
            <th>{words.columns.scheme}</th>
            <th>{words.columns.file}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.physicalKey} held={key} wish={wishOf(key)} onWish={(wish) => onWish(key.physicalKey, wish)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function KeyRow({ held, wish, onWish }: { held: RotationKey; wish: KeyWish; onWish: (wish: KeyWish) => void }) {
  const work = useAct();
  const name = held.name ?? ends(held.keyid);
  const choose = () =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onWish({ ...wish, file: outcome.path });
    });
  return (
    <tr>
      <td className="tight">
        <Check checked={wish.stays} onChange={(stays) => onWish({ ...wish, stays })}>
          {wish.stays ? words.stays : <del>{words.leaves}</del>}
          <span className="hidden-words">{name}</span>
        </Check>
      </td>
      <th scope="row">
        <span className="row">
          <CustodyIcon custody={held.custody} size="s" />
          <span className="break">{name}</span>
        </span>
      </th>
      <td className="ev tight" title={held.keyid}>
        {ends(held.keyid)}
      </td>
      <td className="ev tight">{held.scheme}</td>
      <td>
        <span className="row">
          <input
            className="input evidence"
            aria-label={words.signFile(name)}
            placeholder={words.addHint}
            value={wish.file}
            spellCheck={false}
            onChange={(event) => onWish({ ...wish, file: event.target.value })}
          />
          <IconButton icon="src-folder" label={`${words.choose} ${words.signFile(name)}`} onPress={choose} />
        </span>
      </td>
    </tr>
  );
}
