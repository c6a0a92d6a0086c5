// A dialog about one file or folder: what it is for, where it is, and what came of it.
import { type ReactNode, useState } from "react";
import { type Action, type Outcome, useAct } from "../../border";
import { ActDialog } from "../../parts/act-dialog";
import { PathInput } from "../../parts/fields";
import { handoff as words } from "../../words/handoff";

type FileDialogProps<Result> = {
  words: { title: string; lede: string; path: string; hint: string; go: string; running: string; blocked: string };
  file: Extract<Action, { kind: "choose" }>["what"];
  /** What is done with the file. */
  action: (path: string) => Action;
  /** What came of it; nothing of an outcome that is another action's. */
  read: (outcome: Outcome) => Result | undefined;
  onClose: () => void;
  /** What else is said before it is done. */
  before?: ReactNode;
  /** Shows what came of it. */
  children: (result: Result) => ReactNode;
};

/** One file, one button; what came of it stays until it is closed. */
export function FileDialog<Result>({ words: said, file, action, read, onClose, before, children }: FileDialogProps<Result>) {
  const [path, setPath] = useState("");
  const [result, setResult] = useState<Result>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: file }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const wish = action(path.trim());
  return (
    <ActDialog
      title={said.title}
      leave={words.close}
      go={said.go}
      blocked={path.trim() === "" ? said.blocked : undefined}
      running={work.running === wish.kind ? said.running : undefined}
      done={result !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={() => work.run(wish, (outcome) => setResult(read(outcome)))}
      onClose={onClose}
    >
      <p className="second">{said.lede}</p>
      {result === undefined ? (
        <>
          <PathInput label={said.path} hint={said.hint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
          {before}
        </>
      ) : (
        children(result)
      )}
    </ActDialog>
  );
}
