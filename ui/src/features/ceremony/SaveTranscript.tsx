// Where the record goes: a page for people, a file for machines, or both for an auditor. The name says which.
import { useState } from "react";
import { useAct } from "../../border";
import { ActDialog } from "../../parts/act-dialog";
import { PathInput } from "../../parts/fields";
import { ceremony } from "../../words/ceremony";

const words = ceremony.publish;

export function SaveTranscript({ ceremony: id, onClose }: { ceremony: string; onClose: () => void }) {
  const [path, setPath] = useState("");
  const [saved, setSaved] = useState<string>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "transcriptFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const save = () => work.run({ kind: "saveTranscript", ceremony: id, path: path.trim() }, () => setSaved(path.trim()));
  return (
    <ActDialog
      title={words.save}
      leave={ceremony.cancel}
      go={words.saveDo}
      blocked={path.trim() === "" ? words.saveDo : undefined}
      running={work.running === "saveTranscript" ? words.saveDo : undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={save}
      onClose={onClose}
    >
      <p className="second">{words.print}</p>
      <PathInput label={words.savePath} hint={words.saveHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
      <p role="status">{saved ? words.saved(saved) : ""}</p>
    </ActDialog>
  );
}
