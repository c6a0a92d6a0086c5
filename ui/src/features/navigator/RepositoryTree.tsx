// The tree itself: rows from the desk, and what is open. Which nodes are open by default only the desk knows.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ask, type TreeFilter, type TreeRequest, type TreeRow } from "../../border";
import { Button } from "../../parts/button";
import { Empty } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Icon } from "../../parts/icon";
import { CustodyIcon, KindIcon, StandingIcon } from "../../parts/standing";
import { Tree } from "../../parts/tree";
import { daysShort, signedOf, version } from "../../words/format";
import { rowSaid, tree as words } from "../../words/tree";
import { useRows } from "./rows";

export function RepositoryTree({
  search,
  filters,
  selected,
  reveal,
  onOpen,
  onInspect,
  onClear,
}: {
  search: string;
  filters: TreeFilter[];
  selected: string | null;
  reveal: { node: string } | null;
  onOpen: (row: TreeRow) => void;
  onInspect: (node: string) => void;
  onClear: () => void;
}) {
  const [toggled, setToggled] = useState<string[]>([]);
  const [active, setActive] = useState(0);
  const request = useMemo<TreeRequest>(() => ({ toggled, search, filters }), [toggled, search, filters]);
  const rows = useRows(request);
  const narrowed = search !== "" || filters.length > 0;

  // Questions about the tree that a key asked and the desk has not answered yet.
  const [asking, setAsking] = useState(0);
  const wait = (answer: Promise<void>) => {
    setAsking((n) => n + 1);
    answer.finally(() => setAsking((n) => n - 1));
  };

  // The node that the keyboard stands on: rows come and go above it while the desk refreshes.
  const standing = useRef<string | null>(null);
  const stand = (index: number) => {
    standing.current = rows.rowAt(index)?.id ?? null;
    setActive(index);
  };

  // A new search starts at its first row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the question changes
  useEffect(() => {
    standing.current = null;
    setActive(0);
  }, [search, filters]);

  // Before the tree takes the next key: that key is meant for where the keyboard stands now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time the rows were made anew
  useLayoutEffect(() => {
    const node = standing.current;
    const row = rows.rowAt(active);
    if (node === null || row?.id === node) return;
    wait(
      ask({ kind: "treeReveal", tree: request, node }).then(
        (found) => {
          if (found.index !== null && found.open.length === 0) setActive(found.index);
          else standing.current = null;
        },
        () => undefined, // it is gone; the keyboard stands where it was
      ),
    );
  }, [rows.made]);

  const toggle = useCallback((nodes: string[]) => setToggled((before) => flipped(before, nodes)), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish
  useEffect(() => {
    if (!reveal) return;
    let wanted = true;
    ask({ kind: "treeReveal", tree: request, node: reveal.node }).then(
      (found) => {
        if (!wanted || found.index === null) return;
        toggle(found.open);
        standing.current = reveal.node;
        setActive(found.index);
      },
      () => undefined, // it is no longer there; the detail view says so
    );
    return () => {
      wanted = false;
    };
  }, [reveal]);

  const onTyped = (prefix: string, from: number) => {
    wait(
      ask({ kind: "treeTypeahead", tree: request, from, prefix }).then(
        (found) => {
          if (found.index === null) return;
          standing.current = found.id;
          setActive(found.index);
        },
        () => undefined, // the tree below shows why the desk does not answer
      ),
    );
  };

  const openBelow = (row: TreeRow) => {
    wait(
      ask({ kind: "treeBelow", tree: request, node: row.id }).then(
        (found) => toggle(found.nodes),
        () => undefined,
      ),
    );
  };

  if (rows.failure) {
    return (
      <div className="tree-failed">
        <FailurePanel failure={rows.failure} onRetry={() => setToggled([...toggled])} />
      </div>
    );
  }
  return (
    <>
      <Tree
        label={words.label}
        total={rows.total}
        rowAt={rows.rowAt}
        settled={rows.settled && asking === 0}
        active={Math.min(active, Math.max(0, rows.total - 1))}
        selected={selected}
        onActive={stand}
        onSight={rows.inSight}
        onToggle={(row) => toggle([row.id])}
        onOpenBelow={openBelow}
        onOpen={onOpen}
        onInspect={(row) => onInspect(row.id)}
        onTyped={onTyped}
        said={rowSaid}
        look={(row) => lookOf(row, narrowed)}
        waiting={words.waiting}
      >
        {(row) => <RowCells row={row} />}
      </Tree>
      {rows.known && rows.total === 0 ? (
        <div className="tree-empty">
          <Empty say={narrowed ? words.noMatch : words.empty} />
        </div>
      ) : null}
      {narrowed ? (
        <div className="treefoot">
          <span role="status">{words.matched(rows.matched)}</span>
          <span className="right">
            <Button look="quiet" onPress={onClear}>
              {words.clearAll}
            </Button>
          </span>
        </div>
      ) : null}
    </>
  );
}

function RowCells({ row }: { row: TreeRow }) {
  return (
    <>
      <KindIcon kind={row.node} />
      <span className="name">
        {row.name}
        {row.version ? <span className="ev muted"> {version(row.version)}</span> : null}
      </span>
      {row.busy ? <Icon name="a-refresh" size="xs" className="flag" /> : null}
      {row.firstUse ? <Icon name="st-unanchored" size="xs" className="flag" /> : null}
      <Columns row={row} />
    </>
  );
}

/** Columns end at a fixed right edge; those with nothing to say leave their room to the name. */
function Columns({ row }: { row: TreeRow }) {
  const wide = (row.valid !== null && row.threshold !== null) || row.custody !== null;
  const dated = row.daysLeft !== null;
  return (
    <span className={wide ? "cols" : dated ? "cols slim" : "cols bare"}>
      {wide ? row.custody ? <CustodyIcon custody={row.custody} silent /> : <span /> : null}
      {wide ? <span className="ev">{row.valid !== null && row.threshold !== null ? signedOf(row.valid, row.threshold) : ""}</span> : null}
      {wide || dated ? <span className="ev">{row.daysLeft !== null ? daysShort(row.daysLeft) : ""}</span> : null}
      {row.standing ? <StandingIcon standing={row.standing} size="s" silent /> : <span />}
    </span>
  );
}

function lookOf(row: TreeRow, narrowed: boolean): string {
  const outer = row.node === "estate" || row.node === "practiceEstate" || row.node === "notaryServer" || row.node === "webSource" || row.node === "folderSource";
  const stale = row.standing === "unreachable" && !outer;
  return [outer ? "outer" : "", stale ? "stale" : "", narrowed && !row.matched ? "around" : ""].filter(Boolean).join(" ");
}

/** Each of `nodes` changes sides: in when it was out, out when it was in. */
function flipped(before: string[], nodes: string[]): string[] {
  const after = new Set(before);
  for (const node of nodes) if (!after.delete(node)) after.add(node);
  return [...after];
}
