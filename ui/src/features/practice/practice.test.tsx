// Drills at the window: begun, worked on, judged, given up; and doubles of repositories.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type DrillRunView, type DrillView, type Notice } from "../../border";
import { Practice } from "./Practice";

const run: DrillRunView = {
  repository: "r-drill",
  source: "notary+practice://stolen-root-key/registry.practice/drills/stolen-root-key",
  begunAt: "2026-11-22T10:00:00Z",
  endedAt: null,
  seconds: 125,
  inHand: [{ what: "a new key for root, in no role yet", key: "yubikey:4290000001/9c", label: "Practice token 1, slot 9c", physicalKey: "sha256:77" }],
  facts: [{ name: "1.4.1 as it was, bytes", value: "522" }],
  passphrase: "practice",
  pin: "123456",
  checked: [],
  wrongTurns: { refusals: 0, wrongSecrets: 0, abandoned: 0, needless: 0 },
};

const fresh: DrillView = {
  name: "stolen-root-key",
  title: "The root key was stolen",
  task: ["Somebody has a copy of the root key.", "Take the repository back before they do."],
  hints: ["The next root is signed by both keys.", "All of it fits into one change."],
  state: "never-tried",
  run: null,
};

const other: DrillView = { ...fresh, name: "tampered-image", title: "An image was altered" };

const checked = [
  { sentence: "the stolen root key is in no role", holds: true },
  { sentence: "targets vouches for 1.4.1 with the image 5a0c", holds: false },
];

/** A desk whose drill goes from one state to the next by actions. */
function desk(first: DrillView, after: Partial<Record<Action["kind"], DrillView>>) {
  let now = first;
  const asked: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async () => ({ kind: "drills", drills: [now, other] }),
    act: async (action) => {
      asked.push(action);
      const drill = after[action.kind];
      if (!drill) return { kind: "done" };
      now = drill;
      hear({ kind: "estateChanged" });
      return { kind: "drill", drill };
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return asked;
}

it("a drill is begun, and its task, what is known and what is in hand are told; hints come one by one", async () => {
  const open = vi.fn();
  const asked = desk(fresh, { beginDrill: { ...fresh, state: "under-way", run } });
  render(<Practice onRepository={open} />);
  expect(await screen.findByText("Practice")).toBeTruthy();
  await userEvent.click(await screen.findByRole("button", { name: "Begin the drill: The root key was stolen" }));
  const drill = await screen.findByRole("article", { name: "The root key was stolen" });
  expect(asked).toEqual([{ kind: "beginDrill", drill: "stolen-root-key" }]);
  for (const text of [...fresh.task, "522", "a new key for root, in no role yet", "yubikey:4290000001/9c", "123456"]) expect(within(drill).getByText(text)).toBeTruthy();
  expect(within(drill).queryByText(/signed by both keys/)).toBeNull();
  await userEvent.click(within(drill).getByRole("button", { name: "Show a hint" }));
  expect(within(drill).getByText(/signed by both keys/)).toBeTruthy();
  expect(within(drill).queryByText(/fits into one change/)).toBeNull();
  await userEvent.click(within(drill).getByRole("button", { name: "Show a hint" }));
  expect(within(drill).getByText("There are no more hints.")).toBeTruthy();
  await userEvent.click(within(drill).getByRole("button", { name: "Open its repository" }));
  expect(open).toHaveBeenCalledWith("r-drill");
  expect(screen.getByRole("button", { name: "Begin the drill: An image was altered" }).hasAttribute("disabled")).toBe(true);
});

it("what is not so yet is told beside what is, and the drill goes on", async () => {
  const underWay: DrillView = { ...fresh, state: "under-way", run };
  desk(underWay, { judgeDrill: { ...underWay, run: { ...run, checked } } });
  render(<Practice onRepository={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "I am done: judge it" }));
  expect((await screen.findByRole("status")).textContent).toBe("Not yet: 1 thing is not as it must be.");
  const found = within(screen.getByRole("list", { name: "What must be so" }));
  expect(found.getAllByRole("img", { name: "It is so" })).toHaveLength(1);
  expect(found.getAllByRole("img", { name: "It is not so yet" })).toHaveLength(1);
  expect(screen.getByText("2 min 5 s")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Open its repository" })).toBeTruthy();
});

it("an end says how it went, with time and wrong turns, and the drill can be begun anew", async () => {
  const underWay: DrillView = { ...fresh, state: "under-way", run };
  const wrongTurns = { refusals: 3, wrongSecrets: 2, abandoned: 1, needless: 4 };
  desk(underWay, { giveUpDrill: { ...fresh, state: "given-up", run: { ...run, checked, wrongTurns, seconds: 59, endedAt: "2026-11-22T10:00:59Z" } } });
  render(<Practice onRepository={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Give this drill up/ }));
  expect((await screen.findByRole("status")).textContent).toBe("Given up. This is how far it came.");
  for (const [name, value] of [
    ["Time", "59 s"],
    ["Refused", "3"],
    ["Wrong PINs and passphrases", "2"],
    ["Ceremonies given up", "1"],
    ["Publications beyond the one it takes", "4"],
  ] as const)
    expect(screen.getByText(name).nextElementSibling?.textContent).toBe(value);
  expect(screen.queryByRole("button", { name: "I am done: judge it" })).toBeNull();
  expect(screen.getByRole("button", { name: "Begin the drill: The root key was stolen" }).hasAttribute("disabled")).toBe(false);
});

it("what is refused is told, and nothing changes", async () => {
  connect({
    query: async () => ({ kind: "drills", drills: [fresh] }),
    act: async () => {
      throw { kind: "refusal", code: "drill-under-way", message: "the drill tampered-image is under way", details: {} };
    },
    listen: () => () => undefined,
  });
  render(<Practice onRepository={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Begin the drill/ }));
  expect(await screen.findByText(/tampered-image is under way/)).toBeTruthy();
});
