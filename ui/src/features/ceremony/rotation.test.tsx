// The form of a root rotation: what it asks of the desk, and what its button says while something is missing.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type Outcome, type RotationFormView } from "../../border";
import { Rotation } from "./Rotation";
import { form, slot, snapshotForm, spare } from "./recorded";

function desk(answers: Partial<Record<Action["kind"], Outcome | Failure>> = {}, shown: RotationFormView = form) {
  const acted: Action[] = [];
  connect({
    query: async () => ({ kind: "rotationForm", ...shown }),
    act: async (action) => {
      acted.push(action);
      const answer = answers[action.kind] ?? { kind: "done" };
      if ("code" in answer) throw answer;
      return answer;
    },
    listen: () => () => undefined,
  });
  return acted;
}

const onBegun = vi.fn();
const show = () => render(<Rotation repository="orchard" of="root" onBegun={onBegun} onCancel={() => undefined} />);

it("one key leaves, a spare one joins, and the ceremony begins", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } });
  show();
  expect((await screen.findByRole("button", { name: "Compute consequences: no key leaves or joins" })).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: /Officer 3/ }));
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  expect(screen.getByRole("button", { name: "Compute consequences: say why" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "The laptop was replaced");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted).toEqual([
    {
      kind: "beginRotation",
      repository: "orchard",
      change: {
        role: "root",
        server: false,
        legacy: 0,
        remove: [`sha256:${"3".repeat(64)}`],
        add: [spare.key],
        sign: ["file:/home/officer/practice/officer-1.pem", "file:/home/officer/practice/officer-2.pem"],
        threshold: null,
        expires: null,
        reason: "The laptop was replaced",
      },
    },
  ]);
  expect(onBegun).toHaveBeenCalledWith("2026-015");
});

it("a key file is typed, read for its public half, and can be taken off again", async () => {
  const acted = desk({ inspectKeyFile: { kind: "keyFile", key: { ...spare, key: "file:/media/usb/k.pem", path: "/media/usb/k.pem", name: null } } });
  show();
  await userEvent.type(await screen.findByRole("textbox", { name: "Key file" }), "/media/usb/k.pem");
  await userEvent.click(screen.getByRole("button", { name: "Add this key" }));
  expect(acted).toEqual([{ kind: "inspectKeyFile", path: "/media/usb/k.pem" }]);
  await userEvent.click(await screen.findByRole("button", { name: "Take k.pem off the list" }));
  expect(screen.getByText("No key joins yet.")).toBeTruthy();
});

it("a chosen file is read at once, and a refused one stays on the page as a panel", async () => {
  const acted = desk({
    choose: { kind: "chose", path: "/media/usb/notes.txt" },
    inspectKeyFile: { kind: "fault", code: "key-file-unreadable", message: "expected a key file, found plain text", details: { path: "/media/usb/notes.txt" } },
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Choose…" }));
  expect(within(await screen.findByRole("alert")).getByText("expected a key file, found plain text")).toBeTruthy();
  expect(acted.map((action) => action.kind)).toEqual(["choose", "inspectKeyFile"]);
});

it("threshold and end are sent as given, and what is no number or date is named", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } });
  show();
  const threshold = await screen.findByRole("textbox", { name: "Threshold of root from now on" });
  await userEvent.type(threshold, "two");
  expect(screen.getByRole("button", { name: "Compute consequences: the threshold is no number" })).toBeTruthy();
  await userEvent.clear(threshold);
  await userEvent.type(threshold, "3");
  const end = screen.getByRole("textbox", { name: "New end of root" });
  await userEvent.type(end, "next year");
  expect(screen.getByRole("button", { name: "Compute consequences: the new end is no date" })).toBeTruthy();
  await userEvent.clear(end);
  await userEvent.type(end, "2027-12-15");
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "More officers");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { threshold: 3, expires: "2027-12-15T00:00:00Z" } });
});

it("the signing file of a root key can be named, or left out", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } });
  show();
  await userEvent.clear(await screen.findByRole("textbox", { name: "Key file of Officer 1" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Key file of Officer 3" }), "/media/usb/o3.pem");
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "One more");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { sign: ["file:/home/officer/practice/officer-2.pem", "file:/media/usb/o3.pem"] } });
});

it("a key is born in a slot with the strictest policies, and joins", async () => {
  const born = slot("19402271", "9c", true);
  const acted = desk({ generateTokenKey: { kind: "tokenKey", slot: born }, beginRotation: { kind: "begun", ceremony: "2026-015" } }, { ...form, slots: [slot("19402271", "9c", false), slot("19402271", "9a", false)] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Make a key in YubiKey 19 402 271, slot 9c" }));
  expect(acted).toEqual([{ kind: "generateTokenKey", key: "yubikey:19402271/9c", wish: { algorithm: "p256", pin: "always", touch: "always" } }]);
  expect(await screen.findByRole("button", { name: "Take YubiKey 19 402 271, slot 9c off the list" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A token takes over");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[1]).toMatchObject({ change: { role: "root", add: ["yubikey:19402271/9c"], server: false, legacy: 0 } });
});

it("the slot and the policies of a new key are chosen by keyboard alone", async () => {
  const acted = desk({ generateTokenKey: { kind: "tokenKey", slot: slot("19402271", "9a", true) } }, { ...form, slots: [slot("19402271", "9c", false), slot("19402271", "9a", false)] });
  show();
  const user = userEvent.setup();
  for (const field of [/Slot$/, /Touch$/]) {
    (await screen.findByRole("button", { name: field })).focus();
    await user.keyboard("{ArrowRight}");
  }
  await user.click(screen.getByRole("button", { name: "Make a key in YubiKey 19 402 271, slot 9a" }));
  expect(acted).toMatchObject([{ key: "yubikey:19402271/9a", wish: { touch: "cached" } }]);
});

it("a key that lies in a slot joins, and a key of the role that lies in one needs no file", async () => {
  const [first, ...others] = form.keys;
  if (!first) throw new Error("the form has keys");
  const held = { ...first, custody: "token" as const, key: "yubikey:15835999/9c", place: "YubiKey 15 835 999, slot 9c" };
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } }, { ...form, keys: [held, ...others], slots: [slot("19402271", "9c", true)] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "The key in YubiKey 19 402 271, slot 9c joins" }));
  expect(screen.queryByRole("textbox", { name: "Key file of Officer 1" })).toBeNull();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A token takes over");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { add: ["yubikey:19402271/9c"], sign: ["yubikey:15835999/9c", "file:/home/officer/practice/officer-2.pem"] } });
});

it("a key in the keychain joins by its name, and a place in a token that was typed is no file", async () => {
  const kept = { ...spare, key: "keychain:nightly", custody: "keychain" as const, path: "keychain:nightly", encrypted: false, name: "nightly (keychain)" };
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } }, { ...form, spareKeys: [kept] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "nightly (keychain) joins" }));
  expect(screen.getByRole("img", { name: "Keychain" })).toBeTruthy();
  expect(screen.queryByText("not encrypted")).toBeNull();
  const place = screen.getByRole("textbox", { name: "Key file of Officer 1" });
  await userEvent.clear(place);
  await userEvent.type(place, "pkcs11:softhsm:rootward/root");
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A machine signs at night");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { add: ["keychain:nightly"], sign: ["pkcs11:softhsm:rootward/root", "file:/home/officer/practice/officer-2.pem"] } });
});

it("a token that refuses to make a key says what to do, and nothing joins", async () => {
  const refusal: Failure = { kind: "refusal", code: "slot-occupied", message: "slot 9c of YubiKey 19 402 271 holds a key", details: {} };
  desk({ generateTokenKey: refusal }, { ...form, slots: [slot("19402271", "9c", false)] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: /^Make a key/ }));
  expect(within(await screen.findByRole("alert")).getByText(refusal.message)).toBeTruthy();
  expect(screen.getByText("No key joins yet.")).toBeTruthy();
});

it("the server is asked for a snapshot key of its own, and root's keys still sign", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } }, snapshotForm);
  show();
  await userEvent.click(await screen.findByRole("radio", { name: /^The Notary server/ }));
  expect(screen.queryByRole("table", { name: "Keys of snapshot now" })).toBeNull();
  expect(screen.getByRole("table", { name: "Keys of root" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "The laptop leaves");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { role: "snapshot", server: true, add: [], remove: [], sign: ["file:/home/officer/practice/officer-1.pem"] } });
});

it("a timestamp key is the server's: there is nothing to choose but why", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } }, { ...snapshotForm, role: "timestamp", server: "always", holder: "server" });
  show();
  expect(await screen.findByRole("heading", { name: "The key of timestamp is the server’s" })).toBeTruthy();
  expect(screen.queryByRole("radio")).toBeNull();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Every year");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { role: "timestamp", server: true } });
});

it("old root keys sign too where the repository has old roots, and a wrong number is named", async () => {
  const acted = desk({ beginRotation: { kind: "begun", ceremony: "2026-015" } }, { ...form, dialect: "notary", legacy: 3 });
  show();
  const legacy = await screen.findByRole("textbox", { name: "Root versions whose old keys sign too" });
  await userEvent.type(legacy, "all");
  expect(screen.getByRole("button", { name: "Compute consequences: the number of old versions is no number" })).toBeTruthy();
  await userEvent.clear(legacy);
  await userEvent.type(legacy, "2");
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Slow clients");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ change: { legacy: 2 } });
});
