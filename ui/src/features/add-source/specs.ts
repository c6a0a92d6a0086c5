// What was typed, as the sources it names.
import type { SourceSpec } from "../../border";

export type Typed = {
  path: string;
  gunOfFolder: string;
  url: string;
  caFile: string;
  gun: string;
  user: string;
  /** GUNs taken from the server's list. */
  chosen: ReadonlySet<string>;
};

export const NOTHING: Typed = { path: "", gunOfFolder: "", url: "", caFile: "", gun: "", user: "", chosen: new Set() };

/** One spec for each repository; none while something is missing. Whether they can be read, the desk says. */
export function specsOf(kind: SourceSpec["kind"], typed: Typed): SourceSpec[] {
  const url = typed.url.trim();
  const caFile = orNull(typed.caFile);
  switch (kind) {
    case "folder":
      return typed.path.trim() === "" ? [] : [{ kind, path: typed.path.trim(), gun: orNull(typed.gunOfFolder) }];
    case "http":
      return url === "" ? [] : [{ kind, url, caFile }];
    case "notary": {
      const guns = new Set([...typed.chosen, typed.gun.trim()].filter(Boolean));
      return url === "" ? [] : [...guns].map((gun) => ({ kind, url, gun, caFile, user: orNull(typed.user) }));
    }
  }
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
