// The list of ceremonies: what waits for somebody comes first, and says for whom and since when.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { type Action, type BulkView, type CeremonyRow, connect } from "../../border";
import { Ceremonies } from "./Ceremonies";

const row = (id: string, part: Partial<CeremonyRow>): CeremonyRow => ({
  id,
  title: `Replace officer_4 in root of orchard (${id})`,
  repository: "orchard",
  repositoryName: "orchard",
  practice: false,
  state: "collecting",
  waitsFor: "1 signature of officer_2 or officer_5 for the old threshold; officer_2 asked by file",
  open: true,
  age: "3 days",
  begunAt: "2026-11-19T10:31:07Z",
  at: "2026-11-22T10:38:00Z",
  ...part,
});

describe("the list of ceremonies", () => {
  it("keeps those that wait apart from those that have ended, and says for whom they wait", async () => {
    const ended = row("2026-013", { state: "published", open: false, waitsFor: "Nothing: it has ended", age: "2 hours" });
    connect({
      query: async () => ({ kind: "ceremonies", items: [row("2026-014", {}), ended], bulks: [] }),
      act: () => Promise.reject(new Error("nothing is done")),
      listen: () => () => undefined,
    });
    const opened: string[] = [];
    render(<Ceremonies onOpen={(id) => opened.push(id)} onRequest={() => undefined} />);
    const waiting = within(await screen.findByRole("table", { name: "Waiting for somebody" }));
    waiting.getByText(/of officer_2 or officer_5 for the old threshold; officer_2 asked by file/);
    waiting.getByText("for 3 days");
    const over = within(screen.getByRole("table", { name: "Ended" }));
    over.getByText("took 2 hours");
    await userEvent.click(waiting.getByRole("button", { name: /^Open ceremony 2026-014/ }));
    expect(opened).toEqual(["2026-014"]);
  });

  it("shows what was begun in several repositories, and goes on where that stopped", async () => {
    const acted: Action[] = [];
    const bulk: BulkView = {
      id: "2026-001",
      reason: "The bag was stolen",
      begunAt: "2026-11-22T10:38:00Z",
      rows: [
        { repository: "one", name: "one", state: "begun", ceremony: "2026-014", why: null },
        { repository: "two", name: "two", state: "refused", ceremony: null, why: "files would need 1 signature" },
      ],
      pending: 1,
    };
    connect({
      query: async () => ({ kind: "ceremonies", items: [], bulks: [bulk] }),
      act: async (action) => {
        acted.push(action);
        return { kind: "begunBulk", bulk };
      },
      listen: () => () => undefined,
    });
    const opened: string[] = [];
    render(<Ceremonies onOpen={(id) => opened.push(id)} onRequest={() => undefined} />);
    const table = within(await screen.findByRole("table", { name: /^Begun in 2 repositories on / }));
    table.getByText("files would need 1 signature");
    await userEvent.click(table.getByRole("button", { name: "Open ceremony 2026-014: one" }));
    expect(opened).toEqual(["2026-014"]);
    await userEvent.click(screen.getByRole("button", { name: "Begin the one that is left" }));
    expect(acted).toEqual([{ kind: "resumeBulk", bulk: "2026-001" }]);
  });
});
