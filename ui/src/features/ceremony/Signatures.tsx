// Collecting signatures: the thresholds of each document, one row per key that counts. Secrets are asked in a window of their own.
import { useState } from "react";
import type { Sentence, SignerRow } from "../../border";
import { useTouch } from "../../border/touch";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { SentenceText } from "../../parts/sentence";
import { ceremony } from "../../words/ceremony";
import { Again } from "./Again";
import type { PageProps } from "./Ceremony";
import { Devices } from "./Devices";
import { Documents } from "./Documents";
import { Elsewhere, HandOut, TakeBack } from "./Elsewhere";
import { FileDialog } from "./FileDialog";
import { missingFor } from "./frame";
import { SignerLine } from "./SignerLine";

const words = ceremony.sign;

export function Signatures({ view, work, go, frame }: PageProps) {
  const mayRehearse = view.allowed.includes("rehearse") || view.steps.some(({ step, state }) => step === "rehearsal" && state !== "toCome");
  const [asked, setAsked] = useState<string>();
  const touch = useTouch();
  const [again, setAgain] = useState<SignerRow>();
  const [byFile, setByFile] = useState<{ way: "out"; key: string } | { way: "back" } | { way: "here"; signer: SignerRow }>();
  const sign = (key: SignerRow, againBecause?: string) => {
    setAsked(key.physicalKey);
    setAgain(undefined);
    work.run({ kind: "sign", ceremony: view.id, physicalKey: key.physicalKey, ...(againBecause === undefined ? {} : { againBecause }) });
  };
  // Of a document that was fixed meanwhile, only the ledger's refusal tells.
  const needsReason = (key: SignerRow) => key.needsReason || (work.failure?.code === "signed-otherwise" && asked === key.physicalKey);
  const others = view.documents.filter((document) => document.role !== "root").map((document) => document.role);
  return frame(
    <>
      <PageTitle>{words.title(view.documents)}</PageTitle>
      <Outstanding sentences={view.outstanding} lede={view.begins ? words.ledeFirst : words.lede} />
      <Documents documents={view.documents} />
      <table className="signers" aria-label={words.columns.key}>
        <thead>
          <tr>
            <th>{words.columns.key}</th>
            <th>{words.columns.file}</th>
            {view.begins ? null : <th>{words.columns.old}</th>}
            <th>{view.begins ? words.columns.first : words.columns.new}</th>
            {others.map((role) => (
              <th key={role}>{role}</th>
            ))}
            <th>{words.columns.state}</th>
            <th>
              <span className="hidden-words">{words.columns.action}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {view.signers.map((signer) => {
            const asking = signer.asking || (work.running === "sign" && asked === signer.physicalKey);
            return (
              <SignerLine
                key={signer.physicalKey}
                signer={signer}
                others={others}
                first={view.begins}
                maySign={view.allowed.includes("sign")}
                asking={asking}
                touch={asking ? touch : null}
                needsReason={needsReason(signer)}
                busy={work.running !== undefined || view.signers.some((other) => other.asking)}
                onSign={() => (needsReason(signer) ? setAgain(signer) : sign(signer))}
                onAsk={() => setByFile({ way: "out", key: signer.physicalKey })}
                onTake={() => setByFile({ way: "back" })}
                onFile={() => setByFile({ way: "here", signer })}
              />
            );
          })}
        </tbody>
      </table>
      {again ? <Again signer={again} onClose={() => setAgain(undefined)} onSign={(because) => sign(again, because)} /> : null}
      <Devices signers={view.signers} />
      {byFile?.way === "out" ? <HandOut ceremony={view.id} signers={view.signers} first={byFile.key} onClose={() => setByFile(undefined)} /> : null}
      {byFile?.way === "back" ? <TakeBack ceremony={view.id} onClose={() => setByFile(undefined)} /> : null}
      {byFile?.way === "here" ? <WithFile ceremony={view.id} signer={byFile.signer} onClose={() => setByFile(undefined)} /> : null}
      <Elsewhere ceremony={view.id} signers={view.signers} mayHandOut={view.allowed.includes("handOut")} mayTakeBack={view.allowed.includes("takeBack")} />
      <p className="why gap-above">
        <Icon name="key-keychain" size="s" /> {words.door} {view.practice ? words.practiceDoor : null}
      </p>
    </>,
    <Button look="primary" {...(mayRehearse ? { after: "a-forward" } : {})} isDisabled={!mayRehearse} onPress={() => go("rehearsal")}>
      {mayRehearse ? words.forward : words.blocked(missingFor(view))}
    </Button>,
  );
}

/** How many are missing, and whose they could be. */
function Outstanding({ sentences, lede }: { sentences: Sentence[]; lede: string }) {
  if (sentences.length === 0) return <p className="lede">{lede}</p>;
  return (
    <div className="lede outstanding" role="status">
      {sentences.map((sentence, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences never move within a computed account
        <p key={index}>
          <SentenceText parts={sentence.parts} />
        </p>
      ))}
    </div>
  );
}

/** A key that nobody here knew of: its officer brought the file. */
function WithFile({ ceremony: id, signer, onClose }: { ceremony: string; signer: SignerRow; onClose: () => void }) {
  return (
    <FileDialog
      words={words.withFile(signer.label)}
      file="keyFile"
      action={(path) => ({ kind: "sign", ceremony: id, physicalKey: signer.physicalKey, key: `file:${path}` })}
      read={(outcome) => (outcome.kind === "done" ? signer.label : undefined)}
      onClose={onClose}
    >
      {(label) => <p role="status">{words.signedWithFile(label)}</p>}
    </FileDialog>
  );
}
