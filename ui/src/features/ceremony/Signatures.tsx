// Collecting signatures: two meters, one row per key that counts. Secrets are asked in a window of their own.
import type { SignerRow } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Icon } from "../../parts/icon";
import { Meter } from "../../parts/meter";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { ends } from "../../words/format";
import { custodies } from "../../words/standings";
import type { PageProps } from "./Ceremony";

const words = ceremony.sign;

export function Signatures({ view, work, go, frame }: PageProps) {
  const { review } = view;
  const mayRehearse = view.allowed.includes("rehearse") || view.steps.some(({ step, state }) => step === "rehearsal" && state !== "toCome");
  const [missing] = view.blockers;
  return frame(
    <>
      <h1 className="title">{words.title(review.role, review.version)}</h1>
      <p className="lede">{words.lede}</p>
      <div className="meters">
        <Meter {...view.oldMeter} />
        <Meter {...view.newMeter} />
        <div>
          <div className="row">
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
              busy={work.running !== undefined}
              onSign={() => work.run({ kind: "sign", ceremony: view.id, physicalKey: signer.physicalKey })}
            />
          ))}
        </tbody>
      </table>
      <p className="why gap-above">
        <Icon name="key-keychain" size="s" /> {words.door}
      </p>
    </>,
    <Button look="primary" isDisabled={!mayRehearse} onPress={() => go("rehearsal")}>
      {mayRehearse || missing === undefined ? words.forward : words.blocked(missing)}
    </Button>,
  );
}

function Row({ signer, maySign, busy, onSign }: { signer: SignerRow; maySign: boolean; busy: boolean; onSign: () => void }) {
  return (
    <tr className={signer.asking ? "asking" : ""}>
      <th scope="row" className="break">
        <span className="strong">{signer.label}</span>
        <div className="ev muted" title={signer.keyid}>
          {ends(signer.keyid)}
        </div>
      </th>
      <td>
        <span className="row">
          <CustodyIcon custody={signer.custody} size="s" silent />
          <span className="ev break">{signer.file ? fileName(signer.file) : custodies[signer.custody]}</span>
        </span>
      </td>
      <td>
        <Counts counts={signer.countsOld} signed={signer.signedAt !== null} />
      </td>
      <td>
        <Counts counts={signer.countsNew} signed={signer.signedAt !== null} />
      </td>
      <td className={signer.signedAt === null ? "second" : ""}>{signer.asking ? words.asking : signer.state}</td>
      <td className="num">
        {signer.canSign && maySign ? (
          <Button aria-label={words.signNamed(signer.label)} isDisabled={busy || signer.asking} onPress={onSign}>
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
