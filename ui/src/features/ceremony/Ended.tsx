// A ceremony that ended without publishing, or whose journal can't be believed: what that means, and its record.
import { useState } from "react";
import { Button } from "../../parts/button";
import { Facts } from "../../parts/facts";
import { Told } from "../../parts/failure";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { beginning } from "../../words/beginning";
import { ceremony, rotatedRole } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";
import { type Ending, hasEnded } from "./frame";
import { Reopen } from "./Reopen";
import { Proof, Transcript } from "./Transcript";

const words = ceremony.ended;

export function Ended({ view, go, onRepository, onRotate, onBegin, frame }: PageProps) {
  const [reopening, setReopening] = useState(false);
  const mayReopen = view.allowed.includes("reopen");
  // While the desk is still asked again, an abandoned ceremony looks as it did before.
  const ending: Ending = hasEnded(view.state) ? view.state : "abandoned";
  const { title, means, todo } = view.begins && ending !== "broken" ? words.begun[ending] : words[ending];
  return frame(
    <>
      <PageTitle>{title}</PageTitle>
      <div className={ending === "broken" ? "failure fault" : "failure plain"}>
        <Told head={words.means}>{means}</Told>
        {(ending === "broken" || mayReopen) && view.blockers.length > 0 ? <Told head={words.found}>{view.blockers.join(" ")}</Told> : null}
        <Told head={words.todo}>{mayReopen ? words.reopening.why : todo}</Told>
      </div>
      {reopening ? <Reopen view={view} onClose={() => setReopening(false)} onReopened={() => go("signatures")} /> : null}
      <div className="split">
        <div className="stack">
          {view.reason === "" ? null : <Facts facts={[{ name: words.reason, value: view.reason }]} />}
          {view.publication.length > 0 ? <Sentences sentences={view.publication} /> : null}
          <Transcript view={view} />
        </div>
        <Proof view={view} />
      </div>
    </>,
    <>
      {mayReopen ? <Button onPress={() => setReopening(true)}>{words.reopen}</Button> : null}
      {view.begins ? (
        <Button icon="a-begin" onPress={onBegin}>
          {beginning.another}
        </Button>
      ) : (
        <Button icon="a-rotate" onPress={() => onRotate(view.repository, rotatedRole(view.review.role))}>
          {words.again}
        </Button>
      )}
      <Button look="primary" onPress={() => onRepository(view.repository)}>
        {ceremony.toRepository(view.repositoryName)}
      </Button>
    </>,
  );
}
