// The tokens that are plugged in, as chips of the status line. Plugging in and taking out is said aloud.
import { type TokenView, useView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { Serial } from "../../parts/serial";
import { tokenChips as words } from "../../words/tokens";

const SHOWN = 2;

export function TokenChips({ onTokens }: { onTokens: () => void }) {
  const asked = useView({ kind: "tokens" });
  const tokens = asked.state === "known" ? asked.view.tokens : [];
  const failed = asked.state === "failed" || (asked.state === "known" && asked.view.failure !== null);
  const none = asked.state === "waiting" ? words.looking : failed ? words.noService : words.none;
  const more = tokens.length - SHOWN;
  return (
    <span className="tokens" role="status">
      {tokens.length === 0 ? (
        <Button look="quiet" aria-label={words.open(none)} onPress={onTokens}>
          <Icon name="key-token" size="s" className="muted" />
          <span className="muted">{none}</span>
        </Button>
      ) : null}
      {tokens.slice(0, SHOWN).map((token) => (
        <Button key={`${token.label} ${token.serialText} ${token.reader}`} look="quiet" aria-label={words.open([token.label, matter(token)].filter(Boolean).join(", "))} onPress={onTokens}>
          <Icon name="key-token" size="s" />
          <Serial label={token.label} />
          {/* What is seen and what is said of the chip are the same words. */}
          {matter(token) ? ", " : null}
          {matter(token) ? <span className="expired">{matter(token)}</span> : null}
        </Button>
      ))}
      {failed && tokens.length > 0 ? (
        <Button look="quiet" aria-label={words.open(words.noService)} onPress={onTokens}>
          <span className="expired">{words.noService}</span>
        </Button>
      ) : null}
      {more > 0 ? (
        <Button look="quiet" aria-label={words.open(words.more(more))} onPress={onTokens}>
          {words.more(more)}
        </Button>
      ) : null}
    </span>
  );
}

function matter(token: TokenView): string {
  if (token.trouble) return words.trouble(token.trouble.code);
  return token.pinTries === 0 ? words.blocked : "";
}
