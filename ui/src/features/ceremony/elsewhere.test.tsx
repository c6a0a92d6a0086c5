// A ceremony's own files: a request goes out, a response comes back.
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { type Action, connect, type FileTaken, type Outcome } from "../../border";
import { Elsewhere } from "./Elsewhere";

const DIGEST = "4f1c9a20d7e35b8801f6c4aa9e276d13b05e77f218c93da46a40e1b7c2d8950f";
const WORDS = "gutih mobol tudiz hurof bakas mufit";

let acted: Action[] = [];
let drop: (paths: string[]) => void = () => undefined;

const judged: FileTaken[] = [
  { file: "officer_2.response", response: { ceremony: "2026-014", signatures: [{ role: "root", physicalKey: `sha256:${"2".repeat(64)}` }] }, failure: null },
  { file: "old.response", response: null, failure: { kind: "refusal", code: "handoff-foreign", message: "It answers another history.", details: {} } },
];

function host() {
  connect({
    query: () => Promise.reject(new Error("nothing is asked")),
    act: async (action): Promise<Outcome> => {
      acted.push(action);
      switch (action.kind) {
        case "choose":
          return { kind: "chose", path: `/media/stick/${action.what}` };
        case "makeKit":
          return {
            kind: "madeKit",
            kit: {
              folder: action.folder,
              request: { ceremony: "2026-014", path: "requests/2026-014.request", sha256: DIGEST, digest: DIGEST, words: WORDS, asksFor: ["root"] },
              files: [{ file: "rootwardctl", sha256: DIGEST }],
            },
          };
        case "takeKit":
        case "takeFiles":
          return { kind: "tookFiles", files: judged };
        case "handOut":
          return { kind: "handedOut", request: { ceremony: "2026-014", path: action.path, sha256: DIGEST, digest: DIGEST, words: WORDS, asksFor: ["root"] } };
        default:
          return { kind: "tookBack", response: { ceremony: "2026-014", signatures: [{ role: "root", physicalKey: `sha256:${"2".repeat(64)}` }] } };
      }
    },
    listen: () => () => undefined,
    drops: (hear) => {
      drop = hear;
      return () => undefined;
    },
  });
}

const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));

beforeEach(() => {
  acted = [];
});

describe("a ceremony whose officers are elsewhere", () => {
  it("hands a request out and shows what is read aloud", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut mayTakeBack />);
    await press("Write a request…");
    await press("Choose…");
    await press("Write the request");
    await screen.findByText(WORDS);
    expect(acted.at(-1)).toEqual({ kind: "handOut", ceremony: "2026-014", path: "/media/stick/newRequestFile", to: [] });
  });

  it("takes signatures back and says over what", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut mayTakeBack />);
    await press("Take a response…");
    await press("Choose…");
    await press("Take its signatures");
    await screen.findByText("1 signature was verified and taken, over root.");
  });

  it("makes a kit, and shows what the stick cannot vouch for", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut mayTakeBack />);
    await press("Make a kit…");
    await press("Choose…");
    await press("Make the kit");
    await screen.findByText("SHA-256 of the program in it");
    await screen.findByText(WORDS);
    expect(acted.at(-1)).toEqual({ kind: "makeKit", ceremony: "2026-014", folder: "/media/stick/kitFolder", to: [] });
  });

  it("takes a kit back and says what came of each file", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut mayTakeBack />);
    await press("Take a kit back…");
    await press("Choose…");
    await press("Take everything back");
    await screen.findByText(/was verified and taken: 1 signature over root/);
    await screen.findByText(/belongs to another ceremony.*answers another history/);
  });

  it("has files that are dropped judged by the desk, for this ceremony", async () => {
    host();
    render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut mayTakeBack />);
    act(() => drop(["/media/stick/officer_2.response", "/media/stick/old.response"]));
    await screen.findByText(/was verified and taken/);
    expect(acted.at(-1)).toEqual({ kind: "takeFiles", ceremony: "2026-014", paths: ["/media/stick/officer_2.response", "/media/stick/old.response"] });
  });

  it("offers nothing where nothing is collected", () => {
    host();
    const { container } = render(<Elsewhere ceremony="2026-014" signers={[]} mayHandOut={false} mayTakeBack={false} />);
    expect(container.textContent).toBe("");
  });
});
