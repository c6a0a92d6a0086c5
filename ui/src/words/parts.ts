// Words inside the parts that every screen shares.
import { count, ofText } from "./format";

export const digestWords = {
  of: (of: string) => `${of}: `,
  next: ", ",
  press: ". Press to copy",
  copied: "Copied",
} as const;

export const meterWords = {
  of: ofText,
  said: (have: number, need: number, met: boolean) => `${ofText(have, need)}${met ? ", met" : ""}`,
  more: (have: number, need: number, met: boolean) => (met ? "met" : `${need - have} more`),
} as const;

export const marks = {
  removed: { sign: "–", said: "removed: " },
  added: { sign: "+", said: "added: " },
  changed: { sign: "~", said: "changed: " },
  same: { sign: "=", said: "unchanged: " },
  note: { sign: "·", said: "" },
  warning: { sign: "!", said: "warning: " },
} as const;

export type MarkWord = keyof typeof marks;

export const confirmWords = {
  inSeconds: (words: string, seconds: number) => `${words} (in ${seconds} s)`,
} as const;

export const wizardWords = {
  steps: "Steps of the ceremony",
  number: (number: number) => `${number} `,
  state: (state: "past" | "now" | "toCome") => `, ${state === "past" ? "done" : state === "now" ? "now" : "to come"}. `,
} as const;

export const diffWords = {
  name: (left: string, right: string) => `${left} beside ${right}`,
  line: "Line",
  same: (n: number) => `${count(n, "line")} unchanged`,
  removed: "removed: ",
  added: "added: ",
} as const;

export const inspectorWords = {
  close: "Close the inspector",
} as const;
