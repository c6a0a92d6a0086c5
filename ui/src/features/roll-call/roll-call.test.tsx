// The roll call on screen: the answer in words, one press a key, and what its failures come to.
import { act as reactAct, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Action, connect, type Failure, type Notice, type Outcome, type RollCallView } from "../../border";
import { invented } from "../../border/replay";
import { RollCall } from "./RollCall";

const recorded = invented.flatMap(({ view }) => (view.kind === "rollCall" ? [view as RollCallView] : []))[0];
if (!recorded) throw new Error("the invented desk has a roll call");

function desk(answer: (action: Action) => Promise<Outcome> = async () => ({ kind: "done" })) {
  const acted: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async () => ({ kind: "rollCall", ...(recorded as RollCallView) }),
    act: (action) => {
      acted.push(action);
      return answer(action);
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return { acted, tell: (notice: Notice) => reactAct(async () => hear(notice)) };
}

it("answers whether root could be rotated today, with the meter and the reason of every key", async () => {
  desk();
  render(<RollCall repository="r-trust" onRepository={() => undefined} />);
  expect(await screen.findByText("Yes until 2026-12-29: 3 of 5 keys proven, 3 needed.")).toBeTruthy();
  expect(screen.getByRole("meter", { name: "Root keys proven to work" }).getAttribute("aria-valuenow")).toBe("3");
  const row = screen.getByRole("row", { name: /officer_4/ });
  expect(within(row).getByText("Too long ago")).toBeTruthy();
  expect(within(screen.getByRole("row", { name: /officer_5/ })).queryByRole("button")).toBeNull();
});

it("asks one key at a time, and says when the token waits for a touch and that it is a proof", async () => {
  let done: (outcome: Outcome) => void = () => undefined;
  const { acted, tell } = desk(() => new Promise((answer) => (done = answer)));
  render(<RollCall repository="r-trust" onRepository={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "Prove that the key of officer_4 works" }));
  expect(acted).toMatchObject([{ kind: "proveKey", repository: "r-trust" }]);
  const row = screen.getByRole("row", { name: /officer_4/ });
  expect(row.textContent).toContain("which says that it is a proof");
  for (const button of screen.getAllByRole("button", { name: /^Prove that/ })) expect(button.hasAttribute("disabled")).toBe(true);
  await tell({ kind: "touchAwaited", device: "YubiKey 12 660 145, slot 9c", signs: "a proof that this key works", seconds: 15, typesPin: false });
  expect(row.textContent).toContain("Touch the key now");
  await tell({ kind: "touchOver" });
  await reactAct(async () => done({ kind: "done" }));
  expect(screen.getByRole("button", { name: "Prove that the key of officer_4 works" })).toBeTruthy();
});

it.each(["wrong-pin", "touch-missed", "expected-other-key", "ledger-broken"])("that fails with %s says what happened and what to do", async (code) => {
  const failure: Failure = { kind: "interruption", code, message: `the desk said ${code}`, details: {} };
  desk(async () => {
    throw failure;
  });
  render(<RollCall repository="r-trust" onRepository={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "Prove that the key of officer_1 works" }));
  const panel = await screen.findByRole("alert");
  expect(within(panel).getByText(failure.message)).toBeTruthy();
  expect(within(panel).queryByText(/has no words for/)).toBeNull();
});
