// The first screen's answer to "could root be rotated today?".
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { invented } from "../../border/replay";
import { Readiness } from "./Readiness";

const recorded = invented.flatMap(({ view }) => (view.kind === "attention" ? view.readiness : [])).filter(({ could }) => could);

it("says of each root whether it could be rotated", async () => {
  const onRollCall = vi.fn();
  const [ready] = recorded;
  if (!ready) throw new Error("the invented desk has roots");
  const roots = ["a", "b", "c", "d"].map((repository) => ({ ...ready, repository, repositoryName: `root of ${repository}` }));
  render(<Readiness roots={9} ready={4} readiness={roots} practiceOnly={false} onRollCall={onRollCall} />);
  const section = screen.getByRole("region", { name: "Could root be rotated today?" });
  expect(within(section).getAllByText("3 of 5 proven").length).toBe(3);
  await userEvent.click(within(section).getByRole("button", { name: "Roll call of root of b" }));
  expect(onRollCall).toHaveBeenCalledWith("b");
  await userEvent.click(within(section).getByRole("button", { name: /^6 more roots/ }));
  expect(within(section).getAllByText("3 of 5 proven").length).toBe(4);
});
