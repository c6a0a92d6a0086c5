// Two documents side by side, line by line. Long stretches without a change are folded.
import { useMemo, useState } from "react";
import { diffWords, type MarkWord } from "../words/parts";
import { LinkButton } from "./button";

type Side = { number: number; text: string } | null;
export type DiffLineProps = { mark: MarkWord; left: Side; right: Side };

const KEEP = 3;

export function SideBySide({ lines, left, right }: { lines: DiffLineProps[]; left: string; right: string }) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const stretches = useMemo(() => fold(lines), [lines]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="json" aria-label={diffWords.name(left, right)} tabIndex={0}>
      <table>
        <colgroup>
          <col className="number" />
          <col />
          <col className="number" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th>
              <span className="hidden-words">{diffWords.line}</span>
            </th>
            <th>{left}</th>
            <th>
              <span className="hidden-words">{diffWords.line}</span>
            </th>
            <th>{right}</th>
          </tr>
        </thead>
        <tbody>
          {stretches.map((stretch) =>
            stretch.folded && !unfolded.has(stretch.from) ? (
              <tr key={stretch.from}>
                <td className="fold" colSpan={4}>
                  <LinkButton onPress={() => setUnfolded(new Set(unfolded).add(stretch.from))}>{diffWords.same(stretch.lines.length)}</LinkButton>
                </td>
              </tr>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line of a diff is its place in it
              stretch.lines.map((line, index) => <Line key={stretch.from + index} line={line} />)
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

function Line({ line }: { line: DiffLineProps }) {
  const changed = line.mark !== "same";
  return (
    <tr>
      <td className="number">{line.left?.number ?? ""}</td>
      <td className={changed && line.left ? "side removed" : "side"}>
        {line.left ? <Told mark={changed ? diffWords.removed : ""} text={line.left.text} /> : null}
      </td>
      <td className="number">{line.right?.number ?? ""}</td>
      <td className={changed && line.right ? "added" : ""}>
        {line.right ? <Told mark={changed ? diffWords.added : ""} text={line.right.text} /> : null}
      </td>
    </tr>
  );
}

function Told({ mark, text }: { mark: string; text: string }) {
  return (
    <>
      {mark ? <span className="hidden-words">{mark}</span> : null}
      {text}
    </>
  );
}

type Stretch = { from: number; folded: boolean; lines: DiffLineProps[] };

/** Cuts lines into stretches; unchanged ones far from a change are folded. */
export function fold(lines: DiffLineProps[]): Stretch[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - KEEP), index + KEEP + 1).some((line) => line.mark !== "same"));
  const stretches: Stretch[] = [];
  lines.forEach((line, index) => {
    const folded = !near[index];
    const last = stretches.at(-1);
    if (last && last.folded === folded) last.lines.push(line);
    else stretches.push({ from: index, folded, lines: [line] });
  });
  return stretches;
}
