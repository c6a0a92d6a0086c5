// Keys that are stolen or lost, or whose officer leaves: what the desk is asked, and what becomes of each repository.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, type BulkPlace, type BulkView, type ChangeWish, connect, type Failure, type Query, type RevocationRow, type RevocationView } from "../../border";
import { recorded } from "../../border/replay";
import { Revocation } from "./Revocation";
import { sentence, spare } from "./recorded";

const KEY = `sha256:${"4".repeat(64)}`;
const wish: ChangeWish = { edits: [{ kind: "revoke", key: KEY, replace: null, signAgain: false }], sign: [], legacy: 0, onlineElsewhere: false, newKeysOnly: true, reason: "" };
const row = (name: string, part: Partial<RevocationRow> = {}): RevocationRow => ({
  repository: name,
  name,
  grade: "delegated",
  verdict: sentence("warning", ["plain", "Whoever holds this key can sign targets as files."]),
  roles: ["files"],
  repairs: [{ step: "documents", what: sentence("changed", ["plain", "Issue targets again."]), why: [], by: null, possible: true }],
  wish,
  documents: [],
  warnings: [],
  refusal: null,
  openCeremony: null,
  ...part,
});
const refusal: Failure = { kind: "refusal", code: "draft-refused", message: "files would need 1 signature and have 0 keys", details: {} };
const view: RevocationView = {
  practice: false,
  extents: [
    { extent: "key", name: "YubiKey 19 402 271, slot 9c", keys: 1 },
    { extent: "token", name: "YubiKey 19 402 271", keys: 3 },
    { extent: "officer", name: "officer_3", keys: 4 },
  ],
  keys: [{ physicalKey: KEY, place: "YubiKey 19 402 271, slot 9c", officer: "officer_3", custody: "token" }],
  repositories: [row("one"), row("two"), row("three", { refusal }), row("four", { openCeremony: "2026-013" })],
  keyFiles: [spare],
  slots: [],
  kinds: ["p256"],
};

function bulkOf(repositories: string[], refused: string[]): BulkView {
  const place = (repository: string): BulkPlace => {
    const why = refused.includes(repository) ? refusal.message : null;
    return { repository, name: repository, state: why ? "refused" : "begun", ceremony: why ? null : `of-${repository}`, why };
  };
  return { id: "2026-001", reason: "", begunAt: "2026-11-22T10:38:00Z", rows: repositories.map(place), pending: refused.length };
}

function desk(shown: RevocationView = view, refused: string[] = []) {
  const [asked, acted]: [Query[], Action[]] = [[], []];
  connect({
    query: async (query) => {
      asked.push(query);
      return { kind: "revocation", ...shown };
    },
    act: async (action) => {
      acted.push(action);
      if (action.kind === "beginChange" && refused.includes(action.repository)) throw refusal;
      if (action.kind === "beginBulk") return { kind: "begunBulk", bulk: bulkOf(action.wishes.map(({ repository }) => repository), refused) };
      return action.kind === "beginChange" ? { kind: "begun", ceremony: `of-${action.repository}` } : { kind: "done" };
    },
    listen: () => () => undefined,
  });
  return { asked, acted };
}

const [onChange, onCeremony] = [vi.fn(), vi.fn()];
const show = () => render(<Revocation physicalKey={KEY} onChange={onChange} onCeremony={onCeremony} />);

it("asks what happened, to how much, and what takes its place", async () => {
  const { asked } = desk();
  show();
  await userEvent.click(await screen.findByRole("radio", { name: "Its officer leaves, and gives it back" }));
  await userEvent.click(screen.getByRole("radio", { name: "The whole token: YubiKey 19 402 271, 3 keys" }));
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  expect(asked[0]).toEqual({ kind: "revocation", physicalKey: KEY, extent: "key", cause: "stolen", replacement: null });
  expect(asked.at(-1)).toEqual({ kind: "revocation", physicalKey: KEY, extent: "token", cause: "leaves", replacement: spare.key });
});

it("begins a ceremony in every repository that can, and says of each what came of it", async () => {
  const { acted } = desk(view, ["two"]);
  show();
  expect((await screen.findByRole("button", { name: "Begin: say why" })).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "The bag was stolen");
  await userEvent.click(screen.getByRole("button", { name: "Begin 2 ceremonies, one in each repository" }));
  expect(await screen.findByText("Ceremony of-one is under way.")).toBeTruthy();
  expect(within(await screen.findByRole("alert")).getByText(/files would need/)).toBeTruthy();
  const asked = (repository: string) => ({ repository, wish: { ...wish, reason: "The bag was stolen" } });
  expect(acted).toEqual([{ kind: "beginBulk", wishes: ["one", "two"].map(asked) }]);
  // Pressed again, it takes up what is left.
  await userEvent.click(screen.getByRole("button", { name: "Begin the ceremony" }));
  expect(acted).toHaveLength(2);
  expect(acted[1]).toMatchObject({ kind: "beginChange", repository: "two" });
  await userEvent.click(screen.getByRole("button", { name: "Ceremony of-one…" }));
  expect(onCeremony).toHaveBeenCalledWith("of-one");
});

it("says why one cannot begin, leads to its form, and to the ceremony that is open", async () => {
  desk();
  show();
  expect(await screen.findByText(/files would need 1 signature/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Begin the ceremony in three" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Look at it in its form: three" }));
  expect(onChange).toHaveBeenCalledWith("three", { form: "given", keys: [KEY], replace: null, signAgain: false, newKeysOnly: true, cause: "stolen" });
  await userEvent.click(screen.getByRole("button", { name: "Ceremony 2026-013…" }));
  expect(onCeremony).toHaveBeenCalledWith("2026-013");
  await userEvent.click(screen.getByRole("button", { name: "Show what to do in one" }));
  expect(screen.getByText(/Issue targets again/)).toBeTruthy();
});

it("keys that count nowhere have nothing to be changed", async () => {
  desk({ ...view, repositories: [] });
  show();
  expect(await screen.findByText("These keys count in no repository on this desk.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Begin/ })).toBeNull();
});

it.each(recorded.filter(({ view }) => view.kind === "revocation"))("shows what the desk recorded of its practice estate", async (record) => {
  if (record.view.kind !== "revocation") return;
  desk(record.view);
  show();
  for (const { name } of record.view.repositories) expect(await screen.findByRole("heading", { level: 3, name })).toBeTruthy();
});
