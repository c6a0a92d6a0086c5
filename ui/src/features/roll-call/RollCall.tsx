// The roll call of a repository's root: who was seen to work, and one press, PIN and touch to be counted. No trust changes.
import { useState } from "react";
import { type RollCallRow, useAct, useView } from "../../border";
import { type Awaited, useTouch } from "../../border/touch";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Icon } from "../../parts/icon";
import { Meter } from "../../parts/meter";
import { PracticeLine } from "../../parts/practice";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import { TouchNow } from "../../parts/touch";
import { ends } from "../../words/format";
import { keys, rollCall as words } from "../../words/keys";

export function RollCall({ repository, onRepository }: { repository: string; onRepository: () => void }) {
  const asked = useView({ kind: "rollCall", repository });
  const work = useAct();
  const [proving, setProving] = useState<string>();
  const touch = useTouch();
  if (asked.state === "waiting") return <Reading what={words.reading} />;
  if (asked.state === "failed") {
    return (
      <div className="body">
        <FailurePanel failure={asked.failure} />
      </div>
    );
  }
  const { readiness, days } = asked.view;
  const prove = (row: RollCallRow) => {
    setProving(row.physicalKey);
    work.run({ kind: "proveKey", physicalKey: row.physicalKey, repository });
  };
  return (
    <>
      {readiness.practice ? <PracticeLine /> : null}
      <div className="head">
        <div className="row wrap">
          <h1>{words.title(readiness.repositoryName)}</h1>
          <span className="right">
            <Button icon="a-back" onPress={onRepository}>
              {words.back(readiness.repositoryName)}
            </Button>
          </span>
        </div>
        <p className="sub measure">{words.lede}</p>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body stack" tabIndex={0} aria-label={words.title(readiness.repositoryName)}>
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <div className="roll-answer" role="status">
          <h2>{words.question}</h2>
          <p>{readiness.says}</p>
        </div>
        <Meter label={words.meter} have={readiness.proven} need={readiness.threshold} keys={readiness.keys} met={readiness.could} />
        <table className="roomy" aria-label={words.title(readiness.repositoryName)}>
          <thead>
            <tr>
              <th>{words.columns.officer}</th>
              <th>{words.columns.key}</th>
              <th>{words.columns.state}</th>
              <th>{words.columns.last}</th>
              <th>
                <span className="hidden-words">{words.columns.action}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {asked.view.keys.map((row) => {
              const asking = work.running === "proveKey" && proving === row.physicalKey;
              return <Row key={row.physicalKey} row={row} asking={asking} touch={asking ? touch : null} busy={work.running !== undefined} onProve={() => prove(row)} />;
            })}
          </tbody>
        </table>
        <p className="why measure">
          {words.limit(days)} {words.thisDesk}
        </p>
      </section>
    </>
  );
}

function Row({ row, asking, touch, busy, onProve }: { row: RollCallRow; asking: boolean; touch: Awaited | null; busy: boolean; onProve: () => void }) {
  const named = row.officer ?? row.place;
  return (
    <tr className={asking ? "asking" : ""}>
      <th scope="row" className={row.officer ? "strong break" : "muted"}>
        {row.officer ?? keys.nobody}
      </th>
      <td>
        <span className="row">
          <CustodyIcon custody={row.custody} size="s" />
          <span className={row.placeKnown ? "break" : "break ev"}>
            <Serial label={row.place} />
          </span>
        </span>
        <span className="ev muted small block" title={row.keyid}>
          {ends(row.keyid)}
        </span>
      </td>
      <td>
        <span className="row">
          {row.state === "fresh" ? <Icon name="a-done" size="s" className="accent" /> : null}
          <span className={row.state === "fresh" ? "strong" : "second"}>{words.states[row.state]}</span>
        </span>
      </td>
      <td className="second small">{touch ? <TouchNow seconds={touch.seconds} device={touch.device} now={touch.typesPin ? words.pinNow : words.touchNow} signs={touch.typesPin ? words.pinSigns(touch.signs) : words.touchSigns(touch.signs)} /> : asking ? words.asking : row.says}</td>
      <td className="num">
        {row.canProve && !asking ? (
          <Button aria-label={words.proveNamed(named)} icon="a-touch" isDisabled={busy} onPress={onProve}>
            {words.prove}
          </Button>
        ) : row.canProve ? null : (
          <span className="muted small elsewhere">{words.elsewhere}</span>
        )}
      </td>
    </tr>
  );
}
