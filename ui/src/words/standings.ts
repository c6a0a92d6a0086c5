// The officer's word for each standing, custody and kind of node.
import { count } from "./format";

export const standings = {
  suspect: "Suspect",
  "under-threshold": "Under threshold",
  expired: "Expired",
  unanchored: "Unanchored",
  unreachable: "Unreachable",
  expiring: "Expiring",
  "never-seen": "Never seen",
  sound: "Sound",
} as const;

export type StandingWord = keyof typeof standings;

/** The word and its cause, for a badge beside a title. */
export function standingIn(standing: StandingWord, role: string, daysLeft: number | null): string {
  switch (standing) {
    case "expiring":
      if (daysLeft === 0) return `${role} expires today`;
      return daysLeft === null ? `${role} is expiring` : `${role} expires in ${count(daysLeft, "day")}`;
    case "expired":
      if (daysLeft === 0) return `${role} expired today`;
      return daysLeft === null ? `${role} has expired` : `${role} expired ${count(-daysLeft, "day")} ago`;
    case "suspect":
    case "under-threshold":
    case "unreachable":
    case "never-seen":
      return `${standings[standing]} in ${role}`;
    case "unanchored":
    case "sound":
      return standings[standing];
  }
}

export const custodies = {
  token: "Hardware token",
  file: "Key file",
  keychain: "Keychain",
  server: "Server",
  unknown: "Unknown place",
} as const;

export type CustodyWord = keyof typeof custodies;

export const kinds = {
  estate: "Estate",
  practiceEstate: "Practice estate",
  notaryServer: "Notary server",
  webSource: "TUF repository on the web",
  folderSource: "Folder",
  repository: "Repository",
  root: "root",
  targets: "targets",
  snapshot: "snapshot",
  timestamp: "timestamp",
  delegation: "Delegated role",
  key: "Key",
} as const;

export type KindWord = keyof typeof kinds;

export const dialects = { tuf1: "TUF repository", notary: "Notary repository" } as const;
