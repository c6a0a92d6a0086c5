import { describe, expect, it } from "vitest";
import { FAILURE_CODES } from "../border";
import { failures, failureText } from "./failures";

describe("words of failures", () => {
  it("tell what happened and what to do for every code of the desk, and for no other", () => {
    expect(Object.keys(failures).sort()).toEqual([...FAILURE_CODES].sort());
  });

  it("are whole sentences that neither plead nor shout", () => {
    for (const { what, todo } of Object.values(failures)) {
      for (const text of [what, todo]) expect(text).toMatch(/^[A-Z][^!]*\.$/);
      expect(`${what} ${todo}`).not.toMatch(/please|sorry|oops/i);
    }
  });

  it("have something to say of a code nobody foresaw", () => {
    expect(failureText("from-the-future").todo).toContain("Copy the details");
  });
});
