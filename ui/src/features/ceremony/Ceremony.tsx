// A ceremony as its wizard shows it. What is allowed, the desk says; this only turns pages.
import { type ReactNode, useState } from "react";
import { type CeremonyView, type Step, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { ceremony as words } from "../../words/ceremony";
import { ceremonies } from "../../words/frame";
import { Abandon } from "./Abandon";
import { Consequences } from "./Consequences";
import { isStep, railOf } from "./frame";
import { Intent } from "./Intent";
import { Publish } from "./Publish";
import { Rehearsal } from "./Rehearsal";
import { Review } from "./Review";
import { Signatures } from "./Signatures";

/** What every page of the wizard is given, and gives back as its content and its forward buttons. */
export type PageProps = {
  view: CeremonyView;
  work: ReturnType<typeof useAct>;
  go: (step: Step) => void;
  frame: (content: ReactNode, forward: ReactNode) => ReactNode;
};

export function Ceremony({
  ceremony,
  step,
  onStep,
  onRepository,
}: {
  ceremony: string;
  /** The page shown; none for the one the ceremony stands at. */
  step: Step | null;
  onStep: (step: Step) => void;
  onRepository: (repository: string) => void;
}) {
  const asked = useView({ kind: "ceremony", ceremony });
  const work = useAct();
  const [abandoning, setAbandoning] = useState(false);
  if (asked.state === "waiting") return <Reading what={words.reading} />;
  if (asked.state === "failed") {
    return (
      <div className="body">
        <FailurePanel failure={asked.failure} />
      </div>
    );
  }
  const { view } = asked;
  const shown = step ?? view.steps.find(({ state }) => state === "now")?.step ?? "publish";
  const go = (next: Step) => {
    work.clear();
    onStep(next);
  };
  const before = view.steps[view.steps.findIndex((other) => other.step === shown) - 1]?.step;

  const frame = (content: ReactNode, forward: ReactNode) => (
    <WizardFrame
      of={words.name(view.id)}
      what={view.title}
      steps={railOf(view)}
      shown={shown}
      onStep={(id) => isStep(id) && go(id)}
      rest={
        <>
          {view.allowed.includes("abandon") ? words.lid : words.closed(ceremonies.states[view.state])} {words.journalAt(view.journalSavedAt)}
        </>
      }
      foot={
        <>
          {view.allowed.includes("abandon") ? (
            <Button look="quiet" onPress={() => setAbandoning(true)}>
              {words.abandon}
            </Button>
          ) : (
            <span className="muted">{words.closed(ceremonies.states[view.state])}</span>
          )}
          <span className="right" />
          {before ? (
            <Button icon="a-back" onPress={() => go(before)}>
              {words.steps[before]}
            </Button>
          ) : null}
          {forward}
        </>
      }
    >
      <Ended view={view} />
      {content}
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <p className="toggle-line">
        <Button look="quiet" onPress={() => onRepository(view.repository)}>
          {words.toRepository(view.repositoryName)}
        </Button>
      </p>
    </WizardFrame>
  );

  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <Page shown={shown} view={view} work={work} go={go} frame={frame} />
      {abandoning ? <Abandon view={view} onClose={() => setAbandoning(false)} /> : null}
    </>
  );
}

function Page({ shown, ...props }: PageProps & { shown: Step }) {
  switch (shown) {
    case "intent":
      return <Intent {...props} />;
    case "consequences":
      return <Consequences {...props} />;
    case "review":
      return <Review {...props} />;
    case "signatures":
      return <Signatures {...props} />;
    case "rehearsal":
      return <Rehearsal {...props} />;
    case "publish":
      return <Publish {...props} />;
  }
}

function Ended({ view }: { view: CeremonyView }) {
  switch (view.state) {
    case "abandoned":
    case "superseded":
    case "broken":
      return <p className="asked second">{words.ended[view.state]}</p>;
    case "drafting":
    case "collecting":
    case "ready":
    case "rehearsed":
    case "publishing":
    case "published":
      return null;
  }
}
