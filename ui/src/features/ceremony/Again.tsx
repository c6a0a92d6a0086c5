// A key that has signed another document of this version: it signs a second one only for a reason that goes on record.
import { useState } from "react";
import type { SignerRow } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { TextInput } from "../../parts/fields";
import { ceremony } from "../../words/ceremony";

const words = ceremony.again;

export function Again({ signer, onClose, onSign }: { signer: SignerRow; onClose: () => void; onSign: (because: string) => void }) {
  const [reason, setReason] = useState("");
  return (
    <DialogFrame
      title={words.title(signer.label)}
      onClose={onClose}
      foot={
        <>
          <Button look="primary" onPress={onClose}>
            {words.not}
          </Button>
          <span className="right" />
          <ConfirmButton look="danger" words={words.do} blocked={reason.trim() === "" ? words.missing : undefined} onConfirm={() => onSign(reason.trim())} />
        </>
      }
    >
      <p className="measure">{signer.needsReason ? signer.state : words.has}</p>
      <p className="measure">{words.why}</p>
      <TextInput label={words.reason} why={words.reasonWhy} long required value={reason} onChange={setReason} />
      <p className="why measure">{words.thisDesk}</p>
    </DialogFrame>
  );
}
