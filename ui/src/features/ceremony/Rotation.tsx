// The intent of a rotation: which keys of a role stay, which leave, which join, the threshold, the end, and why.
import { useState } from "react";
import { type RotationFormView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Choice, TextInput } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { ceremony, type RotatedRole } from "../../words/ceremony";
import { asksNothing, changeOf, isCount, isTime, noWish, type Wishes, wishOf } from "./change";
import { railOfForm } from "./frame";
import { Joining } from "./Joining";
import { KeysNow } from "./KeysNow";

const words = ceremony.intent;

type Props = { repository: string; of: RotatedRole; onBegun: (ceremony: string) => void; onCancel: () => void };

export function Rotation({ repository, of: role, onBegun, onCancel }: Props) {
  const asked = useView({ kind: "rotationForm", repository, role });
  switch (asked.state) {
    case "waiting":
      return <Reading what={ceremony.readingForm(role)} />;
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
  const [wishes, setWishes] = useState(() => noWish(view));
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
        what={words.title(view.role, view.repositoryName)}
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
        <PageTitle>{words.title(view.role, view.repositoryName)}</PageTitle>
        <p className="lede">{words.lede(view.role, view.rootVersion, view.expires)}</p>
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <div className="split">
          <div className="stack">
            <Keys view={view} wishes={wishes} wish={wish} />
          </div>
          <Terms view={view} wishes={wishes} wish={wish} />
        </div>
      </WizardFrame>
    </>
  );
}

type PartProps = { view: RotationFormView; wishes: Wishes; wish: (part: Partial<Wishes>) => void };

function Keys({ view, wishes, wish }: PartProps) {
  const table = {
    wishOf: (key: RotationFormView["keys"][number]) => wishOf(wishes, key),
    onWish: (key: string, wished: Wishes["keys"][string]) => wish({ keys: { ...wishes.keys, [key]: wished } }),
  };
  return (
    <>
      <Holder view={view} wishes={wishes} wish={wish} />
      {wishes.server ? null : (
        <>
          <KeysNow title={words.keys(view.role)} note={words.keysNote} keys={view.keys} mayLeave {...table} />
          <Joining form={view} joining={wishes.joining} onChange={(joining) => wish({ joining })} />
        </>
      )}
      {view.rootKeys.length > 0 ? (
        <KeysNow title={words.rootKeys} note={words.rootKeysNote(view.role)} keys={view.rootKeys} mayLeave={false} {...table} />
      ) : null}
    </>
  );
}

/** Who signs the role from now on, where a server can. */
function Holder({ view, wishes, wish }: PartProps) {
  switch (view.server) {
    case "never":
      return null;
    case "always":
      return (
        <section className="asked">
          <h2>{words.serverHolds(view.role)}</h2>
          <p className="second measure">{words.serverWhy(view.role)}</p>
        </section>
      );
    case "either":
      return (
        <Choice
          label={words.holder(view.role)}
          value={wishes.server ? "server" : "people"}
          options={[
            { id: "people", name: words.holders.people, text: words.holders.people },
            { id: "server", name: words.holders.server, text: words.holders.server },
          ]}
          onChange={(who) => wish({ server: who === "server" })}
        />
      );
  }
}

function Terms({ view, wishes, wish }: PartProps) {
  return (
    <div className="aside stack">
      <TextInput label={words.reason} why={words.reasonWhy} long required value={wishes.reason} onChange={(reason) => wish({ reason })} />
      {wishes.server ? null : (
        <TextInput
          label={words.threshold(view.role)}
          why={words.thresholdWhy(view.threshold)}
          number
          evidence
          value={wishes.threshold}
          onChange={(threshold) => wish({ threshold })}
          problem={isCount(wishes.threshold) ? undefined : words.thresholdProblem}
        />
      )}
      <TextInput
        label={words.expires}
        why={words.expiresWhy}
        evidence
        value={wishes.expires}
        onChange={(expires) => wish({ expires })}
        problem={isTime(wishes.expires) ? undefined : words.expiresProblem}
      />
      {view.legacy > 0 ? (
        <TextInput
          label={words.legacy}
          why={words.legacyWhy(view.legacy)}
          number
          evidence
          value={wishes.legacy}
          onChange={(legacy) => wish({ legacy })}
          problem={isCount(wishes.legacy) ? undefined : words.legacyProblem}
        />
      ) : null}
    </div>
  );
}

/** What the form still lacks, said on its button. Whether the change makes sense, the desk says. */
function missing(view: RotationFormView, wishes: Wishes): string | undefined {
  if (!isCount(wishes.threshold)) return words.missingCount;
  if (!isCount(wishes.legacy)) return words.missingLegacy;
  if (!isTime(wishes.expires)) return words.missingTime;
  if (asksNothing(changeOf(view, wishes))) return words.missingChange;
  return wishes.reason.trim() === "" ? words.missingReason : undefined;
}
