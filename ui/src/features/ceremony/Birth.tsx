// A new key, born in an empty slot: which slot, which algorithm, when PIN and touch are asked. The device makes it at once.
import { useId, useState } from "react";
import { type ChangeFormView, type SlotView, type TokenKeyWish, useAct } from "../../border";
import { Button } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Choose, type Option } from "../../parts/fields";
import { Serial } from "../../parts/serial";
import { birth as words } from "../../words/tokens";

/** The strictest: a PIN and a touch for every signature. */
const STRICT: Omit<TokenKeyWish, "algorithm"> = { pin: "always", touch: "always" };

export function Birth({ form, onBorn }: { form: Pick<ChangeFormView, "slots" | "kinds">; onBorn: (slot: SlotView) => void }) {
  const work = useAct();
  const id = useId();
  const empty = form.slots.filter((slot) => !slot.occupied);
  const [chosen, setChosen] = useState<string>();
  const [wish, setWish] = useState<TokenKeyWish>({ algorithm: form.kinds[0] ?? "p256", ...STRICT });
  const slot = empty.find(({ key }) => key === chosen) ?? empty[0];
  if (!slot) return null;
  // A token behind a module decides itself when it asks for PIN and touch.
  const behindModule = slot.key.startsWith("pkcs11:");
  const make = () =>
    work.run({ kind: "generateTokenKey", key: slot.key, wish }, (outcome) => {
      if (outcome.kind === "tokenKey") onBorn(outcome.slot);
    });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws its legend into its border
    <div className="birth stack tight" role="group" aria-labelledby={id}>
      <h3 id={id}>{words.title}</h3>
      <p className="why">{words.why}</p>
      <div className="row wrap">
        <Choose label={words.slot} value={slot.key} options={empty.map(optionOf)} onChange={setChosen} />
        <Choose label={words.kind} value={wish.algorithm} options={form.kinds.map((id) => named(id, words.kinds[id]))} onChange={(algorithm) => setWish({ ...wish, algorithm })} />
        {behindModule ? null : <Choose label={words.pin} value={wish.pin} options={listed(words.pins)} onChange={(pin) => setWish({ ...wish, pin })} />}
        {behindModule ? null : <Choose label={words.touch} value={wish.touch} options={listed(words.touches)} onChange={(touch) => setWish({ ...wish, touch })} />}
      </div>
      <div>
        <Button icon="a-add" aria-disabled={work.running !== undefined} onPress={() => (work.running === undefined ? make() : undefined)}>
          {work.running ? words.running : words.make(slot.label)}
        </Button>
      </div>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </div>
  );
}

function optionOf(slot: SlotView): Option<string> {
  return { id: slot.key, name: <span><Serial label={slot.label} /> <span className="muted small">{slot.slotName}</span></span>, text: slot.label };
}

function named<T extends string>(id: T, text: string): Option<T> {
  return { id, name: text, text };
}

function listed<T extends string>(words: Readonly<Record<T, string>>): Option<T>[] {
  return (Object.keys(words) as T[]).map((id) => named(id, words[id]));
}
