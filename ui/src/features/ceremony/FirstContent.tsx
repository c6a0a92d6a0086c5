// What a repository begins with besides its roles: delegations and files, by the forms of a change.
import { type Dispatch, type SetStateAction, useState } from "react";
import type { BeginningFormView } from "../../border";
import { Button, IconButton } from "../../parts/button";
import { beginning as words } from "../../words/beginning";
import { change } from "../../words/change";
import { asChange, type First, opened, summedFirst, type Typed } from "./beginning";
import { lacks, noTerms, onto } from "./change";
import { Delegate } from "./forms/Delegate";
import { Target } from "./forms/Targets";

type Props = { view: BeginningFormView; typed: Typed; onTyped: Dispatch<SetStateAction<Typed>> };

export function FirstContent({ view, typed, onTyped }: Props) {
  const [open, setOpen] = useState<number | null>(null);
  const asked = asChange(view, typed);
  const { first } = typed;
  const add = (form: First["form"]) => {
    onTyped((now) => ({ ...now, first: [...now.first, opened(form)] }));
    setOpen(first.length);
  };
  const drop = (at: number) => {
    onTyped((now) => ({ ...now, first: now.first.filter((_, place) => place !== at) }));
    setOpen(null);
  };
  const set = (at: number, seen: First) => (changed: First) =>
    onTyped((now) => ({ ...now, first: now.first.map((other, place) => (place === at ? onto(other, seen, changed) : other)) }));
  return (
    <section aria-label={words.first} className="stack tight">
      <div className="sect">
        <h2>{words.first}</h2>
        <span className="note">{words.firstNote}</span>
      </div>
      {first.length > 0 ? (
        <ol className="changes">
          {first.map((each, place) => {
            const what = summedFirst(each);
            const lacking = lacks(asked, each);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: it is its place among the others
              <li key={place} className={place === open ? "on" : ""}>
                <span className="ev muted">{place + 1}</span>
                <span className="break">
                  {what} {lacking ? <span className="why block">{lacking.replace(/^[^:]*: /, "")}</span> : null}
                </span>
                <span className="row right">
                  {place === open ? null : (
                    <Button look="quiet" aria-label={change.editNamed(what)} onPress={() => setOpen(place)}>
                      {change.edit}
                    </Button>
                  )}
                  <IconButton icon="a-close" label={change.drop(what)} onPress={() => drop(place)} />
                </span>
              </li>
            );
          })}
        </ol>
      ) : null}
      {open !== null && first[open] ? <OneFirst first={first[open]} asked={asked} onChange={set(open, first[open])} onDone={() => setOpen(null)} /> : null}
      {open === null ? (
        <div className="row wrap">
          <Button icon="a-add" onPress={() => add("delegate")}>
            {words.delegate}
          </Button>
          <Button icon="a-add" onPress={() => add("target")}>
            {words.target}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

type OneProps = { first: First; asked: ReturnType<typeof asChange>; onChange: (first: First) => void; onDone: () => void };

function OneFirst({ first, asked, onChange, onDone }: OneProps) {
  // Neither form asks for what holds of a whole change.
  const rest = { view: asked, terms: noTerms, onTerms: () => undefined };
  return (
    <div className="stack set-apart">
      {first.form === "delegate" ? <Delegate intent={first} onChange={onChange} {...rest} /> : <Target intent={first} onChange={onChange} {...rest} />}
      <div>
        <Button icon="a-done" onPress={onDone}>
          {words.done}
        </Button>
      </div>
    </div>
  );
}
