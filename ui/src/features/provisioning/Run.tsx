// The run itself: each step as the desk tells of it. Whatever stops it, the same button goes on from there.
import { useEffect, useState } from "react";
import { type ReadyStepName, type ReadyStepView, type ReadyView, useAct, useNotice } from "../../border";
import { ConfirmButton } from "../../parts/confirm";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { SentenceText } from "../../parts/sentence";
import { Serial } from "../../parts/serial";
import { provisioning } from "../../words/provisioning";
import { birth } from "../../words/tokens";
import { Away, Foot, type PageProps } from "./Provisioning";
import { bornNone, type Place, placeOf, tokenOf, wishOf } from "./wishes";

const words = provisioning.run;

type Props = PageProps & { onNamed: (token: string) => void; onRunning: (running: boolean) => void; onReady: (ready: ReadyView) => void };

export function Run({ view, away, wishes, go, onLeave, frame, onNamed, onRunning, onReady }: Props) {
  const work = useAct();
  const [taken, setTaken] = useState<ReadyStepView[]>([]);
  const [stopped, setStopped] = useState(false);
  // What a run was begun with stays, when it gets as far as making the key and the slot is empty no more.
  const [begun, setBegun] = useState<Place>();
  const place = begun ?? placeOf(view, wishes);
  const none = bornNone(wishes);
  // Without a key any slot names the token.
  const key = place?.key ?? `${view.token}/9c`;
  const wanted = wishOf(place, wishes);
  const running = work.running !== undefined;
  useNotice((notice) => {
    if (notice.kind === "readyStepTaken" && notice.key === key && running) setTaken((taken) => [...taken, notice.step]);
  });
  useEffect(() => onRunning(running), [running, onRunning]);
  useEffect(() => {
    if (work.failure) setStopped(true);
  }, [work.failure]);
  const start = () => {
    setTaken([]);
    setBegun(place);
    if (view.naming) onNamed(tokenOf(view.naming, wishes.tokenLabel));
    work.run({ kind: "provision", key, wish: wanted, loss: wishes.loss }, (outcome) => {
      if (outcome.kind === "ready") onReady(outcome.ready);
    });
  };
  const steps = view.steps.filter((step) => !none || (step.step !== "key" && step.step !== "attestation"));
  const shown = steps.map((step) => ({ ...step, ...taken.find((done) => done.step === step.step) }));
  const now = running ? shown.find((step) => !taken.some((done) => done.step === step.step))?.step : undefined;
  const first = none ? words.goNone : words.go;
  return frame(
    <>
      <PageTitle>
        <Serial label={words.title(view.label)} />
      </PageTitle>
      <p className="lede">{words.lede}</p>
      <div className="stack">
        {running ? null : <Away away={away} label={view.label} />}
        <FailureInSight failure={running ? undefined : work.failure} onDismiss={work.clear} />
        {stopped && !running ? <p className="measure">{words.stopped}</p> : null}
        <p className="strong">
          {none || !place
            ? words.noKey
            : place.born
              ? words.takenOver(place.label)
              : words.inSlot(place.label, birth.kinds[wanted.algorithm], birth.pins[wanted.pin], view.naming ? null : birth.touches[wanted.touch])}
        </p>
        <table className="roomy run" aria-label={provisioning.steplist}>
          <thead>
            <tr>
              <th>{words.columns.state}</th>
              <th>{words.columns.step}</th>
              <th>{words.columns.said}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((step) => (
              <Step key={step.step} step={step} now={now === step.step} done={taken.some((done) => done.step === step.step) || (!running && step.done)} />
            ))}
          </tbody>
        </table>
        <p className="hidden-words" role="status">
          {now ? words.now[now] : ""}
        </p>
        <p className="why measure">{view.naming ? words.soPaper : words.paper}</p>
      </div>
    </>,
    <Foot before={running ? undefined : () => go(none ? "loss" : "key")} onLeave={onLeave}>
      <ConfirmButton words={stopped ? words.again : first} blocked={away && !running ? words.absent(view.label) : undefined} running={running ? words.running : undefined} onConfirm={start} />
    </Foot>,
  );
}

function Step({ step, now, done }: { step: ReadyStepView; now: boolean; done: boolean }) {
  const state = now ? "now" : done ? "done" : "toCome";
  return (
    <tr className={now ? "asking" : ""}>
      <td className="tight">
        <span className={done && !now ? "row accent" : "row second"}>
          {now || done ? <Icon name={now ? "a-forward" : "a-done"} size="s" /> : <span className="no-icon" />}
          {words.states[state]}
        </span>
      </td>
      <th scope="row" className="tight">
        {step.name}
      </th>
      <td className="second">{now ? words.now[step.step satisfies ReadyStepName] : <SentenceText parts={step.said.parts} />}</td>
    </tr>
  );
}
