// Taking up again what was given up and could be published by anybody, with the reason on record.
import { type CeremonyView, useAct } from "../../border";
import { TypedDialog } from "../../parts/typed-dialog";
import { ceremony } from "../../words/ceremony";

const words = ceremony.ended.reopening;

export function Reopen({ view, onClose, onReopened }: { view: CeremonyView; onClose: () => void; onReopened: () => void }) {
  const work = useAct();
  const reopen = (reason: string) =>
    work.run({ kind: "reopen", ceremony: view.id, reason }, () => {
      onReopened();
      onClose();
    });
  return (
    <TypedDialog
      title={words.title(view.id)}
      field={{ label: words.reason, long: true }}
      words={{ ...words, go: words.do }}
      running={work.running !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={reopen}
      onClose={onClose}
    >
      <p className="measure">{words.why}</p>
    </TypedDialog>
  );
}
