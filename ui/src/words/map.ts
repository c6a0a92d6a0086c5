// Words of a client's map file: who is asked for a target, how many must agree, where a search ends.
import { count } from "./format";

export const map = {
  open: "Show a map file…",
  title: "Map file",
  lede: "A client that uses several repositories goes by such a file (TAP 4): for a target it asks the repositories of the first mapping that fits, and so many of them must agree. The file is read and shown, and nothing is asked.",
  reading: "Reading the map…",
  file: "Map file of a client",
  fileHint: "/etc/client/map.json",
  choose: "Choose…",
  target: "A target, if you want to know who is asked for it",
  targetHint: "images/base.tar",
  show: "Show it",
  blocked: "Show it: choose the file",
  repositories: "Repositories",
  mappings: "In this order",
  columns: { name: "Name", urls: "Addresses", number: "No.", paths: "Paths", asked: "Asked", agree: "Must agree", after: "Then" },
  unused: "asked for nothing",
  noUrl: "no address",
  agree: (threshold: number, of: number) => (of === 1 ? "itself" : `${threshold} of ${of}`),
  ends: "nobody after",
  goesOn: "the next that fits",
  nobody: (target: string) => `For ${target} nobody is asked.`,
  askedFor: (target: string, n: number) => `For ${target}, ${count(n, "mapping is", "mappings are")} gone through, in this order. They are marked.`,
  marked: { yes: "asked for it", onlyAcrossSlashes: "asked for it by clients whose * crosses slashes" },
} as const;
