// The button that changes the world: verb, thing, consequence. It may have to wait a moment before it can be pressed.
import { useEffect, useState } from "react";
import { confirmWords } from "../words/parts";
import { Button, type Look } from "./button";

export function ConfirmButton({
  words,
  look = "primary",
  wait = 0,
  blocked,
  running,
  onConfirm,
}: {
  words: string;
  look?: Look;
  /** Seconds during which it only counts. */
  wait?: number;
  /** What is missing, when it can't be pressed. */
  blocked?: string | undefined;
  running?: string | undefined;
  onConfirm: () => void;
}) {
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const said = running ?? blocked ?? (left > 0 ? confirmWords.inSeconds(words, left) : words);
  // While it works it keeps the focus: a disabled button would drop it, and Escape would no longer reach the dialog.
  return (
    <Button look={look} large aria-disabled={running !== undefined} isDisabled={Boolean(blocked) || left > 0} onPress={() => (running === undefined ? onConfirm() : undefined)}>
      {said}
    </Button>
  );
}
