// Words of the tree and its filters.
import { count, daysSaid, grouped } from "./format";
import { type CustodyWord, custodies, type KindWord, kinds, type StandingWord, standings } from "./standings";

export const tree = {
  label: "Repositories",
  search: "Search in the tree",
  searchHint: "Name, keyid, officer",
  clear: "Clear the search",
  filters: "Filters",
  filter: {
    needsPerson: "Needs a person",
    expiresWithin: (days: number) => `Expires within ${count(days, "day")}`,
    thresholdOne: "Threshold 1",
  },
  columns: { count: "k/n", left: "left" },
  add: "Add a source…",
  matched: (n: number) => (n === 0 ? "Nothing fits" : `${grouped(n)} fit${n === 1 ? "s" : ""}`),
  noMatch: "Nothing fits this search.",
  clearAll: "Clear search and filters",
  empty: "No source yet. Add one to see it here.",
  waiting: "Reading…",
  busy: "being refreshed",
  firstUse: "trusted on first use only",
  practice: "practice",
} as const;

export type RowSaid = {
  node: KindWord;
  name: string;
  version: string | null;
  custody: CustodyWord | null;
  valid: number | null;
  threshold: number | null;
  daysLeft: number | null;
  standing: StandingWord | null;
  practice: boolean;
  firstUse: boolean;
  busy: boolean;
};

/** Everything a row shows, as a screen reader says it. */
export function rowSaid(row: RowSaid): string {
  const said = [row.version ? `${row.name} ${row.version}` : row.name];
  const kind = kinds[row.node];
  if (kind !== row.name) said.push(kind.toLowerCase());
  if (row.standing) said.push(standings[row.standing].toLowerCase());
  if (row.valid !== null && row.threshold !== null) said.push(`${row.valid} of ${row.threshold} signatures`);
  if (row.daysLeft !== null) said.push(daysSaid(row.daysLeft));
  if (row.custody) said.push(custodies[row.custody].toLowerCase());
  if (row.firstUse) said.push(tree.firstUse);
  if (row.practice) said.push(tree.practice);
  if (row.busy) said.push(tree.busy);
  return said.join(", ");
}
