// What if these keys were stolen? Which roles fall, which targets could be signed, what stays safe, what to do.
import { useRef } from "react";
import { type BlastView, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { PracticeLine } from "../../parts/practice";
import { Sentences, SentenceText } from "../../parts/sentence";
import { blast as words } from "../../words/blast";
import type { Opening } from "../../words/change";
import { Keys } from "./Keys";
import { Paths } from "./Paths";
import { Reached } from "./Reached";
import { Repairs } from "./Repairs";

type Props = {
  repository: string;
  keys: string[];
  onKeys: (keys: string[]) => void;
  onBack: () => void;
  onChange: (opening: Opening) => void;
};

export function Blast(props: Props) {
  const asked = useView({ kind: "blast", repository: props.repository, keys: props.keys });
  // While the desk counts for another choice, the answer to the last one stays, and with it the place of the focus.
  const last = useRef<BlastView>(undefined);
  if (asked.state === "known") last.current = asked.view;
  switch (asked.state) {
    case "waiting":
      return last.current ? <Known view={last.current} {...props} /> : <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      );
    case "known":
      return <Known view={asked.view} {...props} />;
  }
}

function Known({ view, keys, onKeys, onBack, onChange }: Props & { view: BlastView }) {
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <div className="body blast">
        <div className="headline">
          <PageTitle>{words.title(view.name)}</PageTitle>
          <Button icon="a-back" onPress={onBack}>
            {words.back(view.name)}
          </Button>
        </div>
        <p className="lede">{words.lede}</p>
        <div className="blast-split">
          <Keys view={view} chosen={keys} onKeys={onKeys} />
          <div className="stack">
            <div className="verdict" role="status">
              <Icon name={SHAPES[view.grade]} className={COLOURS[view.grade]} />
              <p className="strong break">
                <SentenceText parts={view.verdict.parts} />
              </p>
            </div>
            {view.grade === "unasked" ? null : <Answer view={view} onTakeOut={() => onChange({ form: "given", keys, replace: null, signAgain: false, newKeysOnly: true, cause: "stolen" })} />}
          </div>
        </div>
      </div>
    </>
  );
}

function Answer({ view, onTakeOut }: { view: BlastView; onTakeOut: () => void }) {
  const docker = view.dialect === "notary";
  return (
    <>
      {view.roles.length > 0 ? <Reached roles={view.roles} /> : null}
      <Paths title={docker ? words.pathsNotary : words.paths} note={words.pathsNote} none={words.noPaths} paths={view.paths} replaceable={view.replaceable} />
      {docker ? <Paths title={words.pathsDocker} note={words.dockerNote} none={words.noDockerPaths} paths={view.dockerPaths} replaceable={view.dockerReplaceable} /> : null}
      {view.effects.length > 0 ? (
        <section>
          <h2>{words.effects}</h2>
          <Sentences sentences={view.effects} />
        </section>
      ) : null}
      {view.safe.length > 0 ? (
        <section>
          <h2>{words.safe}</h2>
          <Sentences sentences={view.safe} />
        </section>
      ) : null}
      <Repairs view={view} onTakeOut={onTakeOut} />
    </>
  );
}

const SHAPES: Record<BlastView["grade"], string> = {
  unasked: "key",
  nothing: "a-done",
  online: "attention",
  delegated: "attention",
  targets: "st-suspect",
  root: "st-suspect",
};

const COLOURS: Record<BlastView["grade"], string> = {
  unasked: "muted",
  nothing: "muted",
  online: "expiring",
  delegated: "expiring",
  targets: "suspect",
  root: "suspect",
};
