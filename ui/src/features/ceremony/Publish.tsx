// Publish, walk again through the public door, and keep the transcript.
import type { CeremonyView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Facts } from "../../parts/facts";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { StandingIcon } from "../../parts/standing";
import { beginning } from "../../words/beginning";
import { ceremony } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";
import { leaving, Missing, missingFor } from "./frame";
import { Digests, factsOfMeters, Proof, Transcript } from "./Transcript";

const words = ceremony.publish;
/** Seconds before a root can be published: long enough to read the button. */
const WAIT = 3;

export function Publish(props: PageProps) {
  switch (props.view.state) {
    case "published":
      return <Published {...props} />;
    case "publishing":
      return <Interrupted {...props} />;
    case "drafting":
    case "collecting":
    case "ready":
    case "rehearsed":
    case "superseded":
    case "abandoned":
    case "broken":
      return <ToPublish {...props} />;
  }
}

function ToPublish({ view, work, frame }: PageProps) {
  return frame(
    <>
      <PageTitle>{words.title(view.documents, view.repositoryName)}</PageTitle>
      <p className="lede">{words.lede}</p>
      <div className="split">
        <div className="stack">
          {view.documents.map(({ role, version, review }) => (
            <SentencesUnder key={role} head={view.documents.length > 1 ? words.whatOf(role, version) : words.what} sentences={review.sentences} />
          ))}
          <SentencesUnder head={words.checked} sentences={view.assumptions} />
          <SentencesUnder head={words.account} sentences={view.publication} />
          <Missing view={view} />
        </div>
        <div className="aside stack">
          <Digests documents={view.documents} />
          <Facts
            facts={[
              ...factsOfMeters(view),
              ...view.rehearsal.map((row) => ({ name: row.client, value: row.accepted ? ceremony.rehearsal.accepts : ceremony.rehearsal.refuses })),
            ]}
          />
        </div>
      </div>
    </>,
    <PublishButton view={view} work={work} words={words.run(view.documents, leaving(view))} wait={WAIT} />,
  );
}

/** An intent to publish is on record without its outcome. */
function Interrupted({ view, work, frame }: PageProps) {
  return frame(
    <>
      <PageTitle>{words.resumeTitle(view.documents)}</PageTitle>
      <p className="lede">{words.resumeLede}</p>
      <div className="split">
        <div className="stack">
          <SentencesUnder head={words.account} sentences={view.publication} />
          <SentencesUnder head={words.checked} sentences={view.assumptions} />
          <Missing view={view} />
          <Transcript view={view} />
        </div>
        <Proof view={view} />
      </div>
    </>,
    <PublishButton view={view} work={work} words={words.resume} />,
  );
}

function PublishButton({ view, work, words: said, wait = 0 }: Pick<PageProps, "view" | "work"> & { words: string; wait?: number }) {
  return (
    <ConfirmButton
      words={said}
      wait={wait}
      running={work.running === "publish" ? words.running : undefined}
      blocked={view.allowed.includes("publish") ? undefined : words.blocked(missingFor(view))}
      onConfirm={() => work.run({ kind: "publish", ceremony: view.id })}
    />
  );
}

function Published({ view, onRepository, frame }: PageProps) {
  const out = leaving(view);
  return frame(
    <>
      <div className="verdict">
        <StandingIcon standing="sound" size="l" silent />
        <div>
          <PageTitle>{words.doneTitle(view.documents)}</PageTitle>
          <p className="lede">
            {words.doneLede(view.repositoryName)} {out.length > 0 ? words.keysOut(out) : null}
          </p>
        </div>
      </div>
      <div className="split">
        <div className="stack">
          {view.begins ? <Known /> : null}
          <SentencesUnder head={words.account} sentences={view.publication} />
          <Transcript view={view} />
        </div>
        <Proof view={view} />
      </div>
    </>,
    <Button look="primary" onPress={() => onRepository(view.repository)}>
      {ceremony.toRepository(view.repositoryName)}
    </Button>,
  );
}

/** A first root is trusted by the desk that made it, and by nobody else. */
function Known() {
  return (
    <section>
      <h2>{beginning.afterTitle}</h2>
      <p className="measure">{beginning.after}</p>
    </section>
  );
}

function SentencesUnder({ head, sentences }: { head: string; sentences: CeremonyView["publication"] }) {
  if (sentences.length === 0) return null;
  return (
    <section>
      <h2>{head}</h2>
      <Sentences sentences={sentences} />
    </section>
  );
}
