// Keys that are in a role now: stay or leave, and where each is when it signs.
import { type RotationKey, useAct } from "../../border";
import { IconButton } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Check } from "../../parts/fields";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends } from "../../words/format";

const words = ceremony.intent;

type Props = {
  title: string;
  note: string;
  keys: RotationKey[];
  /** The keys that leave, where keys may leave here; else they only sign. */
  leaving?: { keys: string[]; onChange: (keys: string[]) => void };
  placeOf: (key: RotationKey) => string;
  onPlace: (key: RotationKey, place: string) => void;
};

export function KeysNow({ title, note, keys, leaving, placeOf, onPlace }: Props) {
  const work = useAct();
  const choose = (key: RotationKey) =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onPlace(key, outcome.path);
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
            {leaving ? <th>{words.columns.stays}</th> : null}
            <th>{words.columns.key}</th>
            <th>{words.columns.file}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow
              key={key.physicalKey}
              held={key}
              stays={leaving ? !leaving.keys.includes(key.physicalKey) : undefined}
              onStays={(stays) => leaving?.onChange(stays ? leaving.keys.filter((other) => other !== key.physicalKey) : [...leaving.keys, key.physicalKey])}
              place={placeOf(key)}
              onPlace={(place) => onPlace(key, place)}
              onChoose={() => choose(key)}
            />
          ))}
        </tbody>
      </table>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}

type RowProps = {
  held: RotationKey;
  /** Undefined where it is not asked. */
  stays: boolean | undefined;
  onStays: (stays: boolean) => void;
  place: string;
  onPlace: (place: string) => void;
  onChoose: () => void;
};

function KeyRow({ held, stays, onStays, place, onPlace, onChoose }: RowProps) {
  const name = held.name ?? ends(held.keyid);
  return (
    <tr>
      {stays === undefined ? null : (
        <td className="tight">
          <Check checked={stays} onChange={onStays}>
            {stays ? words.stays : <del>{words.leaves}</del>}
            <span className="hidden-words">{name}</span>
          </Check>
        </td>
      )}
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
              value={place}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onPlace(event.target.value)}
            />
            <IconButton icon="src-folder" label={words.chooseFor(name)} onPress={onChoose} />
          </span>
        )}
      </td>
    </tr>
  );
}
