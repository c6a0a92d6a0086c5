// What would be done with the token, what is so now, and what a person is asked. The way to start over is kept apart.
import { useState } from "react";
import type { ReadyStepView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { SentenceText, Sentences } from "../../parts/sentence";
import { Serial } from "../../parts/serial";
import { provisioning } from "../../words/provisioning";
import { Erase } from "./Erase";
import { Away, Foot, type PageProps } from "./Provisioning";

const words = provisioning.plan;

export function Plan({ view, away, go, onLeave, frame }: PageProps) {
  const [erasing, setErasing] = useState(false);
  const [erased, setErased] = useState(false);
  const { serial } = view;
  return frame(
    <>
      <PageTitle>
        <Serial label={provisioning.title(view.label)} />
      </PageTitle>
      <p className="lede">{view.naming ? words.ledeModule : words.lede(view.firmware)}</p>
      <div className="stack">
        <Away away={away} label={view.label} />
        {erased ? <p role="status">{provisioning.startOver.done(view.label)}</p> : null}
        <table className="roomy" aria-label={provisioning.steplist}>
          <thead>
            <tr>
              <th>{words.columns.step}</th>
              <th>{words.columns.now}</th>
              <th>{words.columns.asked}</th>
            </tr>
          </thead>
          <tbody>
            {view.steps.map((step) => (
              <Step key={step.step} step={step} />
            ))}
          </tbody>
        </table>
        <p className="why measure">{view.naming ? words.soPaper : words.paper}</p>
        {view.warnings.length > 0 ? (
          <section>
            <h2>{words.warnings}</h2>
            <Sentences sentences={view.warnings} />
          </section>
        ) : null}
        {serial === null ? null : (
          <section className="set-apart stack tight">
            <h2>{provisioning.startOver.title}</h2>
            <p className="second measure">{provisioning.startOver.why}</p>
            <div>
              <Button isDisabled={away !== undefined} onPress={() => setErasing(true)}>
                {provisioning.startOver.open}
              </Button>
            </div>
          </section>
        )}
      </div>
      {erasing && serial !== null ? <Erase view={view} serial={serial} onClose={() => setErasing(false)} onErased={() => setErased(true)} /> : null}
    </>,
    <Foot onLeave={onLeave}>
      <Button look="primary" after="a-forward" onPress={() => go("loss")}>
        {words.forward}
      </Button>
    </Foot>,
  );
}

function Step({ step }: { step: ReadyStepView }) {
  const asked = step.done ? (step.step === "pin" ? words.pinAsked : words.nothingAsked) : words.asked[step.step];
  return (
    <tr>
      <th scope="row" className="tight">
        <span className="row">
          {step.done ? <Icon name="a-done" size="s" className="accent" /> : <span className="no-icon" />}
          {step.name}
        </span>
      </th>
      <td>
        <SentenceText parts={step.said.parts} />
      </td>
      <td className="second">{asked}</td>
    </tr>
  );
}
