// The Tokens screen and the chips of the status line: live, by name, and in words when there is nothing to show.
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type Notice, type TokensView } from "../../border";
import { invented } from "../../border/replay";
import { Tokens } from "./Tokens";

const recorded = invented.map(({ view }) => view).find((view) => view.kind === "tokens");
if (!recorded) throw new Error("the invented desk has tokens");
const NONE: TokensView = { tokens: [], failure: null, modules: [] };

function desk(first: TokensView) {
  let shown = first;
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async () => ({ kind: "tokens", ...shown }),
    act: async () => ({ kind: "done" }),
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return (next: TokensView) => {
    shown = next;
    act(() => hear({ kind: "tokensChanged" }));
  };
}

it("says what to do when nothing is plugged in, and shows a token as soon as the desk tells of it", async () => {
  const plug = desk(NONE);
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  expect(await screen.findByText("No token is plugged in.")).toBeTruthy();
  plug(recorded);
  const device = await screen.findByRole("region", { name: "YubiKey 15 835 999" });
  expect(within(device).getByText("3 tries left")).toBeTruthy();
  plug(NONE);
  expect(await screen.findByText("No token is plugged in.")).toBeTruthy();
});

it("shows what each slot holds, both ids of its key, and what it speaks for", async () => {
  desk(recorded);
  const onRepository = vi.fn();
  render(<Tokens onRepository={onRepository} onProvision={() => undefined} />);
  const slots = await screen.findByRole("table", { name: "Slots of YubiKey 15 835 999" });
  const row = within(slots).getByRole("row", { name: /9c/ });
  expect(within(row).getByText("0a91…c3de")).toBeTruthy();
  expect(within(row).getByText("51f0…909c")).toBeTruthy();
  await userEvent.click(within(row).getByRole("button", { name: "root of trust-root" }));
  expect(onRepository).toHaveBeenCalledWith("r-trust");
  expect(screen.getByText("Empty: 9a, 9e, 2 retired ones.")).toBeTruthy();
});

it("says what a person should know of a token before using it", async () => {
  desk(recorded);
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  const device = await screen.findByRole("region", { name: "YubiKey 19 402 271" });
  expect(within(device).getByText("1 try left")).toBeTruthy();
  expect(within(device).getAllByText("warning:", { exact: false }).length).toBe(3);
});

it("keeps a token in sight that cannot be read, with what to do", async () => {
  desk(recorded);
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  const device = await screen.findByRole("region", { name: /ACR39U/ });
  expect(within(device).getByRole("alert").textContent).toContain("another program holds the token");
});

it("says so when this machine has no token service", async () => {
  const failure: Failure = { kind: "fault", code: "token-service-missing", message: "the smart card service does not answer", details: {} };
  desk({ tokens: [], failure, modules: [] });
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  expect((await screen.findByRole("alert")).textContent).toContain("the smart card service does not answer");
});

it("shows what a PKCS#11 module holds like any other token, and says which module", async () => {
  desk(recorded);
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  const device = await screen.findByRole("region", { name: "build signers (softhsm)" });
  expect(within(device).getByText("through softhsm", { exact: false })).toBeTruthy();
  expect(within(device).getByText("snapshot-2028")).toBeTruthy();
  expect(within(device).queryByText("Empty", { exact: false })).toBeNull();
});

it("loads no module unasked, and each only when it is allowed by name", async () => {
  const acted: Action[] = [];
  connect({
    query: async () => recorded,
    act: async (action) => {
      acted.push(action);
      return { kind: "done" };
    },
    listen: () => () => undefined,
  });
  render(<Tokens onRepository={() => undefined} onProvision={() => undefined} />);
  const modules = await screen.findByRole("table", { name: "PKCS#11 modules" });
  expect(within(within(modules).getByRole("row", { name: /opensc/ })).getByText("not loaded")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Allow opensc" }));
  await userEvent.click(screen.getByRole("button", { name: "Stop loading softhsm" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Another module" }), "/opt/vendor.so");
  await userEvent.click(screen.getByRole("button", { name: "Allow this module" }));
  await userEvent.click(screen.getByRole("button", { name: "Look again" }));
  expect(acted).toEqual([
    { kind: "setModule", module: "opensc", allowed: true },
    { kind: "setModule", module: "softhsm", allowed: false },
    { kind: "setModule", module: "/opt/vendor.so", allowed: true },
    { kind: "lookAtTokens" },
  ]);
});

it("leads from a token to making it ready, and says when it is as it was delivered", async () => {
  desk(recorded);
  const onProvision = vi.fn();
  render(<Tokens onRepository={() => undefined} onProvision={onProvision} />);
  const delivered = await screen.findByRole("region", { name: "YubiKey 19 402 271" });
  expect(within(delivered).getByText(/everybody knows what opens it/)).toBeTruthy();
  await userEvent.click(within(delivered).getByRole("button", { name: "Make YubiKey 19 402 271 ready…" }));
  expect(onProvision).toHaveBeenCalledWith("yubikey:19402271");
  expect(within(screen.getByRole("region", { name: /ACR39U/ })).queryByRole("button", { name: /ready/ })).toBeNull();
});
