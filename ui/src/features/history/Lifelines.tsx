// One line per physical key over root versions; a diamond is a new keyid for the same key. Pressing a version compares it.
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { HistoryView, LifelineView } from "../../border";
import { custodyShape } from "../../parts/standing";
import { day, ends } from "../../words/format";
import { history as words } from "../../words/history";

const NAMES = 140;
const STEP = 70.5;
const TOP = 76;
const ROW = 29;

const xOf = (index: number) => NAMES + 34 + index * STEP;
const yOf = (index: number) => TOP + index * ROW;

export function Lifelines({ view, from, to, onPair }: { view: HistoryView; from: number; to: number; onPair: (from: number, to: number) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const width = xOf(view.versions.length - 1) + 150;
  const bottom = yOf(view.lifelines.length - 1) + 16;
  // The newest versions matter most; they are at the right end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each number of versions
  useEffect(() => {
    if (place.current) place.current.scrollLeft = place.current.scrollWidth;
  }, [view.versions.length]);
  return (
    // It scrolls sideways, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="picture" ref={place} tabIndex={0} aria-label={words.lifelines}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of versions inside a picture has no element of its own */}
      <svg width={width} height={bottom + 22} role="group" aria-label={words.pictureName}>
        {view.versions.map((version, index) =>
          version.version === from || version.version === to ? (
            <rect key={version.version} className="chosen" x={xOf(index) - 32} y={0} width={64} height={bottom} rx={2} />
          ) : null,
        )}
        <text className="c" x={0} y={16}>
          {words.version}
        </text>
        <text className="c" x={0} y={33}>
          {words.ends}
        </text>
        <text className="c" x={0} y={50}>
          {words.thresholdHead}
        </text>
        {view.versions.map((version, index) => (
          <VersionHead
            key={version.version}
            x={xOf(index)}
            bottom={bottom}
            version={version}
            chosen={version.version === from || version.version === to}
            onPress={() => onPair(view.versions[index - 1]?.version ?? version.version, version.version)}
          />
        ))}
        {view.lifelines.map((line, row) => (
          <Line key={line.physicalKey} line={line} y={yOf(row)} last={view.versions.length - 1} />
        ))}
        <Legend y={bottom + 14} />
      </svg>
    </section>
  );
}

function VersionHead({ x, bottom, version, chosen, onPress }: { x: number; bottom: number; version: HistoryView["versions"][number]; chosen: boolean; onPress: () => void }) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onPress();
  };
  return (
    <>
      <path className="column" d={`M${x} 60V${bottom}`} />
      {/* biome-ignore lint/a11y/useSemanticElements: there is no button element inside a picture */}
      <g
        className="role"
        role="button"
        tabIndex={0}
        aria-pressed={chosen}
        aria-label={words.versionSaid(version.version, day(version.expires), version.threshold, version.keys, version.follows)}
        onClick={onPress}
        onKeyDown={press}
      >
        <rect className="ring" x={x - 32} y={1} width={64} height={56} rx={3} />
        <text className="ev b" x={x} y={16} textAnchor="middle">
          v{version.version}
        </text>
        <text className="ev m" x={x} y={33} textAnchor="middle">
          {day(version.expires).slice(0, 7)}
        </text>
        <text className="ev m" x={x} y={50} textAnchor="middle">
          {version.threshold}/{version.keys}
        </text>
      </g>
    </>
  );
}

function Line({ line, y, last }: { line: LifelineView; y: number; last: number }) {
  const living = line.points.map((point, index) => (point.counts ? index : -1)).filter((index) => index >= 0);
  const [first, end] = [living[0], living.at(-1)];
  const name = line.label.length > 17 ? `${line.label.slice(0, 16)}…` : line.label;
  return (
    <g>
      <g className="fx muted">
        <use href={`#${custodyShape(line.custody)}`} x={0} y={y - 8} width={14} height={14} />
      </g>
      <text className="ev" x={20} y={y + 4}>
        {name}
        <title>{`${line.label} ${line.physicalKey}`}</title>
      </text>
      {first !== undefined && end !== undefined ? (
        <>
          <path className="life" d={`M${xOf(first)} ${y}H${end === last ? xOf(end) + 30 : xOf(end) + STEP / 2}`} />
          {end === last ? null : <path className="withdrawn" d={`M${xOf(end) + STEP / 2} ${y - 6}v12`} />}
        </>
      ) : null}
      {line.points.map((point, index) =>
        point.counts || point.signed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its version's place
          <circle key={index} className={point.signed ? "point signed" : "point"} cx={xOf(index)} cy={y} r={5} />
        ) : null,
      )}
      {line.points.map((point, index) =>
        point.renamed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its version's place
          <g key={index} transform={`translate(${xOf(index) - STEP / 2} ${y})`}>
            <path className="renamed" d="M0 -5l4 5-4 5-4-5z" />
            <text className="ev renamed-id" x={0} y={-8} textAnchor="middle">
              {ends(point.keyid ?? "").slice(0, 4)}
            </text>
          </g>
        ) : null,
      )}
    </g>
  );
}

function Legend({ y }: { y: number }) {
  return (
    <g>
      <circle className="point signed" cx={6} cy={y} r={5} />
      <text className="c" x={18} y={y + 4}>
        {words.legend.signed}
      </text>
      <circle className="point" cx={96} cy={y} r={4.2} />
      <text className="c" x={108} y={y + 4}>
        {words.legend.signedNot}
      </text>
      <path className="renamed" d={`M196 ${y - 5}l4 5-4 5-4-5z`} />
      <text className="c" x={208} y={y + 4}>
        {words.legend.renamed}
      </text>
      <path className="withdrawn" d={`M346 ${y - 6}v12`} />
      <text className="c" x={356} y={y + 4}>
        {words.legend.withdrawn}
      </text>
    </g>
  );
}
