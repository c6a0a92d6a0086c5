// The keys of root now: stay or leave, and the key file each signs with.
import { type RotationKey, useAct } from "../../border";
import { IconButton } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Check } from "../../parts/fields";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends } from "../../words/format";
import type { KeyWish } from "./change";

const words = ceremony.intent;

export function KeysNow({ keys, wishOf, onWish }: { keys: RotationKey[]; wishOf: (key: RotationKey) => KeyWish; onWish: (key: string, wish: KeyWish) => void }) {
  const work = useAct();
  const choose = (key: RotationKey) =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onWish(key.physicalKey, { ...wishOf(key), file: outcome.path });
    });
  return (
    <section>
      <div className="sect">
        <h2>{words.keys}</h2>
        <span className="note">{words.keysNote}</span>
      </div>
      <table aria-label={words.keys}>
        <thead>
          <tr>
            <th>{words.columns.stays}</th>
            <th>{words.columns.key}</th>
            <th>{words.columns.file}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.physicalKey} held={key} wish={wishOf(key)} onWish={(wish) => onWish(key.physicalKey, wish)} onChoose={() => choose(key)} />
          ))}
        </tbody>
      </table>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}

function KeyRow({ held, wish, onWish, onChoose }: { held: RotationKey; wish: KeyWish; onWish: (wish: KeyWish) => void; onChoose: () => void }) {
  const name = held.name ?? ends(held.keyid);
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
          <span>
            <span className="strong break">{name}</span>
            <span className="ev muted block" title={held.keyid}>
              {ends(held.keyid)} {held.scheme}
            </span>
          </span>
        </span>
      </th>
      <td className="file-cell">
        <span className="row">
          <input
            className="input evidence"
            aria-label={words.signFile(name)}
            value={wish.file}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onWish({ ...wish, file: event.target.value })}
          />
          <IconButton icon="src-folder" label={words.chooseFor(name)} onPress={onChoose} />
        </span>
      </td>
    </tr>
  );
}
