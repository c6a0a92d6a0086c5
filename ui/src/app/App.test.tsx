// The window as a whole, on recorded views: places, keys, palette, inspector.
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../border";
import { replay } from "../border/replay";
import { App } from "./App";

async function opened() {
  render(<App />);
  await screen.findByRole("treeitem", { name: /^trust-root/ });
  return userEvent.setup();
}

const heading = (name: string) => screen.findByRole("heading", { level: 1, name });

beforeEach(() => connect(replay));

describe("the window", () => {
  it("starts with what needs a person, worst first", async () => {
    await opened();
    await heading("Attention");
    const rows = within(screen.getByRole("table", { name: "Attention" })).getAllByRole("row");
    expect(rows[1]?.textContent).toContain("edge/agent shows an older snapshot");
    expect(screen.getByText("36 of 38 repositories verified here")).toBeTruthy();
  });

  it("opens a repository from the tree and tells of it in the inspector", async () => {
    const user = await opened();
    await user.click(screen.getByRole("treeitem", { name: /^trust-root/ }));
    await heading("trust-root");
    expect(screen.getByRole("tab", { name: /Overview/, selected: true })).toBeTruthy();
    const picture = screen.getByRole("group", { name: "Chain of trust of trust-root" });
    await user.click(within(picture).getByRole("button", { name: /^root v9, expiring, signed by 3, needs 3/ }));
    const inspector = screen.getByRole("complementary", { name: "Inspector" });
    expect(await within(inspector).findByText("SHA-256 of root v9")).toBeTruthy();
    expect(within(inspector).getByRole("button", { name: "Rotate a root key…" })).toBeTruthy();
  });

  it("shows the chain of trust as a table with T, and back", async () => {
    const user = await opened();
    await user.click(screen.getByRole("treeitem", { name: /^trust-root/ }));
    await heading("trust-root");
    await user.keyboard("t");
    // The focus is in the tree, which takes letters for itself.
    expect(screen.queryByRole("table", { name: "Chain of trust of trust-root" })).toBeNull();
    await user.click(screen.getByRole("button", { name: /As a table/ }));
    expect(within(screen.getByRole("table", { name: "Chain of trust of trust-root" })).getByText("targets, 1 of 2")).toBeTruthy();
    await user.keyboard("t");
    expect(screen.queryByRole("table", { name: "Chain of trust of trust-root" })).toBeNull();
  });

  it("compares two root versions in sentences and side by side", async () => {
    const user = await opened();
    await user.click(screen.getByRole("treeitem", { name: /^trust-root/ }));
    await user.click(await screen.findByRole("tab", { name: /History/ }));
    await screen.findByRole("heading", { name: "root v8 compared with v9" });
    expect((await screen.findAllByText("officer_1")).length).toBeGreaterThan(0);
    const diff = await screen.findByRole("region", { name: "root v8 beside root v9" });
    expect(within(diff).getByRole("button", { name: /lines unchanged/ })).toBeTruthy();
  });

  it("goes back and forward", async () => {
    const user = await opened();
    await user.click(screen.getByRole("treeitem", { name: /^trust-root/ }));
    await heading("trust-root");
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    await heading("Attention");
    await user.keyboard("{Alt>}{ArrowRight}{/Alt}");
    await heading("trust-root");
  });

  it("finds any thing and any action in the palette", async () => {
    const user = await opened();
    await user.keyboard("{Control>}k{/Control}");
    const dialog = await screen.findByRole("dialog", { name: "Go to anything" });
    await user.type(within(dialog).getByRole("combobox"), "packages");
    await within(dialog).findByRole("option", { name: /packages/, selected: true });
    await user.clear(within(dialog).getByRole("combobox"));
    await user.type(within(dialog).getByRole("combobox"), "settings");
    await user.keyboard("{Enter}");
    await heading("Settings");
  });

  it("puts the cursor into the search of the tree with /", async () => {
    const user = await opened();
    await user.keyboard("/");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search in the tree" })));
    await user.keyboard("gateway");
    expect(await screen.findByText("1 fits")).toBeTruthy();
  });

  it("marks practice on every view of a practice repository", async () => {
    const user = await opened();
    await user.keyboard("/");
    await user.type(screen.getByRole("searchbox", { name: "Search in the tree" }), "orchard");
    await user.click(await screen.findByRole("treeitem", { name: /^orchard, .*practice$/ }));
    await heading("orchard");
    for (const tab of [/Overview/, /Roles and keys/, /Delegations/, /Findings/]) {
      await user.click(screen.getByRole("tab", { name: tab }));
      expect(screen.getAllByText("Practice").length).toBeGreaterThan(0);
    }
  });

  it("says what failed where the view would have been, with what to do", async () => {
    const user = await opened();
    await user.click(screen.getByRole("treeitem", { name: /^packages/ }));
    const [alert] = await screen.findAllByRole("alert");
    expect(alert?.textContent).toContain("What to do");
  });
});
