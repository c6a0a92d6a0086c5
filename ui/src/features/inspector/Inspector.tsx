// The right part: what the selected thing is, its evidence, its keys.
import { type NodeView, useView } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { Icon } from "../../parts/icon";
import { InspectorFrame, InspectorHead, NothingInspected } from "../../parts/inspector";
import { PracticeTag } from "../../parts/practice";
import { CustodyIcon, KindIcon, StandingBadge, StandingIcon } from "../../parts/standing";
import { blast } from "../../words/blast";
import { ends, sentence, version } from "../../words/format";
import { repository, roles, inspector as words } from "../../words/repository";

export function Inspector({ node, onClose, onRotate, onTrust, onStolen }: { node: string | null; onClose: () => void; onRotate: (repository: string) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
  return (
    <InspectorFrame>
      {node === null ? <NothingInspected say={words.none} onClose={onClose} /> : <Shown key={node} node={node} onClose={onClose} onRotate={onRotate} onTrust={onTrust} onStolen={onStolen} />}
    </InspectorFrame>
  );
}

function Shown({ node, onClose, onRotate, onTrust, onStolen }: { node: string; onClose: () => void; onRotate: (repository: string) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
  const asked = useView({ kind: "node", node });
  switch (asked.state) {
    case "waiting":
      return (
        <p className="muted" role="status">
          {words.reading}
        </p>
      );
    case "failed":
      return <FailurePanel failure={asked.failure} />;
    case "known":
      return <Known view={asked.view} onClose={onClose} onRotate={onRotate} onTrust={onTrust} onStolen={onStolen} />;
  }
}

function Known({ view, onClose, onRotate, onTrust, onStolen }: { view: NodeView; onClose: () => void; onRotate: (repository: string) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
  const { repository: id } = view;
  const stolen = view.node === "key" ? (view.keys[0]?.physicalKey ?? null) : null;
  return (
    <>
      <div>
        <InspectorHead onClose={onClose}>
          <KindIcon kind={view.node} />
          <span>
            {view.name} {view.version ? <span className="ev muted">{version(view.version)}</span> : null}
          </span>
        </InspectorHead>
        {view.practice ? <PracticeTag /> : null}
        <p className="second">{view.explanation}</p>
      </div>
      <div className="part">
        <Facts
          facts={[
            ...(view.standing ? [{ name: words.standing, value: <StandingBadge standing={view.standing} /> }] : []),
            ...view.facts.map((fact) => ({ name: fact.name, value: fact.value, evidence: fact.evidence })),
          ]}
        />
      </div>
      {view.digest ? (
        <div className="part">
          <h3>{view.digestLabel}</h3>
          <Digest digest={view.digest} of={view.digestLabel ?? ""} />
        </div>
      ) : null}
      {view.keys.length > 0 ? (
        <div className="part">
          <h3>{words.keys}</h3>
          <ul className="keys">
            {view.keys.map((key) => (
              <li key={key.node}>
                <CustodyIcon custody={key.custody} />
                <span className="cut">{key.name ?? roles.unnamed}</span>
                <span className="ev muted">{ends(key.keyid)}</span>
                {key.signed ? <Icon name="a-done" label={words.signed} className="done" /> : <span className="i" />}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {view.findings.length > 0 ? (
        <div className="part">
          <h3>{words.findings}</h3>
          <ul className="stack tight">
            {view.findings.map((finding) => (
              <li key={`${finding.code} ${finding.role} ${finding.message}`} className="row start">
                {finding.standing ? <StandingIcon standing={finding.standing} size="s" /> : <Icon name="attention" size="s" />}
                <span className="break">
                  {sentence(finding.message)} <span className="muted">{finding.next}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {id !== null && stolen !== null ? (
        <div className="part">
          <Button wide icon="key" onPress={() => onStolen(id, stolen)}>
            {blast.ask}
          </Button>
        </div>
      ) : null}
      {id !== null && (view.allowed.includes("rotateRoot") || view.allowed.includes("confirmTrust")) ? (
        <div className="part stack tight">
          {view.allowed.includes("confirmTrust") ? (
            <Button wide onPress={() => onTrust(id)}>
              {repository.trust}
            </Button>
          ) : null}
          {view.allowed.includes("rotateRoot") ? (
            <Button wide icon="a-rotate" onPress={() => onRotate(id)}>
              {repository.rotate}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
