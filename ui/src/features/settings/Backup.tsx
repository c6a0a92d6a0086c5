// The desk in one file: written here, and taken in here.
import { useState } from "react";
import { type Outcome, useAct } from "../../border";
import { Button } from "../../parts/button";
import { FailurePanel } from "../../parts/failure";
import { Check, PathInput } from "../../parts/fields";
import { backup as words } from "../../words/frame";

export function Backup() {
  return (
    <section className="stack">
      <div>
        <h2>{words.title}</h2>
        <p className="second measure">{words.why}</p>
      </div>
      <Make />
      <Restore />
    </section>
  );
}

function Make() {
  const [path, setPath] = useState("");
  const [withKeys, setWithKeys] = useState(false);
  const [done, setDone] = useState("");
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "newBackupFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const make = () =>
    work.run({ kind: "backUp", path: path.trim(), withKeys }, (outcome) => {
      if (outcome.kind === "backedUp") setDone(words.made(outcome.file, outcome.sha256, outcome.privateKeys));
    });
  return (
    <div className="stack">
      <PathInput label={words.to} hint={words.toHint} value={path} onChange={setPath} choose={words.choosePlace} onChoose={choose} />
      <Check checked={withKeys} onChange={setWithKeys}>
        {words.withKeys}
      </Check>
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <div className="row">
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={make}>
          {words.make}
        </Button>
        <span role="status">{done}</span>
      </div>
    </div>
  );
}

function Restore() {
  const [path, setPath] = useState("");
  const [done, setDone] = useState<Extract<Outcome, { kind: "restored" }>>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "backupFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const restore = () =>
    work.run({ kind: "restore", path: path.trim() }, (outcome) => {
      if (outcome.kind === "restored") setDone(outcome);
    });
  return (
    <div className="stack">
      <PathInput label={words.from} hint={words.fromHint} value={path} onChange={setPath} choose={words.chooseBackup} onChoose={choose} />
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <div className="row">
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={restore}>
          {words.restore}
        </Button>
        <span role="status">{done ? words.restored(done.madeAt, done.added.length, done.merged.length, done.leftOut) : ""}</span>
      </div>
    </div>
  );
}
