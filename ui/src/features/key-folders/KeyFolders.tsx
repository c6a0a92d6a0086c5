// Keys of other programs: a folder is listed before anything is copied, then what was ticked is copied, one key after the other.
import { useEffect, useRef, useState } from "react";
import { act, type Failure, type FoundKeyView, type KeyFolderView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Empty, Reading } from "../../parts/empty";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { endsWithin } from "../../words/format";
import { keyFolders as words } from "../../words/key-folders";
import { FoundKeys } from "./FoundKeys";

export function KeyFolders({ onKeys }: { onKeys: () => void }) {
  const [typed, setTyped] = useState("");
  const [folder, setFolder] = useState<string | null>(null);
  const work = useAct();
  const list = (path: string) => setFolder(path.trim() === "" ? null : path.trim());
  const choose = () =>
    work.run({ kind: "choose", what: "keyFolder" }, (outcome) => {
      if (outcome.kind !== "chose" || outcome.path === null) return;
      setTyped(outcome.path);
      list(outcome.path);
    });
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          <span className="right">
            <Button icon="a-back" onPress={onKeys}>
              {words.back}
            </Button>
          </span>
        </div>
        <p className="sub measure">{words.lede}</p>
      </div>
      <div className="body stack">
        <div className="with-button key-place">
          <PathInput label={words.folder} hint={words.folderHint} why={words.folderWhy} value={typed} onChange={setTyped} choose={words.choose} onChoose={choose} />
          <Button onPress={() => list(typed)}>{words.list}</Button>
        </div>
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <Listed key={folder ?? ""} folder={folder} />
      </div>
    </>
  );
}

function Listed({ folder }: { folder: string | null }) {
  const asked = useView({ kind: "keyFolders", folder });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return <FailurePanel failure={asked.failure} />;
    case "known":
      if (asked.view.folders.length === 0) return <Empty say={words.none} why={words.noneMore} />;
      return asked.view.folders.map((found) => <Folder key={found.folder} found={found} place={folder ?? found.folder} />);
  }
}

/** `place` names the folder, or the one file, to the desk. */
function Folder({ found, place }: { found: KeyFolderView; place: string }) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const copying = useCopying(place, () => setTicked(new Set()));
  const wanted = found.keys.filter((key) => key.here === null && ticked.has(key.file));
  return (
    <section className="key-folder stack">
      <div className="sect">
        <h2 className="ev break">{found.folder}</h2>
        <span className="note">{words.found(found.keys.length)}</span>
      </div>
      <Told title={words.settings} facts={found.settings} />
      <Told title={words.cached} facts={found.repositories} />
      {found.keys.length === 0 ? <p className="muted">{words.noKeys}</p> : <FoundKeys folder={found.folder} keys={found.keys} ticked={ticked} onTicked={setTicked} />}
      <Told title={words.unreadable} facts={found.unreadable} />
      {found.cutOff ? <p className="expiring">{words.cutOff}</p> : null}
      {found.keys.some((key) => key.here === null) ? (
        <div className="row wrap">
          <ConfirmButton words={words.go(wanted.length)} blocked={wanted.length === 0 ? words.blocked : undefined} running={copying.running} onConfirm={() => copying.run(wanted)} />
          <span className="second">{words.asks}</span>
        </div>
      ) : null}
      <p role="status">{copying.done > 0 ? words.done(copying.done) : ""}</p>
      {copying.failed ? (
        <div>
          <p className="strong">{words.stopped(copying.failed.name)}</p>
          <FailureInSight failure={copying.failed.failure} onDismiss={copying.clear} />
        </div>
      ) : null}
    </section>
  );
}

function Told({ title, facts }: { title: string; facts: { name: string; value: string; evidence: boolean }[] }) {
  if (facts.length === 0) return null;
  return (
    <div className="key-told">
      <h3 className="h3">{title}</h3>
      <Facts facts={facts} />
    </div>
  );
}

type Copying = { running: string | undefined; done: number; failed: { name: string; failure: Failure } | undefined };

/** Copies keys one after the other. A person is asked for each, so the first that is not copied ends it. */
function useCopying(folder: string, onDone: () => void) {
  const nothing: Copying = { running: undefined, done: 0, failed: undefined };
  const [now, setNow] = useState<Copying>(nothing);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  return {
    ...now,
    clear: () => setNow({ ...now, failed: undefined }),
    async run(keys: FoundKeyView[]) {
      let done = 0;
      for (const { name, file } of keys) {
        setNow({ running: words.running(endsWithin(name)), done, failed: undefined });
        try {
          await act({ kind: "importKey", folder, file });
          done += 1;
        } catch (failure) {
          if (alive.current) setNow({ running: undefined, done, failed: { name: endsWithin(name), failure: failure as Failure } });
          return;
        }
        if (!alive.current) return;
      }
      setNow({ running: undefined, done, failed: undefined });
      onDone();
    },
  };
}
