// The overview: what failed last, the chain of trust, what needs a person.
import type { RepositoryView } from "../../border";
import { Button } from "../../parts/button";
import { Empty } from "../../parts/empty";
import { Told } from "../../parts/failure";
import { failures, failureWords } from "../../words/failures";
import { groups, sentence } from "../../words/format";
import { repository as words } from "../../words/repository";
import { Chain } from "./Chain";
import { FindingList } from "./Findings";
import { Forget } from "./Forget";

export function Overview({
  view,
  selected,
  onInspect,
  onTrust,
  onForget,
}: {
  view: RepositoryView;
  selected: string | null;
  onInspect: (node: string) => void;
  onTrust: () => void;
  onForget: () => void;
}) {
  return (
    <>
      {view.lastFailure ? <LastFailure failure={view.lastFailure} /> : null}
      {view.anchor ? null : (
        <div className="failure plain">
          <Told head={failureWords.happened}>{words.unanchored}</Told>
          <Told head={failureWords.means}>{words.unanchoredMore}</Told>
          {view.allowed.includes("confirmTrust") ? (
            <div className="both row">
              <Button onPress={onTrust}>{words.trust}</Button>
            </div>
          ) : null}
        </div>
      )}
      <Chain view={view} selected={selected} onInspect={onInspect} />
      <section className="gap-above">
        <div className="sect">
          <h2>{words.needsPerson}</h2>
          {view.findings.length > 0 ? <span className="note">{words.worstFirst}</span> : null}
        </div>
        {view.findings.length > 0 ? (
          <FindingList view={view} onInspect={onInspect} />
        ) : (
          <Empty say={words.nothing} {...(view.walked ? { why: words.nothingMore(view.walked.at) } : {})} />
        )}
      </section>
      {view.anchor ? (
        <p className="why gap-above">
          {words.anchored[view.anchor.how](view.anchor.rootVersion, view.anchor.at)}
          {view.anchor.how === "first-use" ? `. ${words.firstUseMeaning(groups(view.anchor.digest)[0] ?? "")}` : ""}
        </p>
      ) : null}
      {view.allowed.includes("forget") ? <Forget view={view} onForget={onForget} /> : null}
    </>
  );
}

function LastFailure({ failure }: { failure: NonNullable<RepositoryView["lastFailure"]> }) {
  const todo = failures[failure.code]?.todo;
  return (
    <div className="failure plain">
      <Told head={failureWords.happened}>
        {words.failed(failure.at)}: {sentence(failure.message)}
      </Told>
      <Told head={failureWords.means}>{words.failedMeans}</Told>
      {todo ? <Told head={failureWords.todo}>{todo}</Told> : null}
    </div>
  );
}
