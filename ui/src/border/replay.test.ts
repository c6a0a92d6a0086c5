import { describe, expect, it } from "vitest";
import { invented, replay } from "./replay";

const tree = { toggled: [], search: "", filters: [] };

describe("a recorded desk", () => {
  it("answers every question it has recorded", async () => {
    for (const { query, view } of invented) {
      if (query.kind === "treeRows") continue;
      expect(await replay.query(query)).toEqual(view);
    }
  });

  it("opens sources and estates by default and nothing else", async () => {
    const view = await replay.query({ kind: "treeRows", tree, from: 0, count: 1000 });
    if (view.kind !== "treeRows") throw new Error("another view than asked for");
    expect(view.rows.some((row) => row.node === "repository")).toBe(true);
    expect(view.rows.some((row) => row.node === "root")).toBe(false);
  });

  it("names the nodes to toggle for a node to be in sight", async () => {
    const found = await replay.query({ kind: "treeReveal", tree, node: "r-trust/root/key-1" });
    expect(found).toMatchObject({ open: ["r-trust/root", "r-trust"] });
  });
});
