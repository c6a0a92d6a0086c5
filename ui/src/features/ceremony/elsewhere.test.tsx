// A ceremony's own files: a request goes out, a response comes back.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { type Action, connect, type Outcome } from "../../border";
import { Elsewhere } from "./Elsewhere";

const DIGEST = "4f1c9a20d7e35b8801f6c4aa9e276d13b05e77f218c93da46a40e1b7c2d8950f";
const WORDS = "gutih mobol tudiz hurof bakas mufit";

let acted: Action[] = [];

function host() {
  connect({
    query: () => Promise.reject(new Error("nothing is asked")),
    act: async (action): Promise<Outcome> => {
      acted.push(action);
      switch (action.kind) {
        case "choose":
          return { kind: "chose", path: `/media/stick/${action.what}` };
        case "handOut":
          return { kind: "handedOut", request: { ceremony: "2026-014", path: action.path, sha256: DIGEST, digest: DIGEST, words: WORDS, asksFor: ["root"] } };
        default:
          return { kind: "tookBack", response: { ceremony: "2026-014", signatures: [{ role: "root", physicalKey: `sha256:${"2".repeat(64)}` }] } };
      }
    },
    listen: () => () => undefined,
  });
}

const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));

beforeEach(() => {
  acted = [];
});

describe("a ceremony whose officers are elsewhere", () => {
  it("hands a request out and shows what is read aloud", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" mayHandOut mayTakeBack />);
    await press("Write a request…");
    await press("Choose…");
    await press("Write the request");
    await screen.findByText(WORDS);
    expect(acted.at(-1)).toEqual({ kind: "handOut", ceremony: "2026-014", path: "/media/stick/newRequestFile" });
  });

  it("takes signatures back and says over what", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" mayHandOut mayTakeBack />);
    await press("Take a response…");
    await press("Choose…");
    await press("Take its signatures");
    await screen.findByText("1 signature was verified and taken, over root.");
  });

  it("offers nothing where nothing is collected", () => {
    host();
    const { container } = render(<Elsewhere ceremony="2026-014" mayHandOut={false} mayTakeBack={false} />);
    expect(container.textContent).toBe("");
  });
});
