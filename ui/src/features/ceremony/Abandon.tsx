// Ending a ceremony without publishing, with its reason on record.
import { type CeremonyView, useAct } from "../../border";
import { TypedDialog } from "../../parts/typed-dialog";
import { ceremony } from "../../words/ceremony";

const words = ceremony.abandoning;

export function Abandon({ view, onClose, onAbandoned }: { view: CeremonyView; onClose: () => void; onAbandoned: () => void }) {
  const work = useAct();
  const abandon = (reason: string) =>
    work.run({ kind: "abandon", ceremony: view.id, reason }, () => {
      onAbandoned();
      onClose();
    });
  return (
    <TypedDialog
      title={words.title(view.id)}
      field={{ label: words.reason, long: true }}
      words={{ ...words, go: words.do(view.review.role, view.review.version) }}
      dangerous
      running={work.running !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={abandon}
      onClose={onClose}
    >
      <p className="measure">{words.why}</p>
    </TypedDialog>
  );
}
