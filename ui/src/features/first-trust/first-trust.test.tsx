// The first-trust step: three ways to say why a root is believed, each with its consequence on the button.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type FirstTrustView } from "../../border";
import { FirstTrust } from "./FirstTrust";

const DIGEST = "4f1c9a20d7e35b8801f6c4aa9e276d13b05e77f218c93da46a40e1b7c2d8950f";

const view: FirstTrustView = {
  repository: "meadow",
  name: "meadow",
  source: { kind: "webSource", location: "https://tuf.example.org/metadata/", gun: null },
  dialect: "tuf1",
  rootVersion: 9,
  expires: "2026-12-15T12:00:00Z",
  digest: DIGEST,
  threshold: 2,
  keys: ["1", "2", "3"].map((digit) => ({
    node: `k${digit}`,
    keyid: digit.repeat(64),
    canonicalKeyid: null,
    physicalKey: `sha256:${digit.repeat(64)}`,
    scheme: "ed25519",
    name: `Officer ${digit}`,
    custody: "unknown",
    signed: true,
    problem: null,
  })),
  thresholds: [{ name: "targets", value: "2 of 3", evidence: true }],
  notes: [{ mark: "warning", parts: [{ voice: "plain", text: "Its own keys signing it proves nothing about who made it." }] }],
  anchor: null,
};

let acted: Action[] = [];
const onTrusted = vi.fn();

function show(refuse?: Failure) {
  acted = [];
  connect({
    query: async (query) => {
      if (query.kind !== "firstTrust") throw { kind: "refusal", code: "repository-not-found", message: "", details: {} };
      return { kind: "firstTrust", ...view };
    },
    act: async (action) => {
      acted.push(action);
      if (action.kind === "choose") return { kind: "chose", path: "/media/usb/1.root.json" };
      if (refuse) throw refuse;
      return { kind: "done" };
    },
    listen: () => () => undefined,
  });
  render(<FirstTrust repository="meadow" onTrusted={onTrusted} onLater={() => undefined} />);
}

beforeEach(() => onTrusted.mockClear());

it("shows the whole digest, the keys, the thresholds and what is not proven", async () => {
  show();
  const digest = await screen.findByRole("button", { name: /^SHA-256 of root v9/ });
  for (const group of DIGEST.match(/.{4}/g) ?? []) expect(digest.textContent).toContain(group);
  for (const told of ["Officer 1", "Officer 3", "2 of 3", "Its own keys signing it proves nothing about who made it.", "Unanchored"]) {
    expect(screen.getAllByText(told).length).toBeGreaterThan(0);
  }
});

it("a root file is chosen, and the walk begins from it", async () => {
  show();
  expect((await screen.findByRole("button", { name: "Trust: a root file is missing" })).hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Trust meadow from this root file" }));
  expect(acted.at(-1)).toEqual({ kind: "confirmTrust", repository: "meadow", how: { kind: "rootFile", path: "/media/usb/1.root.json" } });
  expect(onTrusted).toHaveBeenCalled();
});

it("a digest that differs is refused on the page", async () => {
  show({ kind: "refusal", code: "digest-mismatch", message: "expected 4f1c…, found 5f1c…", details: {} });
  await userEvent.click(await screen.findByRole("radio", { name: "I have its digest from another place" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Digest" }), "5f1c 9a20");
  await userEvent.click(screen.getByRole("button", { name: "Trust meadow: the digest is the same" }));
  expect(acted).toEqual([{ kind: "confirmTrust", repository: "meadow", how: { kind: "digest", sha256: "5f1c 9a20" } }]);
  expect(within(await screen.findByRole("alert")).getByText("expected 4f1c…, found 5f1c…")).toBeTruthy();
  expect(onTrusted).not.toHaveBeenCalled();
});

it("first use carries its consequence on the button", async () => {
  show();
  await userEvent.click(await screen.findByRole("radio", { name: "I have nothing to compare it with" }));
  await userEvent.click(screen.getByRole("button", { name: "Trust meadow on first use: nobody compared its root" }));
  expect(acted).toEqual([{ kind: "confirmTrust", repository: "meadow", how: { kind: "firstUse" } }]);
});
