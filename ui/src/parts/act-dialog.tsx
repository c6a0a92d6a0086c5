// A dialog that does one thing: what it takes, one button, and what came of it, which stays until it is closed.
import type { ReactNode } from "react";
import { Button } from "./button";
import { ConfirmButton } from "./confirm";
import { DialogFrame } from "./dialog";
import type { FailureProps } from "./failure";
import { FailureInSight } from "./failure-in-sight";

type Props = {
  title: string;
  /** The button that leaves it. */
  leave: string;
  go: string;
  /** What is missing, when it can't be done. */
  blocked: string | undefined;
  /** What it says while it works. */
  running: string | undefined;
  /** It is done: only leaving is left. */
  done?: boolean;
  failure: FailureProps | undefined;
  onDismiss: () => void;
  onGo: () => void;
  onClose: () => void;
  children: ReactNode;
};

export function ActDialog({ title, leave, go, blocked, running, done = false, failure, onDismiss, onGo, onClose, children }: Props) {
  return (
    <DialogFrame
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {leave}
          </Button>
          <span className="right" />
          {done ? null : <ConfirmButton words={go} blocked={blocked} running={running} onConfirm={onGo} />}
        </>
      }
    >
      {children}
      <FailureInSight failure={failure} onDismiss={onDismiss} />
    </DialogFrame>
  );
}
