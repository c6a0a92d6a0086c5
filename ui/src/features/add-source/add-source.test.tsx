// Adding a source: what the desk is asked to register, and what happens when one of several cannot be read.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type Outcome } from "../../border";
import { AddSource } from "./AddSource";

const GUNS = ["registry.example.org/platform/gateway", "registry.example.org/platform/ledger", "registry.example.org/tools/lint"];

function desk(register: (action: Action & { kind: "register" }) => Outcome | Failure) {
  const registered: Action[] = [];
  connect({
    query: () => Promise.reject(new Error("nothing is asked here")),
    act: async (action) => {
      if (action.kind === "listNotary") return { kind: "guns", guns: GUNS };
      if (action.kind === "choose") return { kind: "chose", path: `/chosen/${action.what}` };
      if (action.kind !== "register") throw new Error(action.kind);
      registered.push(action);
      const answer = register(action);
      if ("code" in answer) throw answer;
      return answer;
    },
    listen: () => () => undefined,
  });
  return registered;
}

const done = (action: Action & { kind: "register" }): Outcome => ({ kind: "registered", repository: "gun" in action.source && action.source.gun ? action.source.gun : "one" });

function show() {
  const onRegistered = vi.fn();
  render(<AddSource onRegistered={onRegistered} onBegin={() => undefined} onClose={() => undefined} />);
  return onRegistered;
}

it("a folder is chosen in the file dialog", async () => {
  const registered = desk(done);
  const onRegistered = show();
  expect(screen.getByRole("button", { name: "Add: no folder is named yet" }).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Add and show its root" }));
  expect(registered).toEqual([{ kind: "register", source: { kind: "folder", path: "/chosen/repositoryFolder", gun: null } }]);
  expect(onRegistered).toHaveBeenCalledWith(["one"]);
});

it("a web repository has an address and may have a CA file", async () => {
  const registered = desk(done);
  show();
  await userEvent.click(screen.getByRole("radio", { name: "A TUF repository on the web" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Address of its metadata folder" }), " https://tuf.example.org/metadata/ ");
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Add and show its root" }));
  expect(registered).toEqual([{ kind: "register", source: { kind: "http", url: "https://tuf.example.org/metadata/", caFile: "/chosen/caFile" } }]);
});

async function listGuns() {
  await userEvent.click(screen.getByRole("radio", { name: "A Notary server" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Address of the server" }), "https://notary.example.org");
  await userEvent.click(screen.getByRole("button", { name: "List GUNs of this server" }));
  return screen.findByRole("listbox", { name: "GUNs of this server" });
}

it("many GUNs of a Notary server are chosen at once", async () => {
  const registered = desk(done);
  const onRegistered = show();
  await listGuns();
  await userEvent.type(screen.getByRole("textbox", { name: "Find in the list" }), "PLATFORM");
  await userEvent.click(screen.getByRole("button", { name: "Choose all 2" }));
  await userEvent.click(screen.getByRole("button", { name: "Add 2 repositories" }));
  expect(registered.map((action) => action.kind === "register" && action.source)).toEqual(
    GUNS.slice(0, 2).map((gun) => ({ kind: "notary", url: "https://notary.example.org", gun, caFile: null, user: null })),
  );
  expect(onRegistered).toHaveBeenCalledWith(GUNS.slice(0, 2));
});

it("one GUN that cannot be read is told, and the others are kept", async () => {
  desk((action) =>
    "gun" in action.source && action.source.gun === GUNS[0]
      ? { kind: "fault", code: "server-answered", message: "expected root, the server answered 404", details: { gun: GUNS[0] } }
      : done(action),
  );
  const onRegistered = show();
  const list = await listGuns();
  await userEvent.click(within(list).getByRole("option", { name: /gateway/ }));
  await userEvent.click(within(list).getByRole("option", { name: /ledger/ }));
  await userEvent.click(screen.getByRole("button", { name: "Add 2 repositories" }));
  expect(within(await screen.findByRole("alert")).getByText("expected root, the server answered 404")).toBeTruthy();
  expect(screen.getByText("1 of 2 repositories could not be added; the others are on the desk.")).toBeTruthy();
  expect(onRegistered).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Go on with those" }));
  expect(onRegistered).toHaveBeenCalledWith([GUNS[1]]);
});
