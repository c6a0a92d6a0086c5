// Who may vouch for devices: roots of an officer's own stand apart from the makers', and go again with what that costs.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Action, type AttestationRootsView, connect } from "../../border";
import { Roots } from "./Roots";

const view: AttestationRootsView = {
  makers: [{ subject: "Yubico PIV Root CA Serial 263751", sha256: "4f".repeat(32), addedAt: null, keys: 0 }],
  added: [{ subject: "Devices of example.org", sha256: "1d".repeat(32), addedAt: "2026-11-22T10:00:00Z", keys: 2 }],
};

it("roots of one's own stand apart, are added from a file, and taken off knowing what is proven no more", async () => {
  const acted: Action[] = [];
  connect({
    query: async () => ({ kind: "attestationRoots", ...view }),
    act: async (action) => {
      if (action.kind === "choose") return { kind: "chose", path: "/media/stick/root.pem" };
      acted.push(action);
      return { kind: "done" };
    },
    listen: () => () => undefined,
  });
  render(<Roots />);
  const makers = await screen.findByRole("list", { name: "Makers’ roots" });
  expect(within(makers).queryByRole("button", { name: /^Take/ })).toBeNull();
  const added = screen.getByRole("list", { name: "Added on this machine" });
  await userEvent.click(within(added).getByRole("button", { name: "Take Devices of example.org off: 2 keys are proven no more" }));
  await userEvent.click(screen.getByRole("button", { name: "Choose…" }));
  await userEvent.click(screen.getByRole("button", { name: "Add this root" }));
  expect(acted).toEqual([
    { kind: "removeAttestationRoot", sha256: "1d".repeat(32) },
    { kind: "addAttestationRoot", path: "/media/stick/root.pem" },
  ]);
});
