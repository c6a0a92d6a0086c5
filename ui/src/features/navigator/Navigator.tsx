// The left part: sections, and the tree of repositories with its search and filters.
import { type RefObject, useEffect, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { type TreeFilter, type TreeRow, useView } from "../../border";
import { IconButton } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { beginning } from "../../words/beginning";
import { frame } from "../../words/frame";
import { keys } from "../../words/keys";
import { practice } from "../../words/practice";
import { tokens } from "../../words/tokens";
import { tree as words } from "../../words/tree";
import { Filters } from "./Filters";
import { RepositoryTree } from "./RepositoryTree";

const SECTIONS = ["attention", "keys", "tokens", "ceremonies", "practice"] as const;
export type Section = (typeof SECTIONS)[number];

/** Whether a screen is one of the sections. */
export function isSection(kind: string): kind is Section {
  return SECTIONS.some((section) => section === kind);
}

export function Navigator({
  section,
  selected,
  reveal,
  searchField,
  onSection,
  onOpen,
  onInspect,
  onAdd,
  onBegin,
}: {
  section: Section | null;
  /** The node shown in the inspector. */
  selected: string | null;
  /** A node to be brought into sight; a new object asks again. */
  reveal: { node: string } | null;
  searchField: RefObject<HTMLInputElement | null>;
  onSection: (section: Section) => void;
  onOpen: (row: TreeRow) => void;
  onInspect: (node: string) => void;
  onAdd: () => void;
  onBegin: () => void;
}) {
  const estate = useView({ kind: "estate" });
  const counts = estate.state === "known" ? estate.view : undefined;
  const held = useView({ kind: "tokens" });
  const plugged = held.state === "known" && (held.view.failure === null || held.view.tokens.length > 0) ? held.view.tokens.length : undefined;
  const [search, setSearch] = useState("");
  const [settled, setSettled] = useState("");
  const [filters, setFilters] = useState<TreeFilter[]>([]);
  const [filtering, setFiltering] = useState(false);

  // Every key stroke is shown at once and asked for a moment later.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(search), 80);
    return () => clearTimeout(timer);
  }, [search]);

  return (
    <nav className="nav" aria-label={frame.parts.navigator} data-part="">
      <ul className="sections">
        <SectionItem icon="attention" words={frame.attention} count={counts?.attention} here={section === "attention"} onPress={() => onSection("attention")} />
        <SectionItem icon="key" words={keys.title} count={counts?.keys} here={section === "keys"} onPress={() => onSection("keys")} />
        <SectionItem icon="key-token" words={tokens.title} count={plugged} here={section === "tokens"} onPress={() => onSection("tokens")} />
        <SectionItem icon="ceremony" words={frame.ceremonies} count={counts?.openCeremonies} here={section === "ceremonies"} onPress={() => onSection("ceremonies")} />
        <SectionItem icon="src-practice" words={practice.title} count={undefined} here={section === "practice"} onPress={() => onSection("practice")} />
      </ul>
      <div className="treehead">
        <h2>{words.label}</h2>
        <IconButton icon="a-filter" label={words.filters} aria-expanded={filtering} onPress={() => setFiltering(!filtering)} />
        <IconButton icon="a-add" label={words.add} onPress={onAdd} />
        <IconButton icon="a-begin" label={beginning.ways.begin} onPress={onBegin} />
        <span className="cols" aria-hidden="true">
          <span />
          <span>{words.columns.count}</span>
          <span>{words.columns.left}</span>
          <span />
        </span>
      </div>
      <div className="treesearch">
        <Icon name="a-search" size="s" />
        <input
          ref={searchField}
          type="search"
          aria-label={words.search}
          placeholder={words.searchHint}
          value={search}
          spellCheck={false}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && setSearch("")}
        />
        {search ? <IconButton icon="a-close" label={words.clear} onPress={() => setSearch("")} /> : null}
      </div>
      {filtering ? <Filters filters={filters} onChange={setFilters} /> : null}
      <RepositoryTree
        search={settled}
        filters={filters}
        selected={selected}
        reveal={reveal}
        onOpen={onOpen}
        onInspect={onInspect}
        onClear={() => {
          setSearch("");
          setSettled("");
          setFilters([]);
        }}
      />
    </nav>
  );
}

function SectionItem({ icon, words, count, here, onPress }: { icon: string; words: string; count: number | undefined; here: boolean; onPress: () => void }) {
  return (
    <li>
      <AriaButton onPress={onPress} {...(here ? { "aria-current": "page" } : {})}>
        <Icon name={icon} />
        {words}
        <span className="count ev">{count ?? ""}</span>
      </AriaButton>
    </li>
  );
}

