// The filters of the tree. Each is a toggle; the desk decides what passes.
import { ToggleButton } from "react-aria-components";
import type { TreeFilter } from "../../border";
import { tree as words } from "../../words/tree";

const OFFERED: { words: string; filter: TreeFilter }[] = [
  { words: words.filter.needsPerson, filter: { kind: "needsPerson" } },
  { words: words.filter.expiresWithin(30), filter: { kind: "expiresWithin", days: 30 } },
  { words: words.filter.thresholdOne, filter: { kind: "thresholdOne" } },
];

export function Filters({ filters, onChange }: { filters: TreeFilter[]; onChange: (filters: TreeFilter[]) => void }) {
  return (
    <fieldset className="treefilters" aria-label={words.filters}>
      {OFFERED.map((offer) => {
        const on = filters.some((filter) => filter.kind === offer.filter.kind);
        const others = filters.filter((filter) => filter.kind !== offer.filter.kind);
        return (
          <ToggleButton key={offer.words} className="toggle" isSelected={on} onChange={() => onChange(on ? others : [...others, offer.filter])}>
            {offer.words}
          </ToggleButton>
        );
      })}
    </fieldset>
  );
}
