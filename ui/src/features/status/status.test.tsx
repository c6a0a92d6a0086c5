// The chips of the status line: what is plugged in, in words when it is nothing, and the way to the Tokens screen.
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect, type Notice, type TokensView } from "../../border";
import { invented } from "../../border/replay";
import { TokenChips } from "./TokenChips";

const recorded = invented.map(({ view }) => view).find((view) => view.kind === "tokens");
if (!recorded) throw new Error("the invented desk has tokens");

function desk(shown: { view: TokensView }) {
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async () => ({ kind: "tokens", ...shown.view }),
    act: async () => ({ kind: "done" }),
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return () => act(() => hear({ kind: "tokensChanged" }));
}

it("a token shows when it is plugged in and goes when it is taken out", async () => {
  const shown: { view: TokensView } = { view: { tokens: [], failure: null, modules: [] } };
  const changed = desk(shown);
  const onTokens = vi.fn();
  render(<TokenChips onTokens={onTokens} />);
  expect(await screen.findByRole("button", { name: "No token. Open Tokens" })).toBeTruthy();
  shown.view = recorded;
  changed();
  await userEvent.click(await screen.findByRole("button", { name: "YubiKey 15 835 999. Open Tokens" }));
  expect(onTokens).toHaveBeenCalledOnce();
  expect(screen.getByRole("button", { name: "2 more. Open Tokens" })).toBeTruthy();
  shown.view = { tokens: [], failure: null, modules: [] };
  changed();
  expect(await screen.findByRole("button", { name: "No token. Open Tokens" })).toBeTruthy();
});

it("what is the matter with a token is said in words", async () => {
  const [, second, third] = recorded.tokens;
  if (!second || !third) throw new Error("three tokens are recorded");
  desk({ view: { tokens: [{ ...second, pinTries: 0 }, third], failure: null, modules: [] } });
  render(<TokenChips onTokens={() => undefined} />);
  expect(await screen.findByRole("button", { name: "YubiKey 19 402 271, PIN blocked. Open Tokens" })).toBeTruthy();
  expect(screen.getByRole("button", { name: /ACR39U.*, busy\. Open Tokens/ })).toBeTruthy();
});

it("a machine without a token service says that, and not that there is no token", async () => {
  desk({ view: { tokens: [], failure: { kind: "fault", code: "token-service-missing", message: "no service", details: {} }, modules: [] } });
  render(<TokenChips onTokens={() => undefined} />);
  expect(await screen.findByRole("button", { name: "No token service. Open Tokens" })).toBeTruthy();
});

it("beside a practice token a missing service is said as what it is", async () => {
  const [first] = recorded.tokens;
  if (!first) throw new Error("tokens are recorded");
  desk({ view: { tokens: [{ ...first, label: "Practice token 1" }], failure: { kind: "fault", code: "token-service-missing", message: "no service", details: {} }, modules: [] } });
  render(<TokenChips onTokens={() => undefined} />);
  expect(await screen.findByRole("button", { name: /^Practice token 1/ })).toBeTruthy();
  expect(screen.getByRole("button", { name: "No token service. Open Tokens" })).toBeTruthy();
});
