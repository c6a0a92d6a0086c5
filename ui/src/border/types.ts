// Generated from crates/rootward-core/src/border by ./dev types. Do not edit.

/**
 * A wish. Answered by an `Outcome`, or by a `Failure` that left the state as it was.
 */
export type Action = { "kind": "register", source: SourceSpec, } | { "kind": "listNotary", url: string, caFile: string | null, } | { "kind": "confirmTrust", repository: string, how: TrustEvidence, } | { "kind": "forget", repository: string, } | { "kind": "refresh", repository: string, } | { "kind": "refreshAll" } | { "kind": "cancelRefresh" } | { "kind": "beginChange", repository: string, wish: ChangeWish, } | { "kind": "beginBulk", wishes: Array<BulkWish>, } | { "kind": "resumeBulk", bulk: string, } | { "kind": "beginRepository", wish: BeginningWish, } | { "kind": "freeze", ceremony: string, } | { "kind": "sign", ceremony: string, physicalKey: string,
/**
 * Where the key is, when an officer says so: `file:PATH`. Else it is looked for where the desk knows it to be.
 */
key?: string | null,
/**
 * Why it signs although it has signed another document of this version; goes on record.
 */
againBecause?: string | null, } | { "kind": "handOut", ceremony: string, path: string, to: Array<string>, } | { "kind": "takeBack", path: string, ceremony: string | null, } | { "kind": "takeFiles", paths: Array<string>, ceremony: string | null, } | { "kind": "makeKit", ceremony: string, folder: string, to: Array<string>, } | { "kind": "takeKit", folder: string, } | { "kind": "answerRequest", path: string, trust: RequestTrust, key: string, heard: string,
/**
 * Why the key signs although it has signed another document of this version; goes on record.
 */
againBecause?: string | null, out: string, } | { "kind": "rehearse", ceremony: string, oldest?: number, } | { "kind": "publish", ceremony: string, } | { "kind": "abandon", ceremony: string, reason: string, } | { "kind": "reopen", ceremony: string, reason: string, } | { "kind": "saveTranscript", ceremony: string, path: string, } | { "kind": "backUp", path: string, withKeys: boolean, } | { "kind": "restore", path: string, } | { "kind": "inspectKeyFile", path: string, } | { "kind": "inspectTargetFile", path: string, } | { "kind": "generateTokenKey", key: string, wish: TokenKeyWish, } | { "kind": "setModule", module: string, allowed: boolean, } | { "kind": "lookAtTokens" } | { "kind": "provision", key: string, wish: TokenKeyWish, loss: LossPlan, } | { "kind": "eraseToken", serial: number, typed: string, } | { "kind": "saveLabel", ready: ReadyView, path: string, } | { "kind": "practiseOn", repository: string, } | { "kind": "beginDrill", drill: string, } | { "kind": "judgeDrill", drill: string, } | { "kind": "giveUpDrill", drill: string, } | { "kind": "closeSigning" } | { "kind": "choose", what: Chosen, } | { "kind": "setLimits", limits: LimitsView, } | { "kind": "nameKey", physicalKey: string, name: string, } | { "kind": "proveKey", physicalKey: string,
/**
 * For whose roll call, if for one.
 */
repository: string | null, } | { "kind": "setProofDays", days: number, } | { "kind": "importKey", folder: string, file: string, } | { "kind": "exportKey", key: string, role: string, gun: string | null, path: string, } | { "kind": "handInAttestation", physicalKey: string, key: string, device: string, between: Array<string>, } | { "kind": "addAttestationRoot", path: string, } | { "kind": "removeAttestationRoot", sha256: string, };

/**
 * `given` a root file or digest, `pinned` by configuration, `stored` from earlier, `first-use`.
 */
export type AnchorHow = "given" | "pinned" | "stored" | "first-use";

/**
 * How the repository was anchored on this desk.
 */
export type AnchorView = { how: AnchorHow, rootVersion: number,
/**
 * SHA-256 of the root file, 64 hex digits.
 */
digest: string,
/**
 * When, RFC 3339.
 */
at: string, };

/**
 * Why a key is asked by file.
 */
export type AskBy = "file" | "instead" | "again";

/**
 * One thing that needs a person.
 */
export type AttentionItem = { node: string, repository: string, repositoryName: string, practice: boolean, standing: Standing,
/**
 * The claim, one sentence.
 */
title: string, daysLeft: number | null, finding: FindingView,
/**
 * A ceremony that is already under way for it.
 */
ceremony: string | null,
/**
 * A new end would cure it, and a change can begin here.
 */
mayEnd: boolean, };

/**
 * What needs a person, ranked by consequence and date.
 */
export type AttentionView = { items: Array<AttentionItem>,
/**
 * Whether each root could be rotated today: those where that is not known first, and of many the first ones only.
 */
readiness: Array<ReadinessView>,
/**
 * Roots that are asked about in all, and those that could be rotated.
 */
roots: number, rootsReady: number, };

/**
 * A certificate that ends a chain.
 */
export type AttestationRootView = { subject: string,
/**
 * Of the DER, 64 hex digits: what people compare.
 */
sha256: string,
/**
 * When somebody added it here.
 */
addedAt: string | null,
/**
 * Keys of this desk that are proven by it and by nobody else.
 */
keys: number, };

/**
 * Who may vouch for devices.
 */
export type AttestationRootsView = {
/**
 * The makers', which change with a release of this program alone.
 */
makers: Array<AttestationRootView>,
/**
 * Those that were added on this machine: whatever chains to one says so.
 */
added: Array<AttestationRootView>, };

/**
 * What an attestation proves, or why it proves nothing.
 */
export type AttestationView = {
/**
 * `held in YubiKey 15 938 765, firmware 5.2.7, touch always`; empty when nothing is proven.
 */
held: string,
/**
 * `chains to …`; empty when nothing is proven.
 */
verdict: string,
/**
 * What should be known besides, and what it never says.
 */
remarks: Array<Sentence>,
/**
 * The step that failed.
 */
problem: Failure | null,
/**
 * Whether this desk keeps it with the key.
 */
kept: boolean, };

/**
 * What the form starts from by which a repository is begun: nothing but what is usual, and the keys at hand.
 */
export type BeginningFormView = { dialect: DialectView,
/**
 * The top-level roles. None has a key or a document yet; `expires` is when its first document would usually end.
 */
roles: Array<FormRole>,
/**
 * Key files at hand.
 */
keyFiles: Array<KeyFileView>,
/**
 * Slots of the tokens plugged in with a key in them, then empty ones in which a key can be born.
 */
slots: Array<SlotView>,
/**
 * Kinds of keys that can be born, the usual one first.
 */
kinds: Array<TokenKeyKind>, };

/**
 * A repository that is to be begun where there is none, as a form or a command asks for it.
 */
export type BeginningWish = {
/**
 * A folder, for TUF, or a GUN on a Notary server.
 */
source: SourceSpec,
/**
 * Each top-level role once. A Notary server makes and holds the keys of snapshot and timestamp unless one is given here.
 */
roles: Array<FirstRole>,
/**
 * TUF: names of files carry no versions, so that clients may meet a mixture while others appear.
 */
unversioned: boolean,
/**
 * First delegations and targets.
 */
edits: Array<WishedEdit>,
/**
 * Why, in the officer's words; goes into journal and transcript.
 */
reason: string, };

/**
 * How far stolen keys reach.
 */
export type BlastGrade = "unasked" | "nothing" | "online" | "delegated" | "targets" | "root";

/**
 * A key to choose.
 */
export type BlastKeyView = { physicalKey: string, label: string,
/**
 * As the first role lists it.
 */
keyid: string, custody: Custody,
/**
 * The roles it is in.
 */
roles: Array<string>, stolen: boolean, };

/**
 * Target paths that could be signed through one role, or several alike.
 */
export type BlastPathsView = {
/**
 * One, or the first of those that share the paths.
 */
roles: Array<string>,
/**
 * So many more of them.
 */
more: number, paths: Array<string>,
/**
 * Of digests: what the SHA-256 of a path begins with.
 */
hashPrefixes: Array<string>,
/**
 * What clients take from somebody they ask earlier.
 */
except: Array<Sentence>,
/**
 * Whether these are the paths exactly; else they are at most these.
 */
exact: boolean, };

/**
 * Whether a role is reached.
 */
export type BlastReach = "alone" | "through" | "with" | "never";

/**
 * One step of a repair.
 */
export type BlastRepairView = { step: BlastStep, what: Sentence,
/**
 * Why, and what to look out for.
 */
why: Array<Sentence>,
/**
 * Who signs it.
 */
by: Sentence | null,
/**
 * Whether the keys that are left are enough.
 */
possible: boolean, };

/**
 * One role, or several alike.
 */
export type BlastRoleView = {
/**
 * One, or the first of those with the same keys.
 */
roles: Array<string>,
/**
 * So many more of them.
 */
more: number,
/**
 * Who names its keys.
 */
parent: string, reach: BlastReach,
/**
 * Signatures a client counts of the stolen keys.
 */
counts: number, threshold: number, sentence: Sentence, };

/**
 * What is issued.
 */
export type BlastStep = "root" | "out-of-band" | "documents" | "check" | "online";

/**
 * What whoever holds some keys could do to a repository.
 */
export type BlastView = { repository: string, name: string, practice: boolean, dialect: DialectView,
/**
 * Every key of the repository that can be used, root's first: to choose among.
 */
keys: Array<BlastKeyView>,
/**
 * The worst of it in one sentence.
 */
verdict: Sentence, grade: BlastGrade,
/**
 * The roles concerned, root's first.
 */
roles: Array<BlastRoleView>,
/**
 * The target paths that could be signed, as the dialect's own clients search.
 */
paths: Array<BlastPathsView>,
/**
 * Notary: the same for Docker.
 */
dockerPaths: Array<BlastPathsView>,
/**
 * Targets that clients find today and that could be replaced.
 */
replaceable: ReplaceableView,
/**
 * Notary: the same for Docker.
 */
dockerReplaceable: ReplaceableView,
/**
 * What else follows: clients held back, keys exchanged, who would have to help.
 */
effects: Array<Sentence>,
/**
 * What stays out of reach.
 */
safe: Array<Sentence>,
/**
 * What to do, in order.
 */
repairs: Array<BlastRepairView>,
/**
 * What may be done with the repository now.
 */
allowed: Array<RepositoryAction>, };

/**
 * A key that can be taken over instead of making one.
 */
export type BornKeyView = { slot: SlotView,
/**
 * What it is, as it would be wished.
 */
wish: TokenKeyWish, };

/**
 * How it stands in one of them.
 */
export type BulkPlace = {
/**
 * None where the desk knows the repository no more.
 */
repository: string | null, name: string, state: BulkState, ceremony: string | null,
/**
 * Why no ceremony was begun.
 */
why: string | null, };

/**
 * How a change among several stands in one repository.
 */
export type BulkState = "pending" | "begun" | "done" | "alreadySo" | "refused" | "failed" | "interrupted" | "declined";

/**
 * Changes in several repositories that were begun together, each with a ceremony of its own.
 */
export type BulkView = {
/**
 * `2026-001`, as `rootwardctl bulk` knows it.
 */
id: string,
/**
 * Why, in the officer's words.
 */
reason: string,
/**
 * When it was begun, RFC 3339.
 */
begunAt: string, rows: Array<BulkPlace>,
/**
 * In so many repositories a ceremony is still to be begun.
 */
pending: number, };

/**
 * A change that is asked for in one of several repositories.
 */
export type BulkWish = { repository: string, wish: ChangeWish, };

/**
 * A bad standing and its cause.
 */
export type CauseView = { standing: Standing, role: string, daysLeft: number | null, };

/**
 * The list of ceremonies.
 */
export type CeremoniesView = {
/**
 * Newest first.
 */
items: Array<CeremonyRow>,
/**
 * Changes begun in several repositories that are not settled in all of them, newest first.
 */
bulks: Array<BulkView>, };

/**
 * What a ceremony allows now.
 */
export type CeremonyAction = "freeze" | "sign" | "handOut" | "takeBack" | "rehearse" | "publish" | "abandon" | "reopen" | "saveTranscript";

/**
 * One line of that list.
 */
export type CeremonyRow = { id: string, title: string, repository: string, repositoryName: string, practice: boolean, state: CeremonyState,
/**
 * What it waits for, and for whom, one sentence.
 */
waitsFor: string,
/**
 * Something can still happen in it.
 */
open: boolean,
/**
 * How long ago it began, or how long it took, in words: `3 days`.
 */
age: string,
/**
 * When it began, RFC 3339.
 */
begunAt: string,
/**
 * Last event, RFC 3339.
 */
at: string, };

/**
 * Where a ceremony stands.
 */
export type CeremonyState = "drafting" | "collecting" | "ready" | "rehearsed" | "publishing" | "published" | "superseded" | "abandoned" | "broken";

/**
 * One ceremony.
 */
export type CeremonyView = { id: string, title: string, reason: string, repository: string, repositoryName: string, practice: boolean,
/**
 * It begins a repository where there is none: there is no root before, and no threshold of one.
 */
begins: boolean, state: CeremonyState,
/**
 * The rail: six steps.
 */
steps: Array<StepView>,
/**
 * What was computed before anything is signed.
 */
consequences: Array<Sentence>,
/**
 * The documents that are issued again and who must sign each, as the plan showed them.
 */
planned: Array<PlannedView>,
/**
 * Root's, computed from the bytes that will be, or were, signed.
 */
review: ReviewView,
/**
 * Root's two thresholds.
 */
oldMeter: MeterView, newMeter: MeterView,
/**
 * Every document that is issued again, in the order they are signed; root first.
 */
documents: Array<DocumentView>,
/**
 * Every key that counts for one of them, each once.
 */
signers: Array<SignerRow>,
/**
 * How many signatures are missing for which threshold, and whose they could be.
 */
outstanding: Array<Sentence>, rehearsal: Array<RehearsalRow>,
/**
 * What the rehearsal took for granted and the fresh walk checks.
 */
assumptions: Array<Sentence>,
/**
 * What publishing did so far.
 */
publication: Array<Sentence>,
/**
 * Why the next step is not allowed yet.
 */
blockers: Array<string>, allowed: Array<CeremonyAction>,
/**
 * When the journal was last written, RFC 3339.
 */
journalSavedAt: string,
/**
 * Hash of the journal's last event, 64 hex digits.
 */
journalHead: string,
/**
 * The journal as lines for people.
 */
events: Array<EventRow>, };

/**
 * A role box.
 */
export type ChainBox = { node: string, role: string, kind: NodeKind, version: string | null, standing: Standing, daysLeft: number | null,
/**
 * One per key of the role: has it signed this version?
 */
pips: Array<boolean>, valid: number, threshold: number,
/**
 * 0-based column; root is 0.
 */
column: number,
/**
 * Row in half steps, so that a parent can stand between two children.
 */
halfRow: number, };

/**
 * What the parent asks.
 */
export type ChainEdge = { from: string, to: string,
/**
 * Such as `3 of 5` (a delegation), or `names targets v14` (a dashed listing).
 */
label: string,
/**
 * Dashed: a listing by version, not a grant of keys.
 */
listing: boolean, terminating: boolean, };

/**
 * The picture: boxes on a grid of columns and rows, edges between them.
 */
export type ChainView = { columns: number, rows: number, boxes: Array<ChainBox>, edges: Array<ChainEdge>,
/**
 * Delegated roles left out of the picture because it would be too full.
 */
more: number, };

/**
 * What the forms of a change start from: the roles as they were proven, and the keys at hand.
 */
export type ChangeFormView = { repository: string, repositoryName: string, practice: boolean, dialect: DialectView, rootVersion: number,
/**
 * When it was read last, RFC 3339.
 */
readAt: string | null,
/**
 * An open ceremony: another change cannot begin beside it.
 */
openCeremony: string | null,
/**
 * Root first, delegators before those they delegate to. A long list is cut; what was asked for is in it.
 */
roles: Array<FormRole>,
/**
 * So many more roles.
 */
more: number,
/**
 * Key files at hand.
 */
keyFiles: Array<KeyFileView>,
/**
 * Slots of the tokens plugged in with a key in them, then empty ones in which a key can be born.
 */
slots: Array<SlotView>,
/**
 * Kinds of keys that can be born, the usual one first.
 */
kinds: Array<TokenKeyKind>,
/**
 * Notary: older versions of root whose keys may sign beside the new ones, for clients that are still there.
 */
legacy: number,
/**
 * Ways back from what went wrong.
 */
recoveries: Array<RecoveryView>, };

/**
 * A change of trust as a form or a command asks for it.
 */
export type ChangeWish = { edits: Array<WishedEdit>,
/**
 * Keys that will sign and do not join, by where they are.
 */
sign: Array<string>,
/**
 * Notary: the keys of so many roots before the one built on sign root as well, for very old clients.
 */
legacy: number,
/**
 * Somebody else signs snapshot and timestamp, once the other documents are there.
 */
onlineElsewhere: boolean,
/**
 * Keys that leave sign nothing more, though clients may meet a gap for it: for keys that may not be trusted to.
 */
newKeysOnly: boolean,
/**
 * Why, in the officer's words; goes into journal and transcript.
 */
reason: string,
/**
 * Why a role may be left that nobody can sign; goes on record.
 */
despite?: string | null,
/**
 * Why another document is made beside one of its version that was given up, that anybody could publish, and that clients
 * refuse; goes on record.
 */
althoughLoose?: string | null, };

/**
 * What a file dialog is asked for.
 */
export type Chosen = "repositoryFolder" | "newRepositoryFolder" | "rootFile" | "keyFile" | "targetFile" | "mapFile" | "certificateFile" | "keyFolder" | "newNotaryKeyFile" | "caFile" | "transcriptFile" | "backupFile" | "newBackupFile" | "labelFile" | "requestFile" | "newRequestFile" | "responseFile" | "newResponseFile" | "kitFolder";

/**
 * Two versions side by side.
 */
export type CompareView = { from: number, to: number, sentences: Array<Sentence>,
/**
 * A line diff of the pretty-printed signed parts.
 */
lines: Array<DiffLine>, };

/**
 * Where the private half of a key lives, as far as this desk knows.
 */
export type Custody = "token" | "file" | "keychain" | "server" | "unknown";

/**
 * Something the key did on this desk.
 */
export type DeedView = {
/**
 * RFC 3339; none for what a broken ledger claims.
 */
at: string | null,
/**
 * One sentence.
 */
says: string, ceremony: string | null, };

/**
 * A line of the delegation table.
 */
export type DelegationRow = { node: string, role: string, parent: string, depth: number, paths: Array<string>, hashPrefixes: Array<string>, terminating: boolean, valid: number, threshold: number, version: string | null, daysLeft: number | null, standing: Standing, };

/**
 * Which dialect.
 */
export type DialectView = "tuf1" | "notary";

/**
 * A line of a side-by-side diff.
 */
export type DiffLine = {
/**
 * `Same`, `Removed`, `Added` or `Changed`.
 */
mark: Mark, left: NumberedLine | null, right: NumberedLine | null, };

/**
 * How far a document came.
 */
export type DocumentState = "waiting" | "collecting" | "complete";

/**
 * One document that a ceremony issues again.
 */
export type DocumentView = { role: string, version: number,
/**
 * Those of a later wave name the earlier ones by digest: they are frozen when these are complete.
 */
wave: number, state: DocumentState, review: ReviewView,
/**
 * Its thresholds: two for root, one for any other.
 */
meters: Array<MeterView>, };

/**
 * One thing that must be true, and whether it was found so.
 */
export type DrillCheckView = { sentence: string, holds: boolean, };

/**
 * Something that somebody told the officer.
 */
export type DrillFactView = { name: string, value: string, };

/**
 * A key the officer has for a drill.
 */
export type DrillKeyView = { what: string,
/**
 * `file:PATH`, `yubikey:SERIAL/SLOT`.
 */
key: string, label: string, physicalKey: string, };

/**
 * A run of a drill.
 */
export type DrillRunView = {
/**
 * On this desk.
 */
repository: string,
/**
 * As rootwardctl wants it.
 */
source: string, begunAt: string, endedAt: string | null,
/**
 * From its beginning to its end, or to now; none when the clock was set back.
 */
seconds: number | null, inHand: Array<DrillKeyView>, facts: Array<DrillFactView>,
/**
 * Opens every key file of the drill; no secret.
 */
passphrase: string,
/**
 * Of the practice token; no secret.
 */
pin: string,
/**
 * What was found when it was last judged; empty before.
 */
checked: Array<DrillCheckView>, wrongTurns: WrongTurnsView, };

/**
 * Whether a drill runs, and how the last run ended.
 */
export type DrillState = "never-tried" | "under-way" | "passed" | "given-up";

/**
 * One drill, and its last run if there was one.
 */
export type DrillView = {
/**
 * As commands want it.
 */
name: string, title: string,
/**
 * What happened and what is wanted, a paragraph each.
 */
task: Array<string>,
/**
 * The first gives away least.
 */
hints: Array<string>, state: DrillState, run: DrillRunView | null, };

/**
 * Every drill there is.
 */
export type DrillsView = { drills: Array<DrillView>, };

/**
 * Counts for navigator and status line.
 */
export type EstateView = { repositories: number,
/**
 * Repositories whose last walk succeeded.
 */
verified: number,
/**
 * When the newest of those walks ended, RFC 3339.
 */
verifiedAt: string | null, attention: number,
/**
 * Physical keys on this desk.
 */
keys: number, openCeremonies: number,
/**
 * Only practice repositories are on the desk.
 */
practiceOnly: boolean,
/**
 * A refresh runs: how far it is.
 */
progress: ProgressView | null,
/**
 * The clock of the desk, RFC 3339.
 */
now: string, };

/**
 * An event of the journal for people.
 */
export type EventRow = { number: number, at: string, text: string, hash: string, };

/**
 * A copy of a key for Notary's command line.
 */
export type ExportedKeyView = { file: string, role: string, gun: string | null, canonicalKeyid: string, };

/**
 * A fact.
 */
export type FactView = { name: string, value: string,
/**
 * Set in mono.
 */
evidence: boolean, };

/**
 * A walk that did not.
 */
export type FailedAttemptView = { at: string, code: string, message: string, };

/**
 * A failure at the border. `code` has a *what* and a *what to do* text in `ui/src/words/failures.ts`.
 */
export type Failure = {
/**
 * Refusal, interruption or fault.
 */
kind: FailureKind,
/**
 * A stable kebab-case code out of `CODES`.
 */
code: string,
/**
 * One sentence for people: what happened and what was expected.
 */
message: string,
/**
 * Facts to copy into a report; never a secret.
 */
details: { [key in string]: string }, };

/**
 * The three ways in which a request ends without its wish (a finding is not one of them: it is a fact).
 */
export type FailureKind = "refusal" | "interruption" | "fault";

/**
 * What became of one of several files.
 */
export type FileTaken = {
/**
 * Its name, without the folder.
 */
file: string,
/**
 * What was taken from it.
 */
response: ResponseTaken | null,
/**
 * Why nothing was.
 */
failure: Failure | null, };

/**
 * A fact about a repository, with its role.
 */
export type FindingView = {
/**
 * Kebab-case code; `docs/findings.md` explains each.
 */
code: string,
/**
 * The role it hangs on.
 */
role: string,
/**
 * The standing it forces, if any.
 */
standing: Standing | null,
/**
 * One sentence: what was found and what was expected.
 */
message: string,
/**
 * What to do about it, one sentence.
 */
next: string, };

/**
 * A role of a repository that is begun.
 */
export type FirstRole = { role: string,
/**
 * Its keys by where they are: `file:PATH`, `yubikey:SERIAL/SLOT`.
 */
keys: Array<string>,
/**
 * How many of them must sign; 1 when absent.
 */
threshold: number | null,
/**
 * When its first document ends, RFC 3339; as long as is usual when absent.
 */
ends: string | null, };

/**
 * The first-trust step.
 */
export type FirstTrustView = { repository: string, name: string, source: SourceView, dialect: DialectView, rootVersion: number, expires: string,
/**
 * SHA-256 of the root file.
 */
digest: string, threshold: number, keys: Array<RoleKeyView>,
/**
 * Thresholds of the other top-level roles.
 */
thresholds: Array<FactView>,
/**
 * What this root says and does not prove.
 */
notes: Array<Sentence>,
/**
 * Already anchored: how.
 */
anchor: AnchorView | null, };

/**
 * A role as the document names it that lists its keys.
 */
export type FormRole = { role: string,
/**
 * `root` for a top-level role, else the role that delegates.
 */
by: string, kind: NodeKind,
/**
 * None where it has published nothing that was proven.
 */
version: number | null,
/**
 * When its document ends, as signed.
 */
expires: string | null, daysLeft: number | null, threshold: number, keys: Array<RotationKey>,
/**
 * Who signs it now, as far as this desk knows.
 */
holder: KeyHolder,
/**
 * What may be done about who signs it.
 */
server: ServerRole,
/**
 * It vouches for files, and may delegate.
 */
vouches: boolean,
/**
 * Files it vouches for.
 */
targets: number | null, paths: Array<string>, hashPrefixes: Array<string>, terminating: boolean,
/**
 * Its place among the delegations of its delegator, from 1.
 */
place: number | null,
/**
 * How many those are.
 */
siblings: number,
/**
 * One of many roles with one set of keys (TAP 15): it cannot be changed alone.
 */
succinct: boolean, };

/**
 * A private key in a file. Everything said of it is a claim until it is opened.
 */
export type FoundKeyView = {
/**
 * Names it for `importKey`.
 */
file: string,
/**
 * What the file is called in its folder.
 */
name: string, role: string | null, gun: string | null,
/**
 * The id that Notary's command line shows, of the bare key.
 */
canonicalKeyid: string | null,
/**
 * That was computed from the key; else the file's name claims it.
 */
keyidChecked: boolean,
/**
 * The ids that metadata uses for it.
 */
keyids: Array<string>, physicalKey: string | null, algorithm: string | null, encrypted: boolean,
/**
 * How its passphrase is stretched, or that there is none.
 */
protection: string,
/**
 * Whoever copies the file has the key, or can soon guess its passphrase.
 */
weak: boolean,
/**
 * One phrase for each place in metadata that lists it.
 */
uses: Array<string>, remarks: Array<KeyRemarkView>,
/**
 * Where on this desk the same key lies already.
 */
here: string | null, };

/**
 * A version compared with the one before it.
 */
export type HistoryStep = { from: number, to: number, sentences: Array<Sentence>, };

/**
 * Every root version reachable.
 */
export type HistoryView = { repository: string,
/**
 * Oldest first.
 */
versions: Array<RootVersionView>, lifelines: Array<LifelineView>,
/**
 * Each version compared with its predecessor.
 */
steps: Array<HistoryStep>, };

/**
 * A key that was copied onto this desk.
 */
export type ImportedKeyView = {
/**
 * `file:PATH` of the copy.
 */
key: string,
/**
 * The file it was copied from, which stays as it is.
 */
from: string, canonicalKeyid: string, physicalKey: string, };

/**
 * Where the key was born, as its device said and its maker vouches for.
 */
export type KeyAttestationView = { verdict: string, proven: boolean,
/**
 * Proven, and something should be known of it all the same.
 */
flaw: boolean,
/**
 * From the vendor's root down to the key.
 */
chain: Array<FactView>,
/**
 * What should be known, or why nothing is proven.
 */
remarks: Array<string>, };

/**
 * The public half of a key file.
 */
export type KeyFileView = {
/**
 * `file:PATH`, `keychain:NAME`.
 */
key: string, custody: Custody, path: string,
/**
 * Known without a secret when a public key lies beside it or inside; else none.
 */
physicalKey: string | null, algorithm: string | null, encrypted: boolean, name: string | null,
/**
 * The role that another program keeps it for, where that is known.
 */
keptFor?: string | null, };

/**
 * A filter of the keyring.
 */
export type KeyFilter = { "kind": "needsPerson" } | { "kind": "finding", code: string, } | { "kind": "held", custody: Custody, } | { "kind": "here" } | { "kind": "counts" } | { "kind": "repository", repository: string, };

/**
 * A fact about a key.
 */
export type KeyFindingView = {
/**
 * Kebab-case code; `docs/key-findings.md` explains each.
 */
code: string, warning: boolean, message: string, next: string, };

/**
 * One folder, or one file outside any.
 */
export type KeyFolderView = { folder: string,
/**
 * What the client that owns the folder is told: where it keeps keys, its server, what it pins.
 */
settings: Array<FactView>,
/**
 * Repositories in the client's cache; nothing of it is proven.
 */
repositories: Array<FactView>, keys: Array<FoundKeyView>,
/**
 * Files that could not be read, and why.
 */
unreadable: Array<FactView>,
/**
 * There was more than anybody keeps in such a folder, and the rest was not looked at.
 */
cutOff: boolean, };

/**
 * Folders that were listed. No secret was asked for and nothing was written.
 */
export type KeyFoldersView = { folders: Array<KeyFolderView>, };

/**
 * Who signs a role.
 */
export type KeyHolder = "people" | "server" | "unknown";

/**
 * A place of the private half.
 */
export type KeyPlaceView = {
/**
 * `file:PATH`, `yubikey:SERIAL/SLOT`, `pkcs11:…`.
 */
key: string,
/**
 * For people: `YubiKey 19 402 271, slot 9c`.
 */
label: string, custody: Custody, here: boolean,
/**
 * RFC 3339.
 */
seenAt: string, };

/**
 * Something to know before a key is used.
 */
export type KeyRemarkView = { code: string, message: string, };

/**
 * One physical key.
 */
export type KeyRow = { index: number,
/**
 * `sha256:…`.
 */
physicalKey: string, custody: Custody,
/**
 * What holds it: `YubiKey 19 402 271`, a file's name; the ends of its id when that is unknown.
 */
place: string,
/**
 * That place is a device or file, not an id.
 */
placeKnown: boolean,
/**
 * Who answers for it: the name given here, else what metadata claims.
 */
officer: string | null,
/**
 * Roles it speaks for now; those it spoke for, when it speaks for none.
 */
roles: Array<string>, counts: boolean,
/**
 * Repositories that list it now.
 */
repositories: number, keyids: number, firmware: string | null,
/**
 * A word or two: `attested`, `proven, with a flaw`, `not proven`.
 */
attestation: string | null,
/**
 * The worst of the roles it speaks for now.
 */
standing: Standing | null,
/**
 * Findings that a person should do something about.
 */
warnings: number,
/**
 * When it was last seen to work on this desk, RFC 3339.
 */
workedAt: string | null,
/**
 * Longer ago than this desk lets pass, or never.
 */
stale: boolean,
/**
 * It can be asked to sign here and now.
 */
here: boolean, practice: boolean, };

/**
 * A keyid and the versions that list the key under it.
 */
export type KeySpellView = { keyid: string,
/**
 * `root v2 to v4`, `targets v14, today`.
 */
versions: string, };

/**
 * A role that lists a key.
 */
export type KeyUse = { repository: string, repositoryName: string, role: string, practice: boolean, };

/**
 * One key in full.
 */
export type KeyView = {
/**
 * `sha256:…`.
 */
physicalKey: string, custody: Custody, place: string, placeKnown: boolean, officer: string | null,
/**
 * The name an officer gave it on this desk.
 */
givenName: string | null,
/**
 * What metadata, certificates and tokens claim, when that is not the name given.
 */
claimedNames: Array<string>,
/**
 * One sentence: whose, since when, under how many keyids.
 */
summary: string,
/**
 * Algorithm, PIN, touch, when it worked last.
 */
facts: Array<FactView>, standing: Standing | null, practice: boolean, places: Array<KeyPlaceView>,
/**
 * Roles it speaks for now first, then those it spoke for.
 */
uses: Array<RingUseView>, attestation: KeyAttestationView | null, findings: Array<KeyFindingView>,
/**
 * What it did on this desk, newest first.
 */
deeds: Array<DeedView>,
/**
 * It can be asked for a proof: it is here, or its device can be plugged in.
 */
canProve: boolean, };

/**
 * What is shown of the keyring.
 */
export type KeysRequest = {
/**
 * Fuzzy search over devices, names, keyids, roles and repositories; empty shows all.
 */
search: string,
/**
 * A key must pass every filter.
 */
filters: Array<KeyFilter>, };

/**
 * A window of the keyring's rows.
 */
export type KeysWindow = {
/**
 * Rows there are in all with this request.
 */
total: number,
/**
 * Index of the first row here.
 */
from: number, rows: Array<KeyRow>,
/**
 * Physical keys on this desk, and the keyids they go by.
 */
keys: number, keyids: number,
/**
 * Keys with a finding that a person should do something about.
 */
warned: number,
/**
 * From which line on the signing ledger does not hold, and why.
 */
ledgerBroken: string | null, };

/**
 * One file of a kit.
 */
export type KitFile = {
/**
 * Within the kit.
 */
file: string, sha256: string, };

/**
 * A kit that was made.
 */
export type KitView = { folder: string, request: RequestWritten, files: Array<KitFile>, };

/**
 * A key at a version.
 */
export type LifelinePoint = {
/**
 * Counts for root in this version.
 */
counts: boolean, signed: boolean,
/**
 * Its keyid here, when it counts.
 */
keyid: string | null,
/**
 * The same key had another keyid in the version before.
 */
renamed: boolean, };

/**
 * One physical key over root versions.
 */
export type LifelineView = { physicalKey: string,
/**
 * A name out of the metadata, or the first digits of the keyid.
 */
label: string, custody: Custody,
/**
 * One per version in `versions`, in the same order.
 */
points: Array<LifelinePoint>, };

/**
 * Limits of network reading, all settable.
 */
export type LimitsView = {
/**
 * Requests at once, in all.
 */
requests: number,
/**
 * Requests at once to one host.
 */
requestsPerHost: number,
/**
 * Seconds to connect.
 */
connectSeconds: number,
/**
 * Seconds without a byte.
 */
idleSeconds: number,
/**
 * Seconds for a whole document.
 */
documentSeconds: number,
/**
 * Bytes of a timestamp at most.
 */
timestampBytes: number,
/**
 * Bytes of any other document at most.
 */
documentBytes: number, };

/**
 * How the loss of a token is survived.
 */
export type LossPlan = "second-token" | "imported-twice" | "nothing";

/**
 * One way, and what it costs.
 */
export type LossView = { plan: LossPlan, name: string, consequence: Sentence, };

/**
 * A map file: who is asked for a target, how many must agree, and where a search ends.
 */
export type MapView = {
/**
 * In the order of the file.
 */
repositories: Array<MappedRepositoryView>,
/**
 * In the order in which clients go through them.
 */
mappings: Array<MappingView>,
/**
 * Only for a target that was asked about.
 */
target: string | null, };

/**
 * A repository of a map.
 */
export type MappedRepositoryView = { name: string, urls: Array<string>,
/**
 * Some mapping names it; else clients ask it for nothing.
 */
used: boolean, };

/**
 * Whether a mapping is gone through for a target.
 */
export type MappingAsked = "no" | "yes" | "onlyAcrossSlashes";

/**
 * Who is asked for some paths.
 */
export type MappingView = {
/**
 * From 1, in the order of the file.
 */
number: number, paths: Array<string>, repositories: Array<string>,
/**
 * How many of them must agree.
 */
threshold: number,
/**
 * The search ends here when they do not.
 */
terminating: boolean,
/**
 * Whether clients come here for the target asked about.
 */
asked: MappingAsked, };

/**
 * `–` `+` `~` `=` of a difference; `Note` for a plain statement, `Warning` where a person should stop and think.
 */
export type Mark = "removed" | "added" | "changed" | "same" | "note" | "warning";

/**
 * A threshold and how far it is met.
 */
export type MeterView = {
/**
 * Such as `Old threshold, root v9`.
 */
label: string, have: number, need: number,
/**
 * Keys that could sign.
 */
keys: number, met: boolean, };

/**
 * A PKCS#11 module: a library of a vendor's, loaded only when somebody allowed it.
 */
export type ModuleView = {
/**
 * As it is named everywhere: a short name or a path.
 */
module: string,
/**
 * Where its library lies; none when it is not there.
 */
path: string | null,
/**
 * Whether it may be loaded.
 */
allowed: boolean,
/**
 * How many tokens it shows.
 */
tokens: number,
/**
 * Why it tells of none, such as `module-crashed`.
 */
failure: Failure | null, };

/**
 * How a token of a PKCS#11 module and a key in it are named: `MODULE`, the token's label, `SERIAL`, `/`, the key's label.
 */
export type NamingView = {
/**
 * `pkcs11:softhsm:`.
 */
module: string,
/**
 * What the token calls itself, or is proposed to.
 */
tokenLabel: string,
/**
 * It has no label yet: it is initialised, and gets this one.
 */
isNew: boolean,
/**
 * `;serial=…` where the label is not enough; else empty.
 */
serial: string,
/**
 * A label that no key of it has.
 */
keyLabel: string, };

/**
 * What a node is.
 */
export type NodeKind = "estate" | "practiceEstate" | "notaryServer" | "webSource" | "folderSource" | "repository" | "root" | "targets" | "snapshot" | "timestamp" | "delegation" | "key";

/**
 * What the inspector says of a node.
 */
export type NodeView = { id: string, node: NodeKind, name: string, version: string | null,
/**
 * One or two sentences on what this thing is and does.
 */
explanation: string, standing: Standing | null, practice: boolean, repository: string | null,
/**
 * Name and value pairs, in order.
 */
facts: Array<FactView>,
/**
 * SHA-256 of the document, or of the key, 64 hex digits.
 */
digest: string | null, digestLabel: string | null, keys: Array<RoleKeyView>, findings: Array<FindingView>, allowed: Array<RepositoryAction>, };

/**
 * Pushed to every window. The core says what is stale; the UI never guesses.
 */
export type Notice = { "kind": "estateChanged" } | { "kind": "repositoryChanged", repository: string, } | { "kind": "ceremonyChanged", ceremony: string, } | { "kind": "keysChanged" } | { "kind": "tokensChanged" } | { "kind": "touchAwaited", device: string, signs: string, seconds: number, typesPin: boolean, } | { "kind": "touchOver" } | { "kind": "readyStepTaken", key: string, step: ReadyStepView, } | { "kind": "progress", done: number, of: number, current: string, } | { "kind": "idle" };

/**
 * A numbered line of text.
 */
export type NumberedLine = { number: number, text: string, };

/**
 * The answer to an `Action`.
 */
export type Outcome = { "kind": "done" } | { "kind": "registered", repository: string, } | { "kind": "begun", ceremony: string, } | { "kind": "begunBulk", bulk: BulkView, } | { "kind": "handedOut", request: RequestWritten, } | { "kind": "tookBack", response: ResponseTaken, } | { "kind": "tookFiles", files: Array<FileTaken>, } | { "kind": "madeKit", kit: KitView, } | { "kind": "answered", response: ResponseWritten, } | { "kind": "chose", path: string | null, } | { "kind": "backedUp", file: string,
/**
 * Of the file: compare it with the copy's.
 */
sha256: string, privateKeys: number, } | { "kind": "restored",
/**
 * When it was made, RFC 3339.
 */
madeAt: string,
/**
 * Repositories that were not on this desk.
 */
added: Array<string>,
/**
 * Repositories that both sides knew.
 */
merged: Array<string>,
/**
 * Documents older than this desk's, or proven by no root that is trusted.
 */
leftOut: number, } | { "kind": "importedKey", key: ImportedKeyView, } | { "kind": "attested", attestation: AttestationView, } | { "kind": "exportedKey", key: ExportedKeyView, } | { "kind": "keyFile", key: KeyFileView, } | { "kind": "targetFile", target: TargetFileView, } | { "kind": "tokenKey", slot: SlotView, } | { "kind": "ready", ready: ReadyView, } | { "kind": "drill", drill: DrillView, } | { "kind": "guns", guns: Array<string>, };

/**
 * A part of a sentence and its voice.
 */
export type Part = { voice: Voice,
/**
 * Control, escape and bidi characters are already made visible.
 */
text: string, };

/**
 * When the PIN is asked for.
 */
export type PinAsked = "once" | "always";

/**
 * What a change would come to, by what this desk has proven. Nothing has begun.
 */
export type PlanView = {
/**
 * The change in one sentence.
 */
title: string,
/**
 * In the order they are signed.
 */
documents: Array<PlannedView>, consequences: Array<Sentence>,
/**
 * So many key files that were named tell whose key they hold only with their secret: they are not counted as at hand.
 */
untold: number,
/**
 * Key files that join or leave and tell whose key they hold only with their secret: what is asked of them is not in this plan.
 */
leftOut: Array<string>,
/**
 * Physical keys that leave because they were lost or stolen: they are asked for no signature.
 */
gone: Array<string>, };

/**
 * A document that is issued again.
 */
export type PlannedView = { role: string, kind: NodeKind,
/**
 * From 1; a later wave is signed when the earlier ones are complete.
 */
wave: number,
/**
 * None for a role's first document.
 */
from: number | null, version: number, quorums: Array<QuorumView>, };

/**
 * How far a refresh is.
 */
export type ProgressView = { done: number, of: number, current: string, };

/**
 * Whether a key was seen to work.
 */
export type Proven = "fresh" | "stale" | "never";

/**
 * What making a token ready would do. The answer to `Provisioning`.
 */
export type ProvisioningView = {
/**
 * As it was asked for: `yubikey:19402271`.
 */
token: string,
/**
 * Of a YubiKey, which can be erased here.
 */
serial: number | null,
/**
 * `YubiKey 19 402 271`.
 */
label: string,
/**
 * `5.7.1`.
 */
firmware: string,
/**
 * In the order in which they are taken.
 */
steps: Array<ReadyStepView>,
/**
 * What it and its new key are called, for a token of a PKCS#11 module: it has labels in place of slots.
 */
naming: NamingView | null,
/**
 * Slots in which a key can be born.
 */
slots: Array<SlotView>,
/**
 * Keys that were born in it and are in no role on this desk: an earlier run may have got so far.
 */
born: Array<BornKeyView>,
/**
 * Kinds of keys that can be born in it; the first is proposed.
 */
kinds: Array<TokenKeyKind>,
/**
 * What a person should know of it.
 */
warnings: Array<Sentence>,
/**
 * How its loss may be survived; the first is proposed.
 */
losses: Array<LossView>,
/**
 * What is lost when the token is erased, key by key; empty when it holds none.
 */
erased: Array<Sentence>, };

/**
 * A question to the desk. Each is answered by the `View` of the same name.
 */
export type Query = { "kind": "estate" } | { "kind": "treeRows", tree: TreeRequest, from: number, count: number, } | { "kind": "treeTypeahead", tree: TreeRequest, from: number, prefix: string, } | { "kind": "treeReveal", tree: TreeRequest, node: string, } | { "kind": "treeBelow", tree: TreeRequest, node: string, } | { "kind": "attention" } | { "kind": "repository", repository: string, } | { "kind": "node", node: string, } | { "kind": "history", repository: string, } | { "kind": "compare", repository: string, from: number, to: number, } | { "kind": "blast", repository: string, keys: Array<string>, } | { "kind": "revocation", physicalKey: string, extent: RevocationExtent, cause: RevocationCause, replacement: string | null, } | { "kind": "firstTrust", repository: string, } | { "kind": "changeForm", repository: string, role: string | null, } | { "kind": "plan", repository: string, wish: ChangeWish, } | { "kind": "beginningForm", dialect: DialectView, } | { "kind": "firstPlan", wish: BeginningWish, } | { "kind": "targets", repository: string, role: string, search: string, } | { "kind": "ceremonies" } | { "kind": "ceremony", ceremony: string, } | { "kind": "request", path: string, trust: RequestTrust, } | { "kind": "tokens" } | { "kind": "provisioning", token: string, } | { "kind": "drills" } | { "kind": "settings" } | { "kind": "keys", keys: KeysRequest, from: number, count: number, } | { "kind": "key", physicalKey: string, } | { "kind": "rollCall", repository: string, } | { "kind": "keyFolders", folder: string | null, } | { "kind": "attestationRoots" } | { "kind": "map", path: string, target: string | null, };

/**
 * Which keys a quorum asks for.
 */
export type QuorumSide = "old" | "new" | "own" | "before";

/**
 * Keys of which enough must sign a document.
 */
export type QuorumView = { side: QuorumSide,
/**
 * The role whose document says so.
 */
by: string, need: number, keys: number,
/**
 * How many of them are at hand on this desk.
 */
atHand: number, };

/**
 * Whether root could be rotated today, as far as this desk has seen its keys work.
 */
export type ReadinessView = { repository: string, repositoryName: string, practice: boolean, version: number, keys: number, proven: number, threshold: number, could: boolean,
/**
 * Until when so many stay proven, RFC 3339.
 */
until: string | null,
/**
 * One sentence.
 */
says: string, };

/**
 * The steps by name.
 */
export type ReadyStepName = "puk" | "so-pin" | "pin" | "management-key" | "key" | "attestation";

/**
 * A step of making a token ready.
 */
export type ReadyStepView = { step: ReadyStepName,
/**
 * `PIN`.
 */
name: string,
/**
 * What is so now, or what was done.
 */
said: Sentence, done: boolean, };

/**
 * A token that is ready.
 */
export type ReadyView = { label: string,
/**
 * Of a YubiKey.
 */
serial: number | null, steps: Array<ReadyStepView>,
/**
 * The slot and the key in it; none when one is to be imported.
 */
slot: SlotView | null, attestation: AttestationView | null,
/**
 * How its loss is survived, in a sentence.
 */
loss: Sentence, };

/**
 * What went wrong.
 */
export type Recovery = "ended" | "snapshotKeyLost" | "rootKeyStolen";

/**
 * A way back from something that went wrong.
 */
export type RecoveryView = { recovery: Recovery,
/**
 * What happened, and what is done about it.
 */
says: Sentence,
/**
 * It is so now: the desk sees it in the documents.
 */
isSo: boolean,
/**
 * What is to change; what a person must add, such as new keys, its form asks for.
 */
edits: Array<WishedEdit>, };

/**
 * One simulated client.
 */
export type RehearsalRow = {
/**
 * Such as `a client on root v1`.
 */
client: string, accepted: boolean,
/**
 * What it walked, or why it refused.
 */
account: string, };

/**
 * One target and who answers for it.
 */
export type ReplaceableTarget = { path: string,
/**
 * Who answers today.
 */
answers: string,
/**
 * Through whom it would be replaced.
 */
seized: string, };

/**
 * Targets that could be replaced.
 */
export type ReplaceableView = { count: number,
/**
 * The first of them.
 */
examples: Array<ReplaceableTarget>, };

/**
 * What may be done with a repository now.
 */
export type RepositoryAction = "refresh" | "confirmTrust" | "rotateRoot" | "practiseOn" | "forget";

/**
 * One repository in full.
 */
export type RepositoryView = { id: string, node: string, name: string,
/**
 * `TUF repository`, `Notary repository`.
 */
dialect: DialectView, source: SourceView, practice: boolean,
/**
 * The worst standing of all its roles.
 */
standing: Standing,
/**
 * Each distinct bad standing with the role that causes it, worst first.
 */
causes: Array<CauseView>, anchor: AnchorView | null,
/**
 * The last walk that succeeded.
 */
walked: WalkedView | null,
/**
 * The last attempt when it did not succeed: what happened.
 */
lastFailure: FailedAttemptView | null, chain: ChainView,
/**
 * Root, targets, snapshot, timestamp, then delegated roles in walk order.
 */
roles: Array<RoleView>, delegations: Array<DelegationRow>, findings: Array<FindingView>, rootVersions: number,
/**
 * There is no repository here: a ceremony begins it, or was to.
 */
unbegun: UnbegunView | null,
/**
 * What may be done now.
 */
allowed: Array<RepositoryAction>, };

/**
 * One document of a request.
 */
export type RequestDocument = {
/**
 * Computed from its bytes.
 */
review: ReviewView,
/**
 * Whether it takes signatures; else others are judged by it.
 */
open: boolean,
/**
 * Its digest in six words.
 */
words: string, };

/**
 * A key at hand that speaks for documents of a request.
 */
export type RequestKey = { physicalKey: string,
/**
 * Where it is: `file:PATH`, `yubikey:SERIAL/SLOT`.
 */
key: string, label: string,
/**
 * `root v10`.
 */
signs: Array<string>, };

/**
 * What a signing request is judged by.
 */
export type RequestTrust = { "kind": "known" } | { "kind": "rootFile", path: string, } | { "kind": "digest", sha256: string, };

/**
 * A request of another desk, judged by a root this desk trusts.
 */
export type RequestView = {
/**
 * Named by the desk that wrote it.
 */
ceremony: string,
/**
 * What that desk calls the repository. A claim.
 */
repository: string, gun: string | null, practice: boolean,
/**
 * A claim.
 */
reason: string,
/**
 * A claim; RFC 3339.
 */
writtenAt: string,
/**
 * From which trusted root to which one built on.
 */
trust: Array<Sentence>, documents: Array<RequestDocument>,
/**
 * Of everything that takes signatures: what is read aloud. 64 hex digits.
 */
digest: string,
/**
 * The same in six words.
 */
words: string,
/**
 * Keys of this desk that could sign.
 */
keys: Array<RequestKey>, };

/**
 * A request that was written.
 */
export type RequestWritten = { ceremony: string, path: string,
/**
 * Of the file.
 */
sha256: string,
/**
 * What is read aloud to whoever signs: 64 hex digits.
 */
digest: string, words: string,
/**
 * `root v10`.
 */
asksFor: Array<string>, };

/**
 * Signatures that were taken from a file.
 */
export type ResponseTaken = { ceremony: string, signatures: Array<SignatureTaken>, };

/**
 * A response that was written.
 */
export type ResponseWritten = { ceremony: string, path: string,
/**
 * Of the file.
 */
sha256: string, physicalKey: string,
/**
 * `root v10`.
 */
signed: Array<string>, };

/**
 * What will be signed.
 */
export type ReviewView = { role: string, version: number, sentences: Array<Sentence>,
/**
 * SHA-256 of the canonical bytes, 64 hex digits.
 */
digest: string, bytes: number, buildsOnVersion: string,
/**
 * SHA-256 of the file it builds on.
 */
buildsOnDigest: string,
/**
 * Encoding in words.
 */
encoding: string, draftedAt: string,
/**
 * Bytes are fixed.
 */
frozen: boolean,
/**
 * The new document beside the old one, pretty-printed.
 */
lines: Array<DiffLine>, };

/**
 * What happened to the keys.
 */
export type RevocationCause = "stolen" | "lost" | "leaves";

/**
 * Which keys are meant with one of them.
 */
export type RevocationExtent = "key" | "token" | "officer";

/**
 * Keys that can be meant together.
 */
export type RevocationExtentView = { extent: RevocationExtent,
/**
 * The key's place, its token, its officer.
 */
name: string, keys: number, };

/**
 * A key that is meant.
 */
export type RevocationKeyView = { physicalKey: string,
/**
 * Where it is or was: `YubiKey 19 402 271`, a file's name, else the ends of its id.
 */
place: string, officer: string | null, custody: Custody, };

/**
 * One repository that lists such a key.
 */
export type RevocationRow = { repository: string, name: string, grade: BlastGrade,
/**
 * What whoever holds them can do, in one sentence.
 */
verdict: Sentence,
/**
 * Roles in which one of them counts.
 */
roles: Array<string>,
/**
 * What to do, in order.
 */
repairs: Array<BlastRepairView>,
/**
 * The change that takes them out; it can be begun as it is where there is a plan, for a reason.
 */
wish: ChangeWish,
/**
 * The documents that it issues again.
 */
documents: Array<PlannedView>,
/**
 * What a person should stop and think at.
 */
warnings: Array<Sentence>,
/**
 * Why it cannot be begun as it is.
 */
refusal: Failure | null,
/**
 * A ceremony of the repository that is open already.
 */
openCeremony: string | null, };

/**
 * What is open, and what would close it, repository by repository.
 */
export type RevocationView = { practice: boolean,
/**
 * What can be meant with the key that was chosen.
 */
extents: Array<RevocationExtentView>, keys: Array<RevocationKeyView>,
/**
 * Where they count, the worst first.
 */
repositories: Array<RevocationRow>,
/**
 * Key files that could take their place.
 */
keyFiles: Array<KeyFileView>,
/**
 * Slots of the tokens plugged in with another key in them, then empty ones in which a key can be born.
 */
slots: Array<SlotView>,
/**
 * Kinds of keys that can be born, the usual one first.
 */
kinds: Array<TokenKeyKind>, };

/**
 * A role of a repository that lists the key, or listed it.
 */
export type RingUseView = { repository: string, repositoryName: string, practice: boolean, role: string, now: boolean, standing: Standing | null, spells: Array<KeySpellView>,
/**
 * The version of the role's document that it signed, of those at hand now.
 */
signed: number | null, };

/**
 * A key in a role.
 */
export type RoleKeyView = { node: string, keyid: string,
/**
 * Notary's canonical id, when it differs.
 */
canonicalKeyid: string | null,
/**
 * `sha256:…`; none when the key cannot be read.
 */
physicalKey: string | null, scheme: string,
/**
 * A person's or system's name out of the metadata.
 */
name: string | null, custody: Custody, signed: boolean,
/**
 * Why a signature of it does not count.
 */
problem: string | null,
/**
 * `held in YubiKey 15 938 765, firmware 5.2.7, touch always`, where an attestation on this desk proves it.
 */
attested?: string | null, };

/**
 * One role.
 */
export type RoleView = { node: string, role: string, parent: string | null, kind: NodeKind, version: string | null,
/**
 * As signed.
 */
expires: string | null, daysLeft: number | null, standing: Standing, threshold: number,
/**
 * Our count: a physical key once.
 */
valid: number,
/**
 * The client's own count.
 */
validForClients: number, keys: Array<RoleKeyView>,
/**
 * Of all its keys; none where they differ.
 */
custody: Custody | null, paths: Array<string>, hashPrefixes: Array<string>, terminating: boolean,
/**
 * Bytes of the file.
 */
bytes: number | null,
/**
 * SHA-256 of the file, 64 hex digits.
 */
digest: string | null,
/**
 * Targets listed.
 */
targets: number | null, findings: Array<FindingView>, };

/**
 * A root key at the roll call.
 */
export type RollCallRow = { physicalKey: string, keyid: string, officer: string | null, custody: Custody, place: string, placeKnown: boolean, state: Proven,
/**
 * RFC 3339.
 */
workedAt: string | null,
/**
 * One sentence on when and how it was last seen to work.
 */
says: string, here: boolean, canProve: boolean, };

/**
 * The roll call of a repository's root.
 */
export type RollCallView = { readiness: ReadinessView,
/**
 * Days a proof counts.
 */
days: number, keys: Array<RollCallRow>,
/**
 * What is known to this desk only.
 */
ledgerBroken: string | null, };

/**
 * One root version.
 */
export type RootVersionView = { version: number,
/**
 * As signed.
 */
expires: string, threshold: number, keys: number,
/**
 * SHA-256 of the file.
 */
digest: string,
/**
 * Signed by enough of its own keys, and of its predecessor's (unknown for the first).
 */
follows: boolean | null, };

/**
 * A key of a role that may stay or leave.
 */
export type RotationKey = { physicalKey: string, keyid: string,
/**
 * Notary's canonical id, where it differs.
 */
canonicalKeyid: string | null, name: string | null, scheme: string, custody: Custody,
/**
 * Where the key is, if this desk knows: `file:PATH` or `yubikey:SERIAL/SLOT`.
 */
key: string | null,
/**
 * That place for people: a file's name, or a device and slot.
 */
place: string | null, };

/**
 * A sentence in parts, so that evidence can be set in its own voice.
 */
export type Sentence = {
/**
 * What kind of change it tells of.
 */
mark: Mark,
/**
 * The parts, to be joined without blanks.
 */
parts: Array<Part>, };

/**
 * Whether a role's key can be the server's own.
 */
export type ServerRole = "never" | "either" | "always";

/**
 * Limits, places and versions.
 */
export type SettingsView = { dataFolder: string, programVersion: string, limits: LimitsView,
/**
 * For how many days a key counts as proven.
 */
proofDays: number, };

/**
 * One of them.
 */
export type SignatureTaken = { role: string, physicalKey: string, };

/**
 * A document that a key signs.
 */
export type SignerDocument = { role: string, version: number, wave: number,
/**
 * When, RFC 3339.
 */
signedAt: string | null,
/**
 * It can be signed now, or will be fixed first.
 */
waits: boolean, };

/**
 * One key that counts.
 */
export type SignerRow = { physicalKey: string, keyid: string,
/**
 * Notary's canonical id, where it is another.
 */
canonicalKeyid: string | null,
/**
 * A name out of the metadata, or the first digits of the keyid.
 */
label: string, custody: Custody,
/**
 * Where the key is, for people, if that is known to the ceremony: a file's name, a device and slot.
 */
file: string | null,
/**
 * Counts for the old threshold of root.
 */
countsOld: boolean,
/**
 * Counts for the new threshold of root.
 */
countsNew: boolean,
/**
 * The documents it signs.
 */
documents: Array<SignerDocument>,
/**
 * When it signed last, RFC 3339.
 */
signedAt: string | null,
/**
 * When a request was written for it that it has not answered, RFC 3339.
 */
askedAt: string | null,
/**
 * How it may be asked by file.
 */
ask: AskBy | null,
/**
 * Who could sign instead, or instead of whom it could.
 */
instead: string | null,
/**
 * When it was last seen where it is said to be, RFC 3339; none where it is now or where that is not known.
 */
lastSeen: string | null,
/**
 * The prompt window is asking for it now.
 */
asking: boolean,
/**
 * Signing is possible here and now.
 */
canSign: boolean,
/**
 * It has signed another document of a version it would sign now: only a reason on record lets it.
 */
needsReason: boolean,
/**
 * One sentence on its state.
 */
state: string, };

/**
 * One slot of a token.
 */
export type SlotView = {
/**
 * Such as `9c`.
 */
slot: string,
/**
 * Such as `Digital signature`.
 */
slotName: string,
/**
 * The key as it is named everywhere: `yubikey:19402271/9c`.
 */
key: string,
/**
 * The device and slot for people: `YubiKey 19 402 271, slot 9c`.
 */
label: string,
/**
 * A key lies in it.
 */
occupied: boolean,
/**
 * `sha256:…`; none when the slot is empty or does not show its public half.
 */
physicalKey: string | null,
/**
 * The id of the bare key in TUF metadata.
 */
keyid: string | null,
/**
 * Notary's canonical id of it.
 */
canonicalKeyid: string | null,
/**
 * Such as `ECDSA P-256`; empty when unknown.
 */
algorithm: string,
/**
 * When the PIN is asked, in words.
 */
pinPolicy: string,
/**
 * When a touch is asked, in words.
 */
touchPolicy: string,
/**
 * Where the key was made, in words.
 */
origin: string,
/**
 * Whom the slot's certificate says it is for, unproven; none without a certificate.
 */
certificate: string | null,
/**
 * What it speaks for on this desk.
 */
usedBy: Array<KeyUse>, };

/**
 * A source as an officer gives it.
 */
export type SourceSpec = { "kind": "folder", path: string, gun: string | null, } | { "kind": "http", url: string, caFile: string | null, } | { "kind": "notary", url: string, gun: string, caFile: string | null,
/**
 * Who signs in when the server wants somebody; the password is asked for once while the program runs.
 */
user?: string | null, };

/**
 * Where the metadata comes from.
 */
export type SourceView = { kind: NodeKind,
/**
 * Path or URL.
 */
location: string, gun: string | null, };

/**
 * One word per node, worst first. Nothing is sound without an anchor.
 */
export type Standing = "suspect" | "under-threshold" | "expired" | "unanchored" | "unreachable" | "expiring" | "never-seen" | "sound";

/**
 * The six steps.
 */
export type Step = "intent" | "consequences" | "review" | "signatures" | "rehearsal" | "publish";

/**
 * Past, now, to come.
 */
export type StepState = "past" | "now" | "toCome";

/**
 * A step of the rail.
 */
export type StepView = { step: Step, state: StepState,
/**
 * A line under it.
 */
summary: string, };

/**
 * The length and digests of a file.
 */
export type TargetFileView = { file: string, length: number, sha256: string, sha512: string, };

/**
 * A file that a role vouches for.
 */
export type TargetRow = { path: string, length: number,
/**
 * The strongest digest there is, with its name: `sha256:…`.
 */
digest: string | null, };

/**
 * A window of the files that a role vouches for.
 */
export type TargetsView = { role: string, total: number,
/**
 * Those that the search finds.
 */
matched: number,
/**
 * The first of them, by path.
 */
rows: Array<TargetRow>, };

/**
 * Kinds of keys a token makes for us.
 */
export type TokenKeyKind = "p256" | "p384" | "ed25519" | "rsa3072";

/**
 * What a new key in a slot is to be.
 */
export type TokenKeyWish = { algorithm: TokenKeyKind, pin: PinAsked, touch: TouchAsked, };

/**
 * One token.
 */
export type TokenView = {
/**
 * None for a token that does not tell it, or that a PKCS#11 module shows: its serial is no number.
 */
serial: number | null,
/**
 * The PKCS#11 module that shows it; none for a YubiKey that the smart card service shows.
 */
module: string | null,
/**
 * What a module's token calls itself, as it is written where its PIN or a key of it is named: `pkcs11:softhsm:rootward`.
 */
token: string | null,
/**
 * The serial as the token writes it.
 */
serialText: string | null,
/**
 * As `Provisioning` names it, when it can be made ready for an officer.
 */
provision: string | null,
/**
 * It was not made ready yet: what protects its slots is what every such token is delivered with.
 */
asDelivered: boolean,
/**
 * Such as `YubiKey 19 402 271`.
 */
label: string, model: string,
/**
 * Such as `5.4.3`; empty when it cannot be read.
 */
firmware: string,
/**
 * The reader's name.
 */
reader: string,
/**
 * Tries left for the PIN, when the token tells.
 */
pinTries: number | null,
/**
 * What a person should know of it: old firmware, a default management key, few tries left.
 */
warnings: Array<Sentence>,
/**
 * Slots with a key first, then those where one can be born, each in order.
 */
slots: Array<SlotView>,
/**
 * What keeps the token from being read or used now.
 */
trouble: Failure | null, };

/**
 * What is plugged in.
 */
export type TokensView = {
/**
 * By serial; those that cannot be read come last.
 */
tokens: Array<TokenView>,
/**
 * Why none can be looked for, or none but those shown, such as `token-service-missing`.
 */
failure: Failure | null,
/**
 * PKCS#11 modules that may be loaded, and well-known ones that are on this machine.
 */
modules: Array<ModuleView>, };

/**
 * When a touch is asked for.
 */
export type TouchAsked = "never" | "cached" | "always";

/**
 * A filter of the tree.
 */
export type TreeFilter = { "kind": "expiresWithin", days: number, } | { "kind": "thresholdOne" } | { "kind": "needsPerson" };

/**
 * A list of nodes.
 */
export type TreeNodes = { nodes: Array<string>, };

/**
 * A row found by type-ahead or revealed, and what must be open for it to be there.
 */
export type TreePlace = {
/**
 * None when nothing fits.
 */
index: number | null, id: string | null,
/**
 * Ancestors that are closed now and must be toggled for the row to be there.
 */
open: Array<string>, };

/**
 * Which tree: what is open, and what is filtered away. The desk holds no state per window.
 */
export type TreeRequest = {
/**
 * Nodes that differ from the default (sources and estates open, all else closed).
 */
toggled: Array<string>,
/**
 * Fuzzy search over names, keyids, physical keys and people; empty shows all.
 */
search: string,
/**
 * Only nodes that pass every filter, with their ancestors.
 */
filters: Array<TreeFilter>, };

/**
 * One row.
 */
export type TreeRow = { id: string, index: number,
/**
 * Row of the parent, for Left.
 */
parentIndex: number | null,
/**
 * 1 is the outermost.
 */
level: number, setSize: number, posInSet: number, expandable: boolean, expanded: boolean, node: NodeKind,
/**
 * Visible name, escapes already made visible.
 */
name: string, version: string | null,
/**
 * Of a key, or of all keys of a role; none where they differ.
 */
custody: Custody | null,
/**
 * Good signatures by our count.
 */
valid: number | null, threshold: number | null,
/**
 * Whole days to the soonest end below; negative when it has passed.
 */
daysLeft: number | null,
/**
 * The worst of this node and all below it; none for a key that counts nowhere.
 */
standing: Standing | null,
/**
 * Belongs to the practice estate.
 */
practice: boolean,
/**
 * Anchored by first use only.
 */
firstUse: boolean,
/**
 * A refresh of it is running.
 */
busy: boolean,
/**
 * The row matches the search itself (not only a descendant).
 */
matched: boolean,
/**
 * The repository it belongs to.
 */
repository: string | null, };

/**
 * A window of rows.
 */
export type TreeWindow = {
/**
 * Rows there are in all with this request.
 */
total: number,
/**
 * Index of the first row here.
 */
from: number, rows: Array<TreeRow>,
/**
 * Nodes that match search and filters (without their ancestors); equals all nodes when there is none.
 */
matched: number, };

/**
 * How an officer anchors a repository.
 */
export type TrustEvidence = { "kind": "rootFile", path: string, } | { "kind": "digest", sha256: string, } | { "kind": "firstUse" };

/**
 * A place at which a repository was to be begun, and none is yet.
 */
export type UnbegunView = {
/**
 * The newest ceremony that is for it.
 */
ceremony: string,
/**
 * Something can still happen in it.
 */
open: boolean, };

/**
 * The answer to a `Query`, under the query's own name.
 */
export type View = { "kind": "estate" } & EstateView | { "kind": "treeRows" } & TreeWindow | { "kind": "treeTypeahead" } & TreePlace | { "kind": "treeReveal" } & TreePlace | { "kind": "treeBelow" } & TreeNodes | { "kind": "attention" } & AttentionView | { "kind": "repository" } & RepositoryView | { "kind": "node" } & NodeView | { "kind": "history" } & HistoryView | { "kind": "compare" } & CompareView | { "kind": "blast" } & BlastView | { "kind": "firstTrust" } & FirstTrustView | { "kind": "changeForm" } & ChangeFormView | { "kind": "plan" } & PlanView | { "kind": "beginningForm" } & BeginningFormView | { "kind": "firstPlan" } & PlanView | { "kind": "targets" } & TargetsView | { "kind": "revocation" } & RevocationView | { "kind": "ceremonies" } & CeremoniesView | { "kind": "ceremony" } & CeremonyView | { "kind": "request" } & RequestView | { "kind": "tokens" } & TokensView | { "kind": "provisioning" } & ProvisioningView | { "kind": "settings" } & SettingsView | { "kind": "keys" } & KeysWindow | { "kind": "key" } & KeyView | { "kind": "rollCall" } & RollCallView | { "kind": "keyFolders" } & KeyFoldersView | { "kind": "attestationRoots" } & AttestationRootsView | { "kind": "map" } & MapView | { "kind": "drills" } & DrillsView;

/**
 * How a part is set.
 */
export type Voice = "plain" | "subject" | "evidence" | "removed" | "added";

/**
 * A walk that succeeded.
 */
export type WalkedView = { from: number, to: number, at: string, };

/**
 * One thing that is to change.
 */
export type WishedEdit = { "kind": "begin",
/**
 * TUF: file names carry versions.
 */
consistentSnapshot: boolean, } | { "kind": "keys", role: string,
/**
 * The delegator, where more than one delegates to the role.
 */
by: string | null,
/**
 * Physical keys (`sha256:…`), keyids, canonical ids, or where a key is.
 */
remove: Array<string>,
/**
 * Keys by where they are: `file:PATH`, `yubikey:SERIAL/SLOT`.
 */
add: Array<string>, threshold: number | null, } | { "kind": "serverKey", role: string, } | { "kind": "revoke", key: string, replace: string | null,
/**
 * Sign the documents again for which too few signatures would count.
 */
signAgain: boolean,
/**
 * What became of it: one that was lost or stolen is asked for no signature. A key of which nothing is said may sign once more.
 */
cause?: RevocationCause | null, } | { "kind": "recoverRoot", stolen: string,
/**
 * The key that takes its place.
 */
root: string,
/**
 * The keys of targets from now on, all others leave; as they are when empty.
 */
targets: Array<string>,
/**
 * TUF: the key of snapshot and timestamp from now on, as they are when absent. Notary's server makes its own anew.
 */
online: string | null, } | { "kind": "ends", role: string, at: string | null, } | { "kind": "endsBefore", before: string, at: string | null, } | { "kind": "delegate", by: string, role: string, keys: Array<string>, threshold: number,
/**
 * TUF: patterns. Notary: beginnings.
 */
paths: Array<string>,
/**
 * TUF: beginnings of the path's SHA-256, instead of paths.
 */
hashPrefixes: Array<string>, terminating: boolean, place: number | null, } | { "kind": "bins", by: string, prefix: string, bits: number, keys: Array<string>, threshold: number, succinct?: boolean, } | { "kind": "redelegate", role: string, by: string | null, paths: Array<string> | null, hashPrefixes: Array<string> | null, terminating: boolean | null, place: number | null, } | { "kind": "undelegate", role: string, by: string | null, } | { "kind": "addTarget", role: string, path: string, length: number, sha256: string | null, sha512: string | null,
/**
 * What else is said of it, in JSON; what is said now stays when absent.
 */
custom: string | null, } | { "kind": "removeTarget", role: string, path: string, } | { "kind": "rebuild", role: string, } | { "kind": "signAgain", role: string, };

/**
 * What went otherwise than it might have.
 */
export type WrongTurnsView = {
/**
 * Wishes that the desk or the server refused.
 */
refusals: number,
/**
 * PINs and passphrases that were not the right ones.
 */
wrongSecrets: number,
/**
 * Ceremonies that were given up.
 */
abandoned: number,
/**
 * Publications beyond the one it takes.
 */
needless: number, };

/** Every failure code a person can meet. */
export const FAILURE_CODES = [
  "already-imported",
  "already-registered",
  "already-signed",
  "attestation-altered",
  "attestation-missing",
  "attestation-no-authority",
  "attestation-other-key",
  "attestation-root-known",
  "attestation-root-unknown",
  "attestation-unfit-key",
  "attestation-unreadable",
  "attestation-wrong-issuer",
  "attestation-wrong-signature",
  "backup-conflicts",
  "backup-newer",
  "backup-unusable",
  "bad-source",
  "bad-usage",
  "cancelled",
  "ceremony-ended",
  "ceremony-not-found",
  "ceremony-open",
  "data-folder-locked",
  "data-folder-newer",
  "data-folder-unusable",
  "dialect-unknown",
  "digest-mismatch",
  "disk-failed",
  "draft-refused",
  "drill-not-begun",
  "drill-place-taken",
  "drill-under-way",
  "erase-not-confirmed",
  "expected-other-key",
  "handoff-altered",
  "handoff-foreign",
  "handoff-newer",
  "handoff-not-compared",
  "handoff-unproven",
  "handoff-unreadable",
  "journal-broken",
  "key-ambiguous",
  "key-cannot-attest",
  "key-cannot-leave",
  "key-cannot-sign",
  "key-file-unreadable",
  "key-gone",
  "key-not-found",
  "key-not-told",
  "key-without-public-half",
  "keychain-failed",
  "keychain-missing",
  "keychain-not-for-root",
  "keychain-silent",
  "last-try-declined",
  "ledger-broken",
  "loose-publishable",
  "map-unreadable",
  "mechanism-missing",
  "metadata-not-found",
  "module-crashed",
  "module-hung",
  "module-lied",
  "module-not-allowed",
  "module-unusable",
  "network-failed",
  "new-secret-refused",
  "no-anchor",
  "no-server-keys",
  "no-such-node",
  "not-publishable-there",
  "not-ready",
  "panicked",
  "passphrase-not-set",
  "pin-blocked",
  "practice-only",
  "prompt-closed",
  "publish-failed",
  "rehearsal-refused",
  "repository-exists",
  "repository-not-found",
  "root-refused",
  "rules-refused",
  "server-answered",
  "server-failed",
  "server-lacks-key",
  "server-misread",
  "server-refused-gun",
  "server-refused-hierarchy",
  "server-refused-role",
  "server-refused-root",
  "server-refused-snapshot",
  "server-refused-targets",
  "server-refused-update",
  "server-signer-failed",
  "server-storage-failed",
  "signature-refused",
  "signed-otherwise",
  "slot-empty",
  "slot-occupied",
  "source-unreadable",
  "stale-answer",
  "superseded",
  "target-missing",
  "target-path-unsafe",
  "target-refused",
  "testimony-refused",
  "threshold-not-met",
  "token-absent",
  "token-ambiguous",
  "token-busy",
  "token-failed",
  "token-initialised",
  "token-other",
  "token-service-missing",
  "token-unsupported",
  "too-large",
  "touch-missed",
  "transcript-broken",
  "transcript-cut-off",
  "transcript-newer",
  "transcript-unproven",
  "transcript-unreadable",
  "unauthorized",
  "witness-refused",
  "wrong-management-key",
  "wrong-passphrase",
  "wrong-password",
  "wrong-pin",
] as const;
