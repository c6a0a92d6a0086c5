// What was typed and ticked in the forms, as the change it asks for. Only its form is looked at here, never its sense.
import type { ChangeFormView, ChangeWish, Custody, FormRole, KeyFileView, RevocationCause, RotationKey, SlotView, TargetFileView, WishedEdit } from "../../border";
import { type Opening, change as words } from "../../words/change";

/** A key that joins: in a file, in the keychain, or in a slot of a token. */
export type Joiner = { key: string; name: string; custody: Custody; algorithm: string; physicalKey: string | null; note: "encrypted" | "plain" | null };

type At = { role: string; by: string };

/** One change among those of a ceremony, as its form stands. */
export type Intent =
  | ({ form: "keys"; leaving: string[]; joining: Joiner[]; server: boolean; threshold: string; rootEnds: string } & At)
  | { form: "ends"; which: "one" | "before"; role: string; before: string; at: string }
  | { form: "delegate"; by: string; role: string; kind: "paths" | "prefixes" | "bins"; joining: Joiner[]; threshold: string; paths: string; bits: string; terminating: boolean; place: string }
  | ({ form: "delegation"; paths: string; terminating: boolean; place: string } & At)
  | ({ form: "undelegate" } & At)
  | { form: "revoke"; key: string; replacement: Joiner[]; signAgain: boolean; cause: RevocationCause }
  | { form: "target"; role: string; path: string; file: string; length: string; sha256: string; sha512: string }
  | { form: "untarget"; role: string; paths: string[] }
  | { form: "again"; role: string }
  | { form: "recover"; stolen: string; root: Joiner[]; targets: Joiner[]; online: Joiner[] }
  | { form: "given"; keys: string[]; replace: string | null; signAgain: boolean; cause: RevocationCause };

/** What holds for all changes of a ceremony. */
export type Terms = {
  /** Where keys are when they sign, by physical key; a key without a place signs where the desk knows it. */
  places: Record<string, string>;
  legacy: string;
  onlineElsewhere: boolean;
  newKeysOnly: boolean;
  reason: string;
  despite: string;
  althoughLoose: string;
};

export const noTerms: Terms = { places: {}, legacy: "", onlineElsewhere: false, newKeysOnly: false, reason: "", despite: "", althoughLoose: "" };

/** The form of an opening; none where the officer has still to choose. A role that is not there opens on one that is. */
export function intentOf(view: ChangeFormView, opening: Opening): Intent | undefined {
  const at = (role: string, fits: (role: FormRole) => boolean = () => true): At => {
    const found = view.roles.find((other) => other.role === role && fits(other)) ?? view.roles.find(fits);
    return { role: found?.role ?? "", by: found?.by ?? "" };
  };
  switch (opening.form) {
    case "choose":
    case "recover":
      return undefined;
    case "keys": {
      const place = at(opening.role, ({ succinct }) => !succinct);
      const server = roleAt(view, place)?.server === "always";
      return { form: "keys", ...place, leaving: [], joining: [], server, threshold: "", rootEnds: "" };
    }
    case "ends":
      return { form: "ends", which: opening.role === null ? "before" : "one", role: at(opening.role ?? "root").role, before: "", at: "" };
    case "delegate":
      return { form: "delegate", by: at(opening.by, ({ vouches }) => vouches).role, role: "", kind: "paths", joining: [], threshold: "1", paths: "", bits: "", terminating: false, place: "" };
    case "delegation": {
      const place = at(opening.role, isDelegated);
      return { form: "delegation", ...place, paths: "", terminating: roleAt(view, place)?.terminating ?? false, place: "" };
    }
    case "undelegate":
      return { form: "undelegate", ...at(opening.role, isDelegated) };
    case "revoke":
      return { form: "revoke", key: opening.key ?? "", replacement: [], signAgain: false, cause: "leaves" };
    case "target":
      return { form: "target", role: at(opening.role, ({ vouches }) => vouches).role, path: "", file: "", length: "", sha256: "", sha512: "" };
    case "untarget":
      return { form: "untarget", role: at(opening.role, lists).role, paths: [] };
    case "again":
      return { form: "again", role: at(opening.role, ({ vouches }) => vouches).role };
    case "given":
      return { form: "given", keys: opening.keys, replace: opening.replace, signAgain: opening.signAgain, cause: opening.cause };
  }
}

export const isDelegated = (role: FormRole) => role.by !== "root" && !role.succinct;
export const lists = (role: FormRole) => role.vouches && (role.targets ?? 0) > 0;

export function roleAt(view: ChangeFormView, { role, by }: At): FormRole | undefined {
  return view.roles.find((other) => other.role === role && other.by === by);
}

/** Where a key is when it signs, as its field shows it. */
export function placeOf(terms: Terms, key: RotationKey): string {
  return terms.places[key.physicalKey] ?? (key.key === null ? "" : asTyped(key.key));
}

export function editsOf(view: ChangeFormView, intent: Intent): WishedEdit[] {
  switch (intent.form) {
    case "keys": {
      const { role, by, leaving, joining, server, threshold, rootEnds } = intent;
      const ends: WishedEdit[] = rootEnds.trim() === "" ? [] : [{ kind: "ends", role: "root", at: asTime(rootEnds) }];
      if (server) return [{ kind: "serverKey", role }, ...ends];
      if (leaving.length + joining.length === 0 && threshold.trim() === "") return ends;
      return [{ kind: "keys", role, by: byOf(by), remove: leaving, add: keysOf(joining), threshold: numberOf(threshold) }, ...ends];
    }
    case "ends": {
      const at = intent.at.trim() === "" ? null : asTime(intent.at);
      return [intent.which === "one" ? { kind: "ends", role: intent.role, at } : { kind: "endsBefore", before: asTime(intent.before), at }];
    }
    case "delegate": {
      const { by, role, kind, joining, threshold, paths, bits, terminating, place } = intent;
      const keys = keysOf(joining);
      const need = numberOf(threshold) ?? 1;
      if (kind === "bins") return [{ kind: "bins", by, prefix: role.trim(), bits: numberOf(bits) ?? 0, keys, threshold: need }];
      const listed = linesOf(paths, view);
      const names = kind === "paths" ? listed : [];
      return [
        { kind: "delegate", by, role: role.trim(), keys, threshold: need, paths: names, hashPrefixes: kind === "prefixes" ? listed : [], terminating, place: placeOfText(place) },
      ];
    }
    case "delegation": {
      const { role, by, paths, terminating, place } = intent;
      const now = roleAt(view, intent);
      const listed = paths.trim() === "" ? null : linesOf(paths, view);
      const hashed = (now?.hashPrefixes.length ?? 0) > 0;
      const ends = now?.terminating === terminating ? null : terminating;
      return [{ kind: "redelegate", role, by, paths: hashed ? null : listed, hashPrefixes: hashed ? listed : null, terminating: ends, place: placeOfText(place) }];
    }
    case "undelegate":
      return [{ kind: "undelegate", role: intent.role, by: intent.by }];
    case "revoke":
      return [{ kind: "revoke", key: intent.key, replace: intent.replacement[0]?.key ?? null, signAgain: intent.signAgain, cause: intent.cause }];
    case "target": {
      const { role, path, length, sha256, sha512 } = intent;
      return [{ kind: "addTarget", role, path: path.trim(), length: Number(length), sha256: textOf(sha256), sha512: textOf(sha512), custom: null }];
    }
    case "untarget":
      return intent.paths.map((path) => ({ kind: "removeTarget", role: intent.role, path }));
    case "again":
      return [{ kind: "signAgain", role: intent.role }];
    case "recover": {
      const { stolen, root, targets, online } = intent;
      return [{ kind: "recoverRoot", stolen, root: root[0]?.key ?? "", targets: keysOf(targets), online: online[0]?.key ?? null }];
    }
    case "given":
      return intent.keys.map((key) => ({ kind: "revoke", key, replace: intent.replace, signAgain: intent.signAgain, cause: intent.cause }));
  }
}

/** What a form still lacks, said on the button. Whether the change makes sense, the desk says. */
export function lacks(view: ChangeFormView, intent: Intent): string | undefined {
  const missing = words.missing;
  switch (intent.form) {
    case "keys":
      if (!isCount(intent.threshold)) return missing.count;
      if (!isTime(intent.rootEnds)) return missing.time;
      return editsOf(view, intent).length === 0 ? missing.keys : undefined;
    case "ends":
      if (!isTime(intent.at)) return missing.time;
      return intent.which === "before" && (intent.before.trim() === "" || !isTime(intent.before)) ? missing.before : intent.role === "" ? missing.role : undefined;
    case "delegate": {
      if (intent.role.trim() === "") return missing.name;
      if (intent.joining.length === 0) return missing.joining;
      if (!isCount(intent.threshold)) return missing.count;
      if (intent.kind === "bins") return isBits(intent.bits) ? undefined : missing.bits;
      if (intent.paths.trim() === "") return missing.path;
      return isCount(intent.place) ? undefined : missing.place;
    }
    case "delegation": {
      if (intent.role === "") return missing.role;
      if (!isCount(intent.place)) return missing.place;
      const stays = intent.paths.trim() === "" && intent.place.trim() === "" && roleAt(view, intent)?.terminating === intent.terminating;
      return stays ? missing.delegation : undefined;
    }
    case "undelegate":
    case "again":
      return intent.role === "" ? missing.role : undefined;
    case "revoke":
      return intent.key === "" ? missing.key : undefined;
    case "target":
      if (intent.path.trim() === "") return missing.path;
      return /^\d{1,15}$/.test(intent.length.trim()) && (intent.sha256.trim() !== "" || intent.sha512.trim() !== "") ? undefined : missing.file;
    case "untarget":
      return intent.paths.length === 0 ? missing.untarget : undefined;
    case "recover":
      return intent.stolen === "" ? missing.key : intent.root.length === 0 ? missing.joining : undefined;
    case "given":
      return undefined;
  }
}

export function wishOf(view: ChangeFormView, intents: Intent[], terms: Terms): ChangeWish {
  const shown = signing(view, intents).flatMap((role) => role.keys);
  const places = [...shown.map((key) => placeOf(terms, key)), ...Object.values(terms.places)].map((place) => place.trim());
  return {
    edits: intents.flatMap((intent) => editsOf(view, intent)),
    sign: [...new Set(places.filter(Boolean).map(asKey))],
    legacy: numberOf(terms.legacy) ?? 0,
    onlineElsewhere: terms.onlineElsewhere,
    newKeysOnly: terms.newKeysOnly,
    reason: terms.reason.trim(),
    ...(terms.despite.trim() === "" ? {} : { despite: terms.despite.trim() }),
    ...(terms.althoughLoose.trim() === "" ? {} : { althoughLoose: terms.althoughLoose.trim() }),
  };
}

/** The roles whose keys the forms show places for: those whose keys change, and those whose documents name them. */
export function signing(view: ChangeFormView, intents: Intent[]): FormRole[] {
  const names = new Set<string>();
  for (const intent of intents) {
    switch (intent.form) {
      case "keys":
        if (!intent.server) names.add(intent.role);
        names.add(intent.by);
        break;
      case "ends":
        if (intent.which === "one") names.add(intent.role);
        break;
      case "delegate":
      case "delegation":
      case "undelegate":
        names.add(intent.by);
        break;
      case "target":
      case "untarget":
      case "again":
        names.add(intent.role);
        break;
      case "recover":
        names.add("root");
        break;
      case "revoke":
        for (const by of delegators(view, intent.key)) names.add(by);
        break;
      case "given":
        for (const by of intent.keys.flatMap((key) => delegators(view, key))) names.add(by);
        break;
    }
  }
  return view.roles.filter((role) => names.has(role.role));
}

/** The roles whose documents name a key. */
function delegators(view: ChangeFormView, physicalKey: string): string[] {
  return view.roles.filter(({ keys }) => keys.some((key) => key.physicalKey === physicalKey)).map(({ by }) => by);
}

/** One change in a line. */
export function summed(view: ChangeFormView, intent: Intent): string {
  const sums = words.sums;
  switch (intent.form) {
    case "keys":
      return sums.keys(intent, intent.leaving.length, intent.joining.length, intent.threshold.trim(), intent.server);
    case "ends":
      return intent.which === "one" ? sums.ends(intent.role, intent.at.trim()) : sums.endsBefore(intent.before.trim(), intent.at.trim());
    case "delegate":
      return intent.kind === "bins" ? sums.bins(intent.by, intent.role.trim(), intent.bits.trim()) : sums.delegate(intent.by, intent.role.trim());
    case "delegation":
      return sums.delegation(intent.role);
    case "undelegate":
      return sums.undelegate(intent.role);
    case "revoke":
      return sums.revoke(nameOfKey(view, intent.key));
    case "target":
      return sums.target(intent.role, intent.path.trim());
    case "untarget":
      return sums.untarget(intent.role, intent.paths.length);
    case "again":
      return sums.again(intent.role);
    case "recover":
      return sums.recover(nameOfKey(view, intent.stolen));
    case "given":
      return sums.given(intent.keys.map((key) => nameOfKey(view, key)));
  }
}

/** What the page is called while there is one change. */
export function titled(view: ChangeFormView, intents: Intent[], recovering: boolean): string {
  const titles = words.titles;
  const name = view.repositoryName;
  const [only, ...others] = intents;
  if (only === undefined) return recovering ? titles.recover(name) : words.title(name);
  if (others.length > 0) return words.title(name);
  switch (only.form) {
    case "keys":
      return titles.keys(only.role, name);
    case "delegation":
      return titles.delegation(only.role, name);
    case "undelegate":
      return titles.undelegate(only.role, name);
    case "again":
      return titles.again(only.role, name);
    case "ends":
    case "delegate":
    case "revoke":
    case "target":
    case "untarget":
    case "recover":
    case "given":
      return titles[only.form](name);
  }
}

/** Every key of the repository, once, with the roles it counts for. */
export function keysHere(view: ChangeFormView): { key: RotationKey; roles: string[] }[] {
  const found = new Map<string, { key: RotationKey; roles: string[] }>();
  for (const role of view.roles) {
    for (const key of role.keys) {
      const known = found.get(key.physicalKey);
      if (!known) found.set(key.physicalKey, { key, roles: [role.role] });
      else if (!known.roles.includes(role.role)) known.roles.push(role.role);
    }
  }
  return [...found.values()];
}

export function nameOf(key: RotationKey): string {
  return key.name ?? key.place ?? `${key.keyid.slice(0, 4)}…${key.keyid.slice(-4)}`;
}

function nameOfKey(view: ChangeFormView, physicalKey: string): string {
  const found = view.roles.flatMap((role) => role.keys).find((key) => key.physicalKey === physicalKey);
  return found ? nameOf(found) : physicalKey.slice(0, 15);
}

export function joinerOfFile(file: KeyFileView): Joiner {
  return {
    key: file.key,
    name: file.name ?? file.path.split("/").at(-1) ?? file.path,
    custody: file.custody,
    algorithm: file.algorithm ?? "",
    physicalKey: file.physicalKey,
    note: file.custody === "keychain" ? null : file.encrypted ? "encrypted" : "plain",
  };
}

export function joinerOfSlot(slot: SlotView): Joiner {
  return { key: slot.key, name: slot.label, custody: "token", algorithm: slot.algorithm, physicalKey: slot.physicalKey, note: null };
}

/** What a file that was looked at puts into its form. */
export function digestsOf(target: TargetFileView) {
  return { file: target.file, length: String(target.length), sha256: target.sha256, sha512: target.sha512 };
}

export function isCount(text: string): boolean {
  return text.trim() === "" || /^[1-9]\d{0,8}$/.test(text.trim());
}

export function isBits(text: string): boolean {
  return /^([1-9]|1[0-4])$/.test(text.trim());
}

export function isTime(text: string): boolean {
  const typed = text.trim();
  return typed === "" || isDay(typed) || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(typed);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

export function asTime(text: string): string {
  const typed = text.trim();
  return isDay(typed) ? `${typed}T00:00:00Z` : typed;
}

export function numberOf(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** A place is counted from 1 on the screen, from 0 at the desk. */
function placeOfText(text: string): number | null {
  const place = numberOf(text);
  return place === null ? null : place - 1;
}

function textOf(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}

/** One path a line. Notary has no patterns: `*` alone is its empty beginning, which is every path. */
function linesOf(text: string, view: ChangeFormView): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").map((line) => (view.dialect === "notary" && line === "*" ? "" : line));
}

function byOf(by: string): string | null {
  return by === "root" ? null : by;
}

function keysOf(joining: Joiner[]): string[] {
  return joining.map((key) => key.key);
}

/** What was typed as the border names a key: a place in a token as it is, anything else is a path. */
export function asKey(typed: string): string {
  return /^(file|yubikey|pkcs11|keychain):/.test(typed) ? typed : `file:${typed}`;
}

/** A path is shown without its prefix. */
function asTyped(key: string): string {
  return key.replace(/^file:/, "");
}

/** What an officer changed of the picture they had, on the intent as it stands by now: a key may have joined in between. */
export function onto<T extends object>(now: T, seen: T, changed: T): T {
  const parts = Object.entries(changed).filter(([part, value]) => value !== seen[part as keyof T]);
  return { ...now, ...Object.fromEntries(parts) } as T;
}
