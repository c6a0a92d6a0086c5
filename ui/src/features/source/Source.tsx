// An estate or a source: what it is and what was found about it. Its repositories are in the tree.
import { useView } from "../../border";
import { Reading } from "../../parts/empty";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { FindingRow } from "../../parts/finding";
import { PracticeLine } from "../../parts/practice";
import { StandingBadge } from "../../parts/standing";
import { source as words } from "../../words/repository";
import { kinds } from "../../words/standings";

export function Source({ node }: { node: string }) {
  const asked = useView({ kind: "node", node });
  if (asked.state === "waiting") return <Reading what={words.reading} />;
  if (asked.state === "failed") {
    return (
      <div className="body">
        <FailurePanel failure={asked.failure} />
      </div>
    );
  }
  const { view } = asked;
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <div className="head">
        <div className="row wrap">
          <h1>{view.name}</h1>
          {view.standing ? <StandingBadge standing={view.standing} /> : null}
        </div>
        <p className="sub">{kinds[view.node]}</p>
      </div>
      <div className="body stack">
        <p className="measure">{view.explanation}</p>
        <div className="facts-narrow">
          <Facts facts={view.facts} />
        </div>
        {view.findings.length > 0 ? (
          <section>
            <h2>{words.findings}</h2>
            <ul>
              {view.findings.map((finding) => (
                <FindingRow key={`${finding.code} ${finding.role}`} standing={finding.standing} claim={finding.message} why={finding.next} />
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </>
  );
}
