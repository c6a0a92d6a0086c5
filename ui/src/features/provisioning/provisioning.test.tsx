// Making a token ready on screen: what is said before anything is done, the run, what stops it, and what came of it.
import { act as reactAct, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type Notice, type Outcome, type ProvisioningView, type ReadyStepName, type ReadyView } from "../../border";
import { invented } from "../../border/replay";
import { Provisioning } from "./Provisioning";

const recorded = invented.flatMap(({ view }) => (view.kind === "provisioning" ? [view as ProvisioningView] : []));
function recordedOf(token: string): ProvisioningView {
  const view = recorded.find((view) => view.token === token);
  if (!view) throw new Error(`nothing is recorded of ${token}`);
  return view;
}
const FRESH = recordedOf("yubikey:19402271");
const PART = recordedOf("yubikey:15835999");
const ABSENT: Failure = { kind: "interruption", code: "token-absent", message: "YubiKey 19 402 271 is not plugged in", details: {} };

const READY: ReadyView = {
  label: FRESH.label,
  serial: FRESH.serial,
  steps: FRESH.steps.map((step) => ({ ...step, done: true })),
  slot: { ...(FRESH.born[0]?.slot ?? { slot: "" }), slot: "9c", slotName: "Digital signature" } as ReadyView["slot"],
  attestation: { held: "held in YubiKey 19 402 271, firmware 5.4.3, touch always", verdict: "chains to Yubico PIV Root CA", remarks: [], problem: null, kept: true },
  loss: FRESH.losses[0]?.consequence ?? { mark: "note", parts: [] },
};

/** A desk with one token, which may be pulled out; its answer to `provision` is given by hand. */
function desk(first: ProvisioningView) {
  let shown: ProvisioningView | Failure = first;
  const acted: Action[] = [];
  let hear: (notice: Notice) => void = () => undefined;
  const answers: { done: (outcome: Outcome) => void; failed: (failure: Failure) => void }[] = [];
  connect({
    query: async () => {
      if ("code" in shown) throw shown;
      return { kind: "provisioning", ...shown };
    },
    act: (action) => {
      acted.push(action);
      if (action.kind === "choose") return Promise.resolve({ kind: "chose", path: "/media/usb/label.html" });
      if (action.kind !== "provision") return Promise.resolve({ kind: "done" });
      return new Promise((done, failed) => answers.push({ done, failed }));
    },
    listen: (ear) => {
      hear = ear;
      return () => undefined;
    },
  });
  return {
    acted,
    tell: (notice: Notice) => reactAct(async () => hear(notice)),
    becomes: (next: ProvisioningView | Failure) =>
      reactAct(async () => {
        shown = next;
        hear({ kind: "tokensChanged" });
      }),
    answer: (outcome: Outcome) => reactAct(async () => answers.pop()?.done(outcome)),
    fail: (failure: Failure) => reactAct(async () => answers.pop()?.failed(failure)),
  };
}

async function toTheRun() {
  await userEvent.click(await screen.findByRole("button", { name: "Say how its loss is survived" }));
  await userEvent.click(screen.getByRole("button", { name: "Choose the key" }));
  await userEvent.click(screen.getByRole("button", { name: "See what is done" }));
}

function stateOf(name: string): string | undefined {
  return screen.getByRole("rowheader", { name }).closest("tr")?.querySelector("td")?.textContent ?? undefined;
}

it("says what will be done and which secret is asked where, before anything is", async () => {
  const { acted } = desk(FRESH);
  render(<Provisioning token={FRESH.token} onLeave={() => undefined} />);
  await screen.findByRole("heading", { name: "Make YubiKey 19 402 271 ready" });
  const steps = screen.getByRole("table", { name: "Steps" });
  expect(within(steps).getByRole("row", { name: /^PUK As delivered.*window of its own shows it once/ })).toBeTruthy();
  expect(within(steps).getByRole("row", { name: /^Attestation/ })).toBeTruthy();
  expect(screen.getByText("5.4.3", { selector: ".ev" })).toBeTruthy();
  expect(acted).toEqual([]);
});

it("takes what somebody has set for done, and says that its PIN is asked for", async () => {
  desk(PART);
  render(<Provisioning token={PART.token} onLeave={() => undefined} />);
  const steps = await screen.findByRole("table", { name: "Steps" });
  expect(within(steps).getByRole("row", { name: /^PIN Somebody has set it.*proves the right to go on/ })).toBeTruthy();
});

it("asks how a loss is survived: a second token is proposed, and an imported key is none of ours", async () => {
  const { acted } = desk(FRESH);
  render(<Provisioning token={FRESH.token} onLeave={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "Say how its loss is survived" }));
  expect((screen.getByRole("radio", { name: /second token/ }) as HTMLInputElement).checked).toBe(true);
  await userEvent.click(screen.getByRole("radio", { name: /imported into two tokens/ }));
  expect(screen.getByText(/no key is born in this token now/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Go on without a key" }));
  expect(screen.queryByRole("rowheader", { name: "Attestation" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Replace its secrets" }));
  expect(acted).toMatchObject([{ kind: "provision", key: "yubikey:19402271/9c", loss: "imported-twice" }]);
});

it("warns of a key that signs without a touch, and takes over one that was born before as it is", async () => {
  const { acted } = desk(FRESH);
  render(<Provisioning token={FRESH.token} onLeave={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "Say how its loss is survived" }));
  await userEvent.click(screen.getByRole("button", { name: "Choose the key" }));
  await userEvent.click(screen.getByRole("button", { name: /Touch$/ }));
  await userEvent.click(screen.getByRole("option", { name: "never" }));
  expect(screen.getByText(/signs without anybody noticing/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /Slot$/ }));
  await userEvent.click(screen.getByRole("option", { name: /take it over/ }));
  expect(screen.queryByText(/signs without anybody noticing/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "See what is done" }));
  await userEvent.click(screen.getByRole("button", { name: "Make it ready" }));
  expect(acted).toMatchObject([{ key: "yubikey:19402271/82", wish: { algorithm: "p256", pin: "always", touch: "always" } }]);
});

it("shows each step as it is taken, and what came of all with the proof and the label", async () => {
  const { acted, tell, answer } = desk(FRESH);
  const onLeave = vi.fn();
  render(<Provisioning token={FRESH.token} onLeave={onLeave} />);
  await toTheRun();
  expect(stateOf("PUK")).toBe("to come");
  await userEvent.click(screen.getByRole("button", { name: "Make it ready" }));
  expect(stateOf("PUK")).toBe("now");
  expect(screen.getByRole("status").textContent).toContain("write it down, then type it back");
  const taken = (step: ReadyStepName, name: string, key = "yubikey:19402271/9c") =>
    tell({ kind: "readyStepTaken", key, step: { step, name, said: { mark: "note", parts: [{ voice: "plain", text: "It is the one you chose." }] }, done: true } });
  await taken("puk", "PUK", "yubikey:1/9c");
  expect(stateOf("PUK")).toBe("now");
  await taken("puk", "PUK");
  expect(stateOf("PUK")).toBe("done");
  expect(stateOf("PIN")).toBe("now");
  await answer({ kind: "ready", ready: READY });
  await screen.findByRole("heading", { name: "YubiKey 19 402 271 is ready" });
  expect(screen.getByText(/held in YubiKey 19 402 271, firmware 5.4.3/)).toBeTruthy();
  expect(screen.getByText("chains to Yubico PIV Root CA")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(screen.getByRole("button", { name: "Save the label" }));
  expect(await screen.findByText(/Saved in \/media\/usb\/label.html/)).toBeTruthy();
  expect(acted.at(-1)).toEqual({ kind: "saveLabel", ready: READY, path: "/media/usb/label.html" });
  await userEvent.click(screen.getByRole("button", { name: "Go to the second token" }));
  expect(onLeave).toHaveBeenCalled();
});

it("stands still when the token is pulled out, says what is missing, and goes on from there when it is back", async () => {
  const { acted, becomes, fail, answer } = desk(FRESH);
  render(<Provisioning token={FRESH.token} onLeave={() => undefined} />);
  await toTheRun();
  await userEvent.click(screen.getByRole("button", { name: "Make it ready" }));
  await fail(ABSENT);
  await becomes(ABSENT);
  expect(screen.getByRole("alert").textContent).toContain("pulled out");
  const blocked = screen.getByRole("button", { name: "Go on: plug in YubiKey 19 402 271 again" });
  expect(blocked.hasAttribute("disabled")).toBe(true);
  // It comes back with PUK and PIN set, and with its key born, so the slot is empty no more: the same slot is gone on with.
  const steps = FRESH.steps.map((step, index) => ({ ...step, done: index < 2 }));
  await becomes({ ...FRESH, steps, slots: FRESH.slots.filter(({ slot }) => slot !== "9c") });
  expect(stateOf("PIN")).toBe("done");
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  expect(acted.map((action) => (action.kind === "provision" ? action.key : ""))).toEqual(["yubikey:19402271/9c", "yubikey:19402271/9c"]);
  await answer({ kind: "ready", ready: { ...READY, attestation: { held: "", verdict: "", remarks: [], kept: false, problem: { kind: "refusal", code: "attestation-wrong-issuer", message: "nobody here knows the issuer", details: {} } } } });
  expect(await screen.findByText("The token is ready, but where its key was born is not proven.")).toBeTruthy();
});

it("initialises a module's token under a label, and says that nothing proves where its key is born", async () => {
  const fresh = recordedOf("pkcs11:softhsm:");
  const { acted, answer } = desk(fresh);
  render(<Provisioning token={fresh.token} onLeave={() => undefined} />);
  expect(await screen.findByText(/no PKCS#11 module proves/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Erase this token…" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Say how its loss is survived" }));
  await userEvent.click(screen.getByRole("button", { name: "Choose the key" }));
  const label = screen.getByRole("textbox", { name: "Label of the token" });
  await userEvent.clear(label);
  expect(screen.getByRole("button", { name: "Go on: a label is missing" })).toBeTruthy();
  await userEvent.type(label, "HSM 1/2");
  await userEvent.click(screen.getByRole("button", { name: "See what is done" }));
  await userEvent.click(screen.getByRole("button", { name: "Make it ready" }));
  expect(acted).toMatchObject([{ kind: "provision", key: "pkcs11:softhsm:HSM%201%2F2/rootward-1", wish: { algorithm: "p256", pin: "always" } }]);
  await answer({ kind: "ready", ready: { ...READY, serial: null, label: "HSM 1/2 (softhsm)", attestation: null } });
  expect(await screen.findByRole("heading", { name: "HSM 1/2 (softhsm) is ready" })).toBeTruthy();
  expect(screen.getByText(/Nothing proves where its key was born/)).toBeTruthy();
});

it("erases a token only in a place of its own, where what is lost is named and its serial is typed", async () => {
  const { acted } = desk(PART);
  render(<Provisioning token={PART.token} onLeave={() => undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: "Erase this token…" }));
  const dialog = screen.getByRole("dialog", { name: "Erase YubiKey 15 835 999" });
  expect(within(dialog).getByText("root of trust-root, targets of trust-root")).toBeTruthy();
  const missing = within(dialog).getByRole("button", { name: "Erase: type its serial first" });
  expect(missing.hasAttribute("disabled")).toBe(true);
  await userEvent.type(within(dialog).getByRole("textbox", { name: /Serial/ }), "15 835 999");
  const erase = await within(dialog).findByRole("button", { name: "Erase YubiKey 15 835 999: 2 keys lost for ever" }, { timeout: 6000 });
  await userEvent.click(erase);
  expect(acted).toEqual([{ kind: "eraseToken", serial: 15835999, typed: "15 835 999" }]);
  expect(await screen.findByText("YubiKey 15 835 999 is as it was delivered.")).toBeTruthy();
});

it("says so when the token can't be read at all", async () => {
  const { becomes } = desk(FRESH);
  await becomes(ABSENT);
  const onLeave = vi.fn();
  render(<Provisioning token={FRESH.token} onLeave={onLeave} />);
  expect((await screen.findByRole("alert")).textContent).toContain("not plugged in");
  await userEvent.click(screen.getByRole("button", { name: "Back to the tokens" }));
  expect(onLeave).toHaveBeenCalled();
});
