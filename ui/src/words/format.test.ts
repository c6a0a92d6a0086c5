import { describe, expect, it } from "vitest";
import { bare, daysSaid, daysShort, ends, grouped, groups, minute, sentence, spokenMinute, version } from "./format";

describe("format", () => {
  it("groups a digest by eight with a gap in the middle of each", () => {
    const digest = "sha256:8e2104c7a9f031bd5c6e8812f47a09d32b956ee0d301c8f4774ba2e619fc630a";
    expect(groups(digest)).toHaveLength(8);
    expect(groups(digest)[0]).toBe("8e21 04c7");
    expect(groups(digest)[7]).toBe("19fc 630a");
    expect(bare(digest)).toHaveLength(64);
  });

  it.each([
    [23, "23 d", "expires in 23 days"],
    [1, "1 d", "expires in 1 day"],
    [0, "0 d", "ends today"],
    [-4, "–4 d", "expired 4 days ago"],
  ])("writes and says %i days left", (days, short, said) => {
    expect(daysShort(days)).toBe(short);
    expect(daysSaid(days)).toBe(said);
  });

  it("carries offsets over to UTC and leaves what is no date as it is", () => {
    expect(minute("2026-12-15T14:00:00+02:00")).toBe("2026-12-15 12:00 UTC");
    expect(minute("never")).toBe("never");
    expect(spokenMinute("2026-11-22T11:06:00Z")).toBe("22 Nov 2026 11:06 UTC");
  });

  it("groups numbers by three, shortens ids only in the middle, closes sentences once", () => {
    expect(grouped(6418)).toBe("6\u202f418");
    expect(ends("3a7f00000000000000009b10")).toBe("3a7f…9b10");
    expect(ends("short")).toBe("short");
    expect([version("9"), version("v9"), version("unreadable")]).toEqual(["v9", "v9", "unreadable"]);
    expect([sentence("a"), sentence("a.")]).toEqual(["a.", "a."]);
  });
});
