// The GUNs that a Notary server told of: find, then choose one or many.
import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { Button } from "../../parts/button";
import { TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { adding as words } from "../../words/trust";

export function Guns({ guns, chosen, onChange }: { guns: string[]; chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void }) {
  const [find, setFind] = useState("");
  const found = guns.filter((gun) => gun.toLowerCase().includes(find.trim().toLowerCase()));
  return (
    <div className="stack tight">
      <TextInput label={words.find} value={find} onChange={setFind} />
      <ListBox
        className="guns"
        aria-label={words.gunsChosen}
        items={found.map((id) => ({ id }))}
        dependencies={[chosen]}
        selectionMode="multiple"
        selectionBehavior="toggle"
        selectedKeys={found.filter((gun) => chosen.has(gun))}
        renderEmptyState={() => <p className="why">{words.nothingFits}</p>}
        onSelectionChange={(keys) => {
          const kept = [...chosen].filter((gun) => !found.includes(gun));
          onChange(new Set([...kept, ...(keys === "all" ? found : [...keys].map(String))]));
        }}
      >
        {({ id }) => (
          <ListBoxItem id={id} textValue={id} className="option">
            {({ isSelected }) => (
              <>
                <span className="tick">{isSelected ? <Icon name="a-done" size="s" /> : null}</span>
                <span className="ev break">{id}</span>
              </>
            )}
          </ListBoxItem>
        )}
      </ListBox>
      <div className="row">
        <Button isDisabled={found.length === 0} onPress={() => onChange(new Set([...chosen, ...found]))}>
          {words.all(found.length)}
        </Button>
        <Button isDisabled={chosen.size === 0} onPress={() => onChange(new Set())}>
          {words.noneChosen}
        </Button>
      </div>
    </div>
  );
}
