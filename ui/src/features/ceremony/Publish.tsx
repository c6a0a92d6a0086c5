// Publish, walk again through the public door, and keep the transcript.
import { type ReactNode, useState } from "react";
import type { CeremonyView, EventRow } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { Sentences } from "../../parts/sentence";
import { StandingIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { clockWithSeconds, groups } from "../../words/format";
import type { PageProps } from "./Ceremony";
import { SaveTranscript } from "./SaveTranscript";

const words = ceremony.publish;
/** Seconds before a root can be published: long enough to read the button. */
const WAIT = 3;

export function Publish({ view, work, frame }: PageProps) {
  const { review } = view;
  const [saving, setSaving] = useState(false);
  const published = view.state === "published";
  const running = work.running === "publish" ? words.running : undefined;
  return frame(
    <>
      <div className="row">
        {published ? <StandingIcon standing="sound" size="l" /> : null}
        <h1 className="title">{published ? words.doneTitle(review.role, review.version) : words.title(review.role, review.version)}</h1>
      </div>
      {published ? null : <p className="lede">{words.lede}</p>}
      <div className="split">
        <div className="stack">
          <section>
            <h2>{words.account}</h2>
            {view.publication.length > 0 ? <Sentences sentences={view.publication} /> : <p className="second">{words.nothing}</p>}
          </section>
          <Transcript events={view.events} />
          {view.allowed.includes("saveTranscript") ? (
            <div className="row">
              <Button icon="a-export" onPress={() => setSaving(true)}>
                {words.save}
              </Button>
              <span className="why">{words.print}</span>
            </div>
          ) : null}
          {saving ? <SaveTranscript ceremony={view.id} onClose={() => setSaving(false)} /> : null}
        </div>
        <Proof view={view} />
      </div>
    </>,
    forward(view, running, () => work.run({ kind: "publish", ceremony: view.id })),
  );
}

function forward(view: CeremonyView, running: string | undefined, publish: () => void): ReactNode {
  const { review, repositoryName } = view;
  const [missing] = view.blockers;
  switch (view.state) {
    case "publishing":
      return <ConfirmButton words={words.resume} running={running} blocked={view.allowed.includes("publish") ? undefined : missing} onConfirm={publish} />;
    case "drafting":
    case "collecting":
    case "ready":
    case "rehearsed":
      return (
        <ConfirmButton
          words={words.run(review.role, review.version, repositoryName)}
          wait={WAIT}
          running={running}
          blocked={view.allowed.includes("publish") ? undefined : missing}
          onConfirm={publish}
        />
      );
    case "published":
    case "superseded":
    case "abandoned":
    case "broken":
      return null;
  }
}

function Proof({ view }: { view: CeremonyView }) {
  const { review, oldMeter, newMeter } = view;
  const digest = words.digestOf(review.role, review.version);
  return (
    <div className="aside stack">
      <section>
        <h2>{words.proof}</h2>
        <Facts
          facts={[
            { name: words.old, value: words.met(oldMeter.have, oldMeter.need, oldMeter.met), evidence: true },
            { name: words.new, value: words.met(newMeter.have, newMeter.need, newMeter.met), evidence: true },
          ]}
        />
      </section>
      <section>
        <h2>{digest}</h2>
        <Digest digest={review.digest} of={digest} />
      </section>
      <section>
        <h2>{words.head}</h2>
        <Digest digest={view.journalHead} of={words.headOf} />
      </section>
    </div>
  );
}

function Transcript({ events }: { events: EventRow[] }) {
  return (
    <section>
      <div className="sect">
        <h2>{words.transcript}</h2>
        <span className="note">{words.transcriptNote(events.length)}</span>
      </div>
      <table aria-label={words.transcript}>
        <thead>
          <tr>
            <th className="num">#</th>
            <th>{words.columns.at}</th>
            <th>{words.columns.what}</th>
            <th>{words.columns.hash}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.number}>
              <td className="ev num muted">{event.number}</td>
              <td className="ev tight">{clockWithSeconds(event.at)}</td>
              <td className="break">{event.text}</td>
              <td className="ev tight muted" title={event.hash}>
                {groups(event.hash)[0]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
