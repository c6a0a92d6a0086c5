// Where the record goes: a page for people, a file for machines, or both for an auditor. The name says which.
import { useState } from "react";
import { useAct } from "../../border";
import { Button } from "../../parts/button";
import { DialogFrame } from "../../parts/dialog";
import { FailureInSight } from "../../parts/failure-in-sight";
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
    <DialogFrame
      title={words.save}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {ceremony.cancel}
          </Button>
          <span className="right" />
          <Button look="primary" isDisabled={path.trim() === "" || work.running !== undefined} onPress={save}>
            {words.saveDo}
          </Button>
        </>
      }
    >
      <p className="second">{words.print}</p>
      <PathInput label={words.savePath} hint={words.saveHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
      <p role="status">{saved ? words.saved(saved) : ""}</p>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </DialogFrame>
  );
}
