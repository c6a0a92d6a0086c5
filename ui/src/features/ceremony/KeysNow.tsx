// Keys that are in a role now: stay or leave, and where each is when it signs.
import { type RotationKey, useAct } from "../../border";
import { IconButton } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Check } from "../../parts/fields";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends } from "../../words/format";
import type { KeyWish } from "./change";

const words = ceremony.intent;

type Props = {
  title: string;
  note: string;
  keys: RotationKey[];
  /** Whether keys may leave here; else they only sign. */
  mayLeave: boolean;
  wishOf: (key: RotationKey) => KeyWish;
  onWish: (key: string, wish: KeyWish) => void;
};

export function KeysNow({ title, note, keys, mayLeave, wishOf, onWish }: Props) {
  const work = useAct();
  const choose = (key: RotationKey) =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onWish(key.physicalKey, { ...wishOf(key), at: outcome.path });
    });
  return (
    <section>
      <div className="sect">
        <h2>{title}</h2>
        <span className="note">{note}</span>
      </div>
      <table aria-label={title}>
        <thead>
          <tr>
            {mayLeave ? <th>{words.columns.stays}</th> : null}
            <th>{words.columns.key}</th>
            <th>{words.columns.file}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow
              key={key.physicalKey}
              held={key}
              mayLeave={mayLeave}
              wish={wishOf(key)}
              onWish={(wish) => onWish(key.physicalKey, wish)}
              onChoose={() => choose(key)}
            />
          ))}
        </tbody>
      </table>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}

function KeyRow({ held, mayLeave, wish, onWish, onChoose }: { held: RotationKey; mayLeave: boolean; wish: KeyWish; onWish: (wish: KeyWish) => void; onChoose: () => void }) {
  const name = held.name ?? ends(held.keyid);
  return (
    <tr>
      {mayLeave ? (
        <td className="tight">
          <Check checked={wish.stays} onChange={(stays) => onWish({ ...wish, stays })}>
            {wish.stays ? words.stays : <del>{words.leaves}</del>}
            <span className="hidden-words">{name}</span>
          </Check>
        </td>
      ) : null}
      <th scope="row">
        <span className="row">
          <CustodyIcon custody={held.custody} size="s" />
          <span>
            {held.name === null ? null : <span className="strong break">{name}</span>}
            <span className="ev muted block">
              <span title={held.keyid}>{ends(held.keyid)}</span> {held.scheme}
            </span>
            {held.canonicalKeyid ? (
              <span className="muted small block">
                {words.canonical}{" "}
                <span className="ev" title={held.canonicalKeyid}>
                  {ends(held.canonicalKeyid)}
                </span>
              </span>
            ) : null}
          </span>
        </span>
      </th>
      <td className="file-cell">
        {held.custody !== "file" && held.place !== null ? (
          <Serial label={held.place} />
        ) : (
          <span className="row">
            <input
              className="input evidence"
              aria-label={words.signFile(name)}
              value={wish.at}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onWish({ ...wish, at: event.target.value })}
            />
            <IconButton icon="src-folder" label={words.chooseFor(name)} onPress={onChoose} />
          </span>
        )}
      </td>
    </tr>
  );
}
