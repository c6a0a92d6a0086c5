// A key that has signed another document of this version: it signs a second one only for a reason that goes on record.
import type { SignerRow } from "../../border";
import { TypedDialog } from "../../parts/typed-dialog";
import { ceremony } from "../../words/ceremony";

const words = ceremony.again;

export function Again({ signer, onClose, onSign }: { signer: SignerRow; onClose: () => void; onSign: (because: string) => void }) {
  return (
    <TypedDialog
      title={words.title(signer.label)}
      field={{ label: words.reason, why: words.reasonWhy, long: true }}
      words={{ not: words.not, go: words.do, missing: words.missing }}
      dangerous
      onGo={onSign}
      onClose={onClose}
      after={<p className="why measure">{words.thisDesk}</p>}
    >
      <p className="measure">{signer.needsReason ? signer.state : words.has}</p>
      <p className="measure">{words.why}</p>
    </TypedDialog>
  );
}
