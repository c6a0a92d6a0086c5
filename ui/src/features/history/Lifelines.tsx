// One line per physical key over root versions; a diamond is a new keyid for the same key. Pressing a version compares it.
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { HistoryView, LifelineView } from "../../border";
import { Said } from "../../parts/said";
import { custodyShape } from "../../parts/standing";
import { day, ends } from "../../words/format";
import { history as words } from "../../words/history";

const NAMES = 140;
const STEP = 70.5;
const TIGHT_STEP = 58;
const TIGHT_FROM = 10;
const TOP = 76;
const ROW = 29;

const yOf = (index: number) => TOP + index * ROW;

export function Lifelines({ view, from, to, onPair }: { view: HistoryView; from: number; to: number; onPair: (from: number, to: number) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const step = view.versions.length < TIGHT_FROM ? STEP : TIGHT_STEP;
  const xOf = (index: number) => 34 + index * step;
  const width = xOf(view.versions.length - 1) + 40;
  const bottom = yOf(view.lifelines.length - 1) + 16;
  // The newest versions matter most; they are at the right end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each number of versions
  useEffect(() => {
    if (place.current) place.current.scrollLeft = place.current.scrollWidth;
  }, [view.versions.length]);
  return (
    <>
      {/* It scrolls sideways, so the keyboard must reach it; the names stay. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="picture lifelines" ref={place} tabIndex={0} aria-label={words.lifelines}>
        <Names view={view} bottom={bottom} />
        {/* biome-ignore lint/a11y/useSemanticElements: a group of versions inside a picture has no element of its own */}
        <svg width={width} height={bottom} role="group" aria-label={words.pictureName}>
          {view.versions.map((version, index) =>
            version.version === from || version.version === to ? (
              <rect key={version.version} className="chosen" x={xOf(index) - step / 2 + 1} y={0} width={step - 2} height={bottom} rx={2} />
            ) : null,
          )}
          {view.versions.map((version, index) => (
            <VersionHead
              key={version.version}
              x={xOf(index)}
              bottom={bottom}
              half={step / 2 - 2}
              version={version}
              chosen={version.version === from || version.version === to}
              onPress={() => onPair(view.versions[index - 1]?.version ?? version.version, version.version)}
            />
          ))}
          {view.lifelines.map((line, row) => (
            <Line key={line.physicalKey} line={line} y={yOf(row)} step={step} xOf={xOf} last={view.versions.length - 1} />
          ))}
        </svg>
      </section>
      <Legend />
    </>
  );
}

function Names({ view, bottom }: { view: HistoryView; bottom: number }) {
  return (
    <svg className="names" width={NAMES} height={bottom} role="img" aria-label={words.names}>
      {[words.version, words.ends, words.thresholdHead].map((head, index) => (
        <text key={head} className="c" x={0} y={16 + index * 17}>
          {head}
        </text>
      ))}
      {view.lifelines.map((line, row) => (
        <g key={line.physicalKey}>
          <g className="fx muted">
            <use href={`#${custodyShape(line.custody)}`} x={0} y={yOf(row) - 8} width={14} height={14} />
          </g>
          <text className="ev" x={20} y={yOf(row) + 4}>
            {line.label.length > 17 ? `${line.label.slice(0, 16)}…` : line.label}
            <title>{`${line.label} ${line.physicalKey}`}</title>
          </text>
        </g>
      ))}
    </svg>
  );
}

function VersionHead({
  x,
  bottom,
  half,
  version,
  chosen,
  onPress,
}: {
  x: number;
  bottom: number;
  half: number;
  version: HistoryView["versions"][number];
  chosen: boolean;
  onPress: () => void;
}) {
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
        onClick={onPress}
        onKeyDown={press}
      >
        <Said x={x} y={16}>
          {words.versionSaid(version.version, day(version.expires), version.threshold, version.keys, version.follows)}
        </Said>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a drawing can't be focused; the version around it is named by its title */}
        <g aria-hidden="true">
          <rect className="ring" x={x - half} y={1} width={half * 2} height={56} rx={3} />
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
      </g>
    </>
  );
}

function Line({ line, y, step, xOf, last }: { line: LifelineView; y: number; step: number; xOf: (index: number) => number; last: number }) {
  return (
    <g>
      {spans(line).map(({ first, end }) => (
        <g key={first}>
          <path className="life" d={`M${xOf(first)} ${y}H${end === last ? xOf(end) + 30 : xOf(end) + step / 2}`} />
          {end === last ? null : <path className="withdrawn" d={`M${xOf(end) + step / 2} ${y - 6}v12`} />}
        </g>
      ))}
      {line.points.map((point, index) =>
        point.counts || point.signed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its version's place
          <circle key={index} className={point.signed ? "point signed" : "point"} cx={xOf(index)} cy={y} r={5} />
        ) : null,
      )}
      {line.points.map((point, index) =>
        point.renamed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its version's place
          <g key={index} transform={`translate(${xOf(index) - step / 2} ${y})`}>
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

/** Stretches of versions in which the key counts; one that comes back has two. */
function spans(line: LifelineView): { first: number; end: number }[] {
  const found: { first: number; end: number }[] = [];
  line.points.forEach((point, index) => {
    if (!point.counts) return;
    const current = found.at(-1);
    if (current?.end === index - 1) current.end = index;
    else found.push({ first: index, end: index });
  });
  return found;
}

function Legend() {
  return (
    <p className="legend why picture">
      <Sign said={words.legend.signed}>
        <circle className="point signed" cx={7} cy={7} r={5} />
      </Sign>
      <Sign said={words.legend.signedNot}>
        <circle className="point" cx={7} cy={7} r={4.4} />
      </Sign>
      <Sign said={words.legend.renamed}>
        <path className="renamed" d="M7 2l4 5-4 5-4-5z" />
      </Sign>
      <Sign said={words.legend.withdrawn}>
        <path className="withdrawn" d="M7 1v12" />
      </Sign>
    </p>
  );
}

function Sign({ said, children }: { said: string; children: ReactNode }) {
  return (
    <span>
      <svg width={14} height={14} aria-hidden="true">
        {children}
      </svg>
      {said}
    </span>
  );
}
