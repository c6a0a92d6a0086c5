// Files that a role vouches for: one that is added or exchanged, or several that are taken out.
import { useRef, useState } from "react";
import { useAct, useView } from "../../../border";
import { Button, IconButton } from "../../../parts/button";
import { FailurePanel } from "../../../parts/failure";
import { FailureInSight } from "../../../parts/failure-in-sight";
import { PathInput, TextInput } from "../../../parts/fields";
import { ceremony } from "../../../words/ceremony";
import { change } from "../../../words/change";
import { grouped } from "../../../words/format";
import { digestsOf, lists } from "../change";
import type { FormOf } from "./form";
import { RoleChoice } from "./RoleChoice";

const words = change.targetForm;

export function Target({ view, intent, onChange }: FormOf<"target">) {
  const work = useAct();
  // The file is read while the officer goes on: what is found goes into the form as it stands then.
  const latest = useRef({ intent, onChange });
  latest.current = { intent, onChange };
  const take = (path: string) =>
    work.run({ kind: "inspectTargetFile", path: path.trim() }, (outcome) => {
      if (outcome.kind === "targetFile") latest.current.onChange({ ...latest.current.intent, ...digestsOf(outcome.target) });
    });
  const choose = () =>
    work.run({ kind: "choose", what: "targetFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) take(outcome.path);
    });
  return (
    <>
      <RoleChoice view={view} fits={({ vouches }) => vouches} role={intent.role} onChoose={({ role }) => onChange({ ...intent, role })} />
      <TextInput label={view.dialect === "notary" ? words.pathNotary : words.path} evidence required value={intent.path} onChange={(path) => onChange({ ...intent, path })} />
      <div className="with-button joining">
        <PathInput label={words.file} why={words.fileWhy} value={intent.file} onChange={(file) => onChange({ ...intent, file })} choose={ceremony.intent.choose} onChoose={choose} />
        <Button isDisabled={intent.file.trim() === "" || work.running !== undefined} onPress={() => take(intent.file)}>
          {words.take}
        </Button>
      </div>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <div className="target-fields">
        <TextInput label={words.length} number evidence value={intent.length} onChange={(length) => onChange({ ...intent, length })} />
        <TextInput label={words.sha256} evidence value={intent.sha256} onChange={(sha256) => onChange({ ...intent, sha256 })} />
      </div>
    </>
  );
}

export function Untarget({ view, intent, onChange }: FormOf<"untarget">) {
  const [search, setSearch] = useState("");
  return (
    <>
      <RoleChoice view={view} fits={lists} role={intent.role} onChoose={({ role }) => onChange({ ...intent, role, paths: [] })} />
      {intent.paths.length > 0 ? (
        <section>
          <h2>{words.chosen}</h2>
          <ul>
            {intent.paths.map((path) => (
              <li key={path} className="row">
                <del className="ev break">{path}</del>
                <span className="right">
                  <IconButton icon="a-close" label={words.keep(path)} onPress={() => onChange({ ...intent, paths: intent.paths.filter((other) => other !== path) })} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <TextInput label={words.search} evidence value={search} onChange={setSearch} />
      {intent.role === "" ? null : (
        <Listed
          repository={view.repository}
          role={intent.role}
          search={search.trim()}
          taken={intent.paths}
          onTake={(path) => onChange({ ...intent, paths: [...intent.paths, path] })}
        />
      )}
    </>
  );
}

type ListedProps = { repository: string; role: string; search: string; taken: string[]; onTake: (path: string) => void };

function Listed({ repository, role, search, taken, onTake }: ListedProps) {
  const asked = useView({ kind: "targets", repository, role, search });
  if (asked.state === "failed") return <FailurePanel failure={asked.failure} />;
  if (asked.state === "waiting") return null;
  const { view } = asked;
  const rows = view.rows.filter(({ path }) => !taken.includes(path));
  return (
    <section>
      <div className="sect">
        <h2>{words.listed(role)}</h2>
        <span className="note">{words.found(view.matched, view.total)}</span>
      </div>
      <table aria-label={words.listed(role)}>
        <thead>
          <tr>
            <th>{words.columns.path}</th>
            <th className="num">{words.columns.length}</th>
            <th>
              <span className="hidden-words">{words.columns.action}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}>
              <th scope="row" className="ev break">
                {row.path}
              </th>
              <td className="ev num">{grouped(row.length)}</td>
              <td className="num">
                <Button onPress={() => onTake(row.path)}>{words.takeOut(row.path)}</Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {view.matched > view.rows.length ? <p className="why">{words.leftOut(view.rows.length)}</p> : null}
    </section>
  );
}
