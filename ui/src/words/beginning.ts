// Words of the form by which a repository is begun.
import { count, day } from "./format";

type Role = "root" | "targets" | "snapshot" | "timestamp";

const does = "Compute consequences";

export const beginning = {
  title: "Begin a repository",
  ways: { begin: "Begin a repository…", instead: "There is none yet: begin one…" },
  reading: "Reading the keys on this desk…",
  lede: "Where there is none yet. Its first documents are signed and rehearsed before any of them is published. Nothing is on record before the consequences are computed.",
  named: (name: string) => `Begin the repository ${name}`,

  stepsToCome: { intent: "where, and who holds what", signatures: "the keys of every role", rehearsal: "a simulated client" },

  where: "Where",
  kinds: { folder: "TUF, in a folder", notary: "Notary, on its server" },
  folder: "Folder",
  folderHint: "/srv/tuf/metadata",
  folderWhy: "In which the metadata is published. It is made if it is not there.",
  versions: "File names carry versions (consistent snapshots)",
  versionsWhy: "Clients meet no mixture of old and new while files appear. It stays so for good.",
  server: "Address of the server",
  serverHint: "https://notary.example.org",
  gun: "GUN",
  gunHint: "registry.example.org/platform/gateway",
  gunWhy: "The name by which clients ask for it. Root’s certificates carry it.",
  user: "User name",
  userWhy: "Only if the server asks who publishes.",
  ca: "CA file",
  caWhy: "Only if a CA of your own signed the server’s certificate.",

  who: "Who holds what",
  whoNote: "several keys, of which not all must sign, survive a loss",
  roles: {
    root: "Says which keys speak for every role. Its keys are best in tokens, with an officer each, and used a few times a year.",
    targets: "Vouches for files, and delegates to other roles. Its keys are used at every release.",
    snapshot: "Says which versions of all documents belong together. It is signed at every change.",
    timestamp: "Says which snapshot is the newest. It is signed every few days, most often by a machine.",
  } satisfies Record<Role, string>,
  keysOf: (role: string) => `Keys of ${role}`,
  holder: (role: string) => `Who signs ${role}`,
  serverOnly: "The server makes the timestamp’s key, keeps it and signs by itself; it decides when the timestamp ends. The keys of root sign that it counts.",
  threshold: (role: string) => `How many keys of ${role} must sign`,
  thresholdWhy: (keys: number) => (keys === 0 ? "Choose keys first." : `Of ${count(keys, "key")}. Empty: 1.`),
  thresholdProblem: "A whole number of signatures.",
  ends: (role: string) => `First end of ${role}`,
  endsWhy: (usual: string | null) => (usual === null ? "Such as 2027-12-15." : `Such as 2027-12-15. Empty: ${day(usual)}, as is usual.`),
  sum: (keys: number, threshold: string) => (keys === 0 ? "no key yet" : `${threshold} of ${count(keys, "key")}`),
  sumServer: "the server’s key",
  sumEnds: (end: string) => `ends on ${day(end)}`,
  says: ": ",

  first: "What it begins with",
  firstNote: "delegations and files can also come later",
  delegate: "Delegate to a role…",
  target: "Vouch for a file…",
  done: "Done",

  empty: "It shows here as soon as the place and the keys of every role are said.",
  missing: {
    folder: `${does}: say in which folder`,
    notary: `${does}: say on which server, and by which GUN`,
    keys: (role: string) => `${does}: no key signs ${role}`,
    count: (role: string) => `${does}: the threshold of ${role} is no number`,
    time: (role: string) => `${does}: the end of ${role} is no date`,
  },

  after: "Nobody but this desk trusts it yet. Root v1 has to reach clients by a way they trust already, with their program or by hand; give it to your officers as well: every later request is judged by it.",
  afterTitle: "Now it has to become known",
  another: "Begin one anew…",
  beingBegun: (ceremony: string) => `There is no repository here yet. Ceremony ${ceremony} begins it: nothing is published before its documents are complete and a client has accepted them in a rehearsal.`,
  notBegun: (ceremony: string) => `There is no repository here. Ceremony ${ceremony} was to begin it and has ended without.`,
  openCeremony: (ceremony: string) => `Open ceremony ${ceremony}`,
} as const;
