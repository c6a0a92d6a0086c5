// The keyboard of the whole window. Widgets that take a key for themselves come first.
import { useChord } from "../parts/keys";

export type Keys = {
  palette: () => void;
  search: () => void;
  attention: () => void;
  repositories: () => void;
  keyring: () => void;
  tokens: () => void;
  ceremonies: () => void;
  inspector: () => void;
  navigator: () => void;
  back: (() => void) | undefined;
  forward: (() => void) | undefined;
  refresh: () => void;
  refreshAll: () => void;
};

export function useKeys(keys: Keys): void {
  useChord({ key: "k", ctrl: true }, keys.palette);
  useChord({ key: "f", ctrl: true }, keys.search);
  useChord({ key: "/" }, keys.search);
  useChord({ key: "1", ctrl: true }, keys.attention);
  useChord({ key: "2", ctrl: true }, keys.repositories);
  useChord({ key: "3", ctrl: true }, keys.keyring);
  useChord({ key: "4", ctrl: true }, keys.tokens);
  useChord({ key: "5", ctrl: true }, keys.ceremonies);
  useChord({ key: "i", ctrl: true }, keys.inspector);
  useChord({ key: "b", ctrl: true }, keys.navigator);
  useChord({ key: "ArrowLeft", alt: true }, () => keys.back?.());
  useChord({ key: "ArrowRight", alt: true }, () => keys.forward?.());
  useChord({ key: "r", ctrl: true }, keys.refresh);
  useChord({ key: "r", ctrl: true, shift: true }, keys.refreshAll);
  useChord({ key: "F6" }, () => toPart(1));
  useChord({ key: "F6", shift: true }, () => toPart(-1));
  useChord({ key: "Enter", ctrl: true }, pressFilled);
}

/** Goes to the first thing that can be focused in the next part of the window. */
function toPart(step: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part]")].filter((part) => part.offsetParent !== null || part.clientHeight > 0);
  if (parts.length === 0) return;
  const here = parts.findIndex((part) => part.contains(document.activeElement));
  for (let n = 1; n <= parts.length; n++) {
    const part = parts[(here + step * n + parts.length * 2) % parts.length];
    const first = part?.matches("[tabindex]") ? part : part?.querySelector<HTMLElement>('[role="tree"], button:not([disabled]), [tabindex="0"], input');
    if (first) {
      first.focus();
      return;
    }
  }
}

/** Ctrl+Enter presses the filled button of the screen; dangerous ones are never filled so. */
function pressFilled(): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>("[data-filled]:not([disabled])")];
  all.at(-1)?.click();
}

