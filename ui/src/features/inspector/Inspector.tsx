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
import { change, type Opening } from "../../words/change";
import { ends, sentence, version } from "../../words/format";
import { repository, roles, inspector as words } from "../../words/repository";

export function Inspector({ node, onClose, onChange, onTrust, onStolen }: { node: string | null; onClose: () => void; onChange: (repository: string, opening: Opening) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
  return (
    <InspectorFrame>
      {node === null ? <NothingInspected say={words.none} onClose={onClose} /> : <Shown key={node} node={node} onClose={onClose} onChange={onChange} onTrust={onTrust} onStolen={onStolen} />}
    </InspectorFrame>
  );
}

function Shown({ node, onClose, onChange, onTrust, onStolen }: { node: string; onClose: () => void; onChange: (repository: string, opening: Opening) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
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
      return <Known view={asked.view} onClose={onClose} onChange={onChange} onTrust={onTrust} onStolen={onStolen} />;
  }
}

function Known({ view, onClose, onChange, onTrust, onStolen }: { view: NodeView; onClose: () => void; onChange: (repository: string, opening: Opening) => void; onTrust: (repository: string) => void; onStolen: (repository: string, key: string) => void }) {
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
          {view.allowed.includes("rotateRoot") ? <Ways view={view} onOpen={(opening) => onChange(id, opening)} /> : null}
        </div>
      ) : null}
    </>
  );
}

/** The changes an officer would look for on this thing. */
function Ways({ view, onOpen }: { view: NodeView; onOpen: (opening: Opening) => void }) {
  const role = view.name;
  const ways = change.ways;
  const way = (name: string, opening: Opening, icon: string) => (
    <Button key={name} wide icon={icon} onPress={() => onOpen(opening)}>
      {name}
    </Button>
  );
  const keys = way(view.node === "root" ? repository.rotate : ways.keys(role), { form: "keys", role }, "a-rotate");
  const ends = way(ways.endsOf(role), { form: "ends", role }, "a-calendar");
  switch (view.node) {
    case "repository":
      return [way(repository.rotate, { form: "keys", role: "root" }, "a-rotate"), way(ways.recover, { form: "recover" }, "a-revoke")];
    case "root":
    case "snapshot":
      return [keys, ends];
    case "timestamp":
      return keys;
    case "targets":
      return [keys, ends, way(ways.target(role), { form: "target", role }, "a-add"), way(ways.delegate(role), { form: "delegate", by: role }, "a-add")];
    case "delegation":
      return [
        keys,
        ends,
        way(ways.again(role), { form: "again", role }, "a-done"),
        way(ways.target(role), { form: "target", role }, "a-add"),
        way(ways.delegation(role), { form: "delegation", role }, "a-forward"),
        way(ways.undelegate(role), { form: "undelegate", role }, "a-close"),
      ];
    case "key":
    case "estate":
    case "practiceEstate":
    case "notaryServer":
    case "webSource":
    case "folderSource":
      return null;
  }
}
