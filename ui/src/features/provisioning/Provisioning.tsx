// From the box to an officer: what is done, how a loss is survived, which key, the run, and what came of it.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Failure, type LossPlan, type ProvisioningView, type ReadyView, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Serial } from "../../parts/serial";
import { type RailStep, WizardFrame } from "../../parts/wizard";
import { provisioning as words } from "../../words/provisioning";
import { Key } from "./Key";
import { Loss } from "./Loss";
import { Plan } from "./Plan";
import { Ready } from "./Ready";
import { Run } from "./Run";
import { firstWish, type Wishes } from "./wishes";

export const PAGES = ["plan", "loss", "key", "run", "ready"] as const;
export type Page = (typeof PAGES)[number];

export type PageProps = {
  view: ProvisioningView;
  /** What keeps the token from being read now; the view is what was read last. */
  away: Failure | undefined;
  wishes: Wishes;
  wish: (part: Partial<Wishes>) => void;
  go: (page: Page) => void;
  onLeave: () => void;
  frame: (children: ReactNode, foot: ReactNode) => ReactNode;
};

export function Provisioning({ token, onLeave }: { token: string; onLeave: () => void }) {
  // A token that has no label yet goes by the one it gets, once it is being given it.
  const [named, setNamed] = useState(token);
  const asked = useView({ kind: "provisioning", token: named });
  // A token that is pulled out in the middle leaves its pages standing.
  const last = useRef<ProvisioningView>(undefined);
  if (asked.state === "known") last.current = asked.view;
  const view = asked.state === "known" ? asked.view : last.current;
  if (view) return <Wizard view={view} away={asked.state === "failed" ? asked.failure : undefined} onNamed={setNamed} onLeave={onLeave} />;
  if (asked.state === "failed") {
    return (
      <div className="body stack">
        <FailurePanel failure={asked.failure} />
        <div>
          <Button icon="a-back" onPress={onLeave}>
            {words.back}
          </Button>
        </div>
      </div>
    );
  }
  return <Reading what={words.reading} />;
}

type WizardProps = { view: ProvisioningView; away: Failure | undefined; onNamed: (token: string) => void; onLeave: () => void };

function Wizard({ view, away, onNamed, onLeave }: WizardProps) {
  const [page, setPage] = useState<Page>("plan");
  const [seen, setSeen] = useState(0);
  const [wishes, setWishes] = useState<Wishes>(() => firstWish(view));
  const [ready, setReady] = useState<{ view: ReadyView; plan: LossPlan }>();
  const [running, setRunning] = useState(false);
  const at = PAGES.indexOf(page);
  useEffect(() => setSeen((seen) => Math.max(seen, at)), [at]);
  const steps = PAGES.map((id, index): RailStep => {
    const state = index === at ? "now" : index < at || (ready === undefined && index <= seen) ? "past" : "toCome";
    return { id, name: words.steps[id], summary: words.stepsToCome[id], state, open: index === at || (!running && ready === undefined && index <= seen) };
  });
  const frame = (children: ReactNode, foot: ReactNode) => (
    <WizardFrame
      of={words.of}
      what={view.label}
      steps={steps}
      shown={page}
      onStep={(id) => setPage(PAGES.find((page) => page === id) ?? "plan")}
      rest={words.rest}
      foot={foot}
    >
      {children}
    </WizardFrame>
  );
  const props: PageProps = { view, away, wishes, wish: (part) => setWishes((wishes) => ({ ...wishes, ...part })), go: setPage, onLeave, frame };
  switch (page) {
    case "plan":
      return <Plan key={page} {...props} />;
    case "loss":
      return <Loss key={page} {...props} />;
    case "key":
      return <Key key={page} {...props} />;
    case "run":
      return (
        <Run
          key={page}
          {...props}
          onRunning={setRunning}
          onNamed={onNamed}
          onReady={(made) => {
            setReady({ view: made, plan: wishes.loss });
            setPage("ready");
          }}
        />
      );
    case "ready":
      return ready ? <Ready key={page} {...props} ready={ready.view} plan={ready.plan} /> : null;
  }
}

/** The two ways out of a page that nobody has begun on yet: away from it all, or a page back. */
export function Foot({ before, onLeave, children }: { before?: (() => void) | undefined; onLeave: () => void; children: ReactNode }) {
  return (
    <>
      <Button look="quiet" onPress={onLeave}>
        {words.leave}
      </Button>
      <span className="right" />
      {before ? (
        <Button icon="a-back" onPress={before}>
          {words.before}
        </Button>
      ) : null}
      {children}
    </>
  );
}

/** A token that is not to be read now, said once above whatever page is open. */
export function Away({ away, label }: { away: Failure | undefined; label: string }) {
  if (!away) return null;
  if (away.code !== "token-absent" && away.code !== "token-other") return <FailurePanel failure={away} />;
  return (
    <p className="asked" role="status">
      <Serial label={words.run.away(label)} />
    </p>
  );
}
