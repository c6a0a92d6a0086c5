// What an officer hands in for a key: its certificate and the device's, proven up to a root before they are kept.
import { useState } from "react";
import { type AttestationView, useAct } from "../../border";
import { ActDialog } from "../../parts/act-dialog";
import { PathInput } from "../../parts/fields";
import { Sentences } from "../../parts/sentence";
import { handIn as words } from "../../words/attestation";

export function HandIn({ physicalKey, onClose }: { physicalKey: string; onClose: () => void }) {
  const [key, setKey] = useState("");
  const [device, setDevice] = useState("");
  const [between, setBetween] = useState("");
  const [proven, setProven] = useState<AttestationView>();
  const work = useAct();
  const choose = (take: (path: string) => void) =>
    work.run({ kind: "choose", what: "certificateFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) take(outcome.path);
    });
  const prove = () =>
    work.run({ kind: "handInAttestation", physicalKey, key: key.trim(), device: device.trim(), between: between.trim() === "" ? [] : [between.trim()] }, (outcome) => {
      if (outcome.kind === "attested") setProven(outcome.attestation);
    });
  const blocked = key.trim() === "" ? words.blocked.key : device.trim() === "" ? words.blocked.device : undefined;
  return (
    <ActDialog
      title={words.title}
      leave={proven ? words.close : words.cancel}
      go={words.go}
      blocked={blocked}
      running={work.running === "handInAttestation" ? words.running : undefined}
      done={proven !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={prove}
      onClose={onClose}
    >
      {proven ? (
        <>
          <p role="status" className="strong break">
            {words.proven(proven.held, proven.verdict)}
          </p>
          <Sentences sentences={proven.remarks} />
        </>
      ) : (
        <>
          <p className="second measure">{words.lede}</p>
          <PathInput label={words.key} why={words.keyWhy} hint={words.keyHint} value={key} onChange={setKey} choose={words.choose} onChoose={() => choose(setKey)} />
          <PathInput label={words.device} why={words.deviceWhy} hint={words.deviceHint} value={device} onChange={setDevice} choose={words.choose} onChoose={() => choose(setDevice)} />
          <PathInput label={words.between} why={words.betweenWhy} value={between} onChange={setBetween} choose={words.choose} onChoose={() => choose(setBetween)} />
        </>
      )}
    </ActDialog>
  );
}
