// Words of the frame: bars, navigator, palette, status line, lists, settings.
import { clock, count, grouped } from "./format";

export const frame = {
  product: "Rootward",
  practice: "Practice",
  practiceMeaning: "Throw-away keys and repositories made on this machine. Nothing here is real.",
  parts: { navigator: "Navigator", main: "Detail", inspector: "Inspector", status: "Status" },
  back: "Back",
  forward: "Forward",
  toggleInspector: "Inspector",
  toggleNavigator: "Navigator",
  paletteHint: "Repository, keyid, officer",
  paletteKeys: "Ctrl K",
  attention: "Attention",
  ceremonies: "Ceremonies",
  repositories: "Repositories",
  settings: "Settings",
  breadcrumb: "Where you are",
  reading: (thing: string) => `Reading ${thing}…`,
  close: "Close",
  cancel: "Cancel",
} as const;

export const status = {
  progress: (done: number, of: number) => `${grouped(done)} of ${grouped(of)}`,
  refreshing: (what: string) => `Refreshing ${what}`,
  progressName: "Refresh",
  cancel: "Cancel refresh",
  none: "No repository yet",
  verified: (verified: number, repositories: number) =>
    `${grouped(verified)} of ${count(repositories, "repository", "repositories")} verified here`,
  verifiedAt: (at: string) => `at ${clock(at)}`,
  offline: "No network",
  online: "Network",
  practiceOnly: "Practice estate only",
} as const;

export const palette = {
  title: "Go to anything",
  placeholder: "Type a name, keyid or action",
  none: (typed: string) => `Nothing is called “${typed}” here`,
  actions: "Actions",
  places: "In the tree",
  rollCall: (name: string) => `Roll call of ${name}…`,
  rotate: (role: string, name: string) => `Rotate a ${role} key of ${name}…`,
  act: {
    attention: "Open Attention",
    keys: "Open Keys",
    tokens: "Open Tokens",
    ceremonies: "Open Ceremonies",
    practice: "Practise on a drill",
    request: "Sign another desk’s request…",
    add: "Add a source…",
    begin: "Begin a repository…",
    keyFolders: "Import keys…",
    map: "Show a client’s map file…",
    refreshAll: "Refresh all repositories",
    settings: "Open Settings",
    inspector: "Show or hide the inspector",
    navigator: "Show or hide the navigator",
  },
} as const;

export const attention = {
  title: "Attention",
  summary: (n: number, repositories: number) =>
    `${count(n, "thing")} in ${count(repositories, "repository", "repositories")} ${n === 1 ? "needs" : "need"} a person`,
  columns: { standing: "Standing", consequence: "Consequence, worst first", where: "Repository", left: "Left", action: "Action" },
  none: "Nothing needs a person now.",
  noneMore: "Everything on this desk was walked and proven on this machine, and nothing ends soon.",
  open: "Open…",
  openNamed: (name: string) => `Open ${name}`,
  trust: "Trust a root…",
  openCeremony: (id: string) => `Ceremony ${id}…`,
  handled: (id: string) => `Ceremony ${id} is under way for this.`,
} as const;

export const ceremonies = {
  title: "Ceremonies",
  summary: (open: number, ended: number) =>
    `${open === 0 ? "none waits for anybody" : `${grouped(open)} ${open === 1 ? "waits" : "wait"} for somebody`}, ${grouped(ended)} ended`,
  waiting: "Waiting for somebody",
  ended: "Ended",
  columns: { change: "Change", repository: "Repository", state: "State", waits: "Waits for", age: "Begun" },
  age: (age: string, open: boolean) => (open ? `for ${age}` : `took ${age}`),
  lastEvent: (at: string) => `Last event ${at}`,
  states: {
    drafting: "Drafting",
    collecting: "Collecting signatures",
    ready: "Ready to rehearse",
    rehearsed: "Ready to publish",
    publishing: "Publishing, to be resumed",
    published: "Published",
    superseded: "Superseded",
    abandoned: "Abandoned",
    broken: "Journal broken",
  },
  open: (id: string) => `Open ceremony ${id}`,
  bulk: {
    title: (n: number, at: string) => `Begun in ${grouped(n)} ${n === 1 ? "repository" : "repositories"} on ${at}`,
    ceremony: "Ceremony, or why there is none",
    resume: (n: number) => `Begin the ${n === 1 ? "one that is left" : `${grouped(n)} that are left`}`,
    running: "Begins…",
    states: {
      pending: "Waits for its turn",
      begun: "Under way",
      done: "Published",
      alreadySo: "Was so already",
      refused: "Refused",
      failed: "Failed",
      interrupted: "Interrupted",
      declined: "Declined",
    },
  },
  none: "No ceremony yet.",
  noneMore: "A ceremony begins where trust is to change: open a repository and rotate its root key.",
} as const;

export const settings = {
  title: "Settings",
  theme: "Appearance",
  themes: { system: "As the system", light: "Light", dark: "Dark", contrast: "High contrast" },
  limits: "Limits of network reading",
  limitsWhy: "A server that sends too much or too slowly is given up on. Nothing it sent is used.",
  fields: {
    requests: "Requests at once, in all",
    requestsPerHost: "Requests at once to one host",
    connectSeconds: "Seconds to connect",
    idleSeconds: "Seconds without a byte",
    documentSeconds: "Seconds for a whole document",
    timestampBytes: "Bytes of a timestamp at most",
    documentBytes: "Bytes of any other document at most",
  },
  proofs: "Proofs that keys work",
  proofDays: "Days for which a proof counts",
  proofsWhy: "The first screen asks by it whether each root could be rotated today.",
  saveProofs: "Save these days",
  proofsSaved: "These days are in force.",
  save: "Save these limits",
  saved: "These limits are in force.",
  places: "This desk",
  dataFolder: "Data folder",
  version: "Version",
} as const;

export const backup = {
  title: "This desk in one file",
  why: "Repositories and what is trusted, ceremonies, the signing ledger. No PIN and no passphrase is in it. Restoring adds and never takes away: of two versions of anything the higher stays.",
  to: "Write a backup to",
  toHint: "Nothing is written over.",
  from: "Take a backup in",
  fromHint: "It is taken in whole, or not at all.",
  choosePlace: "Choose where…",
  chooseBackup: "Choose a backup…",
  withKeys: "Also the private key files of this desk's own folder, encrypted as they are",
  make: "Write the backup",
  made: (file: string, sha256: string, keys: number) =>
    `Written to ${file}, ${keys === 0 ? "without private keys" : `with private key files: ${keys}`}. SHA-256 ${sha256}`,
  restore: "Restore",
  restored: (madeAt: string, added: number, merged: number, leftOut: number) =>
    `Taken in as of ${madeAt}. Repositories added: ${added}, brought together: ${merged}. Documents left out: ${leftOut}.`,
} as const;

export const welcome = {
  title: "Nothing is trusted on this machine yet",
  lede: "Rootward shows who may sign what, until when, with which key. It believes no server: every signature is checked here.",
  add: "Add a source",
  addWhy: "A Notary server, a TUF repository or a folder. Nothing is trusted until you have compared its root with a copy you already hold.",
  addButton: "Add a source…",
  beginWhy: "Where there is none yet, in a folder or on a Notary server: who holds root and the other roles, how many of them must sign, and until when.",
} as const;
