// The keys that join root: key files, read for their public half only.
import { useState } from "react";
import { type KeyFileView, useAct } from "../../border";
import { Button, IconButton } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { ceremony } from "../../words/ceremony";
import { bare } from "../../words/format";

const words = ceremony.intent;

export function Joining({ joining, spare, onChange }: { joining: KeyFileView[]; spare: KeyFileView[]; onChange: (joining: KeyFileView[]) => void }) {
  const [path, setPath] = useState("");
  const work = useAct();
  const join = (key: KeyFileView) => onChange([...joining.filter((other) => other.key !== key.key), key]);
  const inspect = (path: string) =>
    work.run({ kind: "inspectKeyFile", path: path.trim() }, (outcome) => {
      if (outcome.kind !== "keyFile") return;
      join(outcome.key);
      setPath("");
    });
  const choose = () =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind !== "chose" || outcome.path === null) return;
      setPath(outcome.path);
      inspect(outcome.path);
    });
  const offered = spare.filter((key) => !joining.some((other) => other.key === key.key));
  return (
    <section className="stack tight">
      <h2>{words.add}</h2>
      {joining.length === 0 ? <p className="muted">{words.noneJoin}</p> : null}
      <ul className="stack tight">
        {joining.map((key) => (
          <li key={key.key} className="row">
            <span className="mk added strong">+</span>
            <KeyFile held={key} />
            <span className="right">
              <IconButton icon="a-close" label={words.drop(nameOf(key))} onPress={() => onChange(joining.filter((other) => other.key !== key.key))} />
            </span>
          </li>
        ))}
      </ul>
      {offered.length > 0 ? (
        <div>
          <p className="why">{words.spare}</p>
          <div className="row wrap">
            {offered.map((key) => (
              <Button key={key.key} icon="a-add" onPress={() => join(key)}>
                {words.joins(nameOf(key))}
              </Button>
            ))}
          </div>
        </div>
      ) : null}
      <div className="with-button joining">
        <PathInput label={words.addFile} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={() => inspect(path)}>
          {words.addButton}
        </Button>
      </div>
      <p className="why">{words.addWhy}</p>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}

function KeyFile({ held }: { held: KeyFileView }) {
  return (
    <span className="row wrap">
      <Icon name="key-file" size="s" className="muted" />
      <span className="strong break">{nameOf(held)}</span>
      {held.algorithm ? <span className="ev">{held.algorithm}</span> : null}
      <span className="muted small">{held.encrypted ? words.encrypted : words.plain}</span>
      <span className="ev muted break">{held.physicalKey ? bare(held.physicalKey) : words.physicalUnknown}</span>
    </span>
  );
}

function nameOf(key: KeyFileView): string {
  return key.name ?? key.path.split("/").at(-1) ?? key.path;
}
