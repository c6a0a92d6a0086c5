// Read what will be signed: sentences and digest computed from the very bytes, raw JSON beside the old document.
import { useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { Check } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { SideBySide } from "../../parts/side-by-side";
import { ceremony as words } from "../../words/ceremony";
import { groups, minute, version } from "../../words/format";
import type { PageProps } from "./Ceremony";
import { Missing, missingFor } from "./frame";

export function Review({ view, work, go, frame }: PageProps) {
  const { review } = view;
  const [read, setRead] = useState(false);
  const [raw, setRaw] = useState(false);
  const [first, last] = [groups(review.buildsOnDigest)[0], groups(review.buildsOnDigest).at(-1)];
  const mayFreeze = view.allowed.includes("freeze");
  const freezing = work.running === "freeze";
  return frame(
    <>
      <PageTitle>{words.review.title}</PageTitle>
      <p className="lede">{words.review.lede(review.sentences.length, review.bytes, review.role, review.version)}</p>
      <div className="split review">
        <div className="stack">
          <Sentences sentences={review.sentences} />
          <ToggleButtonGroup
            className="segments"
            aria-label={words.review.show}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[raw ? "json" : "sentences"]}
            onSelectionChange={(keys) => setRaw(keys.has("json"))}
          >
            <ToggleButton id="sentences" className="segment">
              {words.review.sentencesOnly}
            </ToggleButton>
            <ToggleButton id="json" className="segment">
              {words.review.withJson}
            </ToggleButton>
          </ToggleButtonGroup>
        </div>
        <div className="aside stack">
          <section>
            <h2>{words.review.digest}</h2>
            <p className="second small">{words.review.aloud}</p>
            <Digest digest={review.digest} of={words.review.digest} size="big" />
          </section>
          <Facts
            facts={[
              { name: words.review.facts.role, value: `${review.role} v${review.version}`, evidence: true },
              { name: words.review.facts.builds, value: `${version(review.buildsOnVersion)}, ${first ?? ""} … ${last ?? ""}`, evidence: true },
              { name: words.review.facts.length, value: words.review.bytes(review.bytes), evidence: true },
              { name: words.review.facts.encoding, value: review.encoding },
              { name: words.review.facts.drafted, value: minute(review.draftedAt), evidence: true },
            ]}
          />
          {mayFreeze ? (
            <Check checked={read} onChange={setRead}>
              {words.review.read(review.sentences.length)}
            </Check>
          ) : review.frozen ? (
            <p className="second">{words.review.frozen}</p>
          ) : (
            <Missing view={view} />
          )}
        </div>
      </div>
      {raw ? (
        <div className="gap-above">
          <SideBySide lines={review.lines} left={words.review.old(version(review.buildsOnVersion))} right={words.review.fresh(review.role, review.version)} />
        </div>
      ) : null}
    </>,
    mayFreeze ? (
      <Button
        look="primary"
        isDisabled={!read || freezing}
        onPress={() => work.run({ kind: "freeze", ceremony: view.id }, () => go("signatures"))}
      >
        {freezing ? words.review.running : read ? words.review.freeze : words.review.unread}
      </Button>
    ) : (
      <Button look="primary" isDisabled={!review.frozen} onPress={() => go("signatures")}>
        {review.frozen ? words.review.forward : words.review.blocked(missingFor(view))}
      </Button>
    ),
  );
}
