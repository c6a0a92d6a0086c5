import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// WCAG 2.2 AA over every pair in use: text 4.5:1, icons and edges of controls 3:1; words in high contrast 7:1.
const css = readFileSync("src/look/tokens.css", "utf8");
const SURFACES = ["surface-frame", "surface-page", "surface-raised", "surface-sunken", "surface-hover", "surface-selected"];
const STANDINGS = ["sound", "expiring", "expired", "under", "suspect", "unanchored", "unreachable", "never"];

type Pair = { on: string; of: string; least: number };

function pairs(theme: string): Pair[] {
  const words = theme === "contrast" ? 7 : 4.5;
  const text = ["text-1", "text-2", "text-3"].flatMap((of) => SURFACES.map((on) => ({ on, of, least: words })));
  const coloured = ["accent", ...STANDINGS].flatMap((of) => SURFACES.map((on) => ({ on, of, least: 4.5 })));
  const badges = STANDINGS.flatMap((of) => [of, "text-1", "text-2"].map((word) => ({ on: `${of}-soft`, of: word, least: 4.5 })));
  const changes = ["added", "removed"].flatMap((of) => [of, "text-1"].map((word) => ({ on: `${of}-soft`, of: word, least: 4.5 })));
  const filled = [
    { on: "accent", of: "on-accent", least: 4.5 },
    { on: "accent-strong", of: "on-accent", least: 4.5 },
    { on: "danger", of: "on-danger", least: 4.5 },
    { on: "accent-soft", of: "text-1", least: 4.5 },
    { on: "expired", of: "surface-page", least: 3 },
    { on: "suspect", of: "surface-page", least: 3 },
  ];
  const edges = SURFACES.flatMap((on) => ["line-strong", "focus"].map((of) => ({ on, of, least: 3 })));
  return [...text, ...coloured, ...badges, ...changes, ...filled, ...edges];
}

function colours(theme: string): Map<string, string> {
  const body = css.match(new RegExp(`\\[data-theme="${theme}"\\] \\{([\\s\\S]*?)\\n\\}`))?.[1] ?? "";
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = "", value = ""]) => [name, value]));
}

function light(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: string, other: string): number {
  const [more = 0, less = 0] = [light(one), light(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

describe.each(["light", "dark", "contrast"])("in %s", (theme) => {
  it("every pair of colours in use can be read", () => {
    const known = colours(theme);
    const poor = pairs(theme)
      .map((pair) => ({ ...pair, ratio: ratio(known.get(pair.of) ?? "#000000", known.get(pair.on) ?? "#000000") }))
      .filter((pair) => pair.ratio < pair.least);
    expect(poor).toEqual([]);
  });
});

it("a pair that can't be read is found", () => {
  expect(ratio("#777777", "#888888")).toBeLessThan(3);
});
