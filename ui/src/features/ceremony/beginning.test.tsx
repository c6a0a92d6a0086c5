// The form by which a repository is begun: what it asks of the desk, what the desk says of it at once, and what the button says
// while something is missing.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, type BeginningFormView, type BeginningWish, connect, type DialectView, type Failure, type FormRole, type Outcome, type PlanView, type Query } from "../../border";
import { Beginning } from "./Beginning";
import { plan, spare } from "./recorded";

const officer = (digit: string) => ({
  ...spare,
  key: `file:/media/usb/officer-${digit}.pem`,
  path: `/media/usb/officer-${digit}.pem`,
  physicalKey: `sha256:${digit.repeat(64)}`,
  name: `Officer ${digit}`,
});

function form(dialect: DialectView): BeginningFormView {
  const role = (name: FormRole["kind"] & string, server: FormRole["server"], expires: string): FormRole => ({
    role: name,
    by: "root",
    kind: name,
    version: null,
    expires,
    daysLeft: 365,
    threshold: 1,
    keys: [],
    holder: server === "never" ? "people" : "server",
    server,
    vouches: name === "targets",
    targets: null,
    paths: [],
    hashPrefixes: [],
    terminating: false,
    place: null,
    siblings: 0,
    succinct: false,
  });
  const notary = dialect === "notary";
  return {
    dialect,
    roles: [
      role("root", "never", "2027-11-22T10:00:00Z"),
      role("targets", "never", "2027-11-22T10:00:00Z"),
      role("snapshot", notary ? "either" : "never", "2027-11-22T10:00:00Z"),
      role("timestamp", notary ? "always" : "never", "2026-11-29T10:00:00Z"),
    ],
    keyFiles: ["1", "2", "3", "4"].map(officer),
    slots: [],
    kinds: ["p256", "p384"],
  };
}

function desk(foreseen: (wish: BeginningWish) => PlanView | Failure = () => plan, answer: Outcome | Failure = { kind: "begun", ceremony: "2026-015" }) {
  const acted: Action[] = [];
  const asked: BeginningWish[] = [];
  connect({
    query: async (query: Query) => {
      if (query.kind === "beginningForm") return { kind: "beginningForm", ...form(query.dialect) };
      // Nothing is asked of a repository that is there.
      if (query.kind !== "firstPlan") throw { kind: "fault", code: "repository-not-found", message: query.kind, details: {} };
      asked.push(query.wish);
      const said = foreseen(query.wish);
      if ("code" in said) throw said;
      return { kind: "firstPlan", ...said };
    },
    act: async (action) => {
      acted.push(action);
      if (action.kind === "choose") return { kind: "chose", path: `/chosen/${action.what}` };
      if ("code" in answer) throw answer;
      return answer;
    },
    listen: () => () => undefined,
  });
  return { acted, asked };
}

const onBegun = vi.fn();
const onCancel = vi.fn();
const show = async () => {
  render(<Beginning onBegun={onBegun} onCancel={onCancel} />);
  await screen.findByRole("heading", { level: 1, name: "Begin a repository" });
};

const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));
const type = async (name: string, text: string) => userEvent.type(await screen.findByRole("textbox", { name }), text);
const blocked = (why: string) => expect(screen.getByRole("button", { name: `Compute consequences: ${why}` }).hasAttribute("disabled")).toBe(true);

/** Opens a role and has keys of officers join it; those that are in another role stand behind a link. */
async function give(role: string, ...officers: string[]) {
  const row = screen.getByRole("button", { name: new RegExp(`^${role} : `) });
  if (row.getAttribute("aria-expanded") === "false") await userEvent.click(row);
  for (const digit of officers) {
    const others = screen.queryByRole("button", { name: /in other roles…$/ });
    const joins = new RegExp(`^Officer ${digit} joins`);
    if (others && !screen.queryByRole("button", { name: joins })) await userEvent.click(others);
    await press(joins);
  }
}

async function filled() {
  await type("Folder", "/srv/demo/metadata");
  await give("root", "1", "2", "3");
  await type("How many keys of root must sign", "2");
  await give("targets", "3");
  await give("snapshot", "4");
  await give("timestamp", "4");
}

const role = (name: string, digits: string[], part: Partial<BeginningWish["roles"][number]> = {}) => ({
  role: name,
  keys: digits.map((digit) => officer(digit).key),
  threshold: null,
  ends: null,
  ...part,
});

it("keys are chosen for every role, what it comes to shows, and the ceremony begins", async () => {
  const { acted, asked } = desk();
  await show();
  expect(screen.getByText("It shows here as soon as the place and the keys of every role are said.")).toBeTruthy();
  await filled();
  await type("First end of timestamp", "2026-12-24");
  expect(screen.getByRole("button", { name: "root : 2 of 3 keys, ends on 2027-11-22" })).toBeTruthy();
  expect(await screen.findByRole("table", { name: "Documents that will be issued again" })).toBeTruthy();
  await type("Why", "As agreed");
  await press("Compute consequences");
  const wish: BeginningWish = {
    source: { kind: "folder", path: "/srv/demo/metadata", gun: null },
    roles: [role("root", ["1", "2", "3"], { threshold: 2 }), role("targets", ["3"]), role("snapshot", ["4"]), role("timestamp", ["4"], { ends: "2026-12-24T00:00:00Z" })],
    unversioned: false,
    edits: [],
    reason: "As agreed",
  };
  expect(acted).toEqual([{ kind: "beginRepository", wish }]);
  expect(asked.at(-1)).toEqual({ ...wish, reason: "" });
  expect(onBegun).toHaveBeenCalledWith("2026-015");
});

it("the button says what is missing, from the top of the page to its end", async () => {
  desk();
  await show();
  blocked("say in which folder");
  await userEvent.click(within(screen.getByRole("region", { name: "Where" })).getByRole("button", { name: "Choose…" }));
  expect((screen.getByRole("textbox", { name: "Folder" }) as HTMLInputElement).value).toBe("/chosen/newRepositoryFolder");
  blocked("no key signs root");
  await give("root", "1");
  await type("How many keys of root must sign", "two");
  blocked("the threshold of root is no number");
  await userEvent.clear(screen.getByRole("textbox", { name: "How many keys of root must sign" }));
  blocked("no key signs targets");
});

it("a threshold and an end that are none are named where they stand", async () => {
  desk();
  await show();
  await filled();
  await give("targets");
  await type("How many keys of targets must sign", "0");
  blocked("the threshold of targets is no number");
  await userEvent.clear(screen.getByRole("textbox", { name: "How many keys of targets must sign" }));
  await type("First end of targets", "soon");
  blocked("the end of targets is no date");
  expect(screen.getByText("A day such as 2027-12-15, or a time such as 2027-12-15T12:00:00Z.")).toBeTruthy();
});

it("on a Notary server the server holds what nobody gives a key for", async () => {
  const { acted } = desk();
  await show();
  await userEvent.click(screen.getByRole("radio", { name: "Notary, on its server" }));
  blocked("say on which server, and by which GUN");
  await type("Address of the server", "https://notary.example.org");
  await type("GUN", "registry.example.org/app");
  await give("root", "1");
  await give("targets", "2");
  expect(screen.getByRole("button", { name: "snapshot : the server’s key" })).toBeTruthy();
  await press("timestamp : the server’s key");
  expect(screen.getByText(/^The server makes the timestamp’s key/)).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "First end of timestamp" })).toBeNull();
  await type("Why", "As agreed");
  await press("Compute consequences");
  expect(acted[0]).toMatchObject({
    wish: {
      source: { kind: "notary", url: "https://notary.example.org", gun: "registry.example.org/app", caFile: null, user: null },
      roles: [role("root", ["1"]), role("targets", ["2"])],
    },
  });
});

it("or somebody here holds the snapshot’s", async () => {
  const { acted } = desk();
  await show();
  await userEvent.click(screen.getByRole("radio", { name: "Notary, on its server" }));
  await type("Address of the server", "https://notary.example.org");
  await type("GUN", "registry.example.org/app");
  await give("root", "1");
  await give("targets", "2");
  await press("snapshot : the server’s key");
  await userEvent.click(screen.getByRole("radio", { name: "People or systems of yours, with the keys below" }));
  blocked("no key signs snapshot");
  await give("snapshot", "3");
  await type("Why", "As agreed");
  await press("Compute consequences");
  expect(acted[0]).toMatchObject({ wish: { roles: [role("root", ["1"]), role("targets", ["2"]), role("snapshot", ["3"])] } });
});

it("what the desk refuses shows at once, and nothing begins", async () => {
  const refusal: Failure = { kind: "refusal", code: "repository-exists", message: "there is a root at /srv/demo/metadata/1.root.json", details: {} };
  const { acted } = desk(() => refusal);
  await show();
  await filled();
  await type("Why", "As agreed");
  const account = screen.getByRole("region", { name: "What this comes to" });
  expect(await within(account).findByText(refusal.message)).toBeTruthy();
  blocked("the rules forbid it");
  expect(acted).toEqual([]);
});

it("a key file that tells nothing without its secret keeps nobody back", async () => {
  const { acted } = desk(() => ({ kind: "refusal", code: "key-not-told", message: "its public half shows with its secret", details: { keys: "k.pem" } }));
  await show();
  await filled();
  await type("Why", "As agreed");
  expect(await screen.findByText(/^There is no plan yet: whose key k.pem is/)).toBeTruthy();
  await press("Compute consequences");
  expect(acted).toHaveLength(1);
});

it("what is refused when it begins stays on the page with everything that was typed", async () => {
  desk(undefined, { kind: "refusal", code: "repository-exists", message: "there is a root at https://notary.example.org", details: {} });
  onBegun.mockClear();
  await show();
  await filled();
  await type("Why", "As agreed");
  await press("Compute consequences");
  expect(within(await screen.findByRole("alert")).getByText("there is a root at https://notary.example.org")).toBeTruthy();
  expect((screen.getByRole("textbox", { name: "Folder" }) as HTMLInputElement).value).toBe("/srv/demo/metadata");
  expect(screen.getByRole("button", { name: /^root : 2 of 3 keys/ })).toBeTruthy();
  expect(onBegun).not.toHaveBeenCalled();
});

it("first delegations and files go into the same ceremony, and can be taken out again", async () => {
  const { acted } = desk();
  await show();
  await filled();
  await press("Delegate to a role…");
  await type("Name of the new role", "tools");
  const keys = screen.getByRole("region", { name: "Keys of the new role" });
  await userEvent.click(within(keys).getByRole("button", { name: /in other roles…$/ }));
  await userEvent.click(within(keys).getByRole("button", { name: "Officer 2 joins , now in root" }));
  blocked("give a path");
  await type("Paths", "tools/*");
  await press("Done");
  await press("Vouch for a file…");
  await press("Take out: targets vouches for …");
  await type("Why", "As agreed");
  await press("Compute consequences");
  expect(acted[0]).toMatchObject({
    wish: {
      edits: [{ kind: "delegate", by: "targets", role: "tools", keys: [officer("2").key], threshold: 1, paths: ["tools/*"], hashPrefixes: [], terminating: false, place: null }],
    },
  });
});

it("what was typed stays while the other dialect is looked at, and file names without versions are asked for", async () => {
  const { acted } = desk();
  await show();
  await filled();
  await userEvent.click(screen.getByRole("radio", { name: "Notary, on its server" }));
  expect(screen.getByRole("button", { name: /^root : 2 of 3 keys/ })).toBeTruthy();
  await userEvent.click(screen.getByRole("radio", { name: "TUF, in a folder" }));
  expect(screen.getByRole("button", { name: /^timestamp : 1 of 1 key,/ })).toBeTruthy();
  await userEvent.click(screen.getByRole("checkbox", { name: /^File names carry versions/ }));
  await type("Why", "As agreed");
  await press("Compute consequences");
  expect(acted[0]).toMatchObject({ wish: { unversioned: true } });
});
