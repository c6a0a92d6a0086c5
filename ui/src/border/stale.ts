// Which views a notice makes stale. The core says what changed; this only says which questions ask about it.
import type { Notice, Query } from "./types";

export function isStale(query: Query, notice: Notice): boolean {
  switch (notice.kind) {
    case "estateChanged":
      return asksTheEstate(query) || query.kind === "node" || asksTheKeyring(query);
    case "repositoryChanged":
      return query.kind === "node" || asksTheKeyring(query) || ("repository" in query && query.repository === notice.repository);
    case "ceremonyChanged":
      return (
        query.kind === "ceremonies" ||
        query.kind === "attention" ||
        query.kind === "estate" ||
        query.kind === "changeForm" ||
        query.kind === "firstPlan" ||
        query.kind === "repository" ||
        query.kind === "revocation" ||
        query.kind === "key" ||
        query.kind === "drills" ||
        (query.kind === "ceremony" && query.ceremony === notice.ceremony)
      );
    case "tokensChanged":
      return query.kind === "tokens" || query.kind === "provisioning" || query.kind === "changeForm" || query.kind === "beginningForm" || query.kind === "plan" || query.kind === "firstPlan" || query.kind === "ceremony" || query.kind === "request" || asksTheKeyring(query) || saysWhereKeysLive(query);
    case "keysChanged":
      return asksTheKeyring(query) || saysWhereKeysLive(query) || query.kind === "attention" || query.kind === "estate" || query.kind === "settings" || query.kind === "beginningForm" || query.kind === "keyFolders" || query.kind === "attestationRoots";
    case "progress":
    case "idle":
      return query.kind === "estate";
    case "readyStepTaken":
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
    case "drills":
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
    case "changeForm":
    case "plan":
    case "beginningForm":
    case "firstPlan":
    case "targets":
    case "revocation":
    case "ceremony":
    case "request":
    case "provisioning":
    case "keys":
    case "key":
    case "rollCall":
    case "keyFolders":
    case "attestationRoots":
    case "map":
      return false;
  }
}

function saysWhereKeysLive(query: Query): boolean {
  return query.kind === "treeRows" || query.kind === "repository" || query.kind === "node" || query.kind === "history" || query.kind === "blast";
}

function asksTheKeyring(query: Query): boolean {
  return query.kind === "keys" || query.kind === "revocation" || query.kind === "key" || query.kind === "rollCall";
}
