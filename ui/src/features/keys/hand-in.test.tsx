// What is handed in for a key: two certificates, proven before anything is kept, and refused by the step that failed.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Action, connect, type Failure, type Outcome } from "../../border";
import { HandIn } from "./HandIn";

function desk(answers: (Outcome | Failure)[]) {
  const acted: Action[] = [];
  let chosen = 0;
  connect({
    query: () => Promise.reject(new Error("nothing is asked here")),
    act: async (action) => {
      if (action.kind === "choose") {
        chosen += 1;
        return { kind: "chose", path: `/media/stick/${chosen}.pem` };
      }
      acted.push(action);
      const answer = answers.shift() ?? { kind: "done" as const };
      if ("code" in answer) throw answer;
      return answer;
    },
    listen: () => () => undefined,
  });
  return acted;
}

it("two certificates are handed in, and what they prove is said with what they never say", async () => {
  const refused: Failure = { kind: "refusal", code: "attestation-other-key", message: "The key's certificate is over another key", details: {} };
  const attestation = {
    held: "held in YubiKey 15 938 765, firmware 5.2.7, touch always",
    verdict: "chains to a root added on this machine",
    remarks: [{ mark: "note" as const, parts: [{ voice: "plain" as const, text: "It proves where the key was born, not who holds the device." }] }],
    problem: null,
    kept: true,
  };
  const acted = desk([refused, { kind: "attested", attestation }]);
  render(<HandIn physicalKey="sha256:77" onClose={() => undefined} />);
  expect(screen.getByRole("button", { name: "Prove it: choose the certificate of the key" }).hasAttribute("disabled")).toBe(true);
  const [key, device] = screen.getAllByRole("button", { name: "Choose…" });
  if (!key || !device) throw new Error("both are chosen");
  await userEvent.click(key);
  await userEvent.click(device);
  await userEvent.click(screen.getByRole("button", { name: "Prove it and keep it" }));
  expect(await screen.findByText(/Ask for the attestation of this key's slot/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Prove it and keep it" }));
  expect(await screen.findByText(/held in YubiKey 15 938 765, firmware 5.2.7, touch always; it chains to a root added on this machine/)).toBeTruthy();
  expect(screen.getByText("It proves where the key was born, not who holds the device.")).toBeTruthy();
  const wish = { kind: "handInAttestation", physicalKey: "sha256:77", key: "/media/stick/1.pem", device: "/media/stick/2.pem", between: [] };
  expect(acted).toEqual([wish, wish]);
});
