// The head of a repository: name, standings with their causes, where it comes from, what may be done.
import { type RepositoryView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { FailurePanel } from "../../parts/failure";
import { StandingBadge } from "../../parts/standing";
import { change, type Opening } from "../../words/change";
import { practice } from "../../words/practice";
import { repository as words } from "../../words/repository";
import { dialects, standingIn } from "../../words/standings";

const SHOWN_CAUSES = 2;

type HeadProps = {
  view: RepositoryView;
  onChange: (opening: Opening) => void;
  onTrust: () => void;
  onDoubled: (repository: string) => void;
};

export function Head({ view, onChange, onTrust, onDoubled }: HeadProps) {
  const work = useAct();
  const more = view.causes.length - SHOWN_CAUSES;
  const may = new Set(view.allowed);
  return (
    <div className="head">
      <div className="headline">
        <div className="row wrap">
          <h1>{view.name}</h1>
          {view.causes.length === 0 ? <StandingBadge standing={view.standing} /> : null}
          {view.causes.slice(0, SHOWN_CAUSES).map((cause) => (
            <StandingBadge key={`${cause.standing} ${cause.role}`} standing={cause.standing} words={standingIn(cause.standing, cause.role, cause.daysLeft)} />
          ))}
          {more > 0 ? <span className="muted small">{words.moreCauses(more)}</span> : null}
          {view.anchor?.how === "first-use" ? <span className="tag">{words.firstUse}</span> : null}
        </div>
        <div className="row actions">
          {may.has("refresh") ? (
            <Button icon="a-refresh" isDisabled={work.running === "refresh"} onPress={() => work.run({ kind: "refresh", repository: view.id })}>
              {words.refresh}
            </Button>
          ) : null}
          {may.has("practiseOn") ? (
            <Button
              icon="src-practice"
              isDisabled={work.running !== undefined}
              onPress={() =>
                work.run({ kind: "practiseOn", repository: view.id }, (outcome) => {
                  if (outcome.kind === "registered") onDoubled(outcome.repository);
                })
              }
            >
              {work.running === "practiseOn" ? practice.doubling : practice.practiseOn}
            </Button>
          ) : null}
          {may.has("confirmTrust") ? (
            <Button look="primary" onPress={onTrust}>
              {words.trust}
            </Button>
          ) : null}
          {may.has("rotateRoot") ? (
            <>
              <Button icon="a-rotate" onPress={() => onChange({ form: "keys", role: "root" })}>
                {words.rotate}
              </Button>
              <Button look="primary" onPress={() => onChange({ form: "choose" })}>
                {change.ways.any}
              </Button>
            </>
          ) : null}
        </div>
      </div>
      <p className="sub">{saidOfSource(view)}</p>
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
    </div>
  );
}

function saidOfSource(view: RepositoryView): string {
  const parts = [words.at(dialects[view.dialect], view.source.location)];
  if (view.source.gun && view.source.gun !== view.name) parts.push(words.gun(view.source.gun));
  parts.push(view.walked ? words.walked(view.walked.from, view.walked.to, view.walked.at) : words.neverWalked);
  return parts.join(" · ");
}
