// The wizard of a running ceremony: every step, only what the desk allows, failures that stay, buttons that say what is missing.
import { act as reactAct, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Action, type CeremonyView, connect, type Failure, type Notice, type Outcome, type Step } from "../../border";
import { Ceremony } from "./Ceremony";
import { abandoned, broken, ceremony, collecting, DIGEST, drafting, impossible, published, publishing, ready, refused, rehearsed } from "./recorded";

/** A desk that shows one ceremony, remembers what it was asked to do, and answers as told. */
function desk(first: CeremonyView, answer: (action: Action) => Outcome | Failure | Promise<Outcome> = () => ({ kind: "done" })) {
  const acted: Action[] = [];
  let view = first;
  let tell: (notice: Notice) => void = () => undefined;
  connect({
    query: async (query) => (query.kind === "tokens" ? { kind: "tokens", tokens: [], failure: null, modules: [] } : { kind: "ceremony", ...view }),
    act: async (action) => {
      acted.push(action);
      const answered = await answer(action);
      if ("code" in answered) throw answered;
      return answered;
    },
    listen: (hear) => {
      tell = hear;
      return () => undefined;
    },
  });
  const becomes = (next: CeremonyView) =>
    reactAct(async () => {
      view = next;
      tell({ kind: "ceremonyChanged", ceremony: view.id });
    });
  return { acted, becomes };
}

const onRepository = vi.fn();
const onRotate = vi.fn();
const onBegin = vi.fn();

function Wizard({ first = null }: { first?: Step | null }) {
  const [step, setStep] = useState<Step | null>(first);
  return <Ceremony ceremony="2026-014" step={step} onStep={setStep} onRepository={onRepository} onRotate={onRotate} onBegin={onBegin} />;
}

const button = (name: string | RegExp) => screen.findByRole("button", { name });
const heading = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });
const disabled = async (name: string | RegExp) => expect((await button(name)).hasAttribute("disabled")).toBe(true);

afterEach(() => vi.useRealTimers());

describe("consequences", () => {
  it("opens where the ceremony stands and marks it as practice", async () => {
    desk(drafting());
    render(<Wizard />);
    const title = await heading("What this change does");
    await waitFor(() => expect(document.activeElement).toBe(title));
    expect(screen.getByText("Practice")).toBeTruthy();
    const rail = within(screen.getByRole("navigation", { name: "Steps of the ceremony" })).getByRole("list");
    const steps = ["1 Intent , done", "2 Consequences , now", "3 Review , to come", "4 Signatures , to come", "5 Rehearsal , to come", "6 Publish , to come"];
    for (const step of steps) expect(within(rail).getByRole("button", { name: (name) => name.startsWith(step) })).toBeTruthy();
  });

  it("says what leaves and joins, and leads to the bytes", async () => {
    desk(drafting());
    render(<Wizard />);
    expect((await screen.findByText("Leaves root")).closest("section")?.textContent).toContain("Officer 3");
    expect(screen.getByText("Joins root").closest("section")?.textContent).toContain("Officer 4");
    const documents = within(screen.getByRole("table", { name: "Documents that will be issued again" }));
    expect(documents.getByRole("rowheader", { name: "root" }).closest("tr")?.textContent).toContain("v9 to v10");
    await userEvent.click(await button("Review the bytes"));
    await heading("Read what will be signed");
  });
});

describe("review", () => {
  it("freezes only once groups 1 and 8 were compared", async () => {
    const { acted } = desk(drafting());
    render(<Wizard first="review" />);
    await disabled("Freeze: groups 1 and 8 are not compared yet");
    await userEvent.click(screen.getByRole("checkbox", { name: /compared group 1 and group 8/ }));
    await userEvent.click(await button("Freeze these bytes and collect signatures"));
    expect(acted).toEqual([{ kind: "freeze", ceremony: "2026-014" }]);
    await heading("Collect signatures over root v10");
  });

  it("reads the whole digest aloud in 8 groups", async () => {
    desk(drafting());
    render(<Wizard first="review" />);
    const digest = await button(/^SHA-256 of the bytes/);
    for (const group of DIGEST.match(/.{4}/g) ?? []) expect(digest.textContent).toContain(group);
  });

  it("shows the document beside its predecessor on demand", async () => {
    desk(drafting());
    render(<Wizard first="review" />);
    expect(screen.queryByRole("table")).toBeNull();
    await userEvent.click(await screen.findByRole("radio", { name: "With raw JSON" }));
    expect(screen.getByText('"version": 10', { exact: false })).toBeTruthy();
  });

  it("says what stands in the way when the desk does not allow to freeze", async () => {
    desk(ceremony("drafting", "review", ["abandon"], { blockers: ["Officer 4 signed another root v10 in 2026-013"] }));
    render(<Wizard />);
    await disabled("Freeze: Officer 4 signed another root v10 in 2026-013");
    expect(screen.queryByRole("checkbox")).toBeNull();
  });
});

it("a change that makes no working root says why, and shows no digest to compare", async () => {
  desk(impossible());
  render(<Wizard first="review" />);
  await disabled("Freeze: the new threshold of 4 needs 4 keys, 3 are left");
  expect(screen.queryByRole("button", { name: /^SHA-256/ })).toBeNull();
  expect(screen.queryByRole("radio", { name: "With raw JSON" })).toBeNull();
});

describe("signatures", () => {
  it("shows both thresholds and offers to sign only where it is possible", async () => {
    desk(collecting());
    render(<Wizard />);
    const old = await screen.findByRole("meter", { name: "Old threshold, root v9" });
    expect(old.getAttribute("aria-valuetext")).toBe("1 of 2");
    expect(screen.getByRole("meter", { name: "New threshold, root v10" })).toBeTruthy();
    expect(screen.getAllByRole("button", { name: /^Sign with/ }).map((sign) => sign.getAttribute("aria-label"))).toEqual([
      "Sign with Officer 2",
      "Sign with Officer 3",
    ]);
    await disabled("Rehearse: 1 signature missing for the old threshold, 1 signature missing for the new threshold");
  });

  it("says that a passphrase is asked in its own window, and asks for one key at a time", async () => {
    let answered: (outcome: Outcome) => void = () => undefined;
    const { acted } = desk(collecting(), () => new Promise<Outcome>((done) => (answered = done)));
    render(<Wizard />);
    await userEvent.click(await button("Sign with Officer 2"));
    expect(acted).toEqual([{ kind: "sign", ceremony: "2026-014", physicalKey: `sha256:${"2".repeat(64)}` }]);
    expect(within(screen.getByRole("row", { name: /Officer 2/ })).getByText(/^Asked in its own window/)).toBeTruthy();
    await disabled("Sign with Officer 3");
    expect(document.querySelector('input[type="password"]')).toBeNull();
    await reactAct(async () => answered({ kind: "done" }));
    expect(screen.queryByText(/^Asked in its own window/)).toBeNull();
  });

  it("keeps a closed prompt on the page as an interruption, with details to copy", async () => {
    desk(collecting(), () => ({ kind: "interruption", code: "prompt-closed", message: "The window was closed.", details: { key: "officer-2.pem" } }));
    render(<Wizard />);
    await userEvent.click(await button("Sign with Officer 2"));
    const panel = await screen.findByRole("alert");
    for (const told of ["What happened", "What it says", "What to do", "The window was closed.", "prompt-closed", "officer-2.pem"]) {
      expect(within(panel).getByText(told)).toBeTruthy();
    }
    expect(within(panel).getByRole("button", { name: "Copy details" })).toBeTruthy();
    await userEvent.click(within(panel).getByRole("button", { name: "Close this message" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("turns no page by itself when the last signature arrives", async () => {
    const { becomes } = desk(collecting());
    render(<Wizard />);
    await heading("Collect signatures over root v10");
    await becomes(ready());
    expect((await button(/Go to the rehearsal/)).hasAttribute("disabled")).toBe(false);
    await heading("Collect signatures over root v10");
  });
});

describe("rehearsal", () => {
  it("runs the simulated clients when the desk allows it", async () => {
    const { acted, becomes } = desk(ready());
    render(<Wizard />);
    await userEvent.click(await button("Rehearse with simulated clients"));
    expect(acted).toEqual([{ kind: "rehearse", ceremony: "2026-014" }]);
    await becomes(rehearsed());
    expect(screen.getAllByRole("row", { name: /accepts/ })).toHaveLength(3);
    await userEvent.click(await button("Publish and confirm"));
    await heading("Publish root v10 to orchard");
  });

  it("takes clients along from the root that the officer names", async () => {
    const { acted } = desk(ready());
    render(<Wizard />);
    await userEvent.type(await screen.findByRole("textbox", { name: "Oldest root to take along, by version" }), "v3");
    await userEvent.click(await button("Rehearse with simulated clients"));
    expect(acted).toEqual([{ kind: "rehearse", ceremony: "2026-014", oldest: 3 }]);
  });

  it("offers to take up again what was given up and anybody could publish", async () => {
    const { acted } = desk({ ...ready(), state: "abandoned", allowed: ["reopen", "saveTranscript"], blockers: ["Whoever has a copy of its signatures can publish root v10."] });
    render(<Wizard />);
    await screen.findByText("Whoever has a copy of its signatures can publish root v10.");
    await userEvent.click(await button("Take it up again…"));
    await userEvent.type(await screen.findByRole("textbox", { name: /Reason/ }), "its officers publish it");
    await userEvent.click(await button("Take it up again"));
    expect(acted).toEqual([{ kind: "reopen", ceremony: "2026-014", reason: "its officers publish it" }]);
  });

  it("names the client that refuses, and does not lead on", async () => {
    desk(refused());
    render(<Wizard />);
    expect(await screen.findByRole("row", { name: /refuses a client on root v1/ })).toBeTruthy();
    expect(screen.getByText("a client on root v1 refuses it")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Publish and confirm" })).toBeNull();
  });
});

describe("publishing", () => {
  it("counts three seconds before a root can be published, and names the consequence", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { acted } = desk(rehearsed());
    render(<Wizard />);
    const words = "Publish root v10: Officer 3 no longer counts for root";
    await disabled(`${words} (in 3 s)`);
    for (let second = 0; second < 3; second++) await reactAct(() => vi.advanceTimersByTimeAsync(1010));
    const publish = await button(words);
    await userEvent.setup({ advanceTimers: vi.advanceTimersByTime }).click(publish);
    expect(acted).toEqual([{ kind: "publish", ceremony: "2026-014" }]);
  });

  it("says what is missing when publishing is not allowed", async () => {
    desk(ready());
    render(<Wizard first="publish" />);
    await disabled("Publish: the rehearsal is missing");
  });

  it("offers to resume what was interrupted, and calls nothing published", async () => {
    const { acted } = desk(publishing());
    render(<Wizard />);
    await heading("Publishing root v10 has not come to its end");
    expect(screen.queryByRole("button", { name: /Abandon/ })).toBeNull();
    await userEvent.click(await button(/^Resume publishing/));
    expect(acted).toEqual([{ kind: "publish", ceremony: "2026-014" }]);
  });

  it("ends with what was seen, the journal and its head", async () => {
    desk(published());
    render(<Wizard />);
    await heading("root v10 is published and seen from outside");
    expect(within(screen.getByRole("table", { name: "Transcript" })).getAllByRole("row")).toHaveLength(3);
    expect(await button(/^Head of the journal: ?f7d1 38a6/)).toBeTruthy();
    await userEvent.click(screen.getAllByRole("button", { name: "Back to orchard" }).at(-1) ?? document.body);
    expect(onRepository).toHaveBeenCalledWith("orchard");
  });

  it("saves the transcript under a path that is chosen or typed", async () => {
    const { acted } = desk(published(), (action) => (action.kind === "choose" ? { kind: "chose", path: "/media/usb/2026-014.html" } : { kind: "done" }));
    render(<Wizard />);
    await userEvent.click(await button("Save transcript…"));
    const dialog = await screen.findByRole("dialog", { name: "Save transcript…" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Choose…" }));
    await waitFor(() => expect(within(dialog).getByRole("textbox").getAttribute("value")).toBe("/media/usb/2026-014.html"));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the transcript" }));
    expect(acted.at(-1)).toEqual({ kind: "saveTranscript", ceremony: "2026-014", path: "/media/usb/2026-014.html" });
    expect(await within(dialog).findByText(/^Saved as/)).toBeTruthy();
  });
});

describe("abandoning", () => {
  it("needs a reason, names its consequence, and shows how it ended", async () => {
    const { acted, becomes } = desk(collecting());
    render(<Wizard first="signatures" />);
    await userEvent.click(await button("Abandon…"));
    const dialog = await screen.findByRole("dialog", { name: "Abandon ceremony 2026-014" });
    expect(within(dialog).getByRole("button", { name: "Abandon: say why" }).hasAttribute("disabled")).toBe(true);
    await userEvent.type(within(dialog).getByRole("textbox"), "The wrong key joins");
    await userEvent.click(within(dialog).getByRole("button", { name: "Abandon this ceremony: root v10 is not published" }));
    expect(acted).toEqual([{ kind: "abandon", ceremony: "2026-014", reason: "The wrong key joins" }]);
    await becomes(abandoned());
    await heading("This ceremony was abandoned");
  });

  it("is left by Escape with the ceremony as it was", async () => {
    const { acted } = desk(collecting());
    render(<Wizard />);
    await userEvent.click(await button("Abandon…"));
    await screen.findByRole("dialog");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(acted).toEqual([]);
  });

  it("is not offered where the desk does not allow it", async () => {
    desk(abandoned());
    render(<Wizard />);
    await heading("This ceremony was abandoned");
    expect(screen.queryByRole("button", { name: "Abandon…" })).toBeNull();
    await userEvent.click(await button("Begin a new rotation…"));
    expect(onRotate).toHaveBeenCalledWith("orchard", "root");
  });
});

it("a broken journal is shown with what was found, and offers nothing but to begin anew", async () => {
  desk(broken());
  render(<Wizard />);
  await heading("The journal of this ceremony is broken");
  expect(screen.getByText(/does not hold from event 4 on/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Save transcript…" })).toBeNull();
});

it("past steps of an ended ceremony can be read, and lead back to how it ended", async () => {
  desk(abandoned());
  render(<Wizard />);
  await userEvent.click(await button(/^3 Review ,? ?done/));
  await heading("Read what will be signed");
  await userEvent.click(await button("How it ended"));
  await heading("This ceremony was abandoned");
});

describe("a ceremony that begins a repository", () => {
  const first = { ...drafting().review, buildsOnVersion: "0", buildsOnDigest: "", version: 1 };
  const begins = (view: CeremonyView): CeremonyView => ({ ...view, begins: true, practice: false, title: "Begin the repository demo" });

  it("builds on nothing, and offers no double of what is not there", async () => {
    desk(begins({ ...drafting(), review: first, documents: drafting().documents.map((document) => ({ ...document, version: 1, review: first })) }));
    render(<Wizard />);
    await heading("What is begun");
    expect(screen.getByText(/It builds on nothing: there is no repository yet/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Practise/ })).toBeNull();
    await userEvent.click(await button("Review the bytes"));
    expect(await screen.findByText("nothing: it is the first")).toBeTruthy();
  });

  it("asks for no old threshold, and rehearses with the only client there can be", async () => {
    desk(begins(collecting()));
    render(<Wizard />);
    const table = await screen.findByRole("table", { name: "Key that counts" });
    expect(within(table).queryByRole("columnheader", { name: "Old" })).toBeNull();
    expect(within(table).getByRole("columnheader", { name: "root" })).toBeTruthy();
  });

  it("says afterwards that it has to become known", async () => {
    desk(begins(published()));
    render(<Wizard first="publish" />);
    expect(await screen.findByRole("heading", { name: "Now it has to become known" })).toBeTruthy();
  });

  it("is begun anew when it was abandoned", async () => {
    desk(begins(abandoned()));
    render(<Wizard />);
    await heading("This ceremony was abandoned");
    await userEvent.click(await button("Begin one anew…"));
    expect(onBegin).toHaveBeenCalled();
  });
});
