// The desk in one file: what the desk is asked, and what it says of it.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Action, connect, type Failure, type Outcome } from "../../border";
import { Backup } from "./Backup";

function desk(answer: (action: Action) => Outcome | Failure) {
  const asked: Action[] = [];
  connect({
    query: () => Promise.reject(new Error("nothing is asked here")),
    act: async (action) => {
      if (action.kind === "choose") return { kind: "chose", path: `/chosen/${action.what}` };
      asked.push(action);
      const answered = answer(action);
      if ("code" in answered) throw answered;
      return answered;
    },
    listen: () => () => undefined,
  });
  return asked;
}

it("a backup is written where somebody chose, with private keys only when they are ticked", async () => {
  const asked = desk(() => ({ kind: "backedUp", file: "/chosen/newBackupFile", sha256: "4f1c", privateKeys: 0 }));
  render(<Backup />);
  const make = screen.getByRole("button", { name: "Write the backup" });
  expect(make.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Choose where…" }));
  await userEvent.click(make);
  expect(await screen.findByText(/Written to \/chosen\/newBackupFile, without private keys. SHA-256 4f1c/)).toBeDefined();
  await userEvent.click(screen.getByRole("checkbox", { name: /Also the private key files/ }));
  await userEvent.click(make);
  expect(asked).toEqual([
    { kind: "backUp", path: "/chosen/newBackupFile", withKeys: false },
    { kind: "backUp", path: "/chosen/newBackupFile", withKeys: true },
  ]);
});

it("a backup is taken in and told of, and one that is damaged says what to do", async () => {
  const answers: (Outcome | Failure)[] = [
    { kind: "refusal", code: "backup-unusable", message: "the backup is damaged: it is cut off", details: {} },
    { kind: "restored", madeAt: "2026-11-22T10:00:00Z", added: ["demo"], merged: [], leftOut: 2 },
  ];
  const asked = desk(() => answers.shift() ?? { kind: "done" });
  render(<Backup />);
  await userEvent.click(screen.getByRole("button", { name: "Choose a backup…" }));
  const restore = screen.getByRole("button", { name: "Restore" });
  await userEvent.click(restore);
  expect(await screen.findByText(/Take another copy of the backup/)).toBeDefined();
  await userEvent.click(restore);
  expect(await screen.findByText(/Repositories added: 1, brought together: 0. Documents left out: 2/)).toBeDefined();
  expect(asked).toEqual([
    { kind: "restore", path: "/chosen/backupFile" },
    { kind: "restore", path: "/chosen/backupFile" },
  ]);
});
