// A standing: shape first, colour second, word always (the icon alone carries the word as its name).
import { type CustodyWord, custodies, type KindWord, type StandingWord, standings } from "../words/standings";
import { Icon, type IconSize } from "./icon";

const SHAPES: Record<StandingWord, string> = {
  suspect: "st-suspect",
  "under-threshold": "st-under",
  expired: "st-expired",
  unanchored: "st-unanchored",
  unreachable: "st-unreachable",
  expiring: "st-expiring",
  "never-seen": "st-never",
  sound: "st-sound",
};

export const standingShape = (standing: StandingWord): string => SHAPES[standing];

export function StandingIcon({ standing, size = "m", silent = false }: { standing: StandingWord; size?: IconSize; silent?: boolean }) {
  const named = silent ? {} : { label: standings[standing] };
  return <Icon name={SHAPES[standing]} size={size} className={standing} {...named} />;
}

/** The word in a box of its colour; `words` adds the cause ("Under threshold in firmware"). */
export function StandingBadge({ standing, words }: { standing: StandingWord; words?: string }) {
  return (
    <span className={`badge ${standing}`}>
      <Icon name={SHAPES[standing]} />
      {words ?? standings[standing]}
    </span>
  );
}

const KIND_ICONS: Record<KindWord, string> = {
  estate: "src-estate",
  practiceEstate: "src-practice",
  notaryServer: "src-notary",
  webSource: "src-tuf",
  folderSource: "src-folder",
  repository: "repository",
  root: "role-root",
  targets: "role-targets",
  snapshot: "role-snapshot",
  timestamp: "role-timestamp",
  delegation: "role-delegation",
  key: "key",
};

export const kindShape = (kind: KindWord): string => KIND_ICONS[kind];

export function KindIcon({ kind, size = "m", className = "kind" }: { kind: KindWord; size?: IconSize; className?: string }) {
  return <Icon name={KIND_ICONS[kind]} size={size} className={className} />;
}

const CUSTODY_ICONS: Record<CustodyWord, string> = {
  token: "key-token",
  file: "key-file",
  keychain: "key-keychain",
  server: "key-server",
  unknown: "key-unknown",
};

export const custodyShape = (custody: CustodyWord): string => CUSTODY_ICONS[custody];

export function CustodyIcon({ custody, size = "m", silent = false }: { custody: CustodyWord; size?: IconSize; silent?: boolean }) {
  const named = silent ? {} : { label: custodies[custody] };
  return <Icon name={CUSTODY_ICONS[custody]} size={size} className="custody" {...named} />;
}
