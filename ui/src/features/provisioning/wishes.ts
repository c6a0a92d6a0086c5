// What was chosen for a token that is made ready. What the token makes of it, the desk says.
import type { BornKeyView, LossPlan, NamingView, ProvisioningView, TokenKeyWish } from "../../border";
import { provisioning as words } from "../../words/provisioning";

export type Wishes = { loss: LossPlan; slot: string | null; wish: TokenKeyWish; tokenLabel: string; keyLabel: string };

/** What is proposed: a second token, the first empty slot, a PIN and a touch for every signature. */
export function firstWish(view: ProvisioningView): Wishes {
  return {
    loss: view.losses[0]?.plan ?? "second-token",
    slot: null,
    wish: { algorithm: view.kinds[0] ?? "p256", pin: "always", touch: "always" },
    tokenLabel: view.naming?.tokenLabel ?? "",
    keyLabel: view.naming?.keyLabel ?? "",
  };
}

/** Where the key comes to lie: an empty slot, a key that was born before and is taken over, or a label. */
export type Place = { key: string; label: string; slot: string; slotName: string; born: BornKeyView | null };

export function places(view: ProvisioningView): Place[] {
  const empty = view.slots.map(({ key, label, slot, slotName }): Place => ({ key, label, slot, slotName, born: null }));
  const born = view.born.map((held): Place => ({ key: held.slot.key, label: held.slot.label, slot: held.slot.slot, slotName: held.slot.slotName, born: held }));
  return [...empty, ...born];
}

/** The chosen place, else the one that is proposed. */
export function placeOf(view: ProvisioningView, wishes: Wishes): Place | undefined {
  if (view.naming) return labelled(view.naming, wishes);
  const all = places(view);
  return all.find(({ key }) => key === wishes.slot) ?? all[0];
}

/** A token and a key by their labels; none without one. */
function labelled(naming: NamingView, wishes: Wishes): Place | undefined {
  const [token, key] = [wishes.tokenLabel.trim(), wishes.keyLabel.trim()];
  if (token === "" || key === "") return undefined;
  return { key: `${tokenOf(naming, token)}/${encodeURIComponent(key)}`, label: words.key.labelled(token, key), slot: key, slotName: "", born: null };
}

/** A module's token as it is named, with whatever its label holds. */
export function tokenOf(naming: NamingView, label: string): string {
  return `${naming.module}${encodeURIComponent(label.trim())}${naming.serial}`;
}

/** What the key there is to be: as wished, or as it was born. */
export function wishOf(place: Place | undefined, wishes: Wishes): TokenKeyWish {
  return place?.born?.wish ?? wishes.wish;
}

export function bornNone(wishes: Wishes): boolean {
  return wishes.loss === "imported-twice";
}
