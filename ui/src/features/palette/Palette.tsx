// The palette: any thing, any action. The desk searches; the arrows choose.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { ask, type TreeRow } from "../../border";
import { Icon } from "../../parts/icon";
import { KindIcon, StandingIcon } from "../../parts/standing";
import { ROTATED } from "../../words/ceremony";
import { change as changeWords, type Opening } from "../../words/change";
import { version } from "../../words/format";
import { palette as words } from "../../words/frame";
import { kinds } from "../../words/standings";

const { ways } = changeWords;

export type PaletteAction = keyof typeof words.act;

type Item = { kind: "action"; action: PaletteAction; name: string } | { kind: "change"; opening: Opening; name: string } | { kind: "rollCall"; name: string } | { kind: "row"; row: TreeRow };

type Props = {
  /** The repository that is open, whose keys can be rotated from here. */
  repository: string | null;
  onAction: (action: PaletteAction) => void;
  onOpen: (row: TreeRow) => void;
  onChange: (repository: string, opening: Opening) => void;
  onRollCall: (repository: string) => void;
  onClose: () => void;
};

const SHOWN = 12;
/** Enough rows that those which match by themselves are among them. */
const ASKED = 200;

export function Palette({ repository, onAction, onOpen, onChange, onRollCall, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<{ search: string; rows: TreeRow[] }>({ search: "", rows: [] });
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let wanted = true;
    const search = typed.trim();
    if (!search) return;
    const timer = setTimeout(() => {
      ask({ kind: "treeRows", tree: { toggled: [], search, filters: [] }, from: 0, count: ASKED }).then(
        (view) => wanted && setFound({ search, rows: view.rows.filter((row) => row.matched).slice(0, SHOWN) }),
        () => wanted && setFound({ search, rows: [] }), // the tree shows why the desk does not answer
      );
    }, 60);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [typed]);

  const open = useRotatable(repository);
  const changes = open ? changesOf(open.name) : [];
  const calls = open ? [{ kind: "rollCall" as const, name: words.rollCall(open.name) }] : [];
  const actions = (Object.keys(words.act) as PaletteAction[]).map((action) => ({ kind: "action" as const, action, name: words.act[action] }));
  const named = [...changes, ...calls, ...actions].filter((item) => item.name.toLowerCase().includes(typed.trim().toLowerCase()));
  // What was found for fewer letters is not offered for more: Enter must not open it.
  const rows = found.search === typed.trim() ? found.rows : [];
  const items: Item[] = [...rows.map((row): Item => ({ kind: "row", row })), ...named];
  const chosen = Math.min(at, items.length - 1);

  const choose = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    switch (item.kind) {
      case "row":
        return onOpen(item.row);
      case "change":
        return open ? onChange(open.id, item.opening) : undefined;
      case "rollCall":
        return open ? onRollCall(open.id) : undefined;
      case "action":
        return onAction(item.action);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + items.length) % Math.max(1, items.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(items[chosen]);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the choice moves
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);

  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="dialog palette">
        <Dialog aria-label={words.title}>
          <div className="search">
            <Icon name="a-search" />
            <input
              autoFocus
              role="combobox"
              aria-label={words.title}
              aria-expanded
              aria-controls={`${id}-found`}
              aria-activedescendant={`${id}-${chosen}`}
              placeholder={words.placeholder}
              value={typed}
              spellCheck={false}
              onChange={(event) => {
                setTyped(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div className="found" role="listbox" tabIndex={-1} aria-label={words.title} id={`${id}-found`} ref={list}>
            {items.map((item, index) => (
              <ItemRow key={item.kind === "row" ? item.row.id : item.name} id={`${id}-${index}`} item={item} chosen={index === chosen} onChoose={() => choose(item)} />
            ))}
          </div>
          {items.length === 0 ? (
            <p className="nothing" role="status">
              {words.none(typed)}
            </p>
          ) : null}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What can be changed in a repository, by what an officer would type. */
function changesOf(name: string): (Item & { kind: "change" })[] {
  const change = (name: string, opening: Opening) => ({ kind: "change" as const, name, opening });
  return [
    change(ways.anyNamed(name), { form: "choose" }),
    ...ROTATED.map((role) => change(words.rotate(role, name), { form: "keys", role })),
    change(ways.endsNamed(name), { form: "ends", role: null }),
    change(ways.delegateNamed(name), { form: "delegate", by: "targets" }),
    change(ways.recoverNamed(name), { form: "recover" }),
  ];
}

/** The repository that is open, if its keys can be rotated. */
function useRotatable(repository: string | null): { id: string; name: string } | undefined {
  const [found, setFound] = useState<{ id: string; name: string }>();
  useEffect(() => {
    if (repository === null) return;
    let wanted = true;
    ask({ kind: "repository", repository }).then(
      (view) => wanted && view.allowed.includes("rotateRoot") && setFound({ id: view.id, name: view.name }),
      () => undefined, // its page shows why it is not known
    );
    return () => {
      wanted = false;
    };
  }, [repository]);
  return repository === null ? undefined : found;
}

function ItemRow({ id, item, chosen, onChoose }: { id: string; item: Item; chosen: boolean; onChoose: () => void }) {
  return (
    // The field holds the focus and its keys (aria-activedescendant); an option is only pressed.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div id={id} className="option" role="option" tabIndex={-1} aria-selected={chosen} onClick={onChoose}>
      {item.kind !== "row" ? (
        <>
          <Icon name={item.kind === "change" ? "a-rotate" : item.kind === "rollCall" ? "a-touch" : "a-forward"} className="kind" />
          {item.name}
        </>
      ) : (
        <>
          <KindIcon kind={item.row.node} />
          <span className="cut">
            {item.row.name} {item.row.version ? <span className="ev muted">{version(item.row.version)}</span> : null}
          </span>
          <span className="right muted small">{kinds[item.row.node]}</span>
          {item.row.standing ? <StandingIcon standing={item.row.standing} size="s" /> : null}
        </>
      )}
    </div>
  );
}
