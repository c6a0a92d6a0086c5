// How numbers, dates and digests are written. Nothing here decides; it only sets type.

/** `1 key`, `2 keys`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** 6418 as `6 418`, with thin spaces that do not break. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** Days as the tree shows them: `23 d`, `–4 d`. */
export function daysShort(days: number): string {
  return days < 0 ? `–${-days} d` : `${days} d`;
}

/** Days as a screen reader says them. None may be just before the end or just after it. */
export function daysSaid(days: number): string {
  if (days < 0) return `expired ${count(-days, "day")} ago`;
  return days === 0 ? "ends today" : `expires in ${count(days, "day")}`;
}

/** `2026-12-15` out of an RFC 3339 text; anything else stays as it is, because it is evidence. */
export function day(text: string): string {
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? text.slice(0, 10) : text;
}

/** `2026-12-15 12:00 UTC`; offsets are carried over to UTC. */
export function minute(text: string): string {
  const at = utc(text);
  return at ? `${at.slice(0, 10)} ${at.slice(11, 16)} UTC` : text;
}

/** `10:58` */
export function clock(text: string): string {
  return utc(text)?.slice(11, 16) ?? text;
}

/** `10:58:31` */
export function clockWithSeconds(text: string): string {
  return utc(text)?.slice(11, 19) ?? text;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `22 Nov 2026 11:06 UTC` */
export function spokenMinute(text: string): string {
  const at = utc(text);
  if (!at) return text;
  return `${Number(at.slice(8, 10))} ${MONTHS[Number(at.slice(5, 7)) - 1]} ${at.slice(0, 4)} ${at.slice(11, 16)} UTC`;
}

/** A digest as 8 groups of 8, each with a gap in its middle. */
export function groups(digest: string): string[] {
  return (bare(digest).match(/.{1,8}/g) ?? []).map((group) => `${group.slice(0, 4)} ${group.slice(4)}`.trim());
}

/** The ends of a keyid or key: `3a7f…9b10`. Only where nothing is decided by it. */
export function ends(id: string): string {
  const hex = bare(id);
  return hex.length > 12 ? `${hex.slice(0, 4)}…${hex.slice(-4)}` : hex;
}

/** A text with every id of 64 digits in it cut to its ends, of which nobody reads more. */
export function endsWithin(text: string): string {
  return text.replace(/[0-9a-f]{64}/g, (id) => ends(id));
}

/** A digest without the name of its algorithm. */
export function bare(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

export function ofText(have: number, need: number): string {
  return `${have} of ${need}`;
}

/** Signatures that are good and how many are needed, which may be fewer. */
export function signedOf(good: number, need: number): string {
  return `${good}/${need}`;
}

function utc(text: string): string | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** `v9`, whether the desk wrote `9` or `v9`. */
export function version(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}

/** A statement closed with a full stop, so that another may follow it. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
