// What the page needs of its host. The live one is Tauri; the other answers from recorded views.
import type { Action, Failure, Notice, Outcome, Query, View } from "./types";

export interface Host {
  query(query: Query): Promise<View>;
  act(action: Action): Promise<Outcome>;
  /** Calls `hear` for every notice until the returned function is called. */
  listen(hear: (notice: Notice) => void): () => void;
  /** Calls `hear` with the paths of files that are dropped on the window, where there is a window. */
  drops?(hear: (paths: string[]) => void): () => void;
}

/** Turns whatever a host threw into a `Failure`, so that screens have one shape to show. */
export function toFailure(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "fault", code: "panicked", message, details: {} };
}

function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown && "kind" in thrown;
}
