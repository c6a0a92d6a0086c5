// The intent of a root rotation: which keys stay, which leave, which join, the threshold, the end, and why.
import { useState } from "react";
import { type RotationFormView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { TextInput } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { ceremony } from "../../words/ceremony";
import { asksNothing, changeOf, isCount, isTime, NO_WISH, type Wishes, wishOf } from "./change";
import { railOfForm } from "./frame";
import { Joining } from "./Joining";
import { KeysNow } from "./KeysNow";

const words = ceremony.intent;

export function Rotation({ repository, onBegun, onCancel }: { repository: string; onBegun: (ceremony: string) => void; onCancel: () => void }) {
  const asked = useView({ kind: "rotationForm", repository });
  switch (asked.state) {
    case "waiting":
      return <Reading what={ceremony.readingForm} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} onDismiss={onCancel} />
        </div>
      );
    case "known":
      return <Form view={asked.view} onBegun={onBegun} onCancel={onCancel} />;
  }
}

function Form({ view, onBegun, onCancel }: { view: RotationFormView; onBegun: (ceremony: string) => void; onCancel: () => void }) {
  const [wishes, setWishes] = useState(NO_WISH);
  const work = useAct();
  const wish = (part: Partial<Wishes>) => setWishes((wishes) => ({ ...wishes, ...part }));
  const begin = () =>
    work.run({ kind: "beginRotation", repository: view.repository, change: changeOf(view, wishes) }, (outcome) => {
      if (outcome.kind === "begun") onBegun(outcome.ceremony);
    });
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <WizardFrame
        of={ceremony.newName}
        what={words.title(view.repositoryName)}
        steps={railOfForm()}
        shown="intent"
        onStep={() => undefined}
        rest={words.nothingYet}
        foot={
          <>
            <Button look="quiet" onPress={onCancel}>
              {ceremony.cancel}
            </Button>
            <span className="right" />
            <ConfirmButton words={words.go} blocked={missing(view, wishes)} running={work.running ? words.running : undefined} onConfirm={begin} />
          </>
        }
      >
        <PageTitle>{words.title(view.repositoryName)}</PageTitle>
        <p className="lede">{words.lede(view.rootVersion, view.expires)}</p>
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <div className="split">
          <div className="stack">
            <KeysNow keys={view.keys} wishOf={(key) => wishOf(wishes, key)} onWish={(key, wished) => wish({ keys: { ...wishes.keys, [key]: wished } })} />
            <Joining joining={wishes.joining} spare={view.spareKeys} onChange={(joining) => wish({ joining })} />
          </div>
          <Terms view={view} wishes={wishes} wish={wish} />
        </div>
      </WizardFrame>
    </>
  );
}

function Terms({ view, wishes, wish }: { view: RotationFormView; wishes: Wishes; wish: (part: Partial<Wishes>) => void }) {
  return (
    <div className="aside stack">
      <TextInput label={words.reason} why={words.reasonWhy} long required value={wishes.reason} onChange={(reason) => wish({ reason })} />
      <TextInput
        label={words.threshold}
        why={words.thresholdWhy(view.threshold)}
        number
        evidence
        value={wishes.threshold}
        onChange={(threshold) => wish({ threshold })}
        problem={isCount(wishes.threshold) ? undefined : words.thresholdProblem}
      />
      <TextInput
        label={words.expires}
        why={words.expiresWhy}
        evidence
        value={wishes.expires}
        onChange={(expires) => wish({ expires })}
        problem={isTime(wishes.expires) ? undefined : words.expiresProblem}
      />
    </div>
  );
}

/** What the form still lacks, said on its button. Whether the change makes sense, the desk says. */
function missing(view: RotationFormView, wishes: Wishes): string | undefined {
  if (!isCount(wishes.threshold)) return words.missingCount;
  if (!isTime(wishes.expires)) return words.missingTime;
  if (asksNothing(changeOf(view, wishes))) return words.missingChange;
  return wishes.reason.trim() === "" ? words.missingReason : undefined;
}
