// The contract from the page's end: every view that the desk recorded of itself is shown by its screen.
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../border";
import { type Recorded, recorded as records, replayOf } from "../border/replay";
import { Beginning } from "../features/ceremony/Beginning";
import { Ceremony } from "../features/ceremony/Ceremony";
import { FirstTrust } from "../features/first-trust/FirstTrust";
import { History } from "../features/history/History";
import { Inspector } from "../features/inspector/Inspector";
import { KeyInspector } from "../features/keys/KeyInspector";
import { Keys } from "../features/keys/Keys";
import { Repository, TABS } from "../features/repository/Repository";
import { RollCall } from "../features/roll-call/RollCall";
import { Settings } from "../features/settings/Settings";
import { version } from "../words/format";
import { repository as words } from "../words/repository";
import { App } from "./App";

const nothing = () => undefined;

function of<K extends Recorded["view"]["kind"]>(kind: K) {
  return records.flatMap(({ view }) => (view.kind === kind ? [view as Extract<Recorded["view"], { kind: K }>] : []));
}

beforeEach(() => void connect(replayOf(records)));

// That the records are there and fresh is a promise of the desk's own tests; without them there is nothing to show.
describe.skipIf(records.length === 0)("what the desk recorded of itself", () => {
  it("is a whole estate", () => {
    for (const kind of ["estate", "treeRows", "attention", "repository", "node", "history", "ceremony", "settings"] as const) {
      expect(of(kind), kind).not.toEqual([]);
    }
  });

  it("opens as a window: the tree, and what needs a person", async () => {
    render(<App />);
    for (const { name } of of("repository")) await screen.findByRole("treeitem", { name: new RegExp(`^${name}, repository, `) });
    const table = screen.getByRole("table", { name: "Attention" });
    for (const { title } of of("attention").flatMap(({ items }) => items)) expect(within(table).getByText(title)).toBeTruthy();
    expect(screen.getAllByText("Practice").length).toBeGreaterThan(0);
  });

  it.each(of("repository").map((view) => [view.name, view] as const))("shows %s on every tab", async (_, view) => {
    for (const tab of TABS) {
      render(
        <Repository
          repository={view.id}
          tab={tab}
          selected={null}
          history={<History repository={view.id} />}
          onTab={nothing}
          onInspect={nothing}
          onChange={nothing}
          onTrust={nothing}
          onStolen={nothing}
          onForgotten={nothing}
          onCeremony={nothing}
          onBegin={nothing}
          onDoubled={nothing}
          onKnown={nothing}
        />,
      );
      await screen.findByRole("heading", { level: 1, name: view.name });
      expect(screen.getByText("Practice")).toBeTruthy();
      if (tab === "overview") {
        const picture = screen.getByRole("group", { name: words.pictureName(view.name) });
        expect(within(picture).getAllByRole("button")).toHaveLength(view.chain.boxes.length);
      }
      if (tab === "roles") for (const role of view.roles) expect(screen.getByRole("region", { name: role.role })).toBeTruthy();
      if (tab === "history") await screen.findByRole("heading", { name: /compared with/ });
      if (tab === "findings") for (const { message } of view.findings) expect(screen.getAllByText(message).length).toBeGreaterThan(0);
      cleanup();
    }
  });

  it.each(of("node").map((view) => [view.node, view] as const))("explains a %s in the inspector", async (_, view) => {
    render(<Inspector node={view.id} onClose={nothing} onChange={nothing} onTrust={nothing} onStolen={nothing} />);
    expect(await screen.findByText(view.explanation)).toBeTruthy();
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe(view.version ? `${view.name} ${version(view.version)}` : view.name.concat(" "));
  });

  it.each(of("ceremony").map((view) => [view.state, view] as const))("walks through a ceremony that is %s", async (_, view) => {
    connect(replayOf([{ query: { kind: "ceremony", ceremony: view.id }, view }]));
    for (const { step, state } of view.steps) {
      if (state === "toCome") continue;
      render(<Ceremony ceremony={view.id} step={step} onStep={nothing} onRepository={nothing} onRotate={nothing} onBegin={nothing} />);
      expect(await screen.findByRole("heading", { level: 1 })).toBeTruthy();
      expect(screen.getAllByText(view.title).length).toBeGreaterThan(0);
      expect(screen.queryByRole("alert")).toBeNull();
      cleanup();
    }
  });

  it("offers what is usual where a repository is begun, in either dialect", async () => {
    expect(of("beginningForm").map(({ dialect }) => dialect).sort()).toEqual(["notary", "tuf1"]);
    render(<Beginning onBegun={nothing} onCancel={nothing} />);
    expect(await screen.findByRole("heading", { level: 1, name: "Begin a repository" })).toBeTruthy();
    await userEvent.click(screen.getByRole("radio", { name: "Notary, on its server" }));
    for (const { role } of of("beginningForm")[0]?.roles ?? []) expect(screen.getByRole("button", { name: new RegExp(`^${role} : `) })).toBeTruthy();
  });

  it("shows the keyring, one key in full and the roll call", async () => {
    const [keys] = of("keys");
    const [key] = of("key");
    const [call] = of("rollCall");
    if (!keys || !key || !call) throw new Error("the desk recorded its keys");
    render(<Keys chosen={null} onChoose={nothing} onImport={nothing} />);
    const grid = await screen.findByRole("grid", { name: "Keys" });
    expect(within(grid).getAllByRole("row").length).toBeGreaterThan(3);
    cleanup();
    render(<KeyInspector physicalKey={key.physicalKey} onClose={nothing} onChange={nothing} onCeremony={nothing} onStolen={nothing} onRevoke={nothing} />);
    expect(await screen.findByText(key.summary)).toBeTruthy();
    cleanup();
    render(<RollCall repository={call.readiness.repository} onRepository={nothing} />);
    expect(await screen.findByText(call.readiness.says)).toBeTruthy();
  });

  it("shows the first-trust step and the settings", async () => {
    for (const { repository, name } of of("firstTrust")) {
      render(<FirstTrust repository={repository} onTrusted={nothing} onLater={nothing} />);
      await screen.findByRole("heading", { level: 1, name: `Trust a root of ${name}` });
      cleanup();
    }
    for (const { dataFolder } of of("settings")) {
      render(<Settings theme="light" onTheme={nothing} />);
      expect(await screen.findByText(dataFolder)).toBeTruthy();
      await userEvent.click(screen.getByRole("radio", { name: "Dark" }));
    }
  });
});
