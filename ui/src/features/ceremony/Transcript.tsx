// The journal as people read it, the proof beside it, and the way to a file that prints well.
import { useState } from "react";
import type { CeremonyView, DocumentView } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { type Fact, Facts } from "../../parts/facts";
import { ceremony } from "../../words/ceremony";
import { clockWithSeconds, groups, minute } from "../../words/format";
import { SaveTranscript } from "./SaveTranscript";

const words = ceremony.publish;

export function Transcript({ view }: { view: CeremonyView }) {
  const [saving, setSaving] = useState(false);
  return (
    <section>
      <div className="sect">
        <h2>{words.transcript}</h2>
        <span className="note">{words.transcriptNote(view.events.length)}</span>
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
          {view.events.map((event) => (
            <tr key={event.number}>
              <td className="ev num muted">{event.number}</td>
              <td className="ev tight">
                <time dateTime={event.at} title={minute(event.at)}>
                  {clockWithSeconds(event.at)}
                </time>
              </td>
              <td className="break">{event.text}</td>
              <td className="ev tight muted" title={event.hash}>
                {groups(event.hash)[0]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {view.allowed.includes("saveTranscript") ? (
        <div className="row wrap gap-above">
          <Button icon="a-export" onPress={() => setSaving(true)}>
            {words.save}
          </Button>
          <span className="why">{words.print}</span>
        </div>
      ) : null}
      {saving ? <SaveTranscript ceremony={view.id} onClose={() => setSaving(false)} /> : null}
    </section>
  );
}

/** What the transcript rests on. A journal that does not hold has only its head. */
export function Proof({ view }: { view: CeremonyView }) {
  return (
    <div className="aside stack">
      {view.documents.length === 0 ? null : (
        <>
          <section>
            <h2>{words.proof}</h2>
            <Facts facts={factsOfMeters(view)} />
          </section>
          <Digests documents={view.documents} />
        </>
      )}
      <section>
        <h2>{words.head}</h2>
        <Digest digest={view.journalHead} of={words.headOf} />
      </section>
    </div>
  );
}

/** The signed bytes of every document that has some, by their digest. */
export function Digests({ documents }: { documents: DocumentView[] }) {
  const fixed = documents.filter(({ review }) => review.digest !== "");
  return fixed.map(({ role, version, review }) => (
    <section key={role}>
      <h2>{words.digestOf(role, version)}</h2>
      <Digest digest={review.digest} of={words.digestOf(role, version)} />
    </section>
  ));
}

/** How far every threshold of every document is met. */
export function factsOfMeters(view: CeremonyView): Fact[] {
  const meters = view.documents.flatMap((document) => document.meters);
  return meters.map((meter) => ({ name: meter.label, value: words.met(meter.have, meter.need, meter.met), evidence: true }));
}
