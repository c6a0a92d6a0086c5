// Target paths that could be signed, what clients take from somebody else, and the targets of today that are open.
import type { BlastPathsView, ReplaceableView } from "../../border";
import { SentenceText } from "../../parts/sentence";
import { blast as words } from "../../words/blast";
import { Names } from "./Reached";

type Props = { title: string; note: string; none: string; paths: BlastPathsView[]; replaceable: ReplaceableView };

export function Paths({ title, note, none, paths, replaceable }: Props) {
  return (
    <section>
      <div className="sect">
        <h2>{title}</h2>
        {paths.length > 0 ? <span className="note">{note}</span> : null}
      </div>
      {paths.length === 0 ? <p className="second">{none}</p> : <Table title={title} paths={paths} />}
      {replaceable.count > 0 ? <Targets replaceable={replaceable} /> : null}
    </section>
  );
}

function Table({ title, paths }: { title: string; paths: BlastPathsView[] }) {
  const excepted = paths.some(({ except }) => except.length > 0);
  return (
    <table aria-label={title}>
      <thead>
        <tr>
          <th>{words.pathColumns.role}</th>
          <th>{words.pathColumns.paths}</th>
          {excepted ? <th>{words.pathColumns.except}</th> : null}
        </tr>
      </thead>
      <tbody>
        {paths.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one role may come twice, by two ways down
          <tr key={index}>
            <th scope="row">
              <Names roles={row.roles} more={row.more} />
            </th>
            <td>
              <span className="paths ev break">
                {row.paths.length + row.hashPrefixes.length === 0 ? <span>{words.everyPath}</span> : null}
                {row.paths.map((path) => (
                  <span key={path}>{path}</span>
                ))}
                {row.hashPrefixes.map((prefix) => (
                  <span key={prefix}>{words.digest(prefix)}</span>
                ))}
              </span>
              {row.exact ? null : <div className="why">{words.atMost}</div>}
            </td>
            {excepted ? (
              <td>
                {row.except.map((sentence, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: sentences never move within a computed account
                  <div key={place} className="second small break">
                    <SentenceText parts={sentence.parts} />
                  </div>
                ))}
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Targets({ replaceable }: { replaceable: ReplaceableView }) {
  const more = replaceable.count - replaceable.examples.length;
  const title = words.replaceable(replaceable.count);
  return (
    <div className="gap-above">
      <h3>{title}</h3>
      <table aria-label={title}>
        <thead>
          <tr>
            <th>{words.targetColumns.path}</th>
            <th>{words.targetColumns.answers}</th>
            <th>{words.targetColumns.seized}</th>
          </tr>
        </thead>
        <tbody>
          {replaceable.examples.map((target) => (
            <tr key={target.path}>
              <th scope="row" className="ev break">
                {target.path}
              </th>
              <td>{target.answers}</td>
              <td>{target.seized}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className="muted small">{words.moreTargets(more)}</p> : null}
    </div>
  );
}
