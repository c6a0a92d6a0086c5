// Which slot, which algorithm, and when PIN and touch are asked: what can't be changed afterwards.
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Choose, type Option, TextInput } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { Serial } from "../../parts/serial";
import { provisioning } from "../../words/provisioning";
import { birth } from "../../words/tokens";
import { Away, Foot, type PageProps } from "./Provisioning";
import { bornNone, type Place, placeOf, places, wishOf } from "./wishes";

const words = provisioning.key;

export function Key({ view, away, wishes, wish, go, onLeave, frame }: PageProps) {
  if (bornNone(wishes)) {
    return frame(
      <>
        <PageTitle>{words.none}</PageTitle>
        <p className="lede">{words.noneWhy}</p>
      </>,
      <Foot before={() => go("loss")} onLeave={onLeave}>
        <Button look="primary" after="a-forward" onPress={() => go("run")}>
          {words.forward}
        </Button>
      </Foot>,
    );
  }
  const place = placeOf(view, wishes);
  const chosen = wishOf(place, wishes);
  const set = (part: Partial<typeof chosen>) => wish({ wish: { ...wishes.wish, ...part } });
  // A token behind a module has no touch that could be asked for when its key is made.
  const sure = chosen.pin === "always" && (view.naming !== null || chosen.touch === "always");
  return frame(
    <>
      <PageTitle>{words.title}</PageTitle>
      <p className="lede">{view.naming ? words.ledeModule : words.lede}</p>
      <div className="stack">
        <Away away={away} label={view.label} />
        {view.naming ? (
          <div className="birth-terms">
            <div className="intent-fields">
              {view.naming.isNew ? <TextInput label={words.tokenLabel} why={words.tokenLabelWhy} evidence required value={wishes.tokenLabel} onChange={(tokenLabel) => wish({ tokenLabel })} /> : null}
              <TextInput label={words.keyLabel} why={words.keyLabelWhy} evidence required value={wishes.keyLabel} onChange={(keyLabel) => wish({ keyLabel })} />
            </div>
            <Choose label={words.kind} value={chosen.algorithm} options={view.kinds.map((id) => named(id, birth.kinds[id]))} onChange={(algorithm) => set({ algorithm })} />
            <Choose label={words.pin} value={chosen.pin} options={listed(words.modulePins)} onChange={(pin) => set({ pin })} />
          </div>
        ) : place ? (
          <div className="birth-terms">
            <Choose label={words.slot} value={place.key} options={places(view).map(optionOf)} onChange={(slot) => wish({ slot })} />
            {place.born ? (
              <p className="second">
                {birth.kinds[chosen.algorithm]}; {words.pin}: {birth.pins[chosen.pin]}; {words.touch}: {birth.touches[chosen.touch]}
              </p>
            ) : (
              <>
                <Choose label={words.kind} value={chosen.algorithm} options={view.kinds.map((id) => named(id, birth.kinds[id]))} onChange={(algorithm) => set({ algorithm })} />
                <Choose label={words.pin} value={chosen.pin} options={listed(birth.pins)} onChange={(pin) => set({ pin })} />
                <Choose label={words.touch} value={chosen.touch} options={listed(birth.touches)} onChange={(touch) => set({ touch })} />
              </>
            )}
          </div>
        ) : (
          <p className="second measure">{words.full}</p>
        )}
        {place ? <p className={sure ? "why measure" : "asked measure"}>{view.naming ? (sure ? words.strictModule : words.weakModule) : sure ? words.strict : words.weak}</p> : null}
        {view.born.map((born) => (
          <p key={born.slot.key} className="why measure">
            {words.bornWhy(born.slot.slot)}
          </p>
        ))}
      </div>
    </>,
    <Foot before={() => go("loss")} onLeave={onLeave}>
      <ConfirmButton words={words.forward} blocked={place ? undefined : view.naming ? words.missingLabel : words.missing} onConfirm={() => go("run")} />
    </Foot>,
  );
}

function optionOf(place: Place): Option<string> {
  const said = place.born ? words.born(place.slot) : place.slotName;
  return {
    id: place.key,
    text: `${place.label}: ${said}`,
    name: (
      <span>
        <Serial label={place.label} /> <span className="muted small">{said}</span>
      </span>
    ),
  };
}

function named<T extends string>(id: T, text: string): Option<T> {
  return { id, name: text, text };
}

function listed<T extends string>(words: Readonly<Record<T, string>>): Option<T>[] {
  return (Object.keys(words) as T[]).map((id) => named(id, words[id]));
}
