// The keyring: one row per physical key, worst first. Arrows move, Enter and Space choose; the inspector explains the chosen one.
import { useEffect, useState } from "react";
import type { KeyFilter, KeysRequest } from "../../border";
import { Button } from "../../parts/button";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Choose } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { keyFolders } from "../../words/key-folders";
import { keys as words } from "../../words/keys";
import { KeyTable } from "./KeyTable";
import { useKeysWindow } from "./window";

type Shown = keyof typeof words.filters;

const FILTERS: Record<Shown, KeyFilter[]> = {
  all: [],
  needsPerson: [{ kind: "needsPerson" }],
  counts: [{ kind: "counts" }],
  here: [{ kind: "here" }],
  token: [{ kind: "held", custody: "token" }],
  file: [{ kind: "held", custody: "file" }],
  keychain: [{ kind: "held", custody: "keychain" }],
  server: [{ kind: "held", custody: "server" }],
  unknown: [{ kind: "held", custody: "unknown" }],
};

type Props = { chosen: string | null; onChoose: (physicalKey: string) => void; onImport: () => void };

export function Keys({ chosen, onChoose, onImport }: Props) {
  const [search, setSearch] = useState("");
  const [settled, setSettled] = useState("");
  const [shown, setShown] = useState<Shown>("all");
  const [sight, setSight] = useState(0);
  // Every key stroke is shown at once and asked for a moment later.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(search.trim()), 80);
    return () => clearTimeout(timer);
  }, [search]);
  const request: KeysRequest = { search: settled, filters: FILTERS[shown] };
  const { asked, view } = useKeysWindow(request, sight);
  const narrowed = settled !== "" || shown !== "all";
  const clear = () => {
    setSearch("");
    setSettled("");
    setShown("all");
  };
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {view ? <span className="second">{words.summary(view.keys, view.keyids)}</span> : null}
          <span className="right row">
            <span className="search-field">
              <Icon name="a-search" size="s" />
              <input
                type="search"
                aria-label={words.search}
                placeholder={words.searchHint}
                value={search}
                spellCheck={false}
                onChange={(event) => setSearch(event.target.value)}
                onKeyDown={(event) => event.key === "Escape" && setSearch("")}
              />
            </span>
            <Choose
              label={<span className="hidden-words">{words.shows}</span>}
              value={shown}
              options={(Object.keys(words.filters) as Shown[]).map((id) => ({ id, name: words.filters[id], text: words.filters[id] }))}
              onChange={setShown}
            />
            <Button icon="a-import" onPress={onImport}>
              {keyFolders.open}
            </Button>
          </span>
        </div>
        {narrowed && view ? (
          <p className="sub" role="status">
            {words.matched(view.total)}
          </p>
        ) : null}
      </div>
      {view?.ledgerBroken ? <p className="ledger-broken strong suspect">{words.ledgerBroken(view.ledgerBroken)}</p> : null}
      {asked.state === "failed" ? (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      ) : !view ? (
        <Reading what={words.reading} />
      ) : view.total === 0 ? (
        <div className="body">
          <Empty say={narrowed ? words.noMatch : words.empty} {...(narrowed ? {} : { why: words.emptyMore })}>
            {narrowed ? <Button onPress={clear}>{words.clear}</Button> : null}
          </Empty>
        </div>
      ) : (
        <KeyTable key={JSON.stringify(request)} view={view} chosen={chosen} onChoose={onChoose} onSight={setSight} />
      )}
    </>
  );
}
