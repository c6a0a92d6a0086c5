// A map file at the window: its mappings in order, who is asked for a target, and what is wrong with a file that is none.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { connect, type Failure, type MapView, type Query } from "../../border";
import { MapFile } from "./MapFile";

const view: MapView = {
  repositories: [
    { name: "one", urls: ["https://one.example.org/"], used: true },
    { name: "two", urls: [], used: true },
    { name: "idle", urls: [], used: false },
  ],
  mappings: [
    { number: 1, paths: ["images/*"], repositories: ["one", "two"], threshold: 2, terminating: true, asked: "onlyAcrossSlashes" },
    { number: 2, paths: ["*"], repositories: ["one"], threshold: 1, terminating: false, asked: "yes" },
  ],
  target: "images/deep/base.tar",
};

function desk(answer: MapView | Failure) {
  const asked: Query[] = [];
  connect({
    query: async (query) => {
      asked.push(query);
      if ("code" in answer) throw answer;
      return { kind: "map", ...answer };
    },
    act: async () => ({ kind: "chose", path: "/etc/client/map.json" }),
    listen: () => () => undefined,
  });
  return asked;
}

async function show(target: string) {
  render(<MapFile />);
  expect(screen.getByRole("button", { name: "Show it: choose the file" }).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  if (target !== "") await userEvent.type(screen.getByRole("textbox", { name: /^A target/ }), target);
  await userEvent.click(screen.getByRole("button", { name: "Show it" }));
}

it("mappings are shown in order with who must agree and where a search ends, and those of a target are marked", async () => {
  const asked = desk(view);
  await show("images/deep/base.tar");
  const table = await screen.findByRole("table", { name: "In this order" });
  expect(asked).toEqual([{ kind: "map", path: "/etc/client/map.json", target: "images/deep/base.tar" }]);
  const [, first, second] = within(table).getAllByRole("row");
  if (!first || !second) throw new Error("there are two mappings");
  expect(within(first).getByText("2 of 2")).toBeTruthy();
  expect(within(first).getByText("nobody after")).toBeTruthy();
  expect(within(first).getByText("asked for it by clients whose * crosses slashes")).toBeTruthy();
  expect(within(second).getByText("the next that fits")).toBeTruthy();
  expect(screen.getByText(/2 mappings are gone through/)).toBeTruthy();
  expect(screen.getByText("asked for nothing")).toBeTruthy();
});

it("a file that is no map says what is wrong and where", async () => {
  desk({ kind: "refusal", code: "map-unreadable", message: "this is no map file: mapping[0].threshold: expected at most 2, found 3", details: {} });
  await show("");
  expect(await screen.findByText(/mapping\[0\]\.threshold/)).toBeTruthy();
});
