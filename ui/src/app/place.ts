// Where the officer is in the window, and the way back.
import { useCallback, useState } from "react";
import type { Step } from "../border";
import type { RepositoryTab } from "../features/repository/Repository";
import type { Opening } from "../words/change";

export type Place =
  | { kind: "attention" }
  | { kind: "keys" }
  | { kind: "keyFolders" }
  | { kind: "tokens" }
  | { kind: "provisioning"; token: string }
  | { kind: "ceremonies" }
  | { kind: "practice" }
  | { kind: "request" }
  | { kind: "settings" }
  | { kind: "map" }
  | { kind: "source"; node: string }
  | { kind: "repository"; repository: string; tab: RepositoryTab }
  | { kind: "trust"; repository: string }
  | { kind: "blast"; repository: string; keys: string[] }
  | { kind: "revocation"; physicalKey: string }
  | { kind: "rollCall"; repository: string }
  | { kind: "begin" }
  | { kind: "change"; repository: string; opening: Opening }
  | { kind: "ceremony"; ceremony: string; step: Step | null };

export type Places = {
  place: Place;
  go: (to: Place) => void;
  /** Undefined where there is nothing to go back or forward to. */
  back: (() => void) | undefined;
  forward: (() => void) | undefined;
};

export function usePlaces(first: Place): Places {
  const [way, setWay] = useState<{ places: [Place, ...Place[]]; at: number }>({ places: [first], at: 0 });
  const { places, at } = way;
  const go = useCallback(
    (to: Place) =>
      setWay(({ places, at }) => {
        if (JSON.stringify(places[at]) === JSON.stringify(to)) return { places, at };
        const [first, ...rest] = places;
        return { places: [first, ...rest.slice(0, at), to], at: at + 1 };
      }),
    [],
  );
  return {
    place: places[at] ?? places[0],
    go,
    back: at > 0 ? () => setWay({ places, at: at - 1 }) : undefined,
    forward: at < places.length - 1 ? () => setWay({ places, at: at + 1 }) : undefined,
  };
}
