// What is plugged in: one card a device, its slots, and what their keys speak for. It is live; nothing is asked of a token here.
import { useView } from "../../border";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { tokens as words } from "../../words/tokens";
import { Device } from "./Device";

export function Tokens({ onRepository }: { onRepository: (repository: string) => void }) {
  const asked = useView({ kind: "tokens" });
  if (asked.state === "waiting") return <Reading what={words.reading} />;
  const view = asked.state === "known" ? asked.view : { tokens: [], failure: asked.failure };
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {view.tokens.length > 0 ? <span className="second">{words.summary(view.tokens.length)}</span> : null}
        </div>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body stack" tabIndex={0} aria-label={words.title}>
        {view.failure ? <FailurePanel failure={view.failure} /> : null}
        {!view.failure && view.tokens.length === 0 ? <Empty say={words.none} why={words.noneMore} /> : null}
        {view.tokens.map((token) => (
          <Device key={`${token.serial} ${token.reader}`} token={token} onRepository={onRepository} />
        ))}
        {view.tokens.length > 0 ? <p className="why measure">{words.safe}</p> : null}
      </section>
    </>
  );
}
