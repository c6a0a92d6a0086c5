// One of a few things to look at, side by side. Arrow keys move between them.
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";

export function Segments({ label, chosen, options, onChoose }: { label: string; chosen: string; options: { id: string; name: string }[]; onChoose: (id: string) => void }) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[chosen]}
      onSelectionChange={(keys) => {
        const [first] = keys;
        if (first !== undefined) onChoose(String(first));
      }}
    >
      {options.map(({ id, name }) => (
        <ToggleButton key={id} id={id} className="segment">
          {name}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
