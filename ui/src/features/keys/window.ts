// A window of the keyring's rows: the desk sorts and filters, and only the rows near what is in sight are held.
import { useRef } from "react";
import { type Asked, type KeysRequest, type KeysWindow, useView } from "../../border";

/** Rows that are asked for at once, and by how many the window moves on. */
const WINDOW = 300;
const STEP = 100;

export type Held = { asked: Asked<KeysWindow & { kind: "keys" }>; view: KeysWindow | undefined };

/** While another window is asked for, the one before stays in sight. */
export function useKeysWindow(keys: KeysRequest, sight: number): Held {
  const from = Math.max(0, (Math.floor(sight / STEP) - 1) * STEP);
  const asked = useView({ kind: "keys", keys, from, count: WINDOW });
  const last = useRef<KeysWindow>(undefined);
  if (asked.state === "known") last.current = asked.view;
  return { asked, view: asked.state === "known" ? asked.view : last.current };
}
