// The tokens that hold keys of this ceremony: what is plugged in now, and what state it is in.
import { type SignerRow, type TokenView, useView } from "../../border";
import { Icon } from "../../parts/icon";
import { Serial } from "../../parts/serial";
import { ceremony } from "../../words/ceremony";
import { tokens as tokenWords } from "../../words/tokens";

const words = ceremony.sign.devices;

export function Devices({ signers }: { signers: SignerRow[] }) {
  const asked = useView({ kind: "tokens" });
  if (!signers.some(({ custody }) => custody === "token")) return null;
  const plugged = asked.state === "known" ? asked.view.tokens : [];
  if (plugged.length === 0) return <p className="why gap-above">{words.none}</p>;
  return (
    <ul className="devices" aria-label={words.title}>
      {plugged.map((token) => (
        <li key={`${token.label} ${token.serialText} ${token.reader}`}>
          <Icon name="key-token" size="l" className={held(token, signers) ? "" : "muted"} />
          <span>
            <span className="strong block">
              <Serial label={token.label} />
            </span>
            <span className="second small">{said(token, signers)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The keys of the ceremony that lie in a token, each with its slot. */
function held(token: TokenView, signers: SignerRow[]): string {
  const slots = token.slots.flatMap((slot) => {
    const signer = slot.physicalKey === null ? undefined : signers.find(({ physicalKey }) => physicalKey === slot.physicalKey);
    return signer ? [words.holds(signer.label, slot.slot)] : [];
  });
  return slots.join(", ");
}

function said(token: TokenView, signers: SignerRow[]): string {
  if (token.trouble) return token.trouble.message;
  const tries = token.pinTries === null ? "" : words.pin(tokenWords.tries(token.pinTries));
  return [words.plugged(token.firmware), held(token, signers) || words.other, tries].filter(Boolean).join(", ");
}
