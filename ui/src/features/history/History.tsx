// Root versions over time: key lifelines, steps in sentences, and any two versions compared.
import { useEffect, useState } from "react";
import { type HistoryView, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Choose } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { useChord } from "../../parts/keys";
import { Sentences } from "../../parts/sentence";
import { SideBySide } from "../../parts/side-by-side";
import { history as words } from "../../words/history";
import { Lifelines } from "./Lifelines";
import { LifelineTable } from "./LifelineTable";

export function History({ repository }: { repository: string }) {
  const asked = useView({ kind: "history", repository });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return <FailurePanel failure={asked.failure} />;
    case "known":
      return <Known view={asked.view} />;
  }
}

function Known({ view }: { view: HistoryView }) {
  const newest = view.versions.at(-1)?.version;
  const before = view.versions.at(-2)?.version ?? newest;
  const [pair, setPair] = useState<{ from: number; to: number } | null>(null);
  const [table, setTable] = useState(false);
  useChord({ key: "t" }, () => setTable((shown) => !shown));
  // A newer root makes the newest pair the one to read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the newest version changes
  useEffect(() => setPair(null), [newest]);
  if (newest === undefined || before === undefined) return <p className="muted">{words.none}</p>;
  const { from, to } = pair ?? { from: before, to: newest };
  return (
    <div className="stack">
      <section>
        <div className="sect">
          <h2>{words.lifelines}</h2>
          <span className="note">{words.lifelinesNote(view.versions.length)}</span>
          <span className="right">
            <Button look="quiet" onPress={() => setTable(!table)}>
              {table ? words.asPicture : words.asTable} <kbd>{words.toggleKey}</kbd>
            </Button>
          </span>
        </div>
        {table ? <LifelineTable view={view} /> : <Lifelines view={view} from={from} to={to} onPair={(from, to) => setPair({ from, to })} />}
      </section>
      <Compared view={view} from={from} to={to} onPair={(from, to) => setPair({ from, to })} />
      <Steps view={view} />
    </div>
  );
}

function Compared({ view, from, to, onPair }: { view: HistoryView; from: number; to: number; onPair: (from: number, to: number) => void }) {
  const asked = useView({ kind: "compare", repository: view.repository, from, to });
  const options = view.versions.map((version) => ({ id: String(version.version), name: <span className="ev">v{version.version}</span>, text: `v${version.version}` }));
  const sentences = asked.state === "known" ? asked.view.sentences : [];
  return (
    <section>
      <div className="sect">
        <h2>{words.compared(from, to)}</h2>
        {asked.state === "known" ? <span className="note">{words.statements(sentences.length)}</span> : null}
        <span className="right row">
          <Choose label={words.fromShort} before={<Icon name="a-compare" size="s" />} value={String(from)} options={options} onChange={(id) => onPair(Number(id), to)} />
          <Choose label={words.toShort} value={String(to)} options={options} onChange={(id) => onPair(from, Number(id))} />
        </span>
      </div>
      {asked.state === "waiting" ? <Reading what={words.comparing} /> : null}
      {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
      {asked.state === "known" ? (
        <div className="compare">
          <Sentences sentences={sentences} />
          <SideBySide lines={asked.view.lines} left={words.root(from)} right={words.root(to)} />
        </div>
      ) : null}
    </section>
  );
}

function Steps({ view }: { view: HistoryView }) {
  if (view.steps.length === 0) return null;
  return (
    <section>
      <div className="sect">
        <h2>{words.steps}</h2>
        <span className="note">{words.stepsNote}</span>
      </div>
      <ol className="steps-list">
        {[...view.steps].reverse().map((step) => (
          <li key={step.to}>
            <span className="ev strong">{words.step(step.from, step.to)}</span>
            <Sentences sentences={step.sentences} />
          </li>
        ))}
      </ol>
    </section>
  );
}
