// Words of hardware tokens: the screen, the chips of the status line, the making of a key.
import { count } from "./format";

export const tokens = {
  title: "Tokens",
  reading: "Looking at what is plugged in…",
  summary: (n: number) => `${count(n, "token")} plugged in`,
  none: "No token is plugged in.",
  noneMore: "Plug in a YubiKey. It shows here within two seconds, and nothing is asked of it before you say so.",
  model: (model: string, firmware: string) => (firmware === "" ? model : `${model}, firmware ${firmware}`),
  reader: "Reader",
  pin: "PIN",
  tries: (n: number) => (n === 0 ? "blocked" : `${count(n, "try", "tries")} left`),
  triesUnknown: "it does not tell how many tries are left",
  firmware: "Firmware",
  slotsOf: (label: string) => `Slots of ${label}`,
  columns: { slot: "Slot", key: "Key", pin: "PIN", touch: "Touch", origin: "Made", uses: "Speaks for" },
  noPublic: "does not show its public half",
  keyid: "keyid",
  canonical: "canonical id",
  nothing: "nothing on this desk",
  use: (role: string, repository: string) => `${role} of ${repository}`,
  more: (n: number) => `and ${n} more`,
  empty: (slots: string[]) => `Empty: ${slots.join(", ")}.`,
  retired: (n: number) => `${n} retired ones`,
  noKeys: "No slot of it holds a key.",
  safe: "Reading a token spends no PIN try. A key is made and a signature is asked for inside a ceremony, which names the device first.",
} as const;

export const tokenChips = {
  none: "No token",
  noService: "No token service",
  looking: "Tokens…",
  open: (said: string) => `${said}. Open Tokens`,
  /** What is the matter with a token, in a word or two. */
  trouble: (code: string) => (code === "token-busy" ? "busy" : "cannot be read"),
  blocked: "PIN blocked",
  more: (n: number) => `${n} more`,
} as const;

export const birth = {
  title: "A new key, born in a token",
  why: "It is made inside the device and never leaves it. The slot must be empty.",
  slot: "Slot",
  kind: "Algorithm",
  kinds: { p256: "ECDSA P-256", p384: "ECDSA P-384" },
  pin: "PIN",
  pins: { once: "once after plugging in", always: "every signature" },
  touch: "Touch",
  touches: { always: "every signature", cached: "every signature, kept for 15 seconds", never: "never" },
  make: (slot: string) => `Make a key in ${slot}`,
  running: "The token makes its key…",
  none: "No token with an empty slot is plugged in.",
  existing: "Keys in slots that are in no role yet",
  joins: (slot: string) => `The key in ${slot} joins`,
} as const;
