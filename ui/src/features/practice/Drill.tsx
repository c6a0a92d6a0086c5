// One drill: its task, what the officer knows and has, hints one by one, and in the end what was found, time and wrong turns.
import { useState } from "react";
import type { Action, DrillRunView, DrillView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Facts } from "../../parts/facts";
import { Icon } from "../../parts/icon";
import { practice as words } from "../../words/practice";

export function Drill({
  drill,
  judged,
  running,
  onRepository,
  onJudge,
  onGiveUp,
}: {
  drill: DrillView;
  /** The same drill as it was found when it was last judged here. */
  judged: DrillView | undefined;
  running: Action["kind"] | undefined;
  onRepository: (repository: string) => void;
  onJudge: () => void;
  onGiveUp: () => void;
}) {
  const { run } = drill;
  const [hints, setHints] = useState(0);
  if (run === null) return null;
  const goesOn = drill.state === "under-way";
  const more = hints < drill.hints.length;
  return (
    <article className="stack" aria-label={drill.title}>
      <section>
        <h2>{drill.title}</h2>
        {drill.task.map((paragraph) => (
          <p key={paragraph} className="measure">
            {paragraph}
          </p>
        ))}
      </section>
      {judged?.run ? <Found drill={judged} run={judged.run} /> : null}
      {goesOn ? (
        <>
          <div className="row wrap">
            <Button look="primary" after="a-forward" onPress={() => onRepository(run.repository)}>
              {words.open}
            </Button>
            <ConfirmButton look="plain" words={words.judge} running={running === "judgeDrill" ? words.judging : undefined} onConfirm={onJudge} />
            <Button look="quiet" isDisabled={running !== undefined} onPress={onGiveUp}>
              {words.giveUp}
            </Button>
          </div>
          <section>
            <h2>{words.facts}</h2>
            <Facts facts={run.facts.map(({ name, value }) => ({ name, value: <span className="break">{value}</span>, evidence: true }))} />
          </section>
          <InHand run={run} />
          <section>
            <h2>{words.hints}</h2>
            <ol aria-live="polite">
              {drill.hints.slice(0, hints).map((hint) => (
                <li key={hint} className="measure">
                  {hint}
                </li>
              ))}
            </ol>
            {more ? <Button onPress={() => setHints(hints + 1)}>{words.hint}</Button> : <p className="second">{words.noMoreHints}</p>}
          </section>
        </>
      ) : null}
    </article>
  );
}

function InHand({ run }: { run: DrillRunView }) {
  return (
    <section>
      <h2>{words.inHand}</h2>
      <table aria-label={words.inHand}>
        <thead>
          <tr>
            <th>{words.keyColumns.what}</th>
            <th>{words.keyColumns.where}</th>
          </tr>
        </thead>
        <tbody>
          {run.inHand.map((held) => (
            <tr key={held.key}>
              <th scope="row">{held.what}</th>
              <td>
                {held.label} <span className="ev break muted block">{held.key}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{words.secrets}</h2>
      <Facts
        facts={[
          { name: words.passphrase, value: run.passphrase, evidence: true },
          { name: words.pin, value: run.pin, evidence: true },
          { name: words.onCommandLine, value: <span className="break">{run.source}</span>, evidence: true },
        ]}
      />
    </section>
  );
}

function Found({ drill, run }: { drill: DrillView; run: DrillRunView }) {
  const missing = run.checked.filter((check) => !check.holds).length;
  const verdict = drill.state === "passed" ? words.passed : drill.state === "given-up" ? words.gaveUp : words.notYet(missing);
  return (
    <section>
      <p role="status" className="strong">
        {verdict}
      </p>
      <h2>{words.found}</h2>
      <ul aria-label={words.found}>
        {run.checked.map((check) => (
          <li key={check.sentence} className="row">
            <Icon name={check.holds ? "st-sound" : "st-expired"} label={check.holds ? words.holds : words.holdsNot} className={check.holds ? "sound" : "expired"} />
            <span className="break">{check.sentence}</span>
          </li>
        ))}
      </ul>
      <h2>{words.went}</h2>
      <Facts
        facts={[
          { name: words.time, value: words.seconds(run.seconds), evidence: true },
          { name: words.refusals, value: run.wrongTurns.refusals, evidence: true },
          { name: words.wrongSecrets, value: run.wrongTurns.wrongSecrets, evidence: true },
          { name: words.abandoned, value: run.wrongTurns.abandoned, evidence: true },
          { name: words.needless, value: run.wrongTurns.needless, evidence: true },
        ]}
      />
    </section>
  );
}
