// Collecting signatures: two meters, one row per key that counts. Secrets are asked in a window of their own.
import { useState } from "react";
import type { SignerRow } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Icon } from "../../parts/icon";
import { Meter } from "../../parts/meter";
import { PageTitle } from "../../parts/page-title";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends, minute } from "../../words/format";
import type { PageProps } from "./Ceremony";
import { missingFor } from "./frame";

const words = ceremony.sign;

export function Signatures({ view, work, go, frame }: PageProps) {
  const { review } = view;
  const mayRehearse = view.allowed.includes("rehearse") || view.steps.some(({ step, state }) => step === "rehearsal" && state !== "toCome");
  const [asked, setAsked] = useState<string>();
  const sign = (key: SignerRow) => {
    setAsked(key.physicalKey);
    work.run({ kind: "sign", ceremony: view.id, physicalKey: key.physicalKey });
  };
  return frame(
    <>
      <PageTitle>{words.title(review.role, review.version)}</PageTitle>
      <p className="lede">{words.lede}</p>
      <div className="meters">
        <Meter {...view.oldMeter} />
        <Meter {...view.newMeter} />
        <div className="meter">
          <div className="said">
            <span className="strong">{words.frozen}</span>
            <span className="muted small right">{words.ends}</span>
          </div>
          <Digest digest={review.digest} of={words.frozenOf} size="ends" />
        </div>
      </div>
      <table className="signers" aria-label={words.columns.key}>
        <thead>
          <tr>
            <th>{words.columns.key}</th>
            <th>{words.columns.file}</th>
            <th>{words.columns.old}</th>
            <th>{words.columns.new}</th>
            <th>{words.columns.state}</th>
            <th>
              <span className="hidden-words">{words.columns.action}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {view.signers.map((signer) => (
            <Row
              key={signer.physicalKey}
              signer={signer}
              maySign={view.allowed.includes("sign")}
              asking={signer.asking || (work.running === "sign" && asked === signer.physicalKey)}
              busy={work.running !== undefined || view.signers.some((other) => other.asking)}
              onSign={() => sign(signer)}
            />
          ))}
        </tbody>
      </table>
      <p className="why gap-above">
        <Icon name="key-keychain" size="s" /> {words.door} {view.practice ? words.practiceDoor : null}
      </p>
    </>,
    <Button look="primary" {...(mayRehearse ? { after: "a-forward" } : {})} isDisabled={!mayRehearse} onPress={() => go("rehearsal")}>
      {mayRehearse ? words.forward : words.blocked(missingFor(view))}
    </Button>,
  );
}

function Row({ signer, maySign, asking, busy, onSign }: { signer: SignerRow; maySign: boolean; asking: boolean; busy: boolean; onSign: () => void }) {
  return (
    <tr className={asking ? "asking" : ""}>
      <th scope="row" className="break">
        <span className="strong">{signer.label}</span>
        <div className="ev muted" title={signer.keyid}>
          {ends(signer.keyid)}
        </div>
      </th>
      <td>
        <span className="row">
          <CustodyIcon custody={signer.custody} size="s" silent />
          {signer.file ? <span className="ev break">{fileName(signer.file)}</span> : <span className="muted">{words.noFile}</span>}
        </span>
      </td>
      <td>
        <Counts counts={signer.countsOld} signed={signer.signedAt !== null} />
      </td>
      <td>
        <Counts counts={signer.countsNew} signed={signer.signedAt !== null} />
      </td>
      <td className={signer.signedAt === null ? "second" : ""}>{asking ? words.asking : signer.state}
        {signer.signedAt ? <span className="ev muted block">{minute(signer.signedAt)}</span> : null}</td>
      <td className="num">
        {signer.canSign && maySign && !asking ? (
          <Button aria-label={words.signNamed(signer.label)} isDisabled={busy} onPress={onSign}>
            {words.sign}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

function Counts({ counts, signed }: { counts: boolean; signed: boolean }) {
  if (!counts) {
    return (
      <>
        <span aria-hidden="true">–</span>
        <span className="hidden-words">{words.countsNot}</span>
      </>
    );
  }
  return signed ? <Icon name="a-done" label={words.signedFor} className="accent" /> : <span className="muted">{words.counts}</span>;
}

function fileName(path: string): string {
  return path.replace(/^file:/, "").split("/").at(-1) ?? path;
}
