// Drills: which there are, how they went, and the one that is under way or has just ended.
import { useState } from "react";
import { type DrillView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PracticeLine } from "../../parts/practice";
import { practice as words } from "../../words/practice";
import { Drill } from "./Drill";

export function Practice({ onRepository }: { onRepository: (repository: string) => void }) {
  const asked = useView({ kind: "drills" });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      );
    case "known":
      return <Known drills={asked.view.drills} onRepository={onRepository} />;
  }
}

function Known({ drills, onRepository }: { drills: DrillView[]; onRepository: (repository: string) => void }) {
  const work = useAct();
  // What was found when it was last judged: the desk keeps it only once a drill has ended.
  const [judged, setJudged] = useState<DrillView>();
  const underWay = drills.find((drill) => drill.state === "under-way");
  const shown = underWay ?? drills.find((drill) => drill.name === judged?.name);
  const begin = (drill: string) => {
    setJudged(undefined);
    work.run({ kind: "beginDrill", drill });
  };
  const end = (kind: "judgeDrill" | "giveUpDrill", drill: string) =>
    work.run({ kind, drill }, (outcome) => {
      if (outcome.kind === "drill") setJudged(outcome.drill);
    });
  return (
    <>
      <PracticeLine />
      <div className="head">
        <h1>{words.title}</h1>
        <p className="sub measure">{words.lede}</p>
      </div>
      <div className="body stack">
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        {work.running === "beginDrill" ? <Reading what={words.setUp} /> : null}
        {shown ? (
          <Drill
            key={`${shown.name} ${shown.run?.begunAt}`}
            drill={shown}
            judged={judged?.name === shown.name ? judged : undefined}
            running={work.running}
            onRepository={onRepository}
            onJudge={() => end("judgeDrill", shown.name)}
            onGiveUp={() => end("giveUpDrill", shown.name)}
          />
        ) : null}
        <section>
          <h2>{words.drills}</h2>
          <table aria-label={words.drills}>
            <thead>
              <tr>
                <th>{words.columns.drill}</th>
                <th>{words.columns.state}</th>
                <th>{words.columns.action}</th>
              </tr>
            </thead>
            <tbody>
              {drills.map((drill) => (
                <tr key={drill.name}>
                  <th scope="row">
                    {drill.title} <span className="ev muted">{drill.name}</span>
                    {drill.name === shown?.name ? null : <p className="small second measure">{drill.task[0]}</p>}
                  </th>
                  <td>{words.states[drill.state]}</td>
                  <td>
                    {drill.state === "under-way" ? null : (
                      <Button isDisabled={underWay !== undefined || work.running !== undefined} aria-label={words.beginNamed(drill.title)} onPress={() => begin(drill.name)}>
                        {drill.state === "never-tried" ? words.begin : words.again}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {underWay ? <p className="small second">{words.oneAtATime}</p> : null}
        </section>
      </div>
    </>
  );
}
