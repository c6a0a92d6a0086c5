// What the form and the pages of a running ceremony share: the six steps of the rail, and what is missing.
import type { CeremonyState, CeremonyView, Step } from "../../border";
import type { RailStep } from "../../parts/wizard";
import { ceremony as words } from "../../words/ceremony";

export const STEPS: readonly Step[] = ["intent", "consequences", "review", "signatures", "rehearsal", "publish"];

/** The states in which a ceremony is over without having been published. */
export type Ending = Extract<CeremonyState, "abandoned" | "superseded" | "broken">;

export function hasEnded(state: CeremonyState): state is Ending {
  return state === "abandoned" || state === "superseded" || state === "broken";
}

/** The rail before a ceremony exists: the intent is open, all else is to come. */
export function railOfForm(summaries: Record<Step, string> = words.stepsToCome): RailStep[] {
  return STEPS.map((id) => ({ id, name: words.steps[id], summary: summaries[id], state: id === "intent" ? "now" : "toCome", open: id === "intent" }));
}

/** The rail of a ceremony. While it is a draft, everything up to the review may be read. */
export function railOf(view: CeremonyView): RailStep[] {
  return view.steps.map(({ step, state, summary }) => ({
    id: step,
    name: words.steps[step],
    summary: summary || words.stepsToCome[step],
    state,
    open: state !== "toCome" || (view.state === "drafting" && (step === "consequences" || step === "review")),
  }));
}

export function isStep(id: string): id is Step {
  return (STEPS as readonly string[]).includes(id);
}

/** The keys that count now and will not any more, by their labels. */
export function leaving(view: CeremonyView): string[] {
  return view.signers.filter((key) => key.countsOld && !key.countsNew).map((key) => key.label);
}

/** What the next step still needs, in the desk's words: for a button that can't be pressed. */
export function missingFor(view: CeremonyView): string {
  return view.blockers.length > 0 ? view.blockers.join(", ") : words.notNow;
}

/** All that is missing, as a list on the page. */
export function Missing({ view }: { view: CeremonyView }) {
  if (view.blockers.length === 0) return null;
  return (
    <section className="gap-above">
      <h2>{words.blockers}</h2>
      <ul className="second">
        {view.blockers.map((blocker) => (
          <li key={blocker}>{blocker}</li>
        ))}
      </ul>
    </section>
  );
}
