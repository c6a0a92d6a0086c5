// A dialog about one file or folder: what it is for, where it is, and what came of it.
import type { Action, useAct } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { handoff as words } from "../../words/handoff";

type FileDialogProps = {
  words: { title: string; lede: string; path: string; hint: string; go: string; running: string; blocked: string };
  file: Extract<Action, { kind: "choose" }>["what"];
  path: string;
  onPath: (path: string) => void;
  work: ReturnType<typeof useAct>;
  running: boolean;
  done: boolean;
  onGo: () => void;
  onClose: () => void;
  children: React.ReactNode;
};

/** One file, one button; what came of it stays until it is closed. */
export function FileDialog({ words: said, file, path, onPath, work, running, done, onGo, onClose, children }: FileDialogProps) {
  const choose = () =>
    work.run({ kind: "choose", what: file }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) onPath(outcome.path);
    });
  return (
    <DialogFrame
      title={said.title}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {words.close}
          </Button>
          <span className="right" />
          {done ? null : <ConfirmButton words={said.go} blocked={path.trim() === "" ? said.blocked : undefined} running={running ? said.running : undefined} onConfirm={onGo} />}
        </>
      }
    >
      <p className="second">{said.lede}</p>
      {done ? null : <PathInput label={said.path} hint={said.hint} value={path} onChange={onPath} choose={words.choose} onChoose={choose} />}
      {children}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
