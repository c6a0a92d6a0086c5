// Read what will be signed: sentences and digest computed from the very bytes, raw JSON beside the old document.
import { useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import type { CeremonyView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { Check } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { SideBySide } from "../../parts/side-by-side";
import { ceremony } from "../../words/ceremony";
import { groups, minute, version } from "../../words/format";
import type { PageProps } from "./Ceremony";
import { Missing, missingFor } from "./frame";

const words = ceremony.review;

export function Review({ view, work, go, frame }: PageProps) {
  const { review } = view;
  const [compared, setCompared] = useState(false);
  const [raw, setRaw] = useState(false);
  const mayFreeze = view.allowed.includes("freeze");
  // A change that makes no working root has no bytes; its sentences say why.
  const bytes = review.digest !== "";
  return frame(
    <>
      <PageTitle>{words.title}</PageTitle>
      {bytes ? <p className="lede">{words.lede(review.sentences.length, review.bytes, review.role, review.version, review.frozen)}</p> : null}
      <div className="split review">
        <div className="stack">
          <Sentences sentences={review.sentences} />
          {bytes ? <Depth raw={raw} onRaw={setRaw} /> : null}
        </div>
        <div className="aside stack">
          {bytes ? <ToCompare view={view} /> : null}
          {mayFreeze ? (
            <Check checked={compared} onChange={setCompared}>
              {words.read(review.sentences.length)}
            </Check>
          ) : review.frozen ? (
            <p className="second">{words.frozen}</p>
          ) : (
            <Missing view={view} />
          )}
        </div>
      </div>
      {raw ? (
        <div className="gap-above">
          <SideBySide lines={review.lines} left={words.old(version(review.buildsOnVersion))} right={words.fresh(review.role, review.version)} />
        </div>
      ) : null}
    </>,
    review.frozen ? (
      <Button look="primary" after="a-forward" onPress={() => go("signatures")}>
        {words.forward}
      </Button>
    ) : (
      <ConfirmButton
        words={words.freeze}
        blocked={mayFreeze ? (compared ? undefined : words.unread) : words.blocked(missingFor(view))}
        running={work.running === "freeze" ? words.running : undefined}
        onConfirm={() => work.run({ kind: "freeze", ceremony: view.id }, () => go("signatures"))}
      />
    ),
  );
}

function Depth({ raw, onRaw }: { raw: boolean; onRaw: (raw: boolean) => void }) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={words.show}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[raw ? "json" : "sentences"]}
      onSelectionChange={(keys) => onRaw(keys.has("json"))}
    >
      <ToggleButton id="sentences" className="segment">
        {words.sentencesOnly}
      </ToggleButton>
      <ToggleButton id="json" className="segment">
        {words.withJson}
      </ToggleButton>
    </ToggleButtonGroup>
  );
}

function ToCompare({ view }: { view: CeremonyView }) {
  const { review } = view;
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
          { name: words.facts.builds, value: `${version(review.buildsOnVersion)}, ${before[0] ?? ""} … ${before.at(-1) ?? ""}`, evidence: true },
          { name: words.facts.length, value: words.bytes(review.bytes), evidence: true },
          { name: words.facts.encoding, value: review.encoding },
          { name: words.facts.drafted, value: minute(review.draftedAt), evidence: true },
        ]}
      />
    </>
  );
}
