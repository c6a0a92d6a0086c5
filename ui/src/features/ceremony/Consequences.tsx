// What the change does, computed before anything is signed.
import { type CeremonyView, type SignerRow, useAct } from "../../border";
import { Button } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { KeyChip } from "../../parts/key-chip";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { ceremony } from "../../words/ceremony";
import { version } from "../../words/format";
import { practice } from "../../words/practice";
import type { PageProps } from "./Ceremony";
import { Documents } from "./Foreseen";

const words = ceremony.consequences;

export function Consequences({ view, go, frame, onRepository }: PageProps) {
  return frame(
    <>
      <PageTitle>{view.begins ? words.titleFirst : words.title}</PageTitle>
      <p className="lede">{view.begins ? words.ledeFirst(view.review.draftedAt) : words.lede(version(view.review.buildsOnVersion), view.review.draftedAt)}</p>
      <div className="split">
        <div className="stack">
          {view.planned.length > 0 ? <Documents documents={view.planned} /> : null}
          <Sentences sentences={view.consequences} />
        </div>
        <Aside view={view} />
      </div>
      {view.practice || view.begins || !view.allowed.includes("freeze") ? null : <Double view={view} onRepository={onRepository} />}
    </>,
    <Button look="primary" after="a-forward" onPress={() => go("review")}>
      {words.forward}
    </Button>,
  );
}

/** A way to try the same on a double: nothing of the ceremony changes. */
function Double({ view, onRepository }: { view: CeremonyView; onRepository: (repository: string) => void }) {
  const work = useAct();
  return (
    <div className="stack">
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <div className="row">
        <Button
          icon="src-practice"
          isDisabled={work.running !== undefined}
          onPress={() =>
            work.run({ kind: "practiseOn", repository: view.repository }, (outcome) => {
              if (outcome.kind === "registered") onRepository(outcome.repository);
            })
          }
        >
          {work.running ? practice.doubling : practice.practiseFirst}
        </Button>
      </div>
    </div>
  );
}

function Aside({ view }: { view: CeremonyView }) {
  const leave = view.signers.filter((key) => key.countsOld && !key.countsNew);
  const join = view.signers.filter((key) => !key.countsOld && key.countsNew);
  const stay = view.signers.filter((key) => key.countsOld && key.countsNew);
  return (
    <div className="aside stack">
      <section>
        <h2>{words.reason}</h2>
        <p className="break second">{view.reason}</p>
      </section>
      <Keys head={words.leave} keys={leave} />
      <Keys head={view.begins ? words.joinFirst : words.join} keys={join} />
      <Keys head={words.stay} keys={stay} />
    </div>
  );
}

function Keys({ head, keys }: { head: string; keys: SignerRow[] }) {
  if (keys.length === 0) return null;
  return (
    <section>
      <h2>{head}</h2>
      <ul className="row wrap">
        {keys.map((key) => (
          <li key={key.physicalKey}>
            <KeyChip custody={key.custody} name={key.label} id={key.keyid} />
          </li>
        ))}
      </ul>
    </section>
  );
}
