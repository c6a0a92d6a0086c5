// Keys of other programs: what is said of each before anything is copied, and copying what was ticked.
import { act as reactAct, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { type Action, connect, type Failure, type KeyFoldersView, type Notice, type Outcome, type Query } from "../../border";
import { invented } from "../../border/replay";
import { KeyFolders } from "./KeyFolders";

const found = invented.flatMap(({ view }) => (view.kind === "keyFolders" ? [view as KeyFoldersView] : []))[0];
if (!found) throw new Error("the invented desk has a folder of keys");

function desk(answer: (action: Action) => Outcome | Failure, view = found as KeyFoldersView) {
  const asked: Query[] = [];
  const acted: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async (query) => {
      asked.push(query);
      if (query.kind !== "keyFolders") throw new Error(query.kind);
      return { kind: "keyFolders", ...view };
    },
    act: async (action) => {
      if (action.kind === "choose") return { kind: "chose", path: "/media/stick/keys" };
      acted.push(action);
      const answered = answer(action);
      if ("code" in answered) throw answered;
      return answered;
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return { asked, acted, tell: (notice: Notice) => reactAct(async () => hear(notice)) };
}

const copied: Outcome = { kind: "importedKey", key: { key: "file:/data/keys/root-4f1c9a20.pem", from: "/x", canonicalKeyid: "1d", physicalKey: "sha256:4f" } };

describe("a folder of keys", () => {
  it("is listed with role, GUN, both ids and what guards each, before anything is copied", async () => {
    const { acted } = desk(() => copied);
    render(<KeyFolders onKeys={() => undefined} />);
    const table = await screen.findByRole("table", { name: "Private keys in /home/officer/.docker/trust" });
    const root = within(table).getByRole("row", { name: /^Copy the key .* root/ });
    expect(within(root).getByText("1d0a…44e2")).toBeTruthy();
    expect(within(root).getByText("5b88…01f6")).toBeTruthy();
    expect(within(root).getByText("Weak")).toBeTruthy();
    expect(within(root).getByText(/PBKDF2 with HMAC-SHA-1, 2048 rounds/)).toBeTruthy();
    expect(screen.getByText("Pinned for registry.example.org/platform/gateway")).toBeTruthy();
    expect(screen.getByText("expected a PEM block, found none")).toBeTruthy();
    const targets = within(table).getByRole("row", { name: /targets of registry/ });
    expect(within(targets).getByText(/On this desk as targets-registry/)).toBeTruthy();
    expect(within(targets).queryByRole("checkbox")).toBeNull();
    expect(screen.getByRole("button", { name: "Copy: tick the keys" }).hasAttribute("disabled")).toBe(true);
    expect(acted).toEqual([]);
  });

  it("gives up the keys that were ticked, one after the other, and is listed again", async () => {
    const { acted, asked, tell } = desk(() => copied);
    render(<KeyFolders onKeys={() => undefined} />);
    for (const box of await screen.findAllByRole("checkbox")) await userEvent.click(box);
    await userEvent.click(screen.getByRole("button", { name: "Copy 2 keys onto this desk" }));
    expect(await screen.findByText(/2 keys copied/)).toBeTruthy();
    expect(acted.map((action) => action.kind === "importKey" && [action.folder, action.file.slice(-12)])).toEqual([
      ["/home/officer/.docker/trust", "1d0a44e2.key"],
      ["/home/officer/.docker/trust", "e402aa17.key"],
    ]);
    const before = asked.length;
    await tell({ kind: "keysChanged" });
    expect(asked.length).toBe(before + 1);
  });

  it("stops at the first key that is not copied, and says which and why", async () => {
    const closed: Failure = { kind: "interruption", code: "prompt-closed", message: "nobody answered", details: {} };
    const { acted } = desk(() => closed);
    render(<KeyFolders onKeys={() => undefined} />);
    for (const box of await screen.findAllByRole("checkbox")) await userEvent.click(box);
    await userEvent.click(screen.getByRole("button", { name: "Copy 2 keys onto this desk" }));
    expect(await screen.findByText(/1d0a…44e2.*was not copied, nor those after it/)).toBeTruthy();
    expect(screen.getByText("nobody answered")).toBeTruthy();
    expect(acted.length).toBe(1);
  });

  it("is chosen in the file dialog or typed, and where none is there that is said", async () => {
    const { asked } = desk(() => copied, { folders: [] });
    render(<KeyFolders onKeys={() => undefined} />);
    expect(await screen.findByText("Neither ~/.notary nor ~/.docker/trust is there.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
    expect(asked.at(-1)).toEqual({ kind: "keyFolders", folder: "/media/stick/keys" });
    const typed = screen.getByRole("textbox", { name: "Folder of keys, or one key file" });
    await userEvent.clear(typed);
    await userEvent.type(typed, "/srv/keys");
    await userEvent.click(screen.getByRole("button", { name: "List it" }));
    expect(asked.at(-1)).toEqual({ kind: "keyFolders", folder: "/srv/keys" });
  });
});
