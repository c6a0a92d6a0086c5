// The intent of a root rotation: which keys stay, which leave, which join, the threshold, the end, and why.
import { useState } from "react";
import { type KeyFileView, type RotationChange, type RotationFormView, type RotationKey, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { TextInput } from "../../parts/fields";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { ceremony as words } from "../../words/ceremony";
import { railOfForm } from "./frame";
import { Joining } from "./Joining";
import { KeysNow } from "./KeysNow";

export function Rotation({ repository, onBegun, onCancel }: { repository: string; onBegun: (ceremony: string) => void; onCancel: () => void }) {
  const asked = useView({ kind: "rotationForm", repository });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.readingForm} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      );
    case "known":
      return <Form view={asked.view} onBegun={onBegun} onCancel={onCancel} />;
  }
}

/** What a row of the form says of a key that is in root now. */
export type KeyWish = { stays: boolean; file: string };

function Form({ view, onBegun, onCancel }: { view: RotationFormView; onBegun: (ceremony: string) => void; onCancel: () => void }) {
  const [wishes, setWishes] = useState<Record<string, KeyWish>>({});
  const [joining, setJoining] = useState<KeyFileView[]>([]);
  const [threshold, setThreshold] = useState("");
  const [expires, setExpires] = useState("");
  const [reason, setReason] = useState("");
  const work = useAct();
  const wishOf = (key: RotationKey): KeyWish => wishes[key.physicalKey] ?? { stays: true, file: key.file ?? "" };

  const change: RotationChange = {
    remove: view.keys.filter((key) => !wishOf(key).stays).map((key) => key.physicalKey),
    add: joining.map((key) => key.key),
    sign: view.keys.map((key) => wishOf(key).file.trim()).filter(Boolean).map(asKey),
    threshold: threshold.trim() === "" ? null : Number(threshold),
    expires: expires.trim() === "" ? null : expires.trim(),
    reason: reason.trim(),
  };
  const asksNothing = change.remove.length === 0 && change.add.length === 0 && change.threshold === null && change.expires === null;
  const blocked = asksNothing ? words.intent.missingChange : change.reason === "" ? words.intent.missingReason : undefined;
  const running = work.running === "beginRotation";
  const begin = () =>
    work.run({ kind: "beginRotation", repository: view.repository, change }, (outcome) => {
      if (outcome.kind === "begun") onBegun(outcome.ceremony);
    });

  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <WizardFrame
        of={words.newName}
        what={words.intent.title(view.repositoryName)}
        steps={railOfForm()}
        shown="intent"
        onStep={() => undefined}
        rest={words.lid}
        foot={
          <>
            <Button look="quiet" onPress={onCancel}>
              {words.cancel}
            </Button>
            <span className="right" />
            <Button look="primary" isDisabled={blocked !== undefined || running} onPress={begin}>
              {running ? words.intent.running : (blocked ?? words.intent.go)}
            </Button>
          </>
        }
      >
        <h1 className="title">{words.intent.title(view.repositoryName)}</h1>
        <p className="lede">{words.intent.lede(view.rootVersion, view.expires)}</p>
        <div className="stack">
          <KeysNow keys={view.keys} wishOf={wishOf} onWish={(key, wish) => setWishes({ ...wishes, [key]: wish })} />
          <Joining joining={joining} spare={view.spareKeys} onChange={setJoining} />
          <div className="intent-fields">
            <TextInput label={words.intent.threshold} why={words.intent.thresholdWhy(view.threshold)} number evidence value={threshold} onChange={setThreshold} />
            <TextInput label={words.intent.expires} why={words.intent.expiresWhy} hint={words.intent.expiresHint} evidence value={expires} onChange={setExpires} />
          </div>
          <TextInput label={words.intent.reason} why={words.intent.reasonWhy} hint={words.intent.reasonHint} long required value={reason} onChange={setReason} />
          {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
        </div>
      </WizardFrame>
    </>
  );
}

function asKey(path: string): string {
  return path.startsWith("file:") ? path : `file:${path}`;
}
