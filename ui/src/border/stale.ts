// Which views a notice makes stale. The core says what changed; this only says which questions ask about it.
import type { Notice, Query } from "./types";

export function isStale(query: Query, notice: Notice): boolean {
  switch (notice.kind) {
    case "estateChanged":
      return asksTheEstate(query) || query.kind === "node";
    case "repositoryChanged":
      return query.kind === "node" || ("repository" in query && query.repository === notice.repository);
    case "ceremonyChanged":
      return (
        query.kind === "ceremonies" ||
        query.kind === "attention" ||
        query.kind === "estate" ||
        (query.kind === "ceremony" && query.ceremony === notice.ceremony)
      );
    case "tokensChanged":
      return query.kind === "tokens" || query.kind === "rotationForm" || query.kind === "ceremony" || query.kind === "request";
    case "progress":
    case "idle":
      return query.kind === "estate";
    case "touchAwaited":
    case "touchOver":
      return false;
  }
}

function asksTheEstate(query: Query): boolean {
  switch (query.kind) {
    case "estate":
    case "treeRows":
    case "attention":
    case "ceremonies":
    case "settings":
    case "tokens":
      return true;
    case "treeTypeahead":
    case "treeReveal":
    case "treeBelow":
    case "repository":
    case "node":
    case "history":
    case "compare":
    case "blast":
    case "firstTrust":
    case "rotationForm":
    case "ceremony":
    case "request":
      return false;
  }
}
