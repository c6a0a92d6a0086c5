// A host without a desk: answers from recorded views, so that screens and their tests run in a plain browser.
// It keeps the contract's shapes and decides nothing; what was not recorded fails as it would at the desk.

import type { Host } from "./host";
import { treeAnswer } from "./replay-tree";
import type { Failure, Outcome, Query, View } from "./types";

export type Recorded = { query: Query; view: View };

/** What the desk recorded of its practice estate; a test on its side keeps it fresh. */
const golden = import.meta.glob<Recorded>("../../../tests/golden/*.json", { eager: true, import: "default" });
export const recorded: Recorded[] = Object.values(golden);

/** A larger estate made up by hand, with every standing and every state of a ceremony. */
const made = import.meta.glob<Recorded>("./replay-data/*.json", { eager: true, import: "default" });
export const invented: Recorded[] = Object.values(made);

/** A host over `records`. Actions are answered by `acts`, else they are done at once and nothing changes. */
export function replayOf(records: Recorded[], acts: Partial<Record<string, Outcome>> = {}): Host {
  return {
    async query(query) {
      const answer = treeAnswer(records, query) ?? records.find((record) => same(record.query, query) || isFormOf(record.query, query))?.view;
      if (!answer) throw notRecorded(query);
      return answer;
    },
    act: async (action) => acts[action.kind] ?? { kind: "done" },
    listen: () => () => undefined,
  };
}

/** The invented estate, whose actions lead on to its next screen. */
export const replay: Host = replayOf(invented, {
  beginChange: { kind: "begun", ceremony: "2026-015" },
  register: { kind: "registered", repository: "r-vault" },
  choose: { kind: "chose", path: "/media/usb/chosen" },
  listNotary: { kind: "guns", guns: ["registry.example.org/platform/gateway", "registry.example.org/platform/ledger"] },
});

/** The forms of a repository are recorded once, whatever role they are opened on. */
function isFormOf(one: Query, other: Query): boolean {
  return one.kind === "changeForm" && other.kind === "changeForm" && one.repository === other.repository;
}

function same(one: Query, other: Query): boolean {
  return JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);
}

/** Members by name, however deep: who recorded them wrote them in another order. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function notRecorded(query: Query): Failure {
  const code = query.kind === "node" ? "no-such-node" : "repository-not-found";
  return { kind: "refusal", code, message: `nothing was recorded for ${query.kind}`, details: { query: JSON.stringify(query) } };
}
