// What was typed and ticked in the form, as the change it asks for. Only its form is looked at here, never its sense.
import type { Custody, KeyFileView, RotationChange, RotationFormView, RotationKey, SlotView } from "../../border";

/** What a row of the form says of a key that is in the role now: whether it stays, and where it is when it signs. */
export type KeyWish = { stays: boolean; at: string };

/** A key that joins: in a file, in the keychain, or in a slot of a token. */
export type Joiner = { key: string; name: string; custody: Custody; algorithm: string; physicalKey: string | null; note: "encrypted" | "plain" | null };

export type Wishes = {
  /** By physical key; a key without a wish stays and signs where the desk knows it. */
  keys: Record<string, KeyWish>;
  joining: Joiner[];
  /** The server is asked for a key of its own. */
  server: boolean;
  threshold: string;
  legacy: string;
  expires: string;
  reason: string;
};

/** What a form starts with. A role that only the server may sign starts with asking it. */
export function noWish(form: RotationFormView): Wishes {
  return { keys: {}, joining: [], server: form.server === "always", threshold: "", legacy: "", expires: "", reason: "" };
}

export function wishOf(wishes: Wishes, key: RotationKey): KeyWish {
  return wishes.keys[key.physicalKey] ?? { stays: true, at: key.key === null ? "" : asTyped(key.key) };
}

export function changeOf(form: RotationFormView, wishes: Wishes): RotationChange {
  const threshold = wishes.threshold.trim();
  const expires = wishes.expires.trim();
  const signers = [...form.keys, ...form.rootKeys].map((key) => wishOf(wishes, key).at.trim()).filter(Boolean);
  return {
    role: form.role,
    remove: wishes.server ? [] : form.keys.filter((key) => !wishOf(wishes, key).stays).map((key) => key.physicalKey),
    add: wishes.server ? [] : wishes.joining.map((key) => key.key),
    sign: [...new Set(signers.map(asKey))],
    server: wishes.server,
    threshold: threshold === "" ? null : Number(threshold),
    legacy: wishes.legacy.trim() === "" ? 0 : Number(wishes.legacy),
    expires: expires === "" ? null : isDay(expires) ? `${expires}T00:00:00Z` : expires,
    reason: wishes.reason.trim(),
  };
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

export function asksNothing(change: RotationChange): boolean {
  return change.remove.length === 0 && change.add.length === 0 && !change.server && change.threshold === null && change.expires === null;
}

export function isCount(text: string): boolean {
  return text.trim() === "" || /^[1-9]\d{0,8}$/.test(text.trim());
}

export function isTime(text: string): boolean {
  const typed = text.trim();
  return typed === "" || isDay(typed) || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(typed);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

/** What was typed as the border names a key: a place in a token as it is, anything else is a path. */
function asKey(typed: string): string {
  return /^(file|yubikey|pkcs11|keychain):/.test(typed) ? typed : `file:${typed}`;
}

/** A path is shown without its prefix. */
function asTyped(key: string): string {
  return key.replace(/^file:/, "");
}
