// A dialog that wants a text before it acts: a reason for the record, or the name of what is lost. Where the act is a dangerous
// one, the button that leaves it is the filled one.
import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { ConfirmButton } from "./confirm";
import { DialogFrame } from "./dialog";
import type { FailureProps } from "./failure";
import { FailureInSight } from "./failure-in-sight";
import { TextInput } from "./fields";

type Props = {
  title: string;
  field: { label: string; why?: string; long?: boolean; evidence?: boolean };
  words: { not: string; go: string; missing: string; running?: string };
  dangerous?: boolean;
  /** Seconds in which the button only counts. */
  wait?: number;
  running?: boolean;
  failure?: FailureProps | undefined;
  onDismiss?: () => void;
  /** Called with the text, without spaces around it. */
  onGo: (typed: string) => void;
  onClose: () => void;
  children: ReactNode;
  after?: ReactNode;
};

export function TypedDialog({ title, field, words, dangerous = false, wait = 0, running = false, failure, onDismiss, onGo, onClose, children, after }: Props) {
  const [typed, setTyped] = useState("");
  return (
    <DialogFrame
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button look={dangerous ? "primary" : "quiet"} onPress={onClose}>
            {words.not}
          </Button>
          <span className="right" />
          <ConfirmButton
            look={dangerous ? "danger" : "primary"}
            wait={wait}
            words={words.go}
            blocked={typed.trim() === "" ? words.missing : undefined}
            running={running ? words.running : undefined}
            onConfirm={() => onGo(typed.trim())}
          />
        </>
      }
    >
      {children}
      <TextInput {...field} required value={typed} onChange={setTyped} />
      {after}
      <FailureInSight failure={failure} onDismiss={onDismiss ?? (() => undefined)} />
    </DialogFrame>
  );
}
