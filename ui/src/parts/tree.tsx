// A tree over row windows: only the rows in sight are in the page, the rest is known by number.
// The keyboard follows the ARIA tree pattern; the focus stays on the tree and points at the active row.
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Icon } from "./icon";

const ROW = 26;
const BEYOND = 12;
const TYPING_MS = 700;

export type TreeLine = {
  id: string;
  index: number;
  parentIndex: number | null;
  level: number;
  setSize: number;
  posInSet: number;
  expandable: boolean;
  expanded: boolean;
};

export type TreeProps<Row extends TreeLine> = {
  label: string;
  total: number;
  rowAt: (index: number) => Row | undefined;
  /** Whether the rows are those of the last key. Until they are, further keys wait their turn. */
  settled: boolean;
  /** Index of the row that the keyboard stands on. */
  active: number;
  selected: string | null;
  onActive: (index: number) => void;
  /** Rows in sight, so that their windows can be asked for. */
  onSight: (from: number, to: number) => void;
  onToggle: (row: Row) => void;
  onOpenBelow: (row: Row) => void;
  onOpen: (row: Row) => void;
  onInspect: (row: Row) => void;
  /** Letters were typed: the next row after `from` whose name begins so is wanted. */
  onTyped: (prefix: string, from: number) => void;
  /** What a screen reader is told of a row. */
  said: (row: Row) => string;
  look: (row: Row) => string;
  waiting: string;
  children: (row: Row) => ReactNode;
};

export function Tree<Row extends TreeLine>(props: TreeProps<Row>) {
  const { label, total, rowAt, settled, active, selected, onActive, onSight } = props;
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const typed = useRef({ text: "", at: 0 });
  const waiting = useRef<string[]>([]);
  const [, lookAgain] = useState(0);

  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setHeight(element.clientHeight || 600);
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const from = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const to = Math.min(total, Math.ceil((top + height) / ROW) + BEYOND);
  useEffect(() => onSight(from, to), [from, to, onSight]);

  const bringIntoSight = (index: number) => {
    const element = place.current;
    if (!element) return;
    const above = index * ROW;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (above + ROW > element.scrollTop + height) element.scrollTop = above + ROW - height;
    setTop(element.scrollTop);
  };

  // A row that became active from elsewhere (search, type-ahead, a link) is brought into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the active row moves
  useLayoutEffect(() => bringIntoSight(active), [active]);

  const goTo = (index: number) => {
    const there = Math.max(0, Math.min(total - 1, index));
    bringIntoSight(there);
    onActive(there);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !isOurs(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (settled && waiting.current.length === 0) press(event.key);
    else waiting.current.push(event.key);
  };

  // One key a time: each means something on the rows that the one before it left.
  useEffect(() => {
    if (!settled) return;
    const key = waiting.current.shift();
    if (key === undefined) return;
    press(key);
    lookAgain((n) => n + 1);
  });

  const press = (key: string) => {
    const row = rowAt(active);
    const page = Math.max(1, Math.floor(height / ROW) - 1);
    switch (key) {
      case "ArrowDown":
        goTo(active + 1);
        return;
      case "ArrowUp":
        goTo(active - 1);
        return;
      case "Home":
        goTo(0);
        return;
      case "End":
        goTo(total - 1);
        return;
      case "PageDown":
        goTo(active + page);
        return;
      case "PageUp":
        goTo(active - page);
        return;
      case "ArrowRight":
        if (row?.expandable) row.expanded ? goTo(active + 1) : props.onToggle(row);
        return;
      case "ArrowLeft":
        if (row?.expandable && row.expanded) props.onToggle(row);
        else if (row && row.parentIndex !== null) goTo(row.parentIndex);
        return;
      case "*":
        if (row) props.onOpenBelow(row);
        return;
      case "Enter":
        if (row) props.onOpen(row);
        return;
      case " ":
        if (typing()) type(" ");
        else if (row) props.onInspect(row);
        return;
      default:
        type(key);
    }
  };

  const typing = () => typed.current.text !== "" && performance.now() - typed.current.at < TYPING_MS;

  const type = (key: string) => {
    const before = typing() ? typed.current.text : "";
    typed.current = { text: before + key, at: performance.now() };
    // The search begins after a row. A longer prefix may still mean the row we stand on; a new one means a later one.
    props.onTyped(typed.current.text, before ? (active - 1 + total) % Math.max(1, total) : active);
  };

  const indexes = Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);
  const activeShown = active >= from && active < to;

  return (
    <div
      ref={place}
      className="tree"
      role="tree"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      // The rows move in the same frame as the scroll bar, so that none is ever blank.
      onScroll={(event) => {
        const now = event.currentTarget.scrollTop;
        flushSync(() => setTop(now));
      }}
      {...(activeShown ? { "aria-activedescendant": `${id}-${active}` } : {})}
    >
      <div className="all" role="presentation" style={{ height: total * ROW }}>
        {indexes.map((index) => (
          <TreeItem
            key={index}
            id={`${id}-${index}`}
            index={index}
            row={rowAt(index)}
            active={index === active}
            selected={selected}
            props={props}
            onPick={() => onActive(index)}
          />
        ))}
      </div>
    </div>
  );
}

const WALK = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "PageDown", "PageUp", "Enter"];

/** Keys of the tree: those that walk in it, and letters. The slash belongs to the search. */
function isOurs(key: string): boolean {
  return WALK.includes(key) || (key.length === 1 && key !== "/");
}

function TreeItem<Row extends TreeLine>({
  id,
  index,
  row,
  active,
  selected,
  props,
  onPick,
}: {
  id: string;
  index: number;
  row: Row | undefined;
  active: boolean;
  selected: string | null;
  props: TreeProps<Row>;
  onPick: () => void;
}) {
  const where = { transform: `translateY(${index * ROW}px)` };
  const mark = active ? { "data-active": "" } : {};
  if (!row) {
    return (
      // biome-ignore lint/a11y/useFocusableInteractive: the tree holds the focus and points here
      <div id={id} role="treeitem" aria-level={1} aria-selected={false} className="waiting" style={where} {...mark}>
        <span className="name">{props.waiting}</span>
      </div>
    );
  }
  const onClick = (event: MouseEvent) => {
    onPick();
    const twisty = event.target instanceof Element && event.target.closest(".twisty") !== null;
    if (twisty && row.expandable) props.onToggle(row);
    else props.onOpen(row);
  };
  return (
    // The tree holds the focus and its keys (aria-activedescendant); a row is only pressed.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      role="treeitem"
      className={props.look(row)}
      style={where}
      aria-level={row.level}
      aria-setsize={row.setSize}
      aria-posinset={row.posInSet}
      aria-selected={row.id === selected}
      onClick={onClick}
      {...(row.expandable ? { "aria-expanded": row.expanded } : {})}
      {...mark}
    >
      <span className="hidden-words">{props.said(row)}</span>
      <Indent level={row.level} />
      <span className="twisty">{row.expandable ? <Icon name={row.expanded ? "a-open" : "a-closed"} /> : null}</span>
      <span className="cells" aria-hidden="true">
        {props.children(row)}
      </span>
    </div>
  );
}

function Indent({ level }: { level: number }) {
  return <span style={{ width: 4 + (level - 1) * 12, flex: "none" }} />;
}
