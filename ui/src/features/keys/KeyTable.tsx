// The table of keys. Only the rows in sight are in the page; the keyboard stands on one row and takes the focus with it.
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { KeyRow, KeysWindow } from "../../border";
import { Icon } from "../../parts/icon";
import { Serial } from "../../parts/serial";
import { CustodyIcon, StandingIcon } from "../../parts/standing";
import { day } from "../../words/format";
import { frame } from "../../words/frame";
import { keys as words } from "../../words/keys";

const ROW = 32;
const BEYOND = 8;

type Props = {
  view: KeysWindow;
  /** The key that the inspector shows. */
  chosen: string | null;
  onChoose: (physicalKey: string) => void;
  onSight: (from: number) => void;
};

export function KeyTable({ view, chosen, onChoose, onSight }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(640);
  const [active, setActive] = useState(0);
  const moved = useRef(false);

  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setHeight(element.clientHeight || 640);
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const last = view.total - 1;
  const here = Math.min(active, last);
  const from = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const to = Math.min(view.total, Math.ceil((top + height) / ROW) + BEYOND);
  useEffect(() => onSight(from), [from, onSight]);

  // The focus follows the row that the keyboard stands on, once it is in the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever rows came or the place changed
  useEffect(() => {
    if (!moved.current) return;
    const row = place.current?.querySelector<HTMLElement>(`[data-index="${here}"]`);
    if (!row) return;
    moved.current = false;
    row.focus({ preventScroll: true });
  }, [here, from, view]);

  const stand = (index: number) => {
    const next = Math.max(0, Math.min(last, index));
    moved.current = true;
    setActive(next);
    const element = place.current;
    if (!element) return;
    const above = next * ROW;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (above + 2 * ROW > element.scrollTop + height) element.scrollTop = above + 2 * ROW - height;
    setTop(element.scrollTop);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / ROW) - 2);
    const steps: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last, PageDown: here + page, PageUp: here - page };
    const step = steps[event.key];
    if (step !== undefined && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      return stand(step);
    }
    const row = view.rows.find(({ index }) => index === here);
    if ((event.key === "Enter" || event.key === " ") && row && !event.ctrlKey) {
      event.preventDefault();
      onChoose(row.physicalKey);
    }
  };

  const rows = view.rows.filter(({ index }) => index >= from && index < to);
  const first = rows[0]?.index ?? 0;
  const after = view.total - first - rows.length;
  return (
    <div className="body keytable" ref={place} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      {/* The rows in sight are some of all, and one of them is chosen: that is a grid. */}
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: see above */}
      <table role="grid" aria-label={words.title} aria-rowcount={view.total + 1} onKeyDown={onKeyDown}>
        <Head />
        <tbody>
          {first > 0 ? <Gap rows={first} /> : null}
          {rows.map((row) => (
            <Row
              key={row.physicalKey}
              row={row}
              isChosen={row.physicalKey === chosen}
              isHere={row.index === here}
              onStand={() => setActive(row.index)}
              onChoose={() => {
                setActive(row.index);
                onChoose(row.physicalKey);
              }}
            />
          ))}
          {after > 0 ? <Gap rows={after} /> : null}
        </tbody>
      </table>
    </div>
  );
}

function Head() {
  const { columns } = words;
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th className="c-standing">
          <span className="hidden-words">{columns.standing}</span>
        </th>
        <th className="c-key">{columns.key}</th>
        <th>{columns.officer}</th>
        <th>{columns.counts}</th>
        <th className="num c-count">{columns.repositories}</th>
        <th className="num c-count">{columns.keyids}</th>
        <th className="c-firmware">{columns.firmware}</th>
        <th className="c-attestation">{columns.attestation}</th>
        <th className="c-worked">{columns.worked}</th>
      </tr>
    </thead>
  );
}

/** Room of rows that are not in the page; there is nothing in it to focus. */
function Gap({ rows }: { rows: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: see above
    <tr aria-hidden="true">
      <td colSpan={9} style={{ height: rows * ROW, padding: 0, border: 0 }} />
    </tr>
  );
}

function Row({ row, isChosen, isHere, onStand, onChoose }: { row: KeyRow; isChosen: boolean; isHere: boolean; onStand: () => void; onChoose: () => void }) {
  const roles = row.roles.join(", ");
  const counts = row.counts ? roles : roles === "" ? words.none : words.was(roles);
  return (
    // Its keys are the table's: arrows, Enter and Space.
    <tr
      data-index={row.index}
      aria-rowindex={row.index + 2}
      aria-selected={isChosen}
      aria-label={words.said(row.place, row.officer, counts)}
      className={isChosen ? "on open-row" : "open-row"}
      tabIndex={isHere ? 0 : -1}
      onFocus={onStand}
      onClick={onChoose}
    >
      <td className="c-standing">{row.standing ? <StandingIcon standing={row.standing} /> : null}</td>
      <td className="cut" title={row.place}>
        <span className="row">
          <CustodyIcon custody={row.custody} size="s" />
          <span className={row.placeKnown ? "cut" : "cut ev"}>
            <Serial label={row.place} />
          </span>
          {row.warnings > 0 ? <Icon name="attention" size="s" label={words.findings(row.warnings)} className="expiring" /> : null}
          {/* The whole tag would take the place of the device in a narrow window. */}
          {row.practice ? <Icon name="src-practice" size="s" label={frame.practice} /> : null}
        </span>
      </td>
      <td className={row.officer ? "cut" : "cut muted"} title={row.officer ?? ""}>
        {row.officer ?? words.nobody}
      </td>
      <td className={row.counts ? "cut" : "cut muted"} title={counts}>
        {counts}
      </td>
      <td className="num ev c-count">{row.repositories}</td>
      <td className="num ev c-count">{row.keyids}</td>
      <td className="ev small c-firmware">{row.firmware ?? ""}</td>
      <td className="small second cut c-attestation" title={row.attestation ?? ""}>
        {row.attestation ?? ""}
      </td>
      <td className="small c-worked">
        <Worked row={row} />
      </td>
    </tr>
  );
}

function Worked({ row }: { row: KeyRow }) {
  if (row.custody === "server") return null;
  if (row.workedAt === null) return <span className="muted">{words.never}</span>;
  return (
    <span className={row.stale ? "ev muted" : "ev"} title={row.stale ? words.stale : ""}>
      {day(row.workedAt)}
      {row.stale ? <span className="hidden-words">, {words.stale}</span> : null}
    </span>
  );
}
