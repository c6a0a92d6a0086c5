import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../border";
import { replay } from "../../border/replay";
import { RepositoryTree } from "./RepositoryTree";

const opened = vi.fn();
const inspected = vi.fn();

async function shown(props: Partial<Parameters<typeof RepositoryTree>[0]> = {}) {
  render(
    <RepositoryTree search="" filters={[]} selected={null} reveal={null} onOpen={(row) => opened(row.id)} onInspect={inspected} onClear={() => undefined} {...props} />,
  );
  const tree = screen.getByRole("tree", { name: "Repositories" });
  await within(tree).findByRole("treeitem", { name: /trust-root/ });
  tree.focus();
  return { tree, user: userEvent.setup() };
}

/** The row that the keyboard stands on, as a screen reader finds it. */
function active(tree: HTMLElement): string {
  const id = tree.getAttribute("aria-activedescendant") ?? "";
  return document.getElementById(id)?.textContent ?? "";
}

beforeEach(() => {
  vi.clearAllMocks();
  connect(replay);
});

describe("the tree by keyboard", () => {
  it("says level, place and state of every row", async () => {
    const { tree } = await shown();
    const row = within(tree).getByRole("treeitem", { name: /trust-root, repository, under threshold, expires in 23 days/ });
    expect(row.getAttribute("aria-level")).toBe("3");
    expect(row.getAttribute("aria-setsize")).toBe("2");
    expect(row.getAttribute("aria-posinset")).toBe("1");
    expect(row.getAttribute("aria-expanded")).toBe("false");
    expect(row.getAttribute("aria-selected")).toBe("false");
  });

  it("walks with the arrows, Home and End", async () => {
    const { tree, user } = await shown();
    expect(active(tree)).toContain("Estate");
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(active(tree)).toContain("trust-root");
    await user.keyboard("{ArrowUp}");
    expect(active(tree)).toContain("tuf.example.org");
    await user.keyboard("{End}");
    await waitFor(() => expect(active(tree)).toContain("meadow"));
    await user.keyboard("{Home}");
    await waitFor(() => expect(active(tree)).toContain("Estate"));
  });

  it("opens with Right, goes into it, and leaves and closes with Left", async () => {
    const { tree, user } = await shown();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowRight}");
    await within(tree).findByRole("treeitem", { name: /^root 9|^root v9/ });
    await user.keyboard("{ArrowRight}");
    expect(active(tree)).toMatch(/^root/);
    await user.keyboard("{ArrowLeft}");
    expect(active(tree)).toContain("trust-root");
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(within(tree).queryByRole("treeitem", { name: /^root/ })).toBeNull());
  });

  it("lets keys wait while the desk answers, so that each means what it would mean a moment later", async () => {
    connect({ ...replay, query: async (query) => new Promise((answer) => setTimeout(() => answer(replay.query(query)), 30)) });
    const { tree, user } = await shown();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowRight}{ArrowRight}");
    await waitFor(() => expect(active(tree)).toMatch(/^root/));
    await user.keyboard("{Home}{ArrowDown}{ArrowLeft}{ArrowLeft}");
    await waitFor(() => expect(active(tree)).toContain("Estate"));
    expect(within(tree).queryByRole("treeitem", { name: /trust-root/ })).toBeNull();
    await user.keyboard("*{End}{ArrowUp}{Home}{ArrowDown}{ArrowDown}");
    await waitFor(() => expect(active(tree)).toContain("trust-root"));
  });

  it("opens everything below with *", async () => {
    const { tree, user } = await shown();
    await user.keyboard("{ArrowDown}{ArrowDown}*");
    await within(tree).findByRole("treeitem", { name: /officer_1, key/ });
    expect(within(tree).getAllByRole("treeitem", { name: /officer_/ }).length).toBeGreaterThan(4);
  });

  it("finds a row by its first letters", async () => {
    const { tree, user } = await shown();
    await user.keyboard("plat");
    await waitFor(() => expect(active(tree)).toContain("platform/gateway"));
  });

  it("opens with Enter and inspects with Space, keeping the focus", async () => {
    const { tree, user } = await shown();
    await user.keyboard("{ArrowDown}{ArrowDown} ");
    expect(inspected).toHaveBeenCalledWith("r-trust");
    expect(document.activeElement).toBe(tree);
    await user.keyboard("{Enter}");
    expect(opened).toHaveBeenCalledWith("r-trust");
  });

  it("keeps only the rows near what is in sight in the page", async () => {
    const { tree, user } = await shown();
    await user.keyboard("{End}*");
    expect(within(tree).getAllByRole("treeitem").length).toBeLessThan(60);
  });

  it("brings a node into sight that lies in closed ones", async () => {
    const { tree } = await shown({ reveal: { node: "r-trust/firmware" } });
    await waitFor(() => expect(active(tree)).toMatch(/^firmware/));
  });
});

describe("the tree narrowed", () => {
  it("says how many rows fit, and how to see all again", async () => {
    render(
      <RepositoryTree search="ledger" filters={[]} selected={null} reveal={null} onOpen={() => undefined} onInspect={() => undefined} onClear={opened} />,
    );
    expect(await screen.findByText("1 fits")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Clear search and filters" }));
    expect(opened).toHaveBeenCalled();
  });

  it("says that nothing fits", async () => {
    render(
      <RepositoryTree search="zzz" filters={[]} selected={null} reveal={null} onOpen={() => undefined} onInspect={() => undefined} onClear={() => undefined} />,
    );
    expect(await screen.findByText("Nothing fits this search.")).toBeTruthy();
  });
});

it("keeps standing on a node while rows come in above it", async () => {
  let tell: (notice: { kind: "estateChanged" }) => void = () => undefined;
  let more = false;
  connect({
    ...replay,
    query: async (query) => {
      const view = await replay.query(query);
      if (!more) return view;
      // Another source came in above everything else.
      if (view.kind === "treeRows") {
        const [first] = view.rows;
        const rows = view.rows.map((row) => ({ ...row, index: row.index + 1 }));
        return { ...view, total: view.total + 1, rows: first ? [{ ...first, id: "new", name: "new estate", index: 0 }, ...rows] : rows };
      }
      return view.kind === "treeReveal" && view.index !== null ? { ...view, index: view.index + 1 } : view;
    },
    listen: (hear) => {
      tell = hear;
      return () => undefined;
    },
  });
  const { tree, user } = await shown();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(active(tree)).toContain("trust-root");
  more = true;
  act(() => tell({ kind: "estateChanged" }));
  await within(tree).findByRole("treeitem", { name: /new estate/ });
  await waitFor(() => expect(active(tree)).toContain("trust-root"));
});
