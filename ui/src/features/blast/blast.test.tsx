// What stolen keys come to, as the desk recorded it of its practice estate.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type BlastView, connect } from "../../border";
import { recorded, replayOf } from "../../border/replay";
import { Blast } from "./Blast";

const views = recorded.flatMap(({ query, view }) => (view.kind === "blast" && query.kind === "blast" ? [{ keys: query.keys, view: view as BlastView & { kind: "blast" } }] : []));
const of = (name: string, grade: BlastView["grade"]) => {
  const found = views.find(({ view }) => view.name === name && view.grade === grade);
  if (!found) throw new Error(`no view of ${name} is ${grade}`);
  return found;
};

const [onKeys, onBack, onChange] = [vi.fn(), vi.fn(), vi.fn()];
const show = ({ keys, view }: { keys: string[]; view: BlastView }) => render(<Blast repository={view.repository} keys={keys} onKeys={onKeys} onBack={onBack} onChange={onChange} />);

beforeEach(() => {
  vi.clearAllMocks();
  connect(replayOf(recorded));
});

describe.skipIf(views.length === 0)("what stolen keys come to", () => {
  it("asks for a key first, and names each with its roles", async () => {
    const nobody = of("platform", "unasked");
    show(nobody);
    await screen.findByRole("heading", { level: 1, name: "If keys of platform were stolen" });
    const keys = screen.getByRole("region", { name: "In the wrong hands" });
    expect(within(keys).getAllByRole("checkbox")).toHaveLength(nobody.view.keys.length);
    expect(screen.queryByRole("table")).toBeNull();
    await userEvent.click(within(keys).getByRole("checkbox", { name: /Officer 1/ }));
    expect(onKeys).toHaveBeenCalledWith([nobody.view.keys.find(({ label }) => label === "Officer 1")?.physicalKey]);
  });

  it("says that one of two reaches nothing, and offers the change that takes it away", async () => {
    const one = of("platform", "nothing");
    show(one);
    expect(await screen.findByText(/can sign nothing alone/)).toBeTruthy();
    const row = screen.getByRole("row", { name: /^root/ });
    expect(within(row).getByText(/Needs 1 signature more/)).toBeTruthy();
    expect(screen.getByText("No target can be signed.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Take these keys out…" }));
    expect(onChange).toHaveBeenCalledWith({ form: "given", keys: one.keys, replace: null, signAgain: false, newKeysOnly: true, cause: "stolen" });
    // The last chosen key can be let go again.
    await userEvent.click(screen.getByRole("checkbox", { checked: true }));
    expect(onKeys).toHaveBeenLastCalledWith([]);
  });

  it("names the paths of a delegate, the targets that are open, and the steps in order", async () => {
    const { keys, view } = of("platform", "delegated");
    show({ keys, view });
    const paths = await screen.findByRole("table", { name: "Targets that could be signed" });
    for (const { paths: texts } of view.paths) for (const text of texts) expect(within(paths).getByText(text)).toBeTruthy();
    expect(screen.getByRole("table", { name: "1 target that clients find today could be replaced" })).toBeTruthy();
    const steps = screen.getAllByRole("listitem").filter((item) => item.closest("ol"));
    expect(steps).toHaveLength(view.repairs.length);
  });

  it("says when root is lost that no document repairs it", async () => {
    show(of("platform", "root"));
    expect(await screen.findByText(/can replace root/)).toBeTruthy();
    expect(screen.getByText("The keys that are left are not enough.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Rotate root keys…" })).toBeNull();
  });

  it("tells Docker apart from Notary's own tool", async () => {
    show(of("gateway-images", "delegated"));
    await screen.findByRole("heading", { name: "Targets that could be signed, as notary searches" });
    const docker = screen.getByRole("table", { name: "Targets that could be signed, as docker pulls" });
    expect(within(docker).getByText("targets/releases")).toBeTruthy();
  });

  it("keeps the last answer while another is asked for", async () => {
    const [nobody, one] = [of("platform", "unasked"), of("platform", "nothing")];
    const shown = show(nobody);
    await screen.findByRole("heading", { level: 1 });
    shown.rerender(<Blast repository={one.view.repository} keys={one.keys} onKeys={onKeys} onBack={onBack} onChange={onChange} />);
    expect(screen.getByRole("heading", { level: 1 })).toBeTruthy();
    expect(screen.getByRole("checkbox", { checked: true })).toBeTruthy();
    expect(await screen.findByText(/can sign nothing alone/)).toBeTruthy();
  });
});
