// Several documents and keys in tokens: what is shown of each, what is said while a token waits, what its failures come to.
import { act as reactAct, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Action, type CeremonyView, connect, type Failure, type Notice, type Outcome, type SignerRow, type Step, type TokenView } from "../../border";
import { Ceremony } from "./Ceremony";
import { collecting, drafting, sentence, several, slot } from "./recorded";

const TOKEN: TokenView = {
  serial: 19402271,
  module: null, provision: null, asDelivered: false,
  token: null,
  serialText: "19402271",
  label: "YubiKey 19 402 271",
  model: "YubiKey 5",
  firmware: "5.4.3",
  reader: "Reader 0",
  pinTries: 3,
  warnings: [],
  slots: [slot("19402271", "9c", true)],
  trouble: null,
};

function desk(view: CeremonyView, answer: (action: Action) => Promise<Outcome> = async () => ({ kind: "done" }), tokens: TokenView[] = [TOKEN]) {
  const acted: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  connect({
    query: async (query) => (query.kind === "tokens" ? { kind: "tokens", tokens, failure: null, modules: [] } : { kind: "ceremony", ...view }),
    act: (action) => {
      acted.push(action);
      return answer(action);
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  const tell = (notice: Notice) => reactAct(async () => hear(notice));
  return { acted, tell };
}

const show = (step: Step) =>
  render(<Ceremony ceremony="2026-014" step={step} onStep={() => undefined} onRepository={() => undefined} onRotate={() => undefined} onBegin={() => undefined} />);
const row = () => screen.findByRole("row", { name: /1f2e…9c/ });

describe("several documents", () => {
  it("are signed side by side, and the one that comes after says what it waits for", async () => {
    desk(several());
    show("signatures");
    await screen.findByRole("heading", { level: 1, name: "Collect signatures over root v10, targets v15 and 1 more" });
    const targets = screen.getByRole("region", { name: "targets v15" });
    expect(within(targets).getByRole("meter", { name: "Threshold of targets v15" })).toBeTruthy();
    const snapshot = screen.getByRole("region", { name: "snapshot v7" });
    expect(within(snapshot).getByText(/fixed when the documents that it names are complete/)).toBeTruthy();
    expect(within(snapshot).queryByRole("button", { name: /^SHA-256/ })).toBeNull();
    expect(screen.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["Key that counts", "Where it is", "Old", "New", "targets", "snapshot", "State", "Action"]);
  });

  it("are read one after the other, each with its own digest, before any is frozen", async () => {
    const view = several();
    const unfrozen = view.documents.map((document) => ({ ...document, review: { ...document.review, frozen: false } }));
    desk({ ...drafting(), documents: unfrozen });
    show("review");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("checkbox", { name: /compared group 1 and group 8/ }));
    expect(screen.getByRole("button", { name: "Freeze: groups 1 and 8 of targets are not compared yet" })).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "targets v15" }));
    await user.click(screen.getByRole("checkbox", { name: /compared group 1 and group 8/ }));
    expect(screen.getByRole("button", { name: "Freeze these bytes and collect signatures" }).hasAttribute("disabled")).toBe(false);
  });

  it("whose bytes need a certificate first are made, and then read before anybody signs", async () => {
    const view = drafting();
    const [root] = view.documents;
    if (!root) throw new Error("a ceremony issues root");
    const { acted } = desk({ ...view, documents: [{ ...root, review: { ...root.review, digest: "", bytes: 0 } }] });
    show("review");
    await userEvent.click(await screen.findByRole("button", { name: "Make what the bytes need, then freeze them" }));
    expect(acted).toEqual([{ kind: "freeze", ceremony: "2026-014" }]);
  });
});

describe("a key in a token", () => {
  it("shows both of its ids, device and slot, and what is plugged in", async () => {
    desk(several());
    show("signatures");
    const cells = await row();
    expect(cells.textContent).toContain("YubiKey 19 402 271, slot 9c");
    expect(within(cells).getByText("8888…8888")).toBeTruthy();
    const device = within(await screen.findByRole("list", { name: "Tokens plugged in" })).getByRole("listitem");
    expect(device.textContent).toContain("plugged in, firmware 5.4.3, holds 1f2e…9c in slot 9c, PIN 3 tries left");
  });

  it("that is not plugged in is waited for in words", async () => {
    desk(several(), undefined, []);
    show("signatures");
    expect(await screen.findByText(/^No token is plugged in\./)).toBeTruthy();
  });

  describe("that waits for a touch", () => {
    beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
    afterEach(() => void vi.useRealTimers());

    it("says so in its row, counts down, and stops when it is over", async () => {
      let done: (outcome: Outcome) => void = () => undefined;
      const { tell } = desk(several(), () => new Promise((answer) => (done = answer)));
      show("signatures");
      await userEvent.click(await screen.findByRole("button", { name: "Sign with 1f2e…9c" }));
      expect((await row()).textContent).toContain("Asked in its own window now");
      await tell({ kind: "touchAwaited", device: "YubiKey 19 402 271, slot 9c", signs: "targets v15", seconds: 15, typesPin: false });
      expect((await row()).textContent).toContain("Touch the key now");
      expect((await row()).textContent).toContain("The touch signs targets v15.");
      await reactAct(() => vi.advanceTimersByTimeAsync(4_000));
      expect(within(await row()).getByText(/^1[01]$/)).toBeTruthy();
      await tell({ kind: "touchOver" });
      expect(screen.queryByText("Touch the key now")).toBeNull();
      await reactAct(async () => done({ kind: "done" }));
    });
  });

  it.each([
    ["wrong-pin", "interruption"],
    ["pin-blocked", "refusal"],
    ["touch-missed", "interruption"],
    ["token-absent", "interruption"],
    ["token-other", "interruption"],
    ["token-busy", "interruption"],
    ["last-try-declined", "interruption"],
  ] as const)("that fails with %s says what happened and what to do", async (code, kind) => {
    const failure: Failure = { kind, code, message: `the token said ${code}`, details: {} };
    desk(several(), async () => {
      throw failure;
    });
    show("signatures");
    await userEvent.click(await screen.findByRole("button", { name: "Sign with 1f2e…9c" }));
    const panel = await screen.findByRole("alert");
    expect(within(panel).getByText(failure.message)).toBeTruthy();
    expect(within(panel).queryByText(/has no words for/)).toBeNull();
  });
});

describe("a key that has signed another document of this version", () => {
  const otherwise = () => {
    const view = several();
    return { ...view, signers: view.signers.map((row) => ({ ...row, needsReason: true, state: "Signs for a reason only: it has signed another root v10 in ceremony 2026-013" })) };
  };

  it("signs after its reason was typed, and not before", async () => {
    const { acted } = desk(otherwise());
    show("signatures");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Sign again with 1f2e…9c, for a reason" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("in ceremony 2026-013");
    expect(within(dialog).getByRole("button", { name: "Sign a second document: say why" }).hasAttribute("disabled")).toBe(true);
    await user.type(within(dialog).getByRole("textbox"), "the first one named a broken token ");
    await user.click(within(dialog).getByRole("button", { name: "Sign a second document of this version" }));
    const [signed] = acted.filter((action) => action.kind === "sign");
    expect(signed).toMatchObject({ againBecause: "the first one named a broken token" });
  });

  it("is asked for the reason when only the ledger's refusal tells", async () => {
    const failure: Failure = { kind: "refusal", code: "signed-otherwise", message: "this key has signed another targets v15 in ceremony 2026-013", details: {} };
    desk(several(), async () => {
      throw failure;
    });
    show("signatures");
    await userEvent.click(await screen.findByRole("button", { name: "Sign with 1f2e…9c" }));
    expect((await screen.findByRole("alert")).textContent).toContain("another targets v15");
    expect(await screen.findByRole("button", { name: "Sign again with 1f2e…9c, for a reason" })).toBeTruthy();
  });
});

describe("who is missing", () => {
  const [one, two, three] = ["2", "5", "6"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];
  const asked = () => {
    const view = collecting();
    const base = view.signers[0];
    if (!base) throw new Error("somebody signs");
    const row = (physicalKey: string, label: string, part: Partial<SignerRow>): SignerRow => ({ ...base, physicalKey, label, canSign: false, file: null, custody: "unknown", ...part });
    return {
      ...view,
      outstanding: [sentence("note", ["subject", "1 more signature"], ["plain", " meets the old threshold, root v9, of "], ["subject", "officer_2 or officer_5"], ["plain", "."])],
      signers: [
        row(one, "officer_2", { askedAt: "2026-11-22T10:38:00Z", ask: "again", state: "Asked by file; its answer is awaited", instead: "officer_5 could sign instead" }),
        row(two, "officer_5", { ask: "instead", state: "Not asked: spare if those asked answer", instead: "Could sign instead of officer_2", custody: "token", file: "YubiKey 17 044 318, slot 9c", lastSeen: "2026-11-02T09:00:00Z" }),
        row(three, "officer_6", { state: "Not needed: spare" }),
      ],
    };
  };

  it("is said in a sentence, and each row says what its key is to it", async () => {
    desk(asked());
    show("signatures");
    await screen.findByRole("heading", { level: 1 });
    expect(screen.getByRole("status").textContent).toBe("1 more signature meets the old threshold, root v9, of officer_2 or officer_5.");
    const second = within(screen.getByRole("row", { name: /^officer_2/ }));
    second.getByText("2026-11-22 10:38 UTC");
    second.getByText("officer_5 could sign instead");
    const fifth = within(screen.getByRole("row", { name: /^officer_5/ }));
    fifth.getByText("last seen there 2026-11-02");
    expect(within(screen.getByRole("row", { name: /^officer_6/ })).queryByRole("button")).toBeNull();
  });

  it("may be somebody else, whom the request is written for", async () => {
    const { acted } = desk(asked());
    show("signatures");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Ask instead: officer_5" }));
    expect(screen.getByRole("checkbox", { name: /officer_5/ })).toHaveProperty("checked", true);
    await user.type(screen.getByRole("textbox", { name: "File to write" }), "/media/stick/root.request");
    await user.click(screen.getByRole("button", { name: "Write the request" }));
    expect(acted.at(-1)).toEqual({ kind: "handOut", ceremony: "2026-014", path: "/media/stick/root.request", to: [two] });
  });

  it("may have answered: the file is taken from the row", async () => {
    desk(asked());
    show("signatures");
    await userEvent.click(await screen.findByRole("button", { name: "Take response of officer_2" }));
    expect(screen.getByRole("dialog", { name: "Take signatures from a file" })).toBeTruthy();
  });
});
