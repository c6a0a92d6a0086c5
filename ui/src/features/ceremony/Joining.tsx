// The keys that join a role: key files, keys that lie in a slot, keys that are born in one. Only public halves are read here.
import { useRef, useState } from "react";
import { type ChangeFormView, type KeyFileView, type SlotView, useAct } from "../../border";
import { Button, IconButton, LinkButton } from "../../parts/button";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput } from "../../parts/fields";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import { ceremony } from "../../words/ceremony";
import { bare } from "../../words/format";
import { birth } from "../../words/tokens";
import { Birth } from "./Birth";
import { type Joiner, joinerOfFile, joinerOfSlot } from "./change";

const words = ceremony.intent;

type Props = {
  form: Pick<ChangeFormView, "roles" | "keyFiles" | "slots" | "kinds">;
  /** What these keys are for. */
  title: string;
  /** A key that is in this role already cannot join it. */
  role?: string;
  joining: Joiner[];
  onChange: (joining: Joiner[]) => void;
  /** One key takes the place of another: a second one takes the place of the first. */
  one?: boolean;
};

export function Joining({ form, title, role, joining, onChange, one = false }: Props) {
  // A file is read and a key is born while the officer goes on: what comes of it joins the form as it stands then.
  const latest = useRef({ joining, onChange });
  latest.current = { joining, onChange };
  const join = (key: Joiner) => {
    const { joining, onChange } = latest.current;
    onChange(one ? [key] : [...joining.filter((other) => other.key !== key.key), key]);
  };
  const roles = (physicalKey: string | null) => form.roles.filter(({ keys }) => keys.some((key) => key.physicalKey === physicalKey)).map((each) => each.role);
  const isOffered = (key: string, physicalKey: string | null) => !joining.some((other) => other.key === key) && !(role !== undefined && roles(physicalKey).includes(role));
  // A key that another program keeps for another role is no candidate for this one.
  const fits = ({ keptFor }: KeyFileView) => !keptFor || role === undefined || keptFor === role;
  const files = form.keyFiles.filter((file) => isOffered(file.key, file.physicalKey) && fits(file));
  const spare = files.filter((file) => roles(file.physicalKey).length === 0).map(joinerOfFile);
  const others = files.filter((file) => roles(file.physicalKey).length > 0);
  const held = form.slots.filter((slot) => slot.occupied && isOffered(slot.key, slot.physicalKey));
  return (
    <section className="stack tight" aria-label={title}>
      <h2>{title}</h2>
      {joining.length === 0 ? <p className="muted">{one ? words.noneYet : words.noneJoin}</p> : null}
      <ul className="stack tight">
        {joining.map((key) => (
          <li key={key.key} className="row">
            <span className="mk added strong">+</span>
            <JoinerLine held={key} />
            <span className="right">
              <IconButton icon="a-close" label={words.drop(key.name)} onPress={() => onChange(joining.filter((other) => other.key !== key.key))} />
            </span>
          </li>
        ))}
      </ul>
      <InSlots slots={held} onJoin={(slot) => join(joinerOfSlot(slot))} />
      {spare.length > 0 ? (
        <div>
          <p className="why">{form.roles.length > 0 ? words.spare : words.others}</p>
          <div className="row wrap">
            {spare.map((key) => (
              <Button key={key.key} icon="a-add" onPress={() => join(key)}>
                {words.joins(key.name)}
              </Button>
            ))}
          </div>
        </div>
      ) : null}
      <InOtherRoles files={others} roles={roles} onJoin={(file) => join(joinerOfFile(file))} />
      <Birth form={form} onBorn={(slot) => join(joinerOfSlot(slot))} />
      <KeyFile onJoin={join} />
    </section>
  );
}

/** Keys that speak for other roles of the repository: they may do more, which a person should mean. */
function InOtherRoles({ files, roles, onJoin }: { files: KeyFileView[]; roles: (physicalKey: string | null) => string[]; onJoin: (file: KeyFileView) => void }) {
  const [shown, setShown] = useState(false);
  if (files.length === 0) return null;
  if (!shown) return <LinkButton onPress={() => setShown(true)}>{words.otherRoles(files.length)}</LinkButton>;
  return (
    <div>
      <p className="why">{words.inOtherRoles}</p>
      <div className="row wrap">
        {files.map((file) => (
          <Button key={file.key} icon="a-add" onPress={() => onJoin(file)}>
            {words.joins(joinerOfFile(file).name)}
            <span className="hidden-words">{words.nowIn}</span>
            <span className="muted small">{roles(file.physicalKey).join(", ")}</span>
          </Button>
        ))}
      </div>
    </div>
  );
}

function InSlots({ slots, onJoin }: { slots: SlotView[]; onJoin: (slot: SlotView) => void }) {
  if (slots.length === 0) return null;
  return (
    <div>
      <p className="why">{birth.existing}</p>
      <div className="row wrap">
        {slots.map((slot) => (
          <Button key={slot.key} icon="a-add" aria-label={birth.joins(slot.label)} onPress={() => onJoin(slot)}>
            <Serial label={slot.label} />
            <span className="ev muted">{slot.algorithm}</span>
          </Button>
        ))}
      </div>
    </div>
  );
}

function KeyFile({ onJoin }: { onJoin: (key: Joiner) => void }) {
  const [path, setPath] = useState("");
  const work = useAct();
  const inspect = (path: string) =>
    work.run({ kind: "inspectKeyFile", path: path.trim() }, (outcome) => {
      if (outcome.kind !== "keyFile") return;
      onJoin(joinerOfFile(outcome.key));
      setPath("");
    });
  const choose = () =>
    work.run({ kind: "choose", what: "keyFile" }, (outcome) => {
      if (outcome.kind !== "chose" || outcome.path === null) return;
      setPath(outcome.path);
      inspect(outcome.path);
    });
  return (
    <>
      <div className="with-button joining">
        <PathInput label={words.addFile} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={() => inspect(path)}>
          {words.addButton}
        </Button>
      </div>
      <p className="why">{words.addWhy}</p>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </>
  );
}

function JoinerLine({ held }: { held: Joiner }) {
  return (
    <span className="row wrap">
      <CustodyIcon custody={held.custody} size="s" />
      <span className="strong break">
        <Serial label={held.name} />
      </span>
      {held.algorithm ? <span className="ev">{held.algorithm}</span> : null}
      {held.note ? <span className="muted small">{words[held.note]}</span> : null}
      <span className="ev muted break">{held.physicalKey ? bare(held.physicalKey) : words.physicalUnknown}</span>
    </span>
  );
}
