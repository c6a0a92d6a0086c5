// Windows of tree rows. The desk flattens the tree; here only the windows near what is in sight are held.
import { useCallback, useEffect, useRef, useState } from "react";
import { ask, type Failure, isStale, type Query, type TreeRequest, type TreeRow, useNotice } from "../../border";

const PAGE = 120;
const HELD_PAGES = 40;

type Held = { total: number; matched: number; pages: Map<number, TreeRow[]>; failure: Failure | undefined; known: boolean; made: number; of: string };

const NOTHING: Held = { total: 0, matched: 0, pages: new Map(), failure: undefined, known: false, made: 0, of: "" };

export type Rows = {
  total: number;
  matched: number;
  known: boolean;
  failure: Failure | undefined;
  /** Grows whenever all rows were asked for anew, so that an index may mean another row. */
  made: number;
  /** Whether these are the rows of the request, not yet those of the one before it. */
  settled: boolean;
  rowAt: (index: number) => TreeRow | undefined;
  inSight: (from: number, to: number) => void;
};

/** Rows of a tree request. A new request keeps the old rows until the first window of the new ones is there. */
export function useRows(tree: TreeRequest): Rows {
  const key = JSON.stringify(tree);
  const [held, setHeld] = useState<Held>(NOTHING);
  const [round, setRound] = useState(0);
  const sight = useRef({ from: 0, to: 40 });
  const generation = useRef(0);
  const asked = useRef(new Set<number>());
  const request = useRef(tree);

  useNotice((notice) => {
    const query: Query = { kind: "treeRows", tree, from: 0, count: 0 };
    if (isStale(query, notice) || notice.kind === "repositoryChanged") setRound((n) => n + 1);
  });

  const load = useCallback((page: number) => {
    const mine = generation.current;
    asked.current.add(page);
    ask({ kind: "treeRows", tree: request.current, from: page * PAGE, count: PAGE }).then(
      (view) => {
        if (mine !== generation.current) return;
        setHeld((held) => ({ ...held, total: view.total, matched: view.matched, pages: withPage(held.pages, page, view.rows, sight.current.from) }));
      },
      (failure: Failure) => {
        if (mine === generation.current) setHeld((held) => ({ ...held, failure }));
      },
    );
  }, []);

  const inSight = useCallback(
    (from: number, to: number) => {
      sight.current = { from, to };
      for (const page of pagesOf(from - PAGE, to + PAGE)) if (!asked.current.has(page)) load(page);
    },
    [load],
  );

  // `round` is no input: a new round asks the same again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const mine = ++generation.current;
    request.current = JSON.parse(key) as TreeRequest;
    const pages = pagesOf(sight.current.from, sight.current.to);
    asked.current = new Set(pages);
    Promise.all(pages.map((page) => ask({ kind: "treeRows", tree: request.current, from: page * PAGE, count: PAGE }))).then(
      (views) => {
        const [first] = views;
        if (mine !== generation.current || !first) return;
        const fresh = new Map(pages.map((page, index) => [page, views[index]?.rows ?? []]));
        setHeld({ total: first.total, matched: first.matched, pages: fresh, failure: undefined, known: true, made: mine, of: key });
      },
      (failure: Failure) => {
        if (mine === generation.current) setHeld((held) => ({ ...held, failure, known: true, of: key }));
      },
    );
  }, [key, round]);

  const { pages, total, matched, known, failure, made, of } = held;
  const rowAt = useCallback((index: number) => pages.get(Math.floor(index / PAGE))?.[index % PAGE], [pages]);
  return { total, matched, known, failure, made, settled: of === key, rowAt, inSight };
}

function pagesOf(from: number, to: number): number[] {
  const first = Math.max(0, Math.floor(from / PAGE));
  const last = Math.max(first, Math.floor(Math.max(0, to - 1) / PAGE));
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function withPage(pages: Map<number, TreeRow[]>, page: number, rows: TreeRow[], sight: number): Map<number, TreeRow[]> {
  const near = Math.floor(sight / PAGE);
  const kept = [...pages].filter(([number]) => Math.abs(number - near) < HELD_PAGES / 2);
  return new Map(kept).set(page, rows);
}
