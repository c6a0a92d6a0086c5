// The right part of the window: a frame that scrolls, a head with the way out, and what it says when nothing is chosen.
import type { ReactNode } from "react";
import { frame } from "../words/frame";
import { inspectorWords } from "../words/parts";
import { IconButton } from "./button";

export function InspectorFrame({ children }: { children: ReactNode }) {
  return (
    // It scrolls, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <aside className="inspector" aria-label={frame.parts.inspector} data-part="" tabIndex={0}>
      {children}
    </aside>
  );
}

/** `children` are the title of what is inspected. */
export function InspectorHead({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <div className="row">
      <h2>{children}</h2>
      <Close onClose={onClose} />
    </div>
  );
}

export function NothingInspected({ say, onClose }: { say: string; onClose: () => void }) {
  return (
    <div className="row">
      <p className="muted">{say}</p>
      <Close onClose={onClose} />
    </div>
  );
}

function Close({ onClose }: { onClose: () => void }) {
  return (
    <span className="close right">
      <IconButton icon="a-close" label={inspectorWords.close} onPress={onClose} />
    </span>
  );
}
