// What every form of a change is given.
import type { ChangeFormView } from "../../../border";
import type { Intent, Terms } from "../change";

export type FormOf<F extends Intent["form"]> = {
  view: ChangeFormView;
  intent: Extract<Intent, { form: F }>;
  onChange: (intent: Extract<Intent, { form: F }>) => void;
  terms: Terms;
  onTerms: (part: Partial<Terms>) => void;
};
