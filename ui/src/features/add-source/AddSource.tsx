// Adding a source: a folder, a TUF repository on the web, or GUNs of a Notary server. Nothing is trusted by it.
import { useEffect, useRef, useState } from "react";
import { act, type Chosen, type Failure, type SourceSpec, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Choice, PathInput, TextInput } from "../../parts/fields";
import { beginning } from "../../words/beginning";
import { adding as words } from "../../words/trust";
import { Guns } from "./Guns";
import { NOTHING, specsOf, type Typed } from "./specs";

type Kind = SourceSpec["kind"];

/** Sources are read one after the other; a failure of one does not hold up the next. */
type Run = { done: number; of: number; added: string[]; failures: Failure[] };

type Props = { onRegistered: (repositories: string[]) => void; onBegin: () => void; onClose: () => void };

export function AddSource({ onRegistered, onBegin, onClose }: Props) {
  const [kind, setKind] = useState<Kind>("folder");
  const [typed, setTyped] = useState(NOTHING);
  const [guns, setGuns] = useState<string[] | null>(null);
  const type = (part: Partial<Typed>) => setTyped((typed) => ({ ...typed, ...part }));
  const work = useAct();
  const adding = useAdding(onRegistered);
  const specs = specsOf(kind, typed);

  const choose = (what: Chosen, take: (path: string) => void) =>
    work.run({ kind: "choose", what }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) take(outcome.path);
    });
  const caFile = typed.caFile.trim() === "" ? null : typed.caFile.trim();
  const list = () =>
    work.run({ kind: "listNotary", url: typed.url.trim(), caFile }, (outcome) => {
      if (outcome.kind === "guns") setGuns(outcome.guns);
    });
  const another = () => {
    work.clear();
    adding.clear();
    setGuns(null);
    type({ chosen: new Set() });
  };

  return (
    <DialogFrame
      title={words.title}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {words.cancel}
          </Button>
          <span className="right" />
          <Button look="quiet" onPress={onBegin}>
            {beginning.ways.instead}
          </Button>
          <ConfirmButton
            words={specs.length > 1 ? words.addMany(specs.length) : words.add}
            blocked={specs.length === 0 ? words.missing[kind] : undefined}
            running={adding.running}
            onConfirm={() => adding.run(specs)}
          />
        </>
      }
    >
      <p className="second measure">{words.lede}</p>
      <Choice<Kind>
        label={words.kind}
        value={kind}
        onChange={(kind) => {
          another();
          setKind(kind);
        }}
        options={(Object.keys(words.kinds) as Kind[]).map((id) => ({ id, name: words.kinds[id], text: words.kinds[id] }))}
      />
      {kind === "folder" ? (
        <>
          <PathInput
            label={words.folder}
            hint={words.folderHint}
            value={typed.path}
            onChange={(path) => type({ path })}
            choose={words.choose}
            onChoose={() => choose("repositoryFolder", (path) => type({ path }))}
          />
          <TextInput label={words.gunOfFolder} why={words.gunOfFolderWhy} evidence value={typed.gunOfFolder} onChange={(gunOfFolder) => type({ gunOfFolder })} />
        </>
      ) : (
        <>
          <TextInput
            label={kind === "http" ? words.url : words.server}
            hint={kind === "http" ? words.urlHint : words.serverHint}
            evidence
            value={typed.url}
            onChange={(url) => {
              another();
              type({ url });
            }}
          />
          <PathInput
            label={words.ca}
            why={words.caWhy}
            value={typed.caFile}
            onChange={(caFile) => type({ caFile })}
            choose={words.choose}
            onChoose={() => choose("caFile", (caFile) => type({ caFile }))}
          />
        </>
      )}
      {kind === "notary" ? (
        <>
          <TextInput label={words.user} why={words.userWhy} value={typed.user} onChange={(user) => type({ user })} />
          <TextInput label={words.gun} hint={words.gunHint} evidence value={typed.gun} onChange={(gun) => type({ gun })} />
          <div className="row">
            <Button isDisabled={typed.url.trim() === "" || work.running !== undefined} onPress={list}>
              {work.running === "listNotary" ? words.listing : words.list}
            </Button>
            <span role="status" className="second">
              {guns === null ? "" : guns.length === 0 ? words.noGuns : words.guns(guns.length)}
            </span>
          </div>
          {guns && guns.length > 0 ? <Guns guns={guns} chosen={typed.chosen} onChange={(chosen) => type({ chosen })} /> : null}
        </>
      ) : null}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <Outcomes outcome={adding.outcome} onGoOn={onRegistered} />
    </DialogFrame>
  );
}

function useAdding(onRegistered: (repositories: string[]) => void) {
  const [run, setRun] = useState<Run>();
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const runningOf = ({ done, of }: Run) => (of === 1 ? words.running : words.runningMany(done, of));
  return {
    running: run && run.done < run.of ? runningOf(run) : undefined,
    outcome: run && run.done === run.of ? run : undefined,
    clear: () => setRun(undefined),
    async run(specs: SourceSpec[]) {
      let now: Run = { done: 0, of: specs.length, added: [], failures: [] };
      for (const source of specs) {
        setRun(now);
        now = { ...(await registered(source, now)), done: now.done + 1 };
        if (!alive.current) return;
      }
      setRun(now);
      if (now.failures.length === 0) onRegistered(now.added);
    },
  };
}

async function registered(source: SourceSpec, run: Run): Promise<Run> {
  try {
    const outcome = await act({ kind: "register", source });
    return outcome.kind === "registered" ? { ...run, added: [...run.added, outcome.repository] } : run;
  } catch (failure) {
    return { ...run, failures: [...run.failures, failure as Failure] };
  }
}

function Outcomes({ outcome, onGoOn }: { outcome: Run | undefined; onGoOn: (repositories: string[]) => void }) {
  if (!outcome || outcome.failures.length === 0) return null;
  return (
    <section>
      {outcome.of > 1 ? <p className="strong">{words.someFailed(outcome.failures.length, outcome.of)}</p> : null}
      {outcome.failures.map((failure, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the failures of one run never move
        <FailurePanel key={index} failure={failure} />
      ))}
      {outcome.added.length > 0 ? <Button onPress={() => onGoOn(outcome.added)}>{words.goOn}</Button> : null}
    </section>
  );
}
