// One key that counts: where it is, what it signs, how it stands, and the one thing that can be done with it.
import type { SignerDocument, SignerRow } from "../../border";
import type { Awaited } from "../../border/touch";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import { TouchNow } from "../../parts/touch";
import { ceremony } from "../../words/ceremony";
import { ends, minute } from "../../words/format";

const words = ceremony.sign;

type Props = {
  signer: SignerRow;
  /** Documents beside root, by role: a column each. */
  others: string[];
  /** There is no root before: no key counts for an old one. */
  first: boolean;
  maySign: boolean;
  asking: boolean;
  needsReason: boolean;
  touch: Awaited | null;
  busy: boolean;
  onSign: () => void;
  /** Asks it by file. */
  onAsk: () => void;
  /** Takes what came back. */
  onTake: () => void;
  /** Signs here with a key file that nobody knew of. */
  onFile: () => void;
};

export function SignerLine({ signer, others, first, maySign, asking, needsReason, touch, busy, onSign, onAsk, onTake, onFile }: Props) {
  const root = signer.documents.find(({ role }) => role === "root");
  const signed = root !== undefined && root.signedAt !== null;
  return (
    <tr className={asking ? "asking" : ""}>
      <th scope="row" className="break">
        <span className="strong">{signer.label}</span>
        <div className="ev muted" title={signer.keyid}>
          {ends(signer.keyid)}
        </div>
        {signer.canonicalKeyid ? (
          <div className="muted small">
            {words.canonical}{" "}
            <span className="ev" title={signer.canonicalKeyid}>
              {ends(signer.canonicalKeyid)}
            </span>
          </div>
        ) : null}
      </th>
      <td>
        <span className="row">
          <CustodyIcon custody={signer.custody} size="s" silent />
          {signer.file ? <Place signer={signer} /> : <span className="muted">{words.noFile}</span>}
        </span>
        {signer.lastSeen ? <span className="muted small block">{words.lastSeen(signer.lastSeen)}</span> : null}
      </td>
      {first ? null : (
        <td>
          <Counts counts={signer.countsOld} signed={signed} />
        </td>
      )}
      <td>
        <Counts counts={signer.countsNew} signed={signed} />
      </td>
      {others.map((role) => (
        <td key={role}>
          <Signs document={signer.documents.find((document) => document.role === role)} />
        </td>
      ))}
      <td className={signer.signedAt === null ? "second" : ""}>
        {touch ? <TouchNow seconds={touch.seconds} device={touch.device} now={touch.typesPin ? words.pinNow : words.touchNow} signs={touch.typesPin ? words.pinSigns(touch.signs) : words.touchSigns(touch.signs)} /> : asking ? words.asking : signer.state}
        {signer.signedAt ? <span className="ev muted block">{minute(signer.signedAt)}</span> : null}
        {signer.askedAt ? <span className="ev muted block">{minute(signer.askedAt)}</span> : null}
        {signer.instead && !asking ? <span className="muted small block">{signer.instead}</span> : null}
      </td>
      <td className="num">
        {signer.canSign && maySign && !asking ? (
          <Button aria-label={needsReason ? words.signAgainNamed(signer.label) : words.signNamed(signer.label)} isDisabled={busy} onPress={onSign}>
            {needsReason ? words.signAgain : words.sign}
          </Button>
        ) : asking ? null : (
          <ByFile signer={signer} busy={busy} onAsk={onAsk} onTake={onTake} />
        )}
        {(signer.ask === "file" || signer.ask === "instead") && signer.file === null && maySign && !asking ? (
          <Button look="quiet" aria-label={words.fileHereNamed(signer.label)} isDisabled={busy} onPress={onFile}>
            {words.fileHere}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

/** What can be done where the key is elsewhere. */
function ByFile({ signer: { ask, label }, busy, onAsk, onTake }: { signer: SignerRow; busy: boolean; onAsk: () => void; onTake: () => void }) {
  switch (ask) {
    case null:
      return null;
    case "again":
      return (
        <Button icon="a-import" aria-label={words.takeNamed(label)} isDisabled={busy} onPress={onTake}>
          {words.take}
        </Button>
      );
    case "file":
    case "instead":
      return (
        <Button aria-label={words.askNamed[ask](label)} isDisabled={busy} onPress={onAsk}>
          {words.ask[ask]}
        </Button>
      );
  }
}

function Place({ signer }: { signer: SignerRow }) {
  const place = signer.file ?? "";
  return signer.custody === "token" ? (
    <span>
      <Serial label={place} />
    </span>
  ) : (
    <span className="ev break">{place.replace(/^file:/, "").split("/").at(-1) ?? place}</span>
  );
}

function Counts({ counts, signed }: { counts: boolean; signed: boolean }) {
  if (!counts) return <Not />;
  return signed ? <Icon name="a-done" label={words.signedFor} className="accent" /> : <span className="muted">{words.counts}</span>;
}

function Signs({ document }: { document: SignerDocument | undefined }) {
  if (!document) return <Not />;
  return document.signedAt !== null ? <Icon name="a-done" label={words.signedFor} className="accent" /> : <span className="muted">{words.counts}</span>;
}

function Not() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="hidden-words">{words.countsNot}</span>
    </>
  );
}
