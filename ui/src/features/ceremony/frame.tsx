// What the form and the running ceremony share: the six steps of the rail.
import type { CeremonyView, Step } from "../../border";
import type { RailStep } from "../../parts/wizard";
import { ceremony as words } from "../../words/ceremony";

export const STEPS: readonly Step[] = ["intent", "consequences", "review", "signatures", "rehearsal", "publish"];

/** The rail before a ceremony exists: the intent is open, all else is to come. */
export function railOfForm(): RailStep[] {
  return STEPS.map((id) => ({ id, name: words.steps[id], summary: words.stepsToCome[id], state: id === "intent" ? "now" : "toCome", open: id === "intent" }));
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
