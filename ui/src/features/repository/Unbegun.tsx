// A place at which there is no repository yet: the ceremony that begins it, or that was to.
import type { RepositoryView } from "../../border";
import { Button } from "../../parts/button";
import { beginning as words } from "../../words/beginning";
import { Forget } from "./Forget";

type Props = {
  view: RepositoryView;
  unbegun: NonNullable<RepositoryView["unbegun"]>;
  onCeremony: (ceremony: string) => void;
  onBegin: () => void;
  onForget: () => void;
};

export function Unbegun({ view, unbegun, onCeremony, onBegin, onForget }: Props) {
  const { ceremony, open } = unbegun;
  return (
    <div className="body stack">
      <p className="measure">{open ? words.beingBegun(ceremony) : words.notBegun(ceremony)}</p>
      <div className="row wrap">
        <Button {...(open ? { look: "primary" as const } : {})} onPress={() => onCeremony(ceremony)}>
          {words.openCeremony(ceremony)}
        </Button>
        {open ? null : (
          <Button look="primary" onPress={onBegin}>
            {words.another}
          </Button>
        )}
      </div>
      {view.allowed.includes("forget") ? <Forget view={view} onForget={onForget} /> : null}
    </div>
  );
}
