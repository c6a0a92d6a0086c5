// Who may vouch for devices: the makers' roots, and apart from them those that were added on this machine.
import { useState } from "react";
import { type AttestationRootView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Digest } from "../../parts/digest";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { PathInput } from "../../parts/fields";
import { roots as words } from "../../words/attestation";

export function Roots() {
  const asked = useView({ kind: "attestationRoots" });
  return (
    <section className="stack">
      <div>
        <h2>{words.title}</h2>
        <p className="second measure">{words.why}</p>
      </div>
      {asked.state === "waiting" ? <Reading what={words.reading} /> : null}
      {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
      {asked.state === "known" ? (
        <>
          <List title={words.makers} roots={asked.view.makers} />
          <List title={words.added} roots={asked.view.added} />
        </>
      ) : null}
      <Add />
    </section>
  );
}

function List({ title, roots }: { title: string; roots: AttestationRootView[] }) {
  const work = useAct();
  return (
    <div>
      <h3 className="h3">{title}</h3>
      {roots.length === 0 ? <p className="muted">{words.none}</p> : null}
      <ul className="stack tight" aria-label={title}>
        {roots.map((root) => (
          <li key={root.sha256} className="stack tight">
            <span className="row wrap">
              <span className="strong break">{root.subject}</span>
              {root.addedAt ? (
                <span className="second">
                  {words.at(root.addedAt)}, {words.keys(root.keys)}
                </span>
              ) : null}
            </span>
            <Digest digest={root.sha256} of={root.subject} />
            {root.addedAt ? (
              <span className="row">
                <Button isDisabled={work.running !== undefined} onPress={() => work.run({ kind: "removeAttestationRoot", sha256: root.sha256 })}>
                  {words.remove(root.subject, root.keys)}
                </Button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
    </div>
  );
}

function Add() {
  const [path, setPath] = useState("");
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "certificateFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  return (
    <>
      <PathInput label={words.file} why={words.fileWhy} hint={words.fileHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <div className="row">
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={() => work.run({ kind: "addAttestationRoot", path: path.trim() }, () => setPath(""))}>
          {words.add}
        </Button>
      </div>
    </>
  );
}
