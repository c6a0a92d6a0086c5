// The intent of the ceremony that begins a repository: where, who holds what, until when, and what that comes to.
import { type Dispatch, type SetStateAction, useState } from "react";
import { type BeginningFormView, type Chosen, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Check, Choice, PathInput, TextInput } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { WizardFrame } from "../../parts/wizard";
import { beginning as words } from "../../words/beginning";
import { ceremony } from "../../words/ceremony";
import { change } from "../../words/change";
import { type Kind, missing, NOTHING, sourceOf, type Typed, titled, wishOf } from "./beginning";
import { FirstContent } from "./FirstContent";
import { type Foreseen, ForeseenAccount, useForeseen } from "./Foreseen";
import { railOfForm } from "./frame";
import { Holders } from "./Holders";

type Props = { onBegun: (ceremony: string) => void; onCancel: () => void };

export function Beginning(props: Props) {
  const [typed, setTyped] = useState(NOTHING);
  // Both are asked for at once: nothing flickers, and no focus is lost, when somebody looks at the other.
  const tuf = useView({ kind: "beginningForm", dialect: "tuf1" });
  const notary = useView({ kind: "beginningForm", dialect: "notary" });
  const asked = typed.kind === "notary" ? notary : tuf;
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} onDismiss={props.onCancel} />
        </div>
      );
    case "known":
      return <Form view={asked.view} typed={typed} onTyped={setTyped} {...props} />;
  }
}

type FormProps = Props & { view: BeginningFormView; typed: Typed; onTyped: Dispatch<SetStateAction<Typed>> };

function Form({ view, typed, onTyped, onBegun, onCancel }: FormProps) {
  const work = useAct();
  const type = (part: Partial<Typed>) => onTyped((typed) => ({ ...typed, ...part }));
  const lacking = missing(view, typed);
  const source = sourceOf(typed);
  const wish = source === undefined ? undefined : wishOf(view, typed, source);
  const foreseen = useForeseen(wish === undefined || lacking !== undefined ? undefined : { kind: "firstPlan", wish });
  const begin = () => {
    if (wish === undefined) return;
    work.run({ kind: "beginRepository", wish }, (outcome) => {
      if (outcome.kind === "begun") onBegun(outcome.ceremony);
    });
  };
  return (
    <WizardFrame
      of={ceremony.newName}
      what={titled(typed)}
      steps={railOfForm({ ...ceremony.stepsToCome, ...words.stepsToCome })}
      shown="intent"
      onStep={() => undefined}
      rest={ceremony.lid}
      foot={
        <>
          <Button look="quiet" onPress={onCancel}>
            {ceremony.cancel}
          </Button>
          <span className="right" />
          <ConfirmButton
            words={ceremony.intent.go}
            blocked={lacking ?? (typed.reason.trim() === "" ? change.missing.reason : isRefused(foreseen) ? change.missing.refused : undefined)}
            running={work.running ? ceremony.intent.running : undefined}
            onConfirm={begin}
          />
        </>
      }
    >
      <PageTitle>{words.title}</PageTitle>
      <p className="lede">{words.lede}</p>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <div className="split change">
        <div className="stack">
          <Where typed={typed} onType={type} />
          <Holders view={view} typed={typed} onTyped={onTyped} />
          <FirstContent view={view} typed={typed} onTyped={onTyped} />
        </div>
        <div className="aside stack">
          <TextInput label={change.terms.reason} why={change.terms.reasonWhy} long required value={typed.reason} onChange={(reason) => type({ reason })} />
          <ForeseenAccount foreseen={foreseen} empty={words.empty} />
        </div>
      </div>
    </WizardFrame>
  );
}

/** A file that tells nothing without its secret keeps nobody back: it is asked for when the ceremony begins. */
function isRefused(foreseen: Foreseen): boolean {
  return foreseen.state === "refused" && foreseen.failure.code !== "key-not-told";
}

function Where({ typed, onType }: { typed: Typed; onType: (part: Partial<Typed>) => void }) {
  const work = useAct();
  const choose = (what: Chosen, take: (path: string) => void) =>
    work.run({ kind: "choose", what }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) take(outcome.path);
    });
  return (
    <section className="stack tight" aria-label={words.where}>
      <Choice<Kind>
        label={words.where}
        value={typed.kind}
        options={(Object.keys(words.kinds) as Kind[]).map((id) => ({ id, name: words.kinds[id], text: words.kinds[id] }))}
        onChange={(kind) => onType({ kind })}
      />
      {typed.kind === "folder" ? (
        <>
          <PathInput
            label={words.folder}
            hint={words.folderHint}
            why={words.folderWhy}
            required
            value={typed.path}
            onChange={(path) => onType({ path })}
            choose={ceremony.intent.choose}
            onChoose={() => choose("newRepositoryFolder", (path) => onType({ path }))}
          />
          <div>
            <Check checked={!typed.unversioned} onChange={(versioned) => onType({ unversioned: !versioned })}>
              {words.versions}
            </Check>
            <p className="why">{words.versionsWhy}</p>
          </div>
        </>
      ) : (
        <>
          <TextInput label={words.server} hint={words.serverHint} evidence required value={typed.url} onChange={(url) => onType({ url })} />
          <TextInput label={words.gun} hint={words.gunHint} why={words.gunWhy} evidence required value={typed.gun} onChange={(gun) => onType({ gun })} />
          <div className="intent-fields">
            <TextInput label={words.user} why={words.userWhy} value={typed.user} onChange={(user) => onType({ user })} />
            <PathInput
              label={words.ca}
              why={words.caWhy}
              value={typed.caFile}
              onChange={(caFile) => onType({ caFile })}
              choose={ceremony.intent.choose}
              onChoose={() => choose("caFile", (caFile) => onType({ caFile }))}
            />
          </div>
        </>
      )}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}
