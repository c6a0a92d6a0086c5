// The forms of a change: what each asks of the desk, what the desk says of it at once, and what the button says while something is missing.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, type ChangeFormView, type ChangeWish, connect, type Failure, type Outcome, type PlanView, type Query, type TargetsView, type WishedEdit } from "../../border";
import type { Opening } from "../../words/change";
import { Change } from "./Change";
import { type Intent, onto } from "./change";
import { form, notaryForm, plan, slot, spare } from "./recorded";

type Answers = Partial<Record<Action["kind"], Outcome | Failure>>;

function desk(answers: Answers = {}, shown: ChangeFormView = form, foreseen: (wish: ChangeWish) => PlanView | Failure = () => plan) {
  const acted: Action[] = [];
  const listed: TargetsView = { role: "targets", total: 2, matched: 2, rows: [{ path: "a/one", length: 7, digest: null }, { path: "a/two", length: 8, digest: null }] };
  connect({
    query: async (query: Query) => {
      if (query.kind === "targets") return { kind: "targets", ...listed, role: query.role };
      if (query.kind !== "plan") return { kind: "changeForm", ...shown };
      const said = foreseen(query.wish);
      if ("code" in said) throw said;
      return { kind: "plan", ...said };
    },
    act: async (action) => {
      acted.push(action);
      const answer = { beginChange: { kind: "begun", ceremony: "2026-015" } as Outcome, ...answers }[action.kind] ?? { kind: "done" };
      if ("code" in answer) throw answer;
      return answer;
    },
    listen: () => () => undefined,
  });
  return acted;
}

const onBegun = vi.fn();
const onCeremony = vi.fn();
const show = (opening: Opening = { form: "keys", role: "root" }) => render(<Change repository="orchard" opening={opening} onBegun={onBegun} onCeremony={onCeremony} onCancel={() => undefined} />);

/** Says why, begins, and gives the wish that the desk was sent. */
async function begun(acted: Action[], why = "As agreed"): Promise<ChangeWish> {
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), why);
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  const last = acted.at(-1);
  if (last?.kind !== "beginChange") throw new Error("nothing was begun");
  return last.wish;
}

const keysEdit = (part: Partial<WishedEdit & { kind: "keys" }>): WishedEdit => ({ kind: "keys", role: "root", by: null, remove: [], add: [], threshold: null, ...part });

it("one key leaves, a spare one joins, and the ceremony begins", async () => {
  const acted = desk();
  show();
  expect((await screen.findByRole("button", { name: "Compute consequences: no key leaves or joins" })).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: /Officer 3/ }));
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  expect(screen.getByRole("button", { name: "Compute consequences: say why" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "The laptop was replaced");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted).toEqual([
    {
      kind: "beginChange",
      repository: "orchard",
      wish: {
        edits: [keysEdit({ remove: [`sha256:${"3".repeat(64)}`], add: [spare.key] })],
        sign: ["file:/home/officer/practice/officer-1.pem", "file:/home/officer/practice/officer-2.pem"],
        legacy: 0,
        onlineElsewhere: false,
        newKeysOnly: false,
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
  const acted = desk();
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
  expect(acted[0]).toMatchObject({ wish: { edits: [keysEdit({ threshold: 3 }), { kind: "ends", role: "root", at: "2027-12-15T00:00:00Z" }] } });
});

it("the signing file of a root key can be named, or left out", async () => {
  const acted = desk();
  show();
  await userEvent.clear(await screen.findByRole("textbox", { name: "Key file of Officer 1" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Key file of Officer 3" }), "/media/usb/o3.pem");
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "One more");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { sign: ["file:/home/officer/practice/officer-2.pem", "file:/media/usb/o3.pem"] } });
});

it("a key is born in a slot with the strictest policies, and joins", async () => {
  const born = slot("19402271", "9c", true);
  const acted = desk({ generateTokenKey: { kind: "tokenKey", slot: born } }, { ...form, slots: [slot("19402271", "9c", false), slot("19402271", "9a", false)] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Make a key in YubiKey 19 402 271, slot 9c" }));
  expect(acted).toEqual([{ kind: "generateTokenKey", key: "yubikey:19402271/9c", wish: { algorithm: "p256", pin: "always", touch: "always" } }]);
  expect(await screen.findByRole("button", { name: "Take YubiKey 19 402 271, slot 9c off the list" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A token takes over");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[1]).toMatchObject({ wish: { edits: [keysEdit({ add: ["yubikey:19402271/9c"] })], legacy: 0 } });
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
  const [root, ...below] = form.roles;
  const [first, ...others] = root?.keys ?? [];
  if (!root || !first) throw new Error("the form has keys");
  const held = { ...first, custody: "token" as const, key: "yubikey:15835999/9c", place: "YubiKey 15 835 999, slot 9c" };
  const acted = desk({}, { ...form, roles: [{ ...root, keys: [held, ...others] }, ...below], slots: [slot("19402271", "9c", true)] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "The key in YubiKey 19 402 271, slot 9c joins" }));
  expect(screen.queryByRole("textbox", { name: "Key file of Officer 1" })).toBeNull();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A token takes over");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { edits: [keysEdit({ add: ["yubikey:19402271/9c"] })], sign: ["yubikey:15835999/9c", "file:/home/officer/practice/officer-2.pem"] } });
});

it("a key in the keychain joins by its name, and a place in a token that was typed is no file", async () => {
  const kept = { ...spare, key: "keychain:nightly", custody: "keychain" as const, path: "keychain:nightly", encrypted: false, name: "nightly (keychain)" };
  const acted = desk({}, { ...form, keyFiles: [kept] });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "nightly (keychain) joins" }));
  expect(screen.getByRole("img", { name: "Keychain" })).toBeTruthy();
  expect(screen.queryByText("not encrypted")).toBeNull();
  const place = screen.getByRole("textbox", { name: "Key file of Officer 1" });
  await userEvent.clear(place);
  await userEvent.type(place, "pkcs11:softhsm:rootward/root");
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "A machine signs at night");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { edits: [keysEdit({ add: ["keychain:nightly"] })], sign: ["pkcs11:softhsm:rootward/root", "file:/home/officer/practice/officer-2.pem"] } });
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
  const acted = desk({}, notaryForm);
  show({ form: "keys", role: "snapshot" });
  await userEvent.click(await screen.findByRole("radio", { name: /^The Notary server/ }));
  expect(screen.queryByRole("table", { name: "Keys of snapshot now" })).toBeNull();
  expect(screen.getByRole("table", { name: "Keys of root" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "The laptop leaves");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { edits: [{ kind: "serverKey", role: "snapshot" }], sign: ["file:/home/officer/practice/officer-1.pem"] } });
});

it("a timestamp key is the server's: there is nothing to choose but why", async () => {
  const acted = desk({}, notaryForm);
  show({ form: "keys", role: "timestamp" });
  expect(await screen.findByRole("heading", { name: "The key of timestamp is the server’s" })).toBeTruthy();
  expect(screen.queryByRole("radio")).toBeNull();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Every year");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { edits: [{ kind: "serverKey", role: "timestamp" }] } });
});

it("old root keys sign too where the repository has old roots, and a wrong number is named", async () => {
  const acted = desk({}, { ...form, dialect: "notary", legacy: 3 });
  show();
  const legacy = await screen.findByRole("textbox", { name: "Root versions whose old keys sign too" });
  await userEvent.type(legacy, "all");
  expect(screen.getByRole("button", { name: "Compute consequences: the number of old versions is no number" })).toBeTruthy();
  await userEvent.clear(legacy);
  await userEvent.type(legacy, "2");
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Slow clients");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted[0]).toMatchObject({ wish: { legacy: 2 } });
});

it("roles are given a new end, one of them or all that end before a day", async () => {
  const acted = desk();
  show({ form: "ends", role: "targets" });
  await screen.findByText("ends on 2026-12-15");
  await userEvent.type(screen.getByRole("textbox", { name: "New end" }), "2028-01-31");
  expect((await begun(acted)).edits).toEqual([{ kind: "ends", role: "targets", at: "2028-01-31T00:00:00Z" }]);
  await userEvent.click(screen.getByRole("radio", { name: "Every role that ends before a day" }));
  expect(screen.getByRole("button", { name: "Compute consequences: say before which day" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Ends before" }), "2027-03-31");
  await userEvent.clear(screen.getByRole("textbox", { name: "New end" }));
  expect((await begun(acted)).edits).toEqual([{ kind: "endsBefore", before: "2027-03-31T00:00:00Z", at: null }]);
});

it("a role is delegated to, for patterns, for digests, or in bins", async () => {
  const acted = desk();
  show({ form: "delegate", by: "targets" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Name of the new role" }), "tools");
  expect(screen.getByRole("button", { name: "Compute consequences: no key joins" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  expect(screen.getByRole("button", { name: "Compute consequences: give a path" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Paths" }), "tools/*\nbin/*");
  await userEvent.type(screen.getByRole("textbox", { name: "Place among the delegations" }), "1");
  await userEvent.click(screen.getByRole("checkbox", { name: /^A search that comes/ }));
  const delegate = { kind: "delegate", by: "targets", role: "tools", keys: [spare.key], threshold: 1, paths: ["tools/*", "bin/*"], hashPrefixes: [], terminating: true, place: 0 };
  expect((await begun(acted)).edits).toEqual([delegate]);
  await userEvent.click(screen.getByRole("radio", { name: /hash bins/ }));
  await userEvent.type(screen.getByRole("textbox", { name: "Bits" }), "20");
  expect(screen.getByRole("button", { name: "Compute consequences: the bits are no number from 1 to 14" })).toBeTruthy();
  await userEvent.clear(screen.getByRole("textbox", { name: "Bits" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Bits" }), "4");
  expect(screen.getByText("16 roles.")).toBeTruthy();
  expect((await begun(acted)).edits).toEqual([{ kind: "bins", by: "targets", prefix: "tools", bits: 4, keys: [spare.key], threshold: 1 }]);
});

it("what is typed while a key file is read stays, and the key joins all the same", async () => {
  const acted = desk();
  let told: (outcome: Outcome) => void = () => undefined;
  connect({
    query: async (query) => (query.kind === "plan" ? { kind: "plan", ...plan } : { kind: "changeForm", ...form }),
    act: (action) => {
      acted.push(action);
      return action.kind === "inspectKeyFile" ? new Promise((settle) => { told = settle; }) : Promise.resolve({ kind: "begun", ceremony: "2026-015" });
    },
    listen: () => () => undefined,
  });
  show({ form: "delegate", by: "targets" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Key file" }), "/media/usb/k.pem");
  await userEvent.click(screen.getByRole("button", { name: "Add this key" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Name of the new role" }), "tools");
  await userEvent.type(screen.getByRole("textbox", { name: "Paths" }), "tools/*");
  told({ kind: "keyFile", key: { ...spare, key: "file:/media/usb/k.pem" } });
  await screen.findByRole("button", { name: "Take Officer 4 off the list" });
  expect((await begun(acted)).edits).toMatchObject([{ role: "tools", keys: ["file:/media/usb/k.pem"], paths: ["tools/*"] }]);
});

it("a delegation is changed only where something is to be another, and ended by its name", async () => {
  const acted = desk();
  show({ form: "delegation", role: "docs" });
  expect(await screen.findByRole("button", { name: "Compute consequences: the delegation stays as it is" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Paths" }), "docs/*\nmanual/*");
  await userEvent.type(screen.getByRole("textbox", { name: "Place among the delegations" }), "1");
  expect((await begun(acted)).edits).toEqual([
    { kind: "redelegate", role: "docs", by: "targets", paths: ["docs/*", "manual/*"], hashPrefixes: null, terminating: null, place: 0 },
  ]);
});

it("every path of Notary is an empty beginning, typed as a star", async () => {
  const acted = desk({}, { ...notaryForm, keyFiles: [spare] });
  show({ form: "delegate", by: "targets" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Name of the new role" }), "targets/releases");
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Paths" }), "*");
  expect(screen.queryByRole("radio")).toBeNull();
  expect((await begun(acted)).edits).toMatchObject([{ kind: "delegate", role: "targets/releases", paths: [""], terminating: false }]);
});

it("a key is revoked everywhere by what it is called, and another takes its place", async () => {
  const acted = desk();
  show({ form: "revoke", key: `sha256:${"5".repeat(64)}` });
  await userEvent.click(await screen.findByRole("button", { name: "Officer 4 joins" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Sign the documents again that would count no more" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Keys that leave sign nothing more" }));
  const wish = await begun(acted);
  expect(wish.edits).toEqual([{ kind: "revoke", key: `sha256:${"5".repeat(64)}`, replace: spare.key, signAgain: true, cause: "leaves" }]);
  expect(wish.newKeysOnly).toBe(true);
});

it("a file is vouched for by its digests, and others are taken out of the list", async () => {
  const target = { file: "/tmp/tool.tar", length: 6, sha256: "ab".repeat(32), sha512: "cd".repeat(64) };
  const acted = desk({ inspectTargetFile: { kind: "targetFile", target } });
  show({ form: "target", role: "files" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Path" }), "files/tool.tar");
  expect(screen.getByRole("button", { name: /take a file's digests/ })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "File" }), "/tmp/tool.tar");
  await userEvent.click(screen.getByRole("button", { name: "Take its digests" }));
  await userEvent.click(screen.getByRole("button", { name: "Another change in this ceremony…" }));
  await userEvent.click(screen.getByRole("button", { name: "Take files out…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take out a/two" }));
  expect((await begun(acted)).edits).toEqual([
    { kind: "addTarget", role: "files", path: "files/tool.tar", length: 6, sha256: target.sha256, sha512: target.sha512, custom: null },
    { kind: "removeTarget", role: "targets", path: "a/two" },
  ]);
});

it("several changes stand in a list, are opened again and taken out", async () => {
  const acted = desk();
  show({ form: "again", role: "files" });
  await userEvent.click(await screen.findByRole("button", { name: "Another change in this ceremony…" }));
  await userEvent.click(screen.getByRole("button", { name: "End a delegation…" }));
  const list = screen.getByRole("region", { name: "In this ceremony" });
  expect(within(list).getAllByRole("listitem")).toHaveLength(2);
  expect(screen.getByRole("heading", { level: 1, name: "Change trust in orchard" })).toBeTruthy();
  await userEvent.click(within(list).getByRole("button", { name: "Take out: files is signed again" }));
  expect(screen.getByRole("heading", { level: 1, name: "End the delegation to files in orchard" })).toBeTruthy();
  expect((await begun(acted)).edits).toEqual([{ kind: "undelegate", role: "files", by: "targets" }]);
});

it("what went wrong is chosen, and its form comes filled in", async () => {
  const acted = desk();
  show({ form: "recover" });
  await userEvent.click(await screen.findByRole("button", { name: /The snapshot key is lost/ }));
  await userEvent.click(screen.getByRole("button", { name: "Officer 4 joins" }));
  expect((await begun(acted)).edits).toEqual([keysEdit({ role: "snapshot", remove: [`sha256:${"8".repeat(64)}`], add: [spare.key] })]);
});

it("a stolen root key is answered with other keys for root and what is below it", async () => {
  const acted = desk();
  show({ form: "recover" });
  await userEvent.click(await screen.findByRole("button", { name: /A root key is stolen/ }));
  expect(screen.getByRole("button", { name: "Compute consequences: choose a key" })).toBeTruthy();
  (await screen.findByRole("button", { name: /The stolen root key/ })).focus();
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getByRole("button", { name: "Compute consequences: no key joins" })).toBeTruthy();
  await userEvent.click(within(screen.getByRole("region", { name: "The root key that takes its place" })).getByRole("button", { name: "Officer 4 joins" }));
  await userEvent.click(within(screen.getByRole("region", { name: "Keys of targets from now on" })).getByRole("button", { name: "Officer 4 joins" }));
  expect((await begun(acted)).edits).toEqual([{ kind: "recoverRoot", stolen: `sha256:${"1".repeat(64)}`, root: spare.key, targets: [spare.key], online: null }]);
});

it("what a change comes to shows while its form is filled in, and says for which keys too few are here", async () => {
  const asked: ChangeWish[] = [];
  desk({}, form, (wish) => {
    asked.push(wish);
    return plan;
  });
  show({ form: "ends", role: "root" });
  const account = await screen.findByRole("region", { name: "What this comes to" });
  expect(await within(account).findByRole("table", { name: "Documents that will be issued again" })).toBeTruthy();
  expect(within(account).getByText("v9 to v10")).toBeTruthy();
  expect(within(account).getByText(/is issued again/)).toBeTruthy();
  // Why it is made does not change what it comes to: nothing is computed again for it.
  const before = asked.length;
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Every year");
  expect(asked.length).toBe(before);
});

it("what the rules forbid is said beside the form, and a reason that lifts it is asked for", async () => {
  const refusal: Failure = { kind: "refusal", code: "draft-refused", message: "targets would need 3 signatures and have 1 key", details: { unless: "despite" } };
  const acted = desk({}, form, (wish) => (wish.despite ? plan : refusal));
  show({ form: "keys", role: "targets" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Threshold of targets from now on" }), "3");
  expect(await screen.findByText(refusal.message)).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "More officers");
  expect(screen.getByRole("button", { name: "Compute consequences: the rules forbid it" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: "Why a role may be left that nobody can sign" }), "they come tomorrow");
  await screen.findByText("v9 to v10");
  await userEvent.click(screen.getByRole("button", { name: "Compute consequences" }));
  expect(acted.at(-1)).toMatchObject({ wish: { despite: "they come tomorrow" } });
});

it("beside a version that clients refuse, a reason lets another by", async () => {
  const refusal: Failure = { kind: "refusal", code: "loose-publishable", message: "root v10 was given up with enough signatures", details: { unless: "although-loose" } };
  const acted = desk({}, form, (wish) => (wish.althoughLoose ? plan : refusal));
  show({ form: "ends", role: "root" });
  await userEvent.type(await screen.findByRole("textbox", { name: /^Why another is made beside/ }), "v10 has ended");
  await screen.findByText("v9 to v10");
  expect((await begun(acted)).althoughLoose).toBe("v10 has ended");
});

it("where others sign snapshot and timestamp, it is offered when the desk asks for it", async () => {
  const refusal: Failure = { kind: "refusal", code: "draft-refused", message: "snapshot must be issued again as well", details: { unless: "online-elsewhere" } };
  const acted = desk({}, form, (wish) => (wish.onlineElsewhere ? plan : refusal));
  show({ form: "again", role: "files" });
  await userEvent.click(await screen.findByRole("checkbox", { name: "Somebody else signs snapshot and timestamp afterwards" }));
  await screen.findByText("v9 to v10");
  expect((await begun(acted)).onlineElsewhere).toBe(true);
});

it("a key file that does not tell whose key it is keeps nobody from going on", async () => {
  desk({}, form, () => ({ kind: "refusal", code: "key-not-told", message: "k.pem tells nothing", details: { keys: "k.pem" } }));
  show({ form: "again", role: "files" });
  expect(await screen.findByText(/^There is no plan yet: whose key k\.pem is/)).toBeTruthy();
  expect(screen.getByText(/^Compute the consequences: the passphrase is asked for then/)).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Why" }), "Again");
  expect(screen.getByRole("button", { name: "Compute consequences" }).hasAttribute("disabled")).toBe(false);
});

it("a plan says of which key files it knows nothing, and shows everything else", async () => {
  desk({}, form, () => ({ ...plan, leftOut: ["k.pem"] }));
  show({ form: "again", role: "files" });
  expect(await screen.findByText("Not in this plan: what is asked of k.pem. Whose key that is shows only with its passphrase.")).toBeTruthy();
  expect(screen.getByText("v9 to v10")).toBeTruthy();
});

it("beside an open ceremony nothing begins, and the way there is shown", async () => {
  desk({}, { ...form, openCeremony: "2026-014" });
  show({ form: "again", role: "files" });
  await userEvent.click(await screen.findByRole("button", { name: "Open ceremony 2026-014" }));
  expect(onCeremony).toHaveBeenCalledWith("2026-014");
  expect(screen.getByRole("button", { name: "Compute consequences: another ceremony is open" }).hasAttribute("disabled")).toBe(true);
});

it("whoever has still to choose is told what there is", async () => {
  desk();
  show({ form: "choose" });
  for (const offer of ["Keys of a role…", "Expiry…", "Delegate to a new role…", "Revoke a key everywhere…", "Recover…"]) expect(await screen.findByRole("button", { name: offer })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Compute consequences: nothing is to change yet" })).toBeTruthy();
});

it("a box that is ticked in the moment a key joins loses neither", () => {
  const seen: Intent = { form: "revoke", key: "one", replacement: [], signAgain: false, cause: "leaves" };
  const now: Intent = { ...seen, replacement: [{ key: "file:/keys/two.pem", name: "two.pem", custody: "file" } as never] };
  expect(onto(now, seen, { ...seen, signAgain: true })).toEqual({ ...now, signAgain: true });
});
