// What was typed and ticked in the form, as the change it asks for. Only its form is looked at here, never its sense.
import type { KeyFileView, RotationChange, RotationFormView, RotationKey } from "../../border";

/** What a row of the form says of a key that is in root now. */
export type KeyWish = { stays: boolean; file: string };

export type Wishes = {
  /** By physical key; a key without a wish stays and signs with the file that the desk knows. */
  keys: Record<string, KeyWish>;
  joining: KeyFileView[];
  threshold: string;
  expires: string;
  reason: string;
};

export const NO_WISH: Wishes = { keys: {}, joining: [], threshold: "", expires: "", reason: "" };

export function wishOf(wishes: Wishes, key: RotationKey): KeyWish {
  return wishes.keys[key.physicalKey] ?? { stays: true, file: key.file === null ? "" : asPath(key.file) };
}

export function changeOf(form: RotationFormView, wishes: Wishes): RotationChange {
  const threshold = wishes.threshold.trim();
  const expires = wishes.expires.trim();
  return {
    role: "root",
    server: false,
    legacy: 0,
    remove: form.keys.filter((key) => !wishOf(wishes, key).stays).map((key) => key.physicalKey),
    add: wishes.joining.map((key) => key.key),
    sign: form.keys
      .map((key) => wishOf(wishes, key).file.trim())
      .filter(Boolean)
      .map(asKey),
    threshold: threshold === "" ? null : Number(threshold),
    expires: expires === "" ? null : isDay(expires) ? `${expires}T00:00:00Z` : expires,
    reason: wishes.reason.trim(),
  };
}

export function asksNothing(change: RotationChange): boolean {
  return change.remove.length === 0 && change.add.length === 0 && change.threshold === null && change.expires === null;
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

/** A path as the border names a key. */
function asKey(path: string): string {
  return path.startsWith("file:") ? path : `file:${path}`;
}

function asPath(key: string): string {
  return key.replace(/^file:/, "");
}
