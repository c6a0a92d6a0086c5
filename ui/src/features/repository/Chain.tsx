// The chain of trust: role boxes left to right, edges say what the parent asks. T shows the same facts as a table.
import { type KeyboardEvent, useState } from "react";
import type { ChainBox, ChainEdge, RepositoryView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { useChord } from "../../parts/keys";
import { Said } from "../../parts/said";
import { kindShape, StandingBadge, standingShape } from "../../parts/standing";
import { daysShort, signedOf, version } from "../../words/format";
import { repository as words } from "../../words/repository";
import { standings } from "../../words/standings";

type Props = { view: RepositoryView; selected: string | null; onInspect: (node: string) => void };

export function Chain({ view, selected, onInspect }: Props) {
  const [table, setTable] = useState(false);
  useChord({ key: "t" }, () => setTable((shown) => !shown));
  return (
    <section>
      <div className="sect">
        <h2>{words.chain}</h2>
        <span className="right">
          <Button look="quiet" aria-keyshortcuts={words.toggleKey} onPress={() => setTable(!table)}>
            {table ? words.asPicture : words.asTable} <kbd>{words.toggleKey}</kbd>
          </Button>
        </span>
      </div>
      {table ? <ChainTable view={view} onInspect={onInspect} /> : <Picture view={view} selected={selected} onInspect={onInspect} />}
    </section>
  );
}

const HALF = 46.5;
const FIRST = { x: 0, width: 146, height: 78 };
const SECOND = { x: 234, width: 172, height: 56 };
const LATER = { x: 486, width: 156, height: 56, step: 236 };

type Placed = { box: ChainBox; x: number; y: number; width: number; height: number };

function place(box: ChainBox): Placed {
  const size = box.column === 0 ? FIRST : box.column === 1 ? SECOND : { ...LATER, x: LATER.x + (box.column - 2) * LATER.step };
  return { box, x: size.x + 1, y: box.halfRow * HALF + 29 - size.height / 2, width: size.width, height: size.height };
}

function Picture({ view, selected, onInspect }: Props) {
  const { chain } = view;
  const placed = new Map(chain.boxes.map((box) => [box.node, place(box)]));
  const all = [...placed.values()];
  const width = Math.max(640, ...all.map((p) => p.x + p.width)) + 2;
  const height = Math.max(120, ...all.map((p) => p.y + p.height)) + 2;
  const top = Math.min(...all.map((p) => p.y)) - 4;
  return (
    <>
      <div className="picture">
        {/* biome-ignore lint/a11y/useSemanticElements: a group of boxes inside a picture has no element of its own */}
        <svg width={width} height={height - top} viewBox={`0 ${top} ${width} ${height - top}`} role="group" aria-label={words.pictureName(view.name)}>
          {chain.edges.map((edge) => (
            <Edge key={`${edge.from} ${edge.to} ${edge.listing}`} edge={edge} from={placed.get(edge.from)} to={placed.get(edge.to)} />
          ))}
          {all.map((p) => (
            <RoleBox key={p.box.node} placed={p} selected={p.box.node === selected} onInspect={onInspect} />
          ))}
        </svg>
      </div>
      <p className="why">
        {words.filled} {words.edges} {chain.more > 0 ? words.more(chain.more) : ""}
      </p>
    </>
  );
}

function Edge({ edge, from, to }: { edge: ChainEdge; from: Placed | undefined; to: Placed | undefined }) {
  if (!from || !to) return null;
  if (edge.listing) {
    const [above, below] = from.y < to.y ? [from, to] : [to, from];
    const x = Math.min(above.x + above.width / 2, below.x + below.width / 2);
    const middle = (above.y + above.height + below.y) / 2;
    return (
      <g>
        <path className="wire listing" d={`M${x} ${above.y + above.height}V${below.y}`} />
        <text className="c" x={x + 8} y={middle + 4}>
          {edge.label}
        </text>
      </g>
    );
  }
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const end = x2 - 52;
  const bend = `C${x1 + 22} ${y1} ${x1 + 22} ${y2} ${end} ${y2}`;
  return (
    <g>
      <path className="wire" d={`M${x1} ${y1}${bend}H${x2}`} />
      <rect className="knock" x={x2 - 50} y={y2 - 8} width={45} height={16} />
      <text className="ev" x={x2 - 28} y={y2 + 4} textAnchor="middle">
        {edge.label}
      </text>
    </g>
  );
}

/** Widths of a letter of the name and of a digit of the version. */
const LETTER = 6.7;
const DIGIT = 6.6;

function RoleBox({ placed, selected, onInspect }: { placed: Placed; selected: boolean; onInspect: (node: string) => void }) {
  const { box, x, y, width, height } = placed;
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onInspect(box.node);
  };
  const last = y + height - 13;
  const pips = box.pips.slice(0, 8);
  const aside = box.version ? 44 + version(box.version).length * DIGIT : 34;
  const named = shortened(box.role, Math.floor((width - 32 - aside) / LETTER));
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button element inside a picture
    <g
      className="role"
      role="button"
      tabIndex={0}
      aria-pressed={selected}
      onClick={() => onInspect(box.node)}
      onKeyDown={press}
    >
      <Said x={x} y={y}>
        {words.boxSaid(box.role, box.version, standings[box.standing], box.valid, box.threshold, box.daysLeft)}
      </Said>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a drawing can't be focused; the box around it is named by its title */}
      <g aria-hidden="true">
        <rect className="ring" x={x - 3} y={y - 3} width={width + 6} height={height + 6} rx={5} />
        <rect className="box" x={x} y={y} width={width} height={height} rx={4} />
        <g className="fx muted">
          <use href={`#${kindShape(box.kind)}`} x={x + 11} y={y + 9} width={16} height={16} />
        </g>
        <text className="b" x={x + 32} y={y + 21}>
          {named}
        </text>
        <text className="ev m" x={x + width - 33} y={y + 21} textAnchor="end">
          {box.version ? version(box.version) : ""}
        </text>
        <g className={`fx ${box.standing}`}>
          <use href={`#${standingShape(box.standing)}`} x={x + width - 26} y={y + 9} width={15} height={15} />
        </g>
        {box.column === 0 ? (
          <text className="c" x={x + 12} y={y + 45}>
            {words.signedBy(box.valid, box.threshold)}
          </text>
        ) : null}
        {pips.map((signed, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pips are alike but for their place
          <rect key={index} className={signed ? "pip filled" : "pip"} x={x + 12 + index * 12} y={last - 4} width={8} height={8} rx={1} />
        ))}
        <text className="ev" x={x + width - 11} y={last + 4} textAnchor="end">
          {box.daysLeft === null ? "" : daysShort(box.daysLeft)}
        </text>
      </g>
    </g>
  );
}

/** Of a path the end tells roles apart, of any other name the beginning. The title has the whole name. */
function shortened(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const kept = Math.max(1, letters - 1);
  return name.includes("/") ? `…${name.slice(-kept)}` : `${name.slice(0, kept)}…`;
}

function ChainTable({ view, onInspect }: { view: RepositoryView; onInspect: (node: string) => void }) {
  const asks = new Map(view.chain.edges.filter((edge) => !edge.listing).map((edge) => [edge.to, edge]));
  const names = new Map(view.chain.boxes.map((box) => [box.node, box.role]));
  return (
    <table aria-label={words.pictureName(view.name)}>
      <thead>
        <tr>
          <th>{words.chainColumns.role}</th>
          <th>{words.chainColumns.version}</th>
          <th>{words.chainColumns.standing}</th>
          <th>{words.chainColumns.needs}</th>
          <th>{words.chainColumns.askedBy}</th>
          <th className="num">{words.chainColumns.left}</th>
        </tr>
      </thead>
      <tbody>
        {view.chain.boxes.map((box) => {
          const ask = asks.get(box.node);
          return (
            <tr key={box.node}>
              <th scope="row">
                <LinkButton onPress={() => onInspect(box.node)}>{box.role}</LinkButton>
              </th>
              <td className="ev">{box.version ? version(box.version) : ""}</td>
              <td>
                <StandingBadge standing={box.standing} />
              </td>
              <td className="ev">{signedOf(box.valid, box.threshold)}</td>
              <td>{ask ? `${names.get(ask.from) ?? ""}, ${ask.label}` : ""}</td>
              <td className="ev num">{box.daysLeft === null ? "" : daysShort(box.daysLeft)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
