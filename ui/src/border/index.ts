// The page's only door to the desk: ask, act, hear what went stale.
import { useEffect, useRef, useState } from "react";
import { type Host, toFailure } from "./host";
import { isStale } from "./stale";
import type { Action, Failure, Notice, Outcome, Query, View } from "./types";

export { isStale } from "./stale";
export type * from "./types";
export { FAILURE_CODES } from "./types";

/** The answer to a query of kind `K`. */
export type ViewOf<K extends Query["kind"]> = Extract<View, { kind: K }>;

let host: Host | undefined;
const ears = new Set<(notice: Notice) => void>();

/** Chooses the host, once, before the first screen. */
export function connect(to: Host): () => void {
  host = to;
  return to.listen((notice) => {
    underWay.clear(); // an answer asked for before the notice may be stale
    for (const hear of [...ears]) hear(notice);
  });
}

function connected(): Host {
  if (!host) throw new Error("connect() comes before the first question");
  return host;
}

const underWay = new Map<string, Promise<View>>();

/** Asks the desk; two who ask the same at once share one answer. Rejects with a `Failure` and nothing else. */
export async function ask<Q extends Query>(query: Q): Promise<ViewOf<Q["kind"]>> {
  const key = JSON.stringify(query);
  let answer = underWay.get(key);
  if (!answer) {
    answer = connected().query(query);
    underWay.set(key, answer);
    const forget = () => void underWay.delete(key);
    answer.then(forget, forget);
  }
  try {
    return (await answer) as ViewOf<Q["kind"]>;
  } catch (thrown) {
    throw toFailure(thrown);
  }
}

/** Has the desk do something. Rejects with a `Failure` and nothing else. */
export async function act(action: Action): Promise<Outcome> {
  try {
    return await connected().act(action);
  } catch (thrown) {
    throw toFailure(thrown);
  }
}

/** Calls `hear` with the paths of files that are dropped on the window while the component lives. */
export function useDrops(hear: (paths: string[]) => void): void {
  const ear = useRef(hear);
  ear.current = hear;
  useEffect(() => connected().drops?.((paths) => ear.current(paths)), []);
}

/** Calls `hear` for every notice while the component lives. */
export function useNotice(hear: (notice: Notice) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    const ear = (notice: Notice) => latest.current(notice);
    ears.add(ear);
    return () => void ears.delete(ear);
  }, []);
}

/** What a question has come to. While a stale view is asked for again, the old one stays. */
export type Asked<V> = { state: "waiting" } | { state: "known"; view: V } | { state: "failed"; failure: Failure };

/** Asks while the component lives, and again whenever a notice makes the answer stale. */
export function useView<Q extends Query>(query: Q): Asked<ViewOf<Q["kind"]>> {
  type V = ViewOf<Q["kind"]>;
  const key = JSON.stringify(query);
  const [asked, setAsked] = useState<{ key: string; asked: Asked<V> }>({ key, asked: { state: "waiting" } });
  const [round, setRound] = useState(0);

  useNotice((notice) => {
    if (isStale(query, notice)) setRound((n) => n + 1);
  });

  // `round` is no input of the question: a new round asks the same again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let wanted = true;
    const settle = (asked: Asked<V>) => {
      if (wanted) setAsked({ key, asked });
    };
    ask(JSON.parse(key) as Q).then(
      (view) => settle({ state: "known", view }),
      (failure: Failure) => settle({ state: "failed", failure }),
    );
    return () => {
      wanted = false;
    };
  }, [key, round]);

  return asked.key === key ? asked.asked : { state: "waiting" };
}

/** Runs one action at a time and keeps the failure of the last one for a panel. */
export function useAct(): {
  running: Action["kind"] | undefined;
  failure: Failure | undefined;
  run: (action: Action, then?: (outcome: Outcome) => void) => void;
  clear: () => void;
} {
  const [running, setRunning] = useState<Action["kind"]>();
  const [failure, setFailure] = useState<Failure>();
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  return {
    running,
    failure,
    clear: () => setFailure(undefined),
    run(action, then) {
      setRunning(action.kind);
      setFailure(undefined);
      act(action).then(
        (outcome) => {
          if (!alive.current) return;
          setRunning(undefined);
          then?.(outcome);
        },
        (failed: Failure) => {
          if (!alive.current) return;
          setRunning(undefined);
          setFailure(failed);
        },
      );
    },
  };
}
