// A ceremony as the desk would show it, for tests: root v9 of a practice repository, officer_3's key is replaced.
import type { CeremonyAction, CeremonyState, CeremonyView, ChangeFormView, DocumentView, FormRole, KeyFileView, PlanView, RotationKey, Sentence, SignerRow, SlotView, Step, StepView, Voice } from "../../border";

type Told = [Voice, string];

export const sentence = (mark: Sentence["mark"], ...parts: Told[]): Sentence => ({ mark, parts: parts.map(([voice, text]) => ({ voice, text })) });

const ORDER: Step[] = ["intent", "consequences", "review", "signatures", "rehearsal", "publish"];
const SUMMARIES: Record<Step, string> = {
  intent: "The laptop was replaced",
  consequences: "1 document, 1 wave",
  review: "root v9 to v10",
  signatures: "2 needed, twice",
  rehearsal: "3 simulated clients",
  publish: "and walk again",
};

function steps(now: Step | null): StepView[] {
  const at = now === null ? ORDER.length : ORDER.indexOf(now);
  return ORDER.map((step, index) => ({ step, state: index < at ? "past" : index === at ? "now" : "toCome", summary: SUMMARIES[step] }));
}

function signer(name: string, digit: string, part: Partial<SignerRow> = {}): SignerRow {
  return {
    physicalKey: `sha256:${digit.repeat(64)}`,
    keyid: digit.repeat(64),
    canonicalKeyid: null,
    label: name,
    custody: "file",
    file: `/home/officer/practice/${name.replace(" ", "-").toLowerCase()}.pem`,
    countsOld: true,
    countsNew: true,
    documents: [],
    signedAt: null,
    askedAt: null,
    ask: null,
    instead: null,
    lastSeen: null,
    asking: false,
    canSign: true,
    needsReason: false,
    state: "Ready to sign",
    ...part,
  };
}

export const DIGEST = "4f1c9a20d7e35b8801f6c4aa9e276d13b05e77f218c93da46a40e1b7c2d8950f";

const JSON_LINES: [mark: "same" | "changed" | "added" | "removed", left: string | null, right: string | null][] = [
  ["same", "{", "{"],
  ["same", '  "_type": "root",', '  "_type": "root",'],
  ["same", '  "consistent_snapshot": true,', '  "consistent_snapshot": true,'],
  ["changed", '  "expires": "2026-12-15T12:00:00Z",', '  "expires": "2027-12-15T12:00:00Z",'],
  ["same", '  "keys": {', '  "keys": {'],
  ["removed", `    "${"3".repeat(64)}": {`, null],
  ["added", null, `    "${"4".repeat(64)}": {`],
  ["same", "    },", "    },"],
  ["same", "  },", "  },"],
  ["changed", '  "version": 9', '  "version": 10'],
  ["same", "}", "}"],
];

export function ceremony(state: CeremonyState, now: Step | null, allowed: CeremonyAction[], part: Partial<CeremonyView> = {}): CeremonyView {
  return withRoot(bare(state, now, allowed, part));
}

/** Root as the one document, with the thresholds and the signers of the view. */
function withRoot(view: CeremonyView): CeremonyView {
  const { review, oldMeter, newMeter } = view;
  const met = oldMeter.met && newMeter.met;
  const root: DocumentView = { role: "root", version: review.version, wave: 0, state: met ? "complete" : review.frozen ? "collecting" : "waiting", review, meters: [oldMeter, newMeter] };
  const signs = (signer: SignerRow): SignerRow => ({
    ...signer,
    documents: signer.documents.length > 0 ? signer.documents : [{ role: "root", version: review.version, wave: 0, signedAt: signer.signedAt, waits: signer.canSign }],
  });
  return { ...view, documents: view.documents.length > 0 ? view.documents : [root], signers: view.signers.map(signs) };
}

function bare(state: CeremonyState, now: Step | null, allowed: CeremonyAction[], part: Partial<CeremonyView>): CeremonyView {
  return {
    id: "2026-014",
    title: "Replace Officer 3’s key in orchard",
    reason: "The laptop was replaced",
    repository: "orchard",
    repositoryName: "orchard",
    practice: true,
    begins: false,
    state,
    steps: steps(now),
    consequences: [
      sentence("changed", ["subject", "root"], ["plain", " is issued again: "], ["removed", "v9"], ["plain", " to "], ["added", "v10"], ["plain", ". No other document is."]),
      sentence("removed", ["subject", "Officer 3"], ["plain", " leaves root, keyid "], ["evidence", "3333…3333"], ["plain", "."]),
      sentence("added", ["subject", "Officer 4"], ["plain", " joins root, keyid "], ["evidence", "4444…4444"], ["plain", "."]),
      sentence("same", ["plain", "The threshold of root stays "], ["evidence", "2 of 3"], ["plain", "."]),
      sentence("note", ["plain", "v10 needs 2 signatures of keys that count in v9 and 2 signatures of keys that count in v10; one signature of a key that stays counts in both."]),
      sentence("warning", ["subject", "Officer 3"], ["plain", " still counts for "], ["subject", "targets"], ["plain", ": this ceremony changes root only. If the key is lost or stolen, it must leave there too."]),
      sentence("note", ["plain", "Clients on root v9 accept v10 at their next update, nothing is to be done on them."]),
    ],
    planned: plan.documents,
    review: {
      role: "root",
      version: 10,
      sentences: [
        sentence("removed", ["subject", "Officer 3’s key leaves."], ["plain", " keyid "], ["evidence", "3333…3333"], ["plain", " no longer counts for "], ["removed", "root"], ["plain", "."]),
        sentence("added", ["subject", "Officer 4’s key arrives."], ["plain", " keyid "], ["evidence", "4444…4444"], ["plain", " counts for "], ["added", "root"], ["plain", "."]),
        sentence("changed", ["subject", "root expires later:"], ["plain", " "], ["removed", "2026-12-15"], ["plain", " "], ["added", "2027-12-15"], ["plain", ", 365 days more."]),
        sentence("same", ["subject", "Thresholds stay:"], ["plain", " root 2 of 3, targets 2 of 3, snapshot 1 of 1, timestamp 1 of 1."]),
        sentence("same", ["subject", "Nothing else changes."], ["plain", " 2 other officers’ keys, both online keys and 2 unknown fields are carried over byte for byte."]),
      ],
      digest: DIGEST,
      bytes: 6418,
      buildsOnVersion: "9",
      buildsOnDigest: `8e2104c7${"0".repeat(48)}19fc630a`,
      encoding: "OLPC canonical JSON",
      draftedAt: "2026-11-22T10:31:07Z",
      frozen: state !== "drafting",
      lines: JSON_LINES.map(([mark, left, right], index) => ({
        mark,
        left: left === null ? null : { number: index + 1, text: left },
        right: right === null ? null : { number: index + 1, text: right },
      })),
    },
    oldMeter: { label: "Old threshold, root v9", have: 0, need: 2, keys: 3, met: false },
    newMeter: { label: "New threshold, root v10", have: 0, need: 2, keys: 3, met: false },
    documents: [],
    outstanding: [],
    signers: [signer("Officer 1", "1"), signer("Officer 2", "2"), signer("Officer 3", "3", { countsNew: false }), signer("Officer 4", "4", { countsOld: false })],
    rehearsal: [],
    assumptions: [],
    publication: [],
    blockers: [],
    allowed,
    journalSavedAt: "2026-11-22T10:33:40Z",
    journalHead: `f7d138a6${"0".repeat(56)}`,
    events: [
      { number: 1, at: "2026-11-22T10:31:07Z", text: "began the ceremony: Officer 3 leaves root, Officer 4 joins", hash: `3d0a77c1${"0".repeat(56)}` },
      { number: 2, at: "2026-11-22T10:33:40Z", text: "froze root v10, 6 418 bytes", hash: `91be40f2${"0".repeat(56)}` },
    ],
    ...part,
  };
}

const SIGNED_AT = "2026-11-22T10:42:18Z";
const MET = { have: 2, need: 2, keys: 3, met: true };

/** Nothing is frozen. */
export const drafting = () => ceremony("drafting", "consequences", ["freeze", "abandon"]);

/** One signature is there, one is being asked for. */
export const collecting = () =>
  ceremony("collecting", "signatures", ["sign", "abandon"], {
    signers: [
      signer("Officer 1", "1", { signedAt: SIGNED_AT, canSign: false, state: "Signed on this machine, verified in software" }),
      signer("Officer 2", "2"),
      signer("Officer 3", "3", { countsNew: false, state: "Not needed: spare" }),
      signer("Officer 4", "4", { countsOld: false, file: null, canSign: false, state: "Its key file is not known on this desk" }),
    ],
    oldMeter: { label: "Old threshold, root v9", have: 1, need: 2, keys: 3, met: false },
    newMeter: { label: "New threshold, root v10", have: 1, need: 2, keys: 3, met: false },
    blockers: ["1 signature missing for the old threshold", "1 signature missing for the new threshold"],
  });

const whole = (): Partial<CeremonyView> => ({
  signers: collecting().signers.map((row) => (row.file ? { ...row, signedAt: SIGNED_AT, canSign: false, state: "Signed on this machine, verified in software" } : row)),
  oldMeter: { label: "Old threshold, root v9", ...MET },
  newMeter: { label: "New threshold, root v10", ...MET },
});

/** Both thresholds are met. */
export const ready = () => ceremony("ready", "rehearsal", ["sign", "rehearse", "abandon"], { ...whole(), blockers: ["the rehearsal is missing"] });

const CLIENTS = [
  { client: "a client on root v1", accepted: true, account: "Walked root v1 to v10; every step met its old and its new threshold." },
  { client: "a client on root v9", accepted: true, account: "Accepted v10 at its next update." },
  { client: "a new client", accepted: true, account: "Began from v10 and met timestamp, snapshot and targets." },
];
const assumed = () => ({ assumptions: [sentence("note", ["plain", "The online signer goes on issuing "], ["subject", "timestamp"], ["plain", " as it does now."])] });

/** Simulated clients accepted. */
export const rehearsed = () => ceremony("rehearsed", "publish", ["rehearse", "publish", "abandon"], { ...whole(), ...assumed(), rehearsal: CLIENTS });

/** A simulated client refused. */
export const refused = () =>
  ceremony("ready", "rehearsal", ["rehearse", "abandon"], {
    ...whole(),
    rehearsal: [{ client: "a client on root v1", accepted: false, account: "Refused root v5: 1 of 2 signatures of root v4’s keys." }],
    blockers: ["a client on root v1 refuses it"],
  });

/** The program died between intent and outcome. */
export const publishing = () =>
  ceremony("publishing", "publish", ["publish"], {
    ...whole(),
    ...assumed(),
    rehearsal: CLIENTS,
    publication: [sentence("note", ["plain", "That "], ["evidence", "10.root.json"], ["plain", " would be written is on record since 11:43:20."])],
  });

export const published = () =>
  ceremony("published", null, ["saveTranscript"], {
    ...whole(),
    rehearsal: CLIENTS,
    publication: [
      sentence("added", ["evidence", "10.root.json"], ["plain", " was written at 11:43:20."]),
      sentence("same", ["plain", "A fresh walk at 11:43:29 met root v10 with the digest that was signed."]),
    ],
  });

export const abandoned = () => ceremony("abandoned", "signatures", ["saveTranscript"]);

/** Of a journal that does not hold, only the events up to the break are shown. */
export const broken = () => {
  const view = ceremony("broken", null, [], { blockers: ["The journal does not hold from event 4 on: its hash does not follow"] });
  const none = { label: "Threshold", have: 0, need: 0, keys: 0, met: false };
  return { ...view, reason: "", steps: [], consequences: [], signers: [], oldMeter: none, newMeter: none, documents: [], review: { ...view.review, digest: "", bytes: 0, sentences: [], lines: [] } };
};

/** The change makes no root that works: nothing can be frozen. */
export const impossible = () => {
  const view = drafting();
  const why = "the new threshold of 4 needs 4 keys, 3 are left";
  return { ...view, allowed: ["abandon"] as CeremonyAction[], blockers: [why], documents: [], review: { ...view.review, digest: "", bytes: 0, lines: [], sentences: [sentence("warning", ["plain", why])] } };
};

export const spare: KeyFileView = {
  key: "file:/home/officer/practice/officer-4.pem",
  custody: "file",
  path: "/home/officer/practice/officer-4.pem",
  physicalKey: `sha256:${"4".repeat(64)}`,
  algorithm: "ed25519",
  encrypted: true,
  name: "Officer 4",
};

const keyOf = (digit: string): RotationKey => ({
  physicalKey: `sha256:${digit.repeat(64)}`,
  keyid: digit.repeat(64),
  canonicalKeyid: null,
  name: `Officer ${digit}`,
  scheme: "ed25519",
  custody: digit === "3" ? "unknown" : "file",
  key: digit === "3" ? null : `file:/home/officer/practice/officer-${digit}.pem`,
  place: digit === "3" ? null : `officer-${digit}.pem`,
});

const role = (name: string, kind: FormRole["kind"], part: Partial<FormRole> = {}): FormRole => ({
  role: name,
  by: "root",
  kind,
  version: 9,
  expires: "2026-12-15T12:00:00Z",
  daysLeft: 23,
  threshold: 1,
  keys: [keyOf("8")],
  holder: "people",
  server: "never",
  vouches: kind === "targets" || kind === "delegation",
  targets: kind === "targets" || kind === "delegation" ? 2 : null,
  paths: [],
  hashPrefixes: [],
  terminating: false,
  place: null,
  siblings: 0,
  succinct: false,
  ...part,
});

/** Root of three officers; targets delegates to files and to docs. */
export const form: ChangeFormView = {
  repository: "orchard",
  repositoryName: "orchard",
  practice: true,
  dialect: "tuf1",
  rootVersion: 9,
  readAt: "2026-11-22T10:31:00Z",
  openCeremony: null,
  roles: [
    role("root", "root", { threshold: 2, keys: ["1", "2", "3"].map(keyOf) }),
    role("targets", "targets"),
    role("snapshot", "snapshot"),
    role("timestamp", "timestamp"),
    role("files", "delegation", { by: "targets", keys: [keyOf("5")], paths: ["files/*"], place: 1, siblings: 2 }),
    role("docs", "delegation", { by: "targets", keys: [keyOf("6")], paths: ["docs/*"], place: 2, siblings: 2 }),
  ],
  more: 0,
  keyFiles: [spare],
  slots: [],
  kinds: ["p256", "p384"],
  legacy: 0,
  recoveries: [
    { recovery: "snapshotKeyLost", says: sentence("note", ["plain", "The snapshot key is lost."]), isSo: false, edits: [{ kind: "keys", role: "snapshot", by: null, remove: [`sha256:${"8".repeat(64)}`], add: [], threshold: null }] },
    { recovery: "rootKeyStolen", says: sentence("note", ["plain", "A root key is stolen."]), isSo: false, edits: [] },
  ],
};

/** What the desk says of a change that replaces a key of root. */
export const plan: PlanView = {
  title: "Replace a root key of orchard",
  documents: [{ role: "root", kind: "root", wave: 1, from: 9, version: 10, quorums: [{ side: "old", by: "root", need: 2, keys: 3, atHand: 2 }, { side: "new", by: "root", need: 2, keys: 3, atHand: 2 }] }],
  consequences: [sentence("changed", ["subject", "root"], ["plain", " is issued again."])],
  untold: 0,
  leftOut: [],
  gone: [],
};

/** A slot that holds a key, or one in which a key can be born. */
export function slot(serial: string, name: string, occupied: boolean): SlotView {
  const grouped = serial.replace(/\B(?=(\d{3})+(?!\d))/g, " ");
  return {
    slot: name,
    slotName: "Digital signature",
    key: `yubikey:${serial}/${name}`,
    label: `YubiKey ${grouped}, slot ${name}`,
    occupied,
    physicalKey: occupied ? `sha256:${"7".repeat(64)}` : null,
    keyid: occupied ? "7".repeat(64) : null,
    canonicalKeyid: occupied ? "8".repeat(64) : null,
    algorithm: occupied ? "ECDSA P-256" : "",
    pinPolicy: occupied ? "every signature" : "",
    touchPolicy: occupied ? "every signature" : "",
    origin: occupied ? "made on the device" : "",
    certificate: null,
    usedBy: [],
  };
}

/** A Notary repository: its snapshot may be the server's, its timestamp always is. */
export const notaryForm: ChangeFormView = {
  ...form,
  practice: false,
  dialect: "notary",
  roles: [
    role("root", "root", { keys: [keyOf("1")] }),
    role("targets", "targets"),
    role("snapshot", "snapshot", { keys: [keyOf("3")], holder: "unknown", server: "either" }),
    role("timestamp", "timestamp", { holder: "server", server: "always" }),
  ],
  keyFiles: [],
};

/** Targets take another key: root names it, targets are signed by it, and snapshot names both in a later wave. */
export const several = () => {
  const view = collecting();
  const [root] = view.documents;
  if (!root) throw new Error("a ceremony issues root");
  const meter = { label: "Threshold of targets v15", have: 0, need: 1, keys: 1, met: false };
  const targets: DocumentView = {
    ...root,
    role: "targets",
    version: 15,
    meters: [meter],
    review: { ...root.review, role: "targets", version: 15, sentences: root.review.sentences.slice(3), digest: DIGEST.split("").reverse().join("") },
  };
  const snapshot: DocumentView = {
    ...targets,
    role: "snapshot",
    version: 7,
    wave: 1,
    state: "waiting",
    meters: [{ ...meter, label: "Threshold of snapshot v7" }],
    review: { ...targets.review, role: "snapshot", version: 7, digest: "", bytes: 0, lines: [], frozen: false },
  };
  const signs = (role: string, version: number, wave: number) => ({ role, version, wave, signedAt: null, waits: wave === 0 });
  const token = signer("1f2e…9c", "7", {
    custody: "token",
    file: "YubiKey 19 402 271, slot 9c",
    canonicalKeyid: "8".repeat(64),
    countsOld: false,
    countsNew: false,
    documents: [signs("targets", 15, 0), signs("snapshot", 7, 1)],
  });
  return { ...view, documents: [root, targets, snapshot], signers: [...view.signers, token] };
};
