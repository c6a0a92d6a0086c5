// One key in full, beside the list: its ids, its evidence, its places, what it did here, and what can be done with it.
import { useState } from "react";
import { type DeedView, type KeyView, type RingUseView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { InspectorFrame, InspectorHead, NothingInspected } from "../../parts/inspector";
import { PracticeTag } from "../../parts/practice";
import { Serial } from "../../parts/serial";
import { CustodyIcon, StandingIcon } from "../../parts/standing";
import { handIn as handInWords } from "../../words/attestation";
import type { Opening } from "../../words/change";
import { ends, minute } from "../../words/format";
import { exporting as exportWords } from "../../words/key-folders";
import { oneKey as words } from "../../words/keys";
import { revocation } from "../../words/revocation";
import { ExportKey } from "./ExportKey";
import { HandIn } from "./HandIn";

type Props = {
  physicalKey: string | null;
  onClose: () => void;
  onChange: (repository: string, opening: Opening) => void;
  onCeremony: (ceremony: string) => void;
  onStolen: (repository: string, physicalKey: string) => void;
  /** The key is stolen or lost, or its officer leaves: in every repository. */
  onRevoke: (physicalKey: string) => void;
};

export function KeyInspector(props: Props) {
  return (
    <InspectorFrame>
      {props.physicalKey === null ? <NothingInspected say={words.none} onClose={props.onClose} /> : <Asked key={props.physicalKey} {...props} physicalKey={props.physicalKey} />}
    </InspectorFrame>
  );
}

function Asked({ physicalKey, ...rest }: Props & { physicalKey: string }) {
  const asked = useView({ kind: "key", physicalKey });
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
      return <Known view={asked.view} {...rest} />;
  }
}

function Known({ view, onClose, onChange, onCeremony, onStolen, onRevoke }: { view: KeyView } & Omit<Props, "physicalKey">) {
  const proof = useAct();
  const counts = view.uses.find((each) => each.now);
  const file = view.places.find((place) => place.custody === "file" && place.here && !view.practice);
  const [exporting, setExporting] = useState(false);
  const replaced = counts;
  return (
    <>
      <div>
        <InspectorHead onClose={onClose}>
          <CustodyIcon custody={view.custody} />
          <span className={view.placeKnown ? "" : "ev"}>
            <Serial label={view.place} />
          </span>
        </InspectorHead>
        {view.practice ? <PracticeTag /> : null}
        <p className="second break">{view.summary}</p>
      </div>
      {view.findings.length > 0 ? (
        <div className="part">
          <h3>{words.findings}</h3>
          <ul className="stack tight">
            {view.findings.map((finding) => (
              <li key={finding.code} className="row start">
                <Icon name="attention" size="s" className={finding.warning ? "expiring" : "muted"} />
                <span className="break">
                  {finding.message} <span className="muted">{finding.next}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {view.uses.length > 0 ? (
        <div className="part">
          <h3>{words.keyids}</h3>
          <ul className="stack tight">
            {view.uses.map((each) => (
              <Use key={`${each.repository} ${each.role}`} each={each} />
            ))}
          </ul>
        </div>
      ) : null}
      <Attestation view={view} />
      <div className="part">
        <Facts facts={view.facts} />
      </div>
      <div className="part">
        <h3>{words.places}</h3>
        {view.places.length === 0 ? <p className="muted">{words.unknownPlace}</p> : null}
        <ul className="keys">
          {view.places.map((place) => (
            <li key={place.key} title={place.key}>
              <CustodyIcon custody={place.custody} />
              <span className="cut">
                <Serial label={place.label} />
              </span>
              <span className="muted">{place.here ? words.here : words.seen(place.seenAt)}</span>
            </li>
          ))}
        </ul>
      </div>
      <Name key={view.givenName ?? ""} view={view} />
      <Deeds deeds={view.deeds} onCeremony={onCeremony} />
      <div className="part">
        <h3>{words.digest}</h3>
        <Digest digest={view.physicalKey} of={words.digest} />
      </div>
      {proof.failure ? <FailurePanel failure={proof.failure} onDismiss={proof.clear} /> : null}
      <div className="part stack tight">
        {view.canProve ? (
          <Button wide icon="a-touch" isDisabled={proof.running !== undefined} onPress={() => proof.run({ kind: "proveKey", physicalKey: view.physicalKey, repository: null })}>
            {proof.running ? words.proving : words.prove}
          </Button>
        ) : null}
        {file ? (
          <Button wide icon="a-export" onPress={() => setExporting(true)}>
            {exportWords.open}
          </Button>
        ) : null}
        {counts ? (
          <Button wide icon="a-revoke" onPress={() => onRevoke(view.physicalKey)}>
            {revocation.open}
          </Button>
        ) : null}
        {counts ? (
          <Button wide icon="attention" onPress={() => onStolen(counts.repository, view.physicalKey)}>
            {words.stolen(counts.repositoryName)}
          </Button>
        ) : null}
        {replaced ? (
          <Button wide icon="a-rotate" onPress={() => onChange(replaced.repository, { form: "keys", role: replaced.role })}>
            {words.replace(replaced.role)}
          </Button>
        ) : null}
      </div>
      {file && exporting ? <ExportKey at={file.key} role={counts?.role ?? ""} onClose={() => setExporting(false)} /> : null}
    </>
  );
}

function Use({ each }: { each: RingUseView }) {
  return (
    <li className={each.now ? "" : "muted"}>
      <span className="row">
        {each.standing ? <StandingIcon standing={each.standing} size="s" /> : null}
        <span className="cut">
          {each.role}, {each.repositoryName}
        </span>
      </span>
      <dl className="facts left">
        {each.spells.map((spell) => (
          <Spell key={`${spell.keyid} ${spell.versions}`} keyid={spell.keyid} versions={spell.versions} />
        ))}
      </dl>
    </li>
  );
}

function Spell({ keyid, versions }: { keyid: string; versions: string }) {
  return (
    <>
      <dt className="ev" title={keyid}>
        {ends(keyid)}
      </dt>
      <dd>{versions}</dd>
    </>
  );
}

function Attestation({ view: { attestation, physicalKey, practice } }: { view: KeyView }) {
  const [handing, setHanding] = useState(false);
  const standing = attestation?.proven ? (attestation.flaw ? "expiring" : "sound") : "suspect";
  return (
    <div className="part">
      <h3 className="row">
        {words.attestation}
        {attestation ? (
          <span className={`badge ${standing}`}>
            <Icon name={standing === "sound" ? "st-sound" : standing === "expiring" ? "st-expiring" : "st-suspect"} />
            {attestation.verdict}
          </span>
        ) : null}
      </h3>
      {attestation ? (
        <>
          <Facts facts={attestation.chain} />
          {attestation.remarks.map((remark) => (
            <p key={remark} className="break second">
              {remark}
            </p>
          ))}
        </>
      ) : (
        <p className="muted">{words.noAttestation}</p>
      )}
      {practice ? null : (
        <Button look="quiet" onPress={() => setHanding(true)}>
          {attestation ? handInWords.again : handInWords.open}
        </Button>
      )}
      {handing ? <HandIn physicalKey={physicalKey} onClose={() => setHanding(false)} /> : null}
    </div>
  );
}

function Name({ view }: { view: KeyView }) {
  const [name, setName] = useState(view.givenName ?? "");
  const work = useAct();
  const changed = name.trim() !== (view.givenName ?? "");
  return (
    <div className="part stack tight">
      <TextInput label={words.name} why={words.nameWhy} value={name} onChange={setName} />
      {view.claimedNames.length > 0 ? <p className="muted break">{words.claimed(view.claimedNames)}</p> : null}
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      {changed ? (
        <Button isDisabled={work.running !== undefined} onPress={() => work.run({ kind: "nameKey", physicalKey: view.physicalKey, name: name.trim() })}>
          {words.saveName}
        </Button>
      ) : null}
    </div>
  );
}

const DEEDS = 6;

function Deeds({ deeds, onCeremony }: { deeds: DeedView[]; onCeremony: (ceremony: string) => void }) {
  return (
    <div className="part">
      <h3>{words.deeds}</h3>
      {deeds.length === 0 ? <p className="muted">{words.noDeeds}</p> : null}
      <ul className="stack tight">
        {deeds.slice(0, DEEDS).map((deed) => (
          <li key={`${deed.at} ${deed.says}`} className="break">
            {deed.at ? <span className="ev muted block">{minute(deed.at)}</span> : null}
            {deed.says}{" "}
            {deed.ceremony ? (
              <Button look="quiet" onPress={() => onCeremony(deed.ceremony ?? "")}>
                {words.ceremony(deed.ceremony)}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
