// The recorded tree, flattened as the desk flattens its own: sources and estates are open, all else is closed.
import type { Recorded } from "./replay";
import type { NodeKind, Query, TreeRequest, TreeRow, View } from "./types";

const OPEN: readonly NodeKind[] = ["estate", "practiceEstate", "notaryServer", "webSource", "folderSource"];

export function treeAnswer(records: Recorded[], query: Query): View | undefined {
  switch (query.kind) {
    case "treeRows": {
      const rows = visible(recordedRows(records), query.tree);
      const matched = rows.filter((row) => row.matched).length;
      return { kind: "treeRows", total: rows.length, from: query.from, rows: rows.slice(query.from, query.from + query.count), matched };
    }
    case "treeTypeahead": {
      const rows = visible(recordedRows(records), query.tree);
      const order = [...rows.slice(query.from + 1), ...rows.slice(0, query.from + 1)];
      const found = order.find((row) => row.name.toLowerCase().startsWith(query.prefix.toLowerCase()));
      return { kind: "treeTypeahead", index: found?.index ?? null, id: found?.id ?? null, open: [] };
    }
    case "treeReveal": {
      const all = recordedRows(records);
      const shut = ancestors(all, query.node).filter((row) => !isOpen(row, query.tree));
      const open = shut.map((row) => row.id);
      const rows = visible(all, { ...query.tree, toggled: [...query.tree.toggled, ...open] });
      const found = rows.find((row) => row.id === query.node);
      return { kind: "treeReveal", index: found?.index ?? null, id: found?.id ?? null, open };
    }
    case "treeBelow": {
      const all = recordedRows(records);
      const below = all.filter((row) => row.id === query.node || ancestors(all, row.id).some((above) => above.id === query.node));
      return { kind: "treeBelow", nodes: below.filter((row) => row.expandable && !isOpen(row, query.tree)).map((row) => row.id) };
    }
    default:
      return undefined;
  }
}

/** The record with the most rows: everything open. */
function recordedRows(records: Recorded[]): TreeRow[] {
  const trees = records.map(({ view }) => (view.kind === "treeRows" ? view.rows : []));
  return trees.reduce((most, rows) => (rows.length > most.length ? rows : most), []);
}

function isOpen(row: TreeRow, tree: TreeRequest): boolean {
  return OPEN.includes(row.node) !== tree.toggled.includes(row.id) || tree.search !== "" || tree.filters.length > 0;
}

function ancestors(all: TreeRow[], node: string): TreeRow[] {
  const above: TreeRow[] = [];
  let row = all.find((row) => row.id === node);
  while (row && row.parentIndex !== null) {
    row = all[row.parentIndex];
    if (row) above.push(row);
  }
  return above;
}

function visible(all: TreeRow[], tree: TreeRequest): TreeRow[] {
  const passes = (row: TreeRow) => row.name.toLowerCase().includes(tree.search.toLowerCase()) && tree.filters.every((filter) => passesFilter(row, filter.kind));
  const narrowed = tree.search !== "" || tree.filters.length > 0;
  const wanted = new Set<string>();
  if (narrowed) for (const row of all.filter(passes)) for (const kept of [row, ...ancestors(all, row.id)]) wanted.add(kept.id);
  const shown = all.filter((row) => (!narrowed || wanted.has(row.id)) && ancestors(all, row.id).every((above) => isOpen(above, tree)));
  const places = new Map(shown.map((row, index) => [row.id, index]));
  return shown.map((row, index) => {
    const parent = row.parentIndex === null ? undefined : all[row.parentIndex];
    return { ...row, index, parentIndex: parent ? (places.get(parent.id) ?? null) : null, expanded: row.expandable && isOpen(row, tree), matched: !narrowed || passes(row) };
  });
}

function passesFilter(row: TreeRow, kind: TreeRequest["filters"][number]["kind"]): boolean {
  switch (kind) {
    case "needsPerson":
      return row.standing !== null && row.standing !== "sound";
    case "expiresWithin":
      return row.daysLeft !== null && row.daysLeft <= 30;
    case "thresholdOne":
      return row.threshold === 1;
  }
}
