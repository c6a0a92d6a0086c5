// Read what will be signed: sentences and digest computed from the very bytes, raw JSON beside the old document.
import { useState } from "react";
import type { CeremonyView, DocumentView, ReviewView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { Check } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { Segments } from "../../parts/segments";
import { Sentences } from "../../parts/sentence";
import { SideBySide } from "../../parts/side-by-side";
import { ceremony } from "../../words/ceremony";
import { groups, minute, version } from "../../words/format";
import type { PageProps } from "./Ceremony";
import { Missing, missingFor } from "./frame";

const words = ceremony.review;

export function Review({ view, work, go, frame }: PageProps) {
  const [chosen, setChosen] = useState<string>();
  const [raw, setRaw] = useState(false);
  // Which documents were compared, and whether bytes were fixed here that nobody had read before.
  const [compared, setCompared] = useState<readonly string[]>([]);
  const [fixedUnread, setFixedUnread] = useState(false);
  const document = view.documents.find(({ role }) => role === chosen) ?? view.documents[0];
  const review = document?.review ?? view.review;
  const mayFreeze = view.allowed.includes("freeze");
  const hasBytes = review.digest !== "";
  const readable = view.documents.filter((document) => document.review.digest !== "");
  const unread = readable.filter(({ role }) => !compared.includes(role));
  const compare = (role: string, is: boolean) => setCompared(is ? [...compared, role] : compared.filter((other) => other !== role));
  return frame(
    <>
      <PageTitle>{words.title}</PageTitle>
      <p className="lede">{hasBytes ? words.lede(review.sentences.length, review.bytes, review.role, review.version, review.frozen) : mayFreeze ? words.ledeToMake : null}</p>
      {view.documents.length > 1 ? (
        <Segments label={words.documents} chosen={review.role} options={view.documents.map(nameOf)} onChoose={setChosen} />
      ) : null}
      <div className="split review">
        <div className="stack">
          <Sentences sentences={review.sentences} />
          {hasBytes ? (
            <Segments
              label={words.show}
              chosen={raw ? "json" : "sentences"}
              options={[
                { id: "sentences", name: words.sentencesOnly },
                { id: "json", name: words.withJson },
              ]}
              onChoose={(id) => setRaw(id === "json")}
            />
          ) : null}
        </div>
        <div className="aside stack">
          {hasBytes ? <ToCompare review={review} /> : null}
          {hasBytes && (mayFreeze || fixedUnread) ? (
            <Check checked={compared.includes(review.role)} onChange={(is) => compare(review.role, is)}>
              {words.read(review.sentences.length)}
            </Check>
          ) : null}
          {review.frozen ? <p className="second">{words.frozen}</p> : mayFreeze ? null : <Missing view={view} />}
        </div>
      </div>
      {raw && hasBytes ? (
        <div className="gap-above">
          <SideBySide lines={review.lines} left={words.old(version(review.buildsOnVersion))} right={words.fresh(review.role, review.version)} />
        </div>
      ) : null}
    </>,
    view.review.frozen ? (
      <Button look="primary" after="a-forward" isDisabled={fixedUnread && unread.length > 0} onPress={() => go("signatures")}>
        {fixedUnread && unread.length > 0 ? words.unreadForward : words.forward}
      </Button>
    ) : (
      <Freeze
        view={view}
        unread={unread}
        running={work.running === "freeze"}
        onFreeze={() => work.run({ kind: "freeze", ceremony: view.id }, () => (readable.length === 0 ? setFixedUnread(true) : go("signatures")))}
      />
    ),
  );
}

/** Bytes that can be read are frozen when they were; where something must be made for them first, they are read afterwards. */
function Freeze({ view, unread, running, onFreeze }: { view: CeremonyView; unread: DocumentView[]; running: boolean; onFreeze: () => void }) {
  const first = unread[0];
  const blocked = !view.allowed.includes("freeze") ? words.blocked(missingFor(view)) : first ? words.unread(view.documents.length > 1 ? first.role : undefined) : undefined;
  const toMake = view.documents.length > 0 && view.documents.every((document) => document.review.digest === "");
  return <ConfirmButton words={toMake ? words.make : words.freeze} blocked={blocked} running={running ? (toMake ? words.making : words.running) : undefined} onConfirm={onFreeze} />;
}

function nameOf({ role, version }: DocumentView) {
  return { id: role, name: words.fresh(role, version) };
}

function ToCompare({ review }: { review: ReviewView }) {
  const before = groups(review.buildsOnDigest);
  return (
    <>
      <section>
        <h2>{words.digest}</h2>
        <p className="second small">{words.aloud}</p>
        <Digest digest={review.digest} of={words.digest} size="big" />
      </section>
      <Facts
        facts={[
          { name: words.facts.role, value: `${review.role} v${review.version}`, evidence: true },
          { name: words.facts.builds, value: review.buildsOnVersion === "0" ? words.first : `${version(review.buildsOnVersion)}, ${before[0] ?? ""} … ${before.at(-1) ?? ""}`, evidence: true },
          { name: words.facts.length, value: words.bytes(review.bytes), evidence: true },
          { name: words.facts.encoding, value: review.encoding },
          { name: words.facts.drafted, value: minute(review.draftedAt), evidence: true },
        ]}
      />
    </>
  );
}
