// A key in a line of text: where it lives, its name, the ends of its id.
import { ends } from "../words/format";
import type { CustodyWord } from "../words/standings";
import { CustodyIcon } from "./standing";

export function KeyChip({ custody, name, id }: { custody: CustodyWord; name: string | null; id: string }) {
  return (
    <span className="chip">
      <CustodyIcon custody={custody} />
      {name ? <span className="cut">{name}</span> : null}
      <span className="ev">{ends(id)}</span>
    </span>
  );
}
