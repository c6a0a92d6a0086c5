// A ceremony as its wizard shows it. What is allowed, the desk says; this only turns pages.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { act, type CeremonyView, type Step, useAct, useView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { type RotatedRole, ceremony as words } from "../../words/ceremony";
import { ceremonies } from "../../words/frame";
import { Abandon } from "./Abandon";
import { Consequences } from "./Consequences";
import { Ended } from "./Ended";
import { hasEnded, isStep, railOf } from "./frame";
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
  onRepository: (repository: string) => void;
  onRotate: (repository: string, role: RotatedRole) => void;
  /** Begins a repository anew, after a ceremony that was to begin one. */
  onBegin: () => void;
  frame: (content: ReactNode, forward: ReactNode) => ReactNode;
};

type Props = {
  ceremony: string;
  /** The page shown; none for the one the ceremony stands at. */
  step: Step | null;
  onStep: (step: Step | null) => void;
  onRepository: (repository: string) => void;
  onRotate: (repository: string, role: RotatedRole) => void;
  onBegin: () => void;
};

export function Ceremony({ ceremony, ...rest }: Props) {
  // One screen, one PIN: whatever it opened is forgotten with it.
  useEffect(() => () => void act({ kind: "closeSigning" }).catch(() => undefined), []);
  const asked = useView({ kind: "ceremony", ceremony });
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
      return <Known view={asked.view} {...rest} />;
  }
}

function Known({ view, step, onStep, onRepository, onRotate, onBegin }: { view: CeremonyView } & Omit<Props, "ceremony">) {
  const work = useAct();
  const [abandoning, setAbandoning] = useState(false);
  const shown = useShown(view, step);
  const go = (next: Step | null) => {
    work.clear();
    onStep(next);
  };
  const isOver = view.state === "published" || hasEnded(view.state);
  const before = shown === "end" ? undefined : view.steps[view.steps.findIndex((other) => other.step === shown) - 1]?.step;

  const frame = (content: ReactNode, forward: ReactNode) => (
    <WizardFrame
      of={words.name(view.id)}
      what={view.title}
      steps={railOf(view)}
      shown={shown}
      onStep={(id) => isStep(id) && go(id)}
      rest={
        <>
          <p>{isOver ? words.closed(ceremonies.states[view.state]) : words.lid}</p>
          <p>{words.journalAt(view.journalSavedAt)}</p>
          <LinkButton onPress={() => onRepository(view.repository)}>{words.toRepository(view.repositoryName)}</LinkButton>
        </>
      }
      foot={
        <>
          {view.allowed.includes("abandon") ? (
            <Button look="quiet" onPress={() => setAbandoning(true)}>
              {words.abandon}
            </Button>
          ) : isOver ? (
            <span className="muted">{words.closed(ceremonies.states[view.state])}</span>
          ) : null}
          <span className="right" />
          {before ? (
            <Button icon="a-back" onPress={() => go(before)}>
              {words.backTo(words.steps[before])}
            </Button>
          ) : null}
          {hasEnded(view.state) && shown !== "end" ? (
            <Button look="primary" onPress={() => go(null)}>
              {words.ended.how}
            </Button>
          ) : (
            forward
          )}
        </>
      }
    >
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      {content}
    </WizardFrame>
  );

  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <Page key={shown} shown={shown} view={view} work={work} go={go} onRepository={onRepository} onRotate={onRotate} onBegin={onBegin} frame={frame} />
      {abandoning ? <Abandon view={view} onClose={() => setAbandoning(false)} onAbandoned={() => go(null)} /> : null}
    </>
  );
}

/** The page asked for, else the one at which the ceremony was opened: it never turns by itself, except when all is over. */
function useShown(view: CeremonyView, step: Step | null): Step | "end" {
  const stands = view.steps.find(({ state }) => state === "now")?.step ?? "publish";
  const opened = useRef(stands);
  if (step !== null) return step;
  return hasEnded(view.state) ? "end" : opened.current;
}

function Page({ shown, ...props }: PageProps & { shown: Step | "end" }) {
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
    case "end":
      return <Ended {...props} />;
  }
}
