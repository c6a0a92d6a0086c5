// Which role a form is about, among those it can be about. Two documents may name a role: each is a choice of its own.
import type { ChangeFormView, FormRole } from "../../../border";
import { Choose } from "../../../parts/fields";
import { change as words } from "../../../words/change";

type Props = {
  view: ChangeFormView;
  label?: string;
  fits: (role: FormRole) => boolean;
  role: string;
  /** Where a role counts once for each document that names it. */
  by?: string;
  onChoose: (role: FormRole) => void;
};

export function RoleChoice({ view, label = words.of, fits, role, by, onChoose }: Props) {
  const roles = view.roles.filter((each, index, all) => fits(each) && (by !== undefined || all.findIndex((other) => other.role === each.role) === index));
  if (roles.length === 0) return <p className="muted">{words.nobody}</p>;
  const id = (each: { role: string; by: string }) => (by === undefined ? each.role : JSON.stringify([each.role, each.by]));
  const name = (each: FormRole) => (by === undefined ? each.role : words.ofRole(each));
  const options = roles.map((each) => ({ id: id(each), name: name(each), text: name(each) }));
  return (
    <Choose
      label={label}
      value={id({ role, by: by ?? "" })}
      options={options}
      onChange={(chosen) => {
        const found = roles.find((each) => id(each) === chosen);
        if (found) onChoose(found);
      }}
    />
  );
}
