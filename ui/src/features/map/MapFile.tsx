// A client's map file: its repositories, and the mappings in the order in which they are gone through. Read, and never followed.
import { useState } from "react";
import { type MappingView, type MapView, type Query, useAct, useView } from "../../border";
import { ConfirmButton } from "../../parts/confirm";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PathInput, TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { map as words } from "../../words/map";

type Asked = Extract<Query, { kind: "map" }>;

export function MapFile() {
  const [path, setPath] = useState("");
  const [target, setTarget] = useState("");
  const [asked, setAsked] = useState<Asked>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "mapFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const show = () => setAsked({ kind: "map", path: path.trim(), target: target.trim() === "" ? null : target.trim() });
  return (
    <>
      <div className="head">
        <h1>{words.title}</h1>
        <p className="sub measure">{words.lede}</p>
      </div>
      <div className="body stack">
        <div className="forms">
          <PathInput label={words.file} hint={words.fileHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
          <TextInput label={words.target} hint={words.targetHint} evidence value={target} onChange={setTarget} />
          <FailureInSight failure={work.failure} onDismiss={work.clear} />
          <div className="row">
            <ConfirmButton words={words.show} blocked={path.trim() === "" ? words.blocked : undefined} onConfirm={show} />
          </div>
        </div>
        {asked ? <Shown key={JSON.stringify(asked)} asked={asked} /> : null}
      </div>
    </>
  );
}

function Shown({ asked }: { asked: Asked }) {
  const read = useView(asked);
  switch (read.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return <FailurePanel failure={read.failure} />;
    case "known":
      return <Known view={read.view} />;
  }
}

function Known({ view }: { view: MapView }) {
  const marked = view.mappings.filter((mapping) => mapping.asked !== "no").length;
  return (
    <>
      {view.target === null ? null : (
        <p role="status" className="strong break">
          {marked === 0 ? words.nobody(view.target) : words.askedFor(view.target, marked)}
        </p>
      )}
      <section>
        <h2>{words.mappings}</h2>
        <table aria-label={words.mappings}>
          <thead>
            <tr>
              <th className="num">{words.columns.number}</th>
              <th>{words.columns.paths}</th>
              <th>{words.columns.asked}</th>
              <th>{words.columns.agree}</th>
              <th>{words.columns.after}</th>
            </tr>
          </thead>
          <tbody>
            {view.mappings.map((mapping) => (
              <Mapping key={mapping.number} mapping={mapping} />
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>{words.repositories}</h2>
        <table aria-label={words.repositories}>
          <thead>
            <tr>
              <th>{words.columns.name}</th>
              <th>{words.columns.urls}</th>
            </tr>
          </thead>
          <tbody>
            {view.repositories.map((repository) => (
              <tr key={repository.name}>
                <th scope="row" className="break">
                  {repository.name} {repository.used ? null : <span className="muted">{words.unused}</span>}
                </th>
                <td className="ev break">{repository.urls.length === 0 ? <span className="muted">{words.noUrl}</span> : repository.urls.join(", ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Mapping({ mapping }: { mapping: MappingView }) {
  return (
    <tr className={mapping.asked === "no" ? "" : "on"}>
      <td className="num ev">{mapping.number}</td>
      <th scope="row">
        {mapping.paths.map((path) => (
          <span key={path} className="ev break block">
            {path}
          </span>
        ))}
        {mapping.asked === "no" ? null : (
          <span className="small block">
            <Icon name="a-done" size="s" /> {words.marked[mapping.asked]}
          </span>
        )}
      </th>
      <td className="break">{mapping.repositories.join(", ")}</td>
      <td className="tight">{words.agree(mapping.threshold, mapping.repositories.length)}</td>
      <td className="tight">{mapping.terminating ? words.ends : words.goesOn}</td>
    </tr>
  );
}
