// What the change does, computed before anything is signed.
import { Button } from "../../parts/button";
import { Facts } from "../../parts/facts";
import { Sentences } from "../../parts/sentence";
import { CustodyIcon } from "../../parts/standing";
import { ceremony as words } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";

export function Consequences({ view, go, frame }: PageProps) {
  const { review } = view;
  return frame(
    <>
      <h1 className="title">{words.consequences.title}</h1>
      <p className="lede">{words.consequences.lede(review.draftedAt)}</p>
      <div className="split">
        <Sentences sentences={view.consequences} />
        <div className="aside stack">
          <section>
            <h2>{words.consequences.reason}</h2>
            <p className="break">{view.reason}</p>
          </section>
          <section>
            <h2>{words.consequences.facts}</h2>
            <Facts
              facts={[
                { name: words.review.facts.role, value: `${review.role} v${review.version}`, evidence: true },
                { name: words.review.facts.builds, value: review.buildsOnVersion, evidence: true },
                { name: words.publish.old, value: words.publish.met(view.oldMeter.need, view.oldMeter.keys, false), evidence: true },
                { name: words.publish.new, value: words.publish.met(view.newMeter.need, view.newMeter.keys, false), evidence: true },
              ]}
            />
          </section>
          <section>
            <h2>{words.consequences.needs}</h2>
            <ul className="stack tight">
              {view.signers.map((signer) => (
                <li key={signer.physicalKey} className="row">
                  <CustodyIcon custody={signer.custody} size="s" />
                  <span className="break">{signer.label}</span>
                  <span className="right muted small">{sides(signer.countsOld, signer.countsNew)}</span>
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>,
    <Button look="primary" onPress={() => go("review")}>
      {words.consequences.forward}
    </Button>,
  );
}

function sides(old: boolean, fresh: boolean): string {
  const said = [old ? words.sign.columns.old : "", fresh ? words.sign.columns.new : ""].filter(Boolean);
  return said.join(" + ").toLowerCase();
}
