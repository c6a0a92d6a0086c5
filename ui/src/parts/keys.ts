// Keys that work wherever the focus is, except in fields and in widgets that took the key for themselves.
import { useEffect, useRef } from "react";

export type Chord = { key: string; ctrl?: boolean; shift?: boolean; alt?: boolean };

/** Calls `act` when the chord is pressed. Plain letters are left to fields. */
export function useChord(chord: Chord, act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  const { key, ctrl = false, shift = false, alt = false } = chord;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.key.toLowerCase() !== key.toLowerCase()) return;
      if ((event.ctrlKey || event.metaKey) !== ctrl || event.altKey !== alt || event.shiftKey !== shift) return;
      if (!ctrl && !alt && key.length === 1 && inField(event.target)) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [key, ctrl, shift, alt]);
}

export function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Moves the focus to the next or previous of the elements that fit `selector`, around the end. */
export function focusNext(selector: string, step: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  if (all.length === 0) return;
  const here = all.findIndex((element) => element.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : (here + step + all.length) % all.length;
  all[next]?.focus();
}
