// What was typed in the form by which a repository is begun, as the wish it makes. Only its form is looked at here, never its sense.
import type { BeginningFormView, BeginningWish, ChangeFormView, FirstRole, FormRole, SourceSpec } from "../../border";
import { beginning as words } from "../../words/beginning";
import { change } from "../../words/change";
import { asTime, editsOf, type Intent, isCount, isTime, type Joiner, lacks, numberOf } from "./change";

export type Kind = "folder" | "notary";

/** Who holds a role, as its form stands. */
export type Holder = { joining: Joiner[]; server: boolean; threshold: string; ends: string };

/** What a repository can begin with besides its roles. */
export type First = Extract<Intent, { form: "delegate" | "target" }>;

export type Typed = {
  kind: Kind;
  path: string;
  url: string;
  gun: string;
  user: string;
  caFile: string;
  unversioned: boolean;
  /** By role; one that is not there was not touched. */
  holders: Partial<Record<string, Holder>>;
  first: First[];
  reason: string;
};

export const NOTHING: Typed = { kind: "folder", path: "", url: "", gun: "", user: "", caFile: "", unversioned: false, holders: {}, first: [], reason: "" };

/** Who holds a role; a server does where it can, until somebody says otherwise. */
export function holderOf(typed: Typed, role: FormRole): Holder {
  const held = typed.holders[role.role] ?? { joining: [], server: true, threshold: "", ends: "" };
  return { ...held, server: role.server === "always" || (role.server === "either" && held.server) };
}

/** None while the place is not said. Whether anything can be begun there, the desk says. */
export function sourceOf(typed: Typed): SourceSpec | undefined {
  const [path, url, gun] = [typed.path.trim(), typed.url.trim(), typed.gun.trim()];
  switch (typed.kind) {
    case "folder":
      return path === "" ? undefined : { kind: "folder", path, gun: null };
    case "notary":
      return url === "" || gun === "" ? undefined : { kind: "notary", url, gun, caFile: orNull(typed.caFile), user: orNull(typed.user) };
  }
}

export function wishOf(view: BeginningFormView, typed: Typed, source: SourceSpec): BeginningWish {
  const asked = asChange(view, typed);
  return {
    source,
    roles: view.roles.map((role) => firstRole(role, holderOf(typed, role))).filter(({ keys, ends }) => keys.length > 0 || ends !== null),
    unversioned: typed.kind === "folder" && typed.unversioned,
    edits: typed.first.flatMap((first) => editsOf(asked, first)),
    reason: typed.reason.trim(),
  };
}

function firstRole({ role }: FormRole, holder: Holder): FirstRole {
  const keys = holder.server ? [] : holder.joining.map(({ key }) => key);
  return { role, keys, threshold: keys.length === 0 ? null : numberOf(holder.threshold), ends: holder.server || holder.ends.trim() === "" ? null : asTime(holder.ends) };
}

/** What the form still lacks, said on its button. */
export function missing(view: BeginningFormView, typed: Typed): string | undefined {
  if (sourceOf(typed) === undefined) return words.missing[typed.kind];
  for (const role of view.roles) {
    const holder = holderOf(typed, role);
    if (!holder.server && holder.joining.length === 0) return words.missing.keys(role.role);
    if (!holder.server && !isCount(holder.threshold)) return words.missing.count(role.role);
    if (!holder.server && !isTime(holder.ends)) return words.missing.time(role.role);
  }
  const asked = asChange(view, typed);
  return typed.first.map((first) => lacks(asked, first)).find((lack) => lack !== undefined);
}

/** The form as that of a change: its roles hold what is typed, and those that it delegates to are there as well. */
export function asChange(view: BeginningFormView, typed: Typed): ChangeFormView {
  const delegates = typed.first.flatMap((first) => (first.form === "delegate" ? [first] : []));
  const roles: FormRole[] = view.roles.map((role) => ({ ...role, keys: holderOf(typed, role).joining.map(keyOf) }));
  const [, targets] = roles;
  const below = delegates.flatMap(({ role, by, joining }, place): FormRole[] =>
    targets === undefined || role.trim() === "" ? [] : [{ ...targets, role: role.trim(), by, kind: "delegation", keys: joining.map(keyOf), place: place + 1, siblings: delegates.length }],
  );
  const { dialect, keyFiles, slots, kinds } = view;
  return {
    dialect,
    keyFiles,
    slots,
    kinds,
    roles: [...roles, ...below],
    repository: "",
    repositoryName: nameOf(typed),
    practice: false,
    rootVersion: 0,
    readAt: null,
    openCeremony: null,
    more: 0,
    legacy: 0,
    recoveries: [],
  };
}

function keyOf({ key, name, custody, algorithm, physicalKey }: Joiner): FormRole["keys"][number] {
  return { physicalKey: physicalKey ?? key, keyid: "", canonicalKeyid: null, name, scheme: algorithm, custody, key, place: name };
}

/** What the repository will be called: the end of its place. */
export function nameOf(typed: Typed): string {
  if (typed.kind === "notary") return typed.gun.trim();
  const parts = typed.path.trim().split("/");
  return parts.findLast((part) => part !== "" && part !== "metadata") ?? "";
}

export function titled(typed: Typed): string {
  const name = nameOf(typed);
  return name === "" ? words.title : words.named(name);
}

/** A role in a line. */
export function summed(role: FormRole, holder: Holder): string {
  if (holder.server) return words.sumServer;
  const threshold = holder.threshold.trim() === "" ? "1" : holder.threshold.trim();
  const keys = words.sum(holder.joining.length, threshold);
  const ends = holder.ends.trim() === "" ? role.expires : holder.ends.trim();
  return ends === null || !isTime(ends) ? keys : `${keys}, ${words.sumEnds(ends)}`;
}

/** A delegation or a file as its form opens. */
export function opened(form: First["form"]): First {
  return form === "delegate"
    ? { form, by: "targets", role: "", kind: "paths", joining: [], threshold: "1", paths: "", bits: "", terminating: false, place: "" }
    : { form, role: "targets", path: "", file: "", length: "", sha256: "", sha512: "" };
}

export function summedFirst(first: First): string {
  return first.form === "delegate" ? (first.kind === "bins" ? change.sums.bins(first.by, first.role.trim(), first.bits.trim()) : change.sums.delegate(first.by, first.role.trim())) : change.sums.target(first.role, first.path.trim());
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
