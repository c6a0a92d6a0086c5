// The form of a root rotation: what it asks of the desk, and what its button says while something is missing.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type Action, connect, type Failure, type Outcome } from "../../border";
import { Rotation } from "./Rotation";
import { form, spare } from "./recorded";

function desk(answers: Partial<Record<Action["kind"], Outcome | Failure>> = {}) {
  const acted: Action[] = [];
  connect({
    query: async () => ({ kind: "rotationForm", ...form }),
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
const show = () => render(<Rotation repository="orchard" onBegun={onBegun} onCancel={() => undefined} />);

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
  const end = screen.getByRole("textbox", { name: "New end" });
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
