// What is plugged in: one card a device, its slots, and what their keys speak for. It is live; nothing is asked of a token here.
import { useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { tokens as words } from "../../words/tokens";
import { Device } from "./Device";
import { Modules } from "./Modules";

export function Tokens({ onRepository, onProvision }: { onRepository: (repository: string) => void; onProvision: (token: string) => void }) {
  const asked = useView({ kind: "tokens" });
  const work = useAct();
  if (asked.state === "waiting") return <Reading what={words.reading} />;
  const view = asked.state === "known" ? asked.view : { tokens: [], failure: asked.failure, modules: [] };
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {view.tokens.length > 0 ? <span className="second">{words.summary(view.tokens.length)}</span> : null}
          <span className="right">
            <Button icon="a-refresh" aria-disabled={work.running !== undefined} onPress={() => (work.running === undefined ? work.run({ kind: "lookAtTokens" }) : undefined)}>
              {words.look}
            </Button>
          </span>
        </div>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body stack" tabIndex={0} aria-label={words.title}>
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        {view.failure ? <FailurePanel failure={view.failure} /> : null}
        {!view.failure && view.tokens.length === 0 ? <Empty say={words.none} why={words.noneMore} /> : null}
        {view.tokens.map((token) => (
          <Device key={`${token.label} ${token.serialText} ${token.reader}`} token={token} onRepository={onRepository} onProvision={onProvision} />
        ))}
        {view.tokens.length > 0 ? <p className="why measure">{words.safe}</p> : null}
        {asked.state === "known" ? <Modules modules={view.modules} /> : null}
      </section>
    </>
  );
}
