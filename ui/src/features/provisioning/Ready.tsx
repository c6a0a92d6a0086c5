// A token that is ready: its key, the proof of where it was born, what happens when it is lost, and its label.
import { useState } from "react";
import { type AttestationView, type LossPlan, type ReadyView, type SlotView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { type Fact, Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { SentenceText, Sentences } from "../../parts/sentence";
import { provisioning } from "../../words/provisioning";
import type { PageProps } from "./Provisioning";

const words = provisioning.ready;

export function Ready({ ready, plan, onLeave, frame }: PageProps & { ready: ReadyView; plan: LossPlan }) {
  return frame(
    <>
      <PageTitle>{words.title(ready.label)}</PageTitle>
      <p className="lede">{ready.serial === null ? words.ledeModule : ready.slot ? words.lede : words.ledeNoKey}</p>
      <div className="split">
        <div className="stack">
          {ready.slot ? <KeyBorn slot={ready.slot} /> : null}
          {ready.attestation ? <Born said={ready.attestation} /> : null}
          <section>
            <h2>{words.done}</h2>
            <ul className="say">
              {ready.steps.map((step) => (
                <li key={step.step}>
                  <span className="mk">
                    <Icon name={step.done ? "a-done" : "attention"} size="s" className={step.done ? "accent" : "expiring"} />
                  </span>
                  <span>
                    <b>{step.name}.</b> <SentenceText parts={step.said.parts} />
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </div>
        <div className="aside stack">
          <section>
            <h2>{words.lost}</h2>
            <p className="second">
              <SentenceText parts={ready.loss.parts} />
            </p>
          </section>
          <Label ready={ready} />
        </div>
      </div>
    </>,
    <>
      <span className="right" />
      <Button look="primary" onPress={onLeave}>
        {plan === "second-token" ? words.second : words.finish}
      </Button>
    </>,
  );
}

function KeyBorn({ slot }: { slot: SlotView }) {
  const facts: Fact[] = [
    { name: slot.key.startsWith("pkcs11:") ? words.keyLabel : words.slot, value: `${slot.slot}, ${slot.slotName}` },
    { name: words.algorithm, value: slot.algorithm, evidence: true },
    { name: words.pin, value: slot.pinPolicy },
    { name: words.touch, value: slot.touchPolicy },
    ...(slot.keyid ? [{ name: words.keyid, value: slot.keyid, evidence: true }] : []),
    ...(slot.canonicalKeyid && slot.canonicalKeyid !== slot.keyid ? [{ name: words.canonical, value: slot.canonicalKeyid, evidence: true }] : []),
  ];
  return (
    <section className="stack tight">
      <h2>{words.key}</h2>
      <Facts facts={facts} />
      {slot.physicalKey ? (
        <>
          <p className="why">{words.digest}</p>
          <Digest digest={slot.physicalKey} of={words.digest} />
        </>
      ) : null}
      <p className="why measure">{words.next}</p>
    </section>
  );
}

function Born({ said }: { said: AttestationView }) {
  return (
    <section className="stack tight">
      <h2>{words.where}</h2>
      {said.problem ? (
        <>
          <p className="strong">{words.unproven}</p>
          <FailurePanel failure={said.problem} />
          <p className="second measure">{words.unprovenWhy}</p>
        </>
      ) : (
        <>
          <p className="row">
            <Icon name="st-sound" className="sound" />
            <span className="strong">{words.proven}:</span> {said.held}
          </p>
          <p className="second break">{said.verdict}</p>
        </>
      )}
      {said.remarks.length > 0 ? <Sentences sentences={said.remarks} /> : null}
      <p className="why measure">{said.kept ? words.kept : words.notKept}</p>
    </section>
  );
}

function Label({ ready }: { ready: ReadyView }) {
  const [path, setPath] = useState("");
  const [saved, setSaved] = useState<string>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "labelFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const save = () => work.run({ kind: "saveLabel", ready, path: path.trim() }, () => setSaved(path.trim()));
  return (
    <section className="stack tight">
      <h2>{words.label}</h2>
      <p className="second">{words.labelWhy}</p>
      <PathInput label={words.path} hint={words.pathHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
      <div>
        <Button icon="a-print" isDisabled={path.trim() === "" || work.running !== undefined} onPress={save}>
          {words.save}
        </Button>
      </div>
      <p role="status" className="break">
        {saved ? words.saved(saved) : ""}
      </p>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}
