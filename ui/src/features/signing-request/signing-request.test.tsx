// Another desk's request: judged, compared, signed.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { type Action, connect, type Failure, type Outcome, type Query, type RequestView } from "../../border";
import { SigningRequest } from "./SigningRequest";

const DIGEST = "4f1c9a20d7e35b8801f6c4aa9e276d13b05e77f218c93da46a40e1b7c2d8950f";
const WORDS = "gutih mobol tudiz hurof bakas mufit";

const view: RequestView = {
  ceremony: "2026-014",
  repository: "meadow",
  gun: null,
  practice: false,
  reason: "device worn out",
  writtenAt: "2026-11-22T10:00:00Z",
  trust: [{ mark: "note", parts: [{ voice: "plain", text: "It builds on root v9, which this machine trusts" }] }],
  documents: [
    {
      open: true,
      words: WORDS,
      review: {
        role: "root",
        version: 10,
        sentences: [{ mark: "added", parts: [{ voice: "plain", text: "A key joins root" }] }],
        digest: DIGEST,
        bytes: 1200,
        buildsOnVersion: "9",
        buildsOnDigest: "0".repeat(64),
        encoding: "canonical JSON (OLPC)",
        draftedAt: "2026-11-22T10:00:00Z",
        frozen: true,
        lines: [],
      },
    },
  ],
  digest: DIGEST,
  words: WORDS,
  keys: [{ physicalKey: `sha256:${"1".repeat(64)}`, key: "yubikey:19402271/9c", label: "YubiKey 19 402 271, slot 9c", signs: ["root v10"] }],
};

let acted: Action[] = [];
let asked: Query[] = [];

function host(answers: { refuseRead?: Failure; refuseSign?: Failure } = {}) {
  let refuse = answers.refuseSign;
  connect({
    query: async (query) => {
      asked.push(query);
      if (answers.refuseRead) throw answers.refuseRead;
      return { kind: "request", ...view };
    },
    act: async (action): Promise<Outcome> => {
      acted.push(action);
      if (action.kind === "choose") return { kind: "chose", path: `/media/stick/${action.what}` };
      if (refuse) {
        const failure = refuse;
        refuse = undefined;
        throw failure;
      }
      if (action.kind !== "answerRequest") return { kind: "done" };
      return { kind: "answered", response: { ceremony: "2026-014", path: action.out, sha256: DIGEST, physicalKey: `sha256:${"1".repeat(64)}`, signed: ["root"] } };
    },
    listen: () => () => undefined,
  });
}

const refusal = (code: string): Failure => ({ kind: "refusal", code, message: "why", details: {} });
const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));
const type = async (label: string, text: string) => userEvent.type(await screen.findByLabelText(label), text);

beforeEach(() => {
  acted = [];
  asked = [];
});

describe("a request of another desk", () => {
  async function read() {
    render(<SigningRequest />);
    await type("Request file", "/media/stick/root.request");
    await press("Read the request");
  }

  it("is judged by what the officer says, and by nothing before a file is given", async () => {
    host();
    render(<SigningRequest />);
    expect((await screen.findByRole("button", { name: "Read the request: choose the file" })).hasAttribute("disabled")).toBe(true);
    await type("Request file", "/media/stick/root.request");
    await userEvent.click(screen.getByRole("radio", { name: /SHA-256 I compared/ }));
    await type("SHA-256 of that root file", DIGEST);
    await press("Read the request");
    await screen.findByText("A key joins root");
    expect(asked.at(-1)).toEqual({ kind: "request", path: "/media/stick/root.request", trust: { kind: "digest", sha256: DIGEST } });
  });

  it("is signed with the digest as it was heard, by the key that was chosen", async () => {
    host();
    await read();
    await screen.findByRole("button", { name: "Sign: type the first 8 digits as they are read to you" });
    await type("First 8 digits, as read to you", "4f1c 9a20");
    await type("Response to write", "/media/stick/mine.response");
    await press("Sign and write the response");
    await screen.findByText(/root is signed. Hand back/);
    expect(acted.at(-1)).toEqual({
      kind: "answerRequest",
      path: "/media/stick/root.request",
      trust: { kind: "known" },
      key: "yubikey:19402271/9c",
      heard: "4f1c 9a20",
      out: "/media/stick/mine.response",
    });
  });

  it("says why it is refused, and asks for a reason where the key signed another document", async () => {
    host({ refuseSign: refusal("signed-otherwise") });
    await read();
    await type("First 8 digits, as read to you", "4f1c9a20");
    await type("Response to write", "/media/stick/mine.response");
    await press("Sign and write the response");
    await type("Why this key signs a second document of this version", "withdrawn");
    await press("Sign and write the response");
    await screen.findByText(/root is signed/);
    expect(acted.at(-1)).toMatchObject({ againBecause: "withdrawn" });
  });

  it("that follows from no trusted root is shown with what to do, and another can be chosen", async () => {
    host({ refuseRead: refusal("no-anchor") });
    await read();
    await press("Another request");
    await screen.findByLabelText("Request file");
  });
});
