// The keyring on screen: rows by name, the keyboard over more rows than are in the page, filters, one key in full, its proof.
import { act as reactAct, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type KeyRow, type KeyView, type Notice, type Outcome, type Query } from "../../border";
import { invented } from "../../border/replay";
import { KeyInspector } from "./KeyInspector";
import { Keys } from "./Keys";

const rows = invented.flatMap(({ view }) => (view.kind === "keys" ? view.rows : []));
const one = invented.flatMap(({ view }) => (view.kind === "key" ? [view as KeyView] : []))[0];
if (!one || rows.length === 0) throw new Error("the invented desk has keys");

function desk(held: KeyRow[], answer: (action: Action) => Promise<Outcome> = async () => ({ kind: "done" })) {
  const asked: Query[] = [];
  const acted: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  let view = one as KeyView;
  connect({
    query: async (query) => {
      asked.push(query);
      if (query.kind === "key") return { kind: "key", ...view };
      if (query.kind !== "keys") throw new Error(query.kind);
      const found = held.filter((row) => row.place.toLowerCase().includes(query.keys.search.toLowerCase()));
      const numbered = found.map((row, index) => ({ ...row, index }));
      return { kind: "keys", total: found.length, from: query.from, rows: numbered.slice(query.from, query.from + query.count), keys: held.length, keyids: 63, warned: 0, ledgerBroken: null };
    },
    act: (action) => {
      acted.push(action);
      return answer(action);
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  const change = (next: KeyView) => {
    view = next;
    return reactAct(async () => hear({ kind: "keysChanged" }));
  };
  return { asked, acted, change };
}

const many = (n: number): KeyRow[] => Array.from({ length: n }, (_, index) => ({ ...(rows[0] as KeyRow), index, physicalKey: `sha256:${index}`, place: `officer-${index}`, placeKnown: true }));

describe("the list of keys", () => {
  it("says of each key who holds it and what it counts for, to eyes and to a screen reader", async () => {
    desk(rows);
    render(<Keys chosen={null} onChoose={() => undefined} onImport={() => undefined} />);
    const grid = await screen.findByRole("grid", { name: "Keys" });
    expect(screen.getByText("11 physical keys under 63 keyids")).toBeTruthy();
    const row = within(grid).getByRole("row", { name: "YubiKey 17 044 318, officer_3, root, targets" });
    expect(within(row).getByRole("img", { name: "2 findings" })).toBeTruthy();
    expect(within(row).getByText("2026-09-30")).toBeTruthy();
    expect(within(grid).getByRole("row", { name: "YubiKey 9 220 517, officer_2, none, was root" })).toBeTruthy();
    expect(within(grid).getByRole("row", { name: /^YubiKey 32 118 907, officer_3, none yet$/ })).toBeTruthy();
  });

  it("holds only rows near what is in sight, and the keyboard reaches the last of them all", async () => {
    const { asked } = desk(many(5_000));
    const onChoose = vi.fn();
    render(<Keys chosen={null} onChoose={onChoose} onImport={() => undefined} />);
    const grid = await screen.findByRole("grid", { name: "Keys" });
    expect(grid.getAttribute("aria-rowcount")).toBe("5001");
    expect(within(grid).getAllByRole("row").length).toBeLessThan(60);
    const user = userEvent.setup();
    within(grid).getByRole("row", { name: /^officer-0,/ }).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(onChoose).toHaveBeenLastCalledWith("sha256:2");
    await user.keyboard("{Home} ");
    expect(onChoose).toHaveBeenLastCalledWith("sha256:0");
    expect(asked.every((query) => query.kind !== "keys" || query.count <= 300)).toBe(true);
  });

  it("is searched and filtered by the desk, and offers the way back when nothing matches", async () => {
    const { asked } = desk(rows);
    render(<Keys chosen={null} onChoose={() => undefined} onImport={() => undefined} />);
    await screen.findByRole("grid", { name: "Keys" });
    const user = userEvent.setup();
    await user.type(screen.getByRole("searchbox", { name: "Search keys" }), "nobody");
    expect(await screen.findByText("No key matches.")).toBeTruthy();
    expect(asked.some((query) => query.kind === "keys" && query.keys.search === "nobody")).toBe(true);
    await user.click(screen.getByRole("button", { name: "Show all keys" }));
    await user.click(await screen.findByRole("button", { name: /All, worst first/ }));
    await user.click(await screen.findByRole("option", { name: "In tokens" }));
    expect(asked.some((query) => query.kind === "keys" && JSON.stringify(query.keys.filters) === '[{"kind":"held","custody":"token"}]')).toBe(true);
  });
});

describe("one key", () => {
  const show = () => render(<KeyInspector physicalKey={(one as KeyView).physicalKey} onClose={() => undefined} onChange={onChange} onCeremony={() => undefined} onStolen={onStolen} onRevoke={onRevoke} />);
  const onChange = vi.fn();
  const onRevoke = vi.fn();
  const onStolen = vi.fn();

  it("shows its keyids over the versions, its evidence and what it did here", async () => {
    desk(rows);
    show();
    expect(await screen.findByText("root v2 to v4")).toBeTruthy();
    expect(screen.getByText("Proven, with a flaw")).toBeTruthy();
    expect(screen.getByText(/Signed root v9 of trust-root/)).toBeTruthy();
    expect(screen.getByRole("button", { name: /^SHA-256 of the public key/ })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Replace this root key…" }));
    expect(onChange).toHaveBeenCalledWith("r-trust", { form: "keys", role: "root" });
    await userEvent.click(screen.getByRole("button", { name: "If it were stolen, in trust-root…" }));
    expect(onStolen).toHaveBeenCalledWith("r-trust", (one as KeyView).physicalKey);
    await userEvent.click(screen.getByRole("button", { name: "Stolen, lost, or its officer leaves…" }));
    expect(onRevoke).toHaveBeenCalledWith((one as KeyView).physicalKey);
  });

  it("is named, proves that it works, and shows what changed as soon as the desk tells", async () => {
    const { acted, change } = desk(rows);
    show();
    const user = userEvent.setup();
    const field = await screen.findByRole("textbox", { name: "Name on this desk" });
    await user.clear(field);
    await user.type(field, "officer_9");
    await user.click(screen.getByRole("button", { name: "Keep this name" }));
    await user.click(screen.getByRole("button", { name: "Prove that it works…" }));
    expect(acted.map(({ kind }) => kind)).toEqual(["nameKey", "proveKey"]);
    await change({ ...(one as KeyView), givenName: "officer_9", summary: "officer_9; one key under 2 keyids." });
    expect(await screen.findByText("officer_9; one key under 2 keyids.")).toBeTruthy();
  });

  it("in a file is copied out for Notary where somebody said, for the role it is kept for", async () => {
    const places = [{ key: "file:/data/keys/root.pem", label: "root.pem", custody: "file" as const, here: true, seenAt: "2026-11-22T10:00:00Z" }];
    const written: Outcome = { kind: "exportedKey", key: { file: "/media/stick/root.key", role: "root", gun: null, canonicalKeyid: "1d" } };
    const { acted, change } = desk(rows, async (action) => (action.kind === "choose" ? { kind: "chose", path: "/media/stick/root.key" } : written));
    show();
    await screen.findByText("root v2 to v4");
    expect(screen.queryByRole("button", { name: "Export for Notary…" })).toBeNull();
    await change({ ...(one as KeyView), places });
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Export for Notary…" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByRole("button", { name: "Write the copy: say where it goes" })).toBeTruthy();
    await user.click(dialog.getByRole("button", { name: "Choose…" }));
    await user.click(dialog.getByRole("button", { name: "Write the copy" }));
    expect(acted.at(-1)).toEqual({ kind: "exportKey", key: "file:/data/keys/root.pem", role: "root", gun: null, path: "/media/stick/root.key" });
    expect(await dialog.findByText("Written. On the other machine: notary key import /media/stick/root.key")).toBeTruthy();
  });

  it("that is another than expected says so and stays as it was", async () => {
    const failure: Failure = { kind: "refusal", code: "expected-other-key", message: "the slot holds another key", details: {} };
    desk(rows, async () => {
      throw failure;
    });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Prove that it works…" }));
    expect((await screen.findByRole("alert")).textContent).toContain("the slot holds another key");
  });
});
