// Adding a source: a folder, a TUF repository on the web, or one GUN of a Notary server. Nothing is trusted by it.
import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { type Chosen, type SourceSpec, useAct } from "../../border";
import { Button } from "../../parts/button";
import { DialogFrame } from "../../parts/dialog";
import { FailurePanel } from "../../parts/failure";
import { Choice, PathInput, TextInput } from "../../parts/fields";
import { adding as words } from "../../words/trust";

type Kind = SourceSpec["kind"];

export function AddSource({ onRegistered, onClose }: { onRegistered: (repository: string) => void; onClose: () => void }) {
  const [kind, setKind] = useState<Kind>("folder");
  const [path, setPath] = useState("");
  const [url, setUrl] = useState("");
  const [gun, setGun] = useState("");
  const [caFile, setCaFile] = useState("");
  const [guns, setGuns] = useState<string[] | null>(null);
  const work = useAct();

  const choose = (what: Chosen, take: (path: string) => void) =>
    work.run({ kind: "choose", what }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) take(outcome.path);
    });
  const list = () =>
    work.run({ kind: "listNotary", url: url.trim(), caFile: orNone(caFile) }, (outcome) => {
      if (outcome.kind === "guns") setGuns(outcome.guns);
    });
  const spec = specOf(kind, path, url, gun, caFile);
  const register = () => {
    if (!spec) return;
    work.run({ kind: "register", source: spec }, (outcome) => {
      if (outcome.kind === "registered") onRegistered(outcome.repository);
    });
  };
  const registering = work.running === "register";

  return (
    <DialogFrame
      title={words.title}
      onClose={onClose}
      foot={
        <>
          <Button look="quiet" onPress={onClose}>
            {words.cancel}
          </Button>
          <span className="right" />
          <Button look="primary" isDisabled={!spec || registering} onPress={register}>
            {registering ? words.running : words.add}
          </Button>
        </>
      }
    >
      <p className="second measure">{words.lede}</p>
      <Choice<Kind>
        label={words.kind}
        value={kind}
        onChange={setKind}
        options={(Object.keys(words.kinds) as Kind[]).map((id) => ({ id, name: words.kinds[id], text: words.kinds[id] }))}
      />
      {kind === "folder" ? (
        <>
          <PathInput label={words.folder} hint={words.folderHint} value={path} onChange={setPath} choose={words.choose} onChoose={() => choose("repositoryFolder", setPath)} />
          <TextInput label={words.gunOfFolder} why={words.gunOfFolderWhy} evidence value={gun} onChange={setGun} />
        </>
      ) : (
        <>
          <TextInput
            label={kind === "http" ? words.url : words.server}
            hint={kind === "http" ? words.urlHint : words.serverHint}
            evidence
            value={url}
            onChange={setUrl}
          />
          <PathInput label={words.ca} why={words.caWhy} value={caFile} onChange={setCaFile} choose={words.choose} onChoose={() => choose("caFile", setCaFile)} />
        </>
      )}
      {kind === "notary" ? (
        <>
          <TextInput label={words.gun} hint={words.gunHint} evidence value={gun} onChange={setGun} />
          <div className="row">
            <Button isDisabled={url.trim() === "" || work.running !== undefined} onPress={list}>
              {work.running === "listNotary" ? words.listing : words.list}
            </Button>
            <span role="status" className="second">
              {guns === null ? "" : guns.length === 0 ? words.noGuns : words.guns(guns.length)}
            </span>
          </div>
          {guns && guns.length > 0 ? <Guns guns={guns} chosen={gun} onChoose={setGun} /> : null}
        </>
      ) : null}
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
    </DialogFrame>
  );
}

function Guns({ guns, chosen, onChoose }: { guns: string[]; chosen: string; onChoose: (gun: string) => void }) {
  return (
    <ListBox
      className="guns"
      aria-label={words.gun}
      selectionMode="single"
      selectedKeys={guns.includes(chosen) ? [chosen] : []}
      onSelectionChange={(keys) => {
        const [first] = keys === "all" ? [] : [...keys];
        if (first !== undefined) onChoose(String(first));
      }}
    >
      {guns.map((gun) => (
        <ListBoxItem key={gun} id={gun} textValue={gun} className="option ev">
          {gun}
        </ListBoxItem>
      ))}
    </ListBox>
  );
}

const orNone = (text: string): string | null => (text.trim() === "" ? null : text.trim());

function specOf(kind: Kind, path: string, url: string, gun: string, caFile: string): SourceSpec | null {
  switch (kind) {
    case "folder":
      return path.trim() === "" ? null : { kind, path: path.trim(), gun: orNone(gun) };
    case "http":
      return url.trim() === "" ? null : { kind, url: url.trim(), caFile: orNone(caFile) };
    case "notary":
      return url.trim() === "" || gun.trim() === "" ? null : { kind, url: url.trim(), gun: gun.trim(), caFile: orNone(caFile) };
  }
}
