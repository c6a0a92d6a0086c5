// Words of the repository view, the inspector and the source view.
import { clock, count, day, daysSaid, grouped, minute, version } from "./format";

export const repository = {
  reading: "Reading the repository…",
  tabs: { overview: "Overview", roles: "Roles and keys", delegations: "Delegations", history: "History", findings: "Findings" },
  tabsName: (name: string) => `Views of ${name}`,
  refresh: "Refresh",
  rotate: "Rotate a root key…",
  trust: "Trust a root…",
  forget: "Take off this desk…",
  moreCauses: (n: number) => `${n} more`,
  at: (dialect: string, location: string) => `${dialect} at ${location}`,
  gun: (gun: string) => `GUN ${gun}`,
  walked: (from: number, to: number, at: string) =>
    from === to ? `walked at root v${to} on this machine at ${clock(at)}` : `walked from root v${from} to v${to} on this machine at ${clock(at)}`,
  neverWalked: "no walk on this machine has come through yet",
  anchored: {
    given: (v: number, at: string) => `Anchored by a root given on ${day(at)}, v${v}`,
    pinned: (v: number, at: string) => `Anchored by a pinned root since ${day(at)}, v${v}`,
    stored: (v: number, at: string) => `Anchored by a root stored on ${day(at)}, v${v}`,
    "first-use": (v: number, at: string) => `Trusted on first use on ${day(at)}, root v${v}`,
  },
  firstUse: "First use",
  firstUseMeaning: (digest: string) => `Nobody compared its root with a second copy. SHA-256 begins ${digest}`,
  chain: "Chain of trust",
  asTable: "As a table",
  asPicture: "As a picture",
  toggleKey: "T",
  pictureName: (name: string) => `Chain of trust of ${name}`,
  filled: "Filled: has signed this version.",
  edges: "On edges: what the parent asks.",
  more: (n: number) => `${count(n, "more role")} in Delegations.`,
  boxSaid: (role: string, v: string | null, standing: string, valid: number, threshold: number, daysLeft: number | null) =>
    [v ? `${role} ${version(v)}` : role, standing.toLowerCase(), repository.signedBy(valid, threshold), daysLeft === null ? "" : daysSaid(daysLeft)]
      .filter(Boolean)
      .join(", "),
  signedBy: (valid: number, threshold: number) => `signed by ${valid}, needs ${threshold}`,
  chainColumns: { role: "Role", version: "Version", standing: "Standing", needs: "Signed/needs", left: "Left", askedBy: "Asked by" },
  needsPerson: "What needs a person",
  worstFirst: "worst first",
  nothing: "Nothing in this repository needs a person.",
  nothingMore: (at: string) => `Every role was proven on this machine at ${clock(at)}.`,
  show: "Show",
  showRole: (role: string) => `Show ${role} in the inspector`,
  findingIn: (role: string) => `in ${role}`,
  unanchored: "No root of this repository is trusted on this machine yet.",
  unanchoredMore: "What is shown was read and counted, but nothing proves that it is the real repository. Compare its digest with a copy you already hold.",
  failed: (at: string) => `The last try, at ${minute(at)}, did not succeed`,
  failedMeans: "What is shown below is as last proven, with its own dates. Changes made since then, good or bad, are not visible here.",
  forgetTitle: (name: string) => `Take ${name} off this desk`,
  forgetWhy: "The trusted root and the versions proven so far are dropped from this machine. Metadata at the source is not touched. To come back it must be trusted again.",
  forgetDo: (name: string) => `Take ${name} off this desk: its trusted root is dropped`,
  forgetNot: "Keep it",
} as const;

export const roles = {
  columns: { signed: "Signed", key: "Key", keyid: "Keyid", physical: "Physical key", scheme: "Scheme", lives: "Lives in" },
  signed: "has signed this version",
  notSigned: "has not signed this version",
  ours: (valid: number, threshold: number) => `signed by ${count(valid, "physical key")}, needs ${threshold}`,
  clients: (valid: number) => `${valid} by the client’s own rule`,
  expires: (text: string) => `expires ${minute(text)}`,
  noDocument: "not published",
  unreadable: "cannot be read",
  unnamed: "unnamed key",
  notHash: "canonical id",
  keysOf: (role: string) => `Keys of ${role}`,
  rotate: (role: string) => `Rotate a ${role} key…`,
  showAll: (n: number) => `Show all ${grouped(n)}`,
} as const;

export const delegations = {
  title: "Who may sign what",
  note: "in the order in which clients ask",
  columns: { standing: "Standing", role: "Role", by: "Named by", paths: "Paths", needs: "Signed/needs", ends: "Terminating", version: "Version", left: "Left", action: "Action" },
  yes: "yes",
  no: "no",
  prefix: (text: string) => `hash ${text}…`,
  none: "This repository delegates to nobody.",
  noneMore: "Its targets role signs every file itself.",
} as const;

export const inspector = {
  title: "Inspector",
  none: "Choose a thing in the tree to see what it is.",
  reading: "Reading…",
  standing: "Standing",
  keys: "Keys that count",
  findings: "Findings",
  signed: "has signed",
} as const;

export const source = { reading: "Reading…", findings: "Findings" } as const;
