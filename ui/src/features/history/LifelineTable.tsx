// The same facts as the lifelines, as a table.
import type { HistoryView, LifelinePoint } from "../../border";
import { day, ends } from "../../words/format";
import { history as words } from "../../words/history";

export function LifelineTable({ view }: { view: HistoryView }) {
  return (
    // It scrolls sideways, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="picture" tabIndex={0} aria-label={words.lifelines}>
      <table aria-label={words.lifelines}>
        <thead>
          <tr>
            <th>{words.key}</th>
            {view.versions.map((version) => (
              <th key={version.version}>
                v{version.version}, {words.threshold(version.threshold, version.keys)}, {words.expires(day(version.expires))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.lifelines.map((line) => (
            <tr key={line.physicalKey}>
              <th scope="row" className="tight">
                {line.label} <span className="ev muted">{ends(line.physicalKey)}</span>
              </th>
              {view.versions.map((version, index) => (
                <td key={version.version} className="tight">
                  {said(line.points[index])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function said(point: LifelinePoint | undefined): string {
  if (!point || (!point.counts && !point.signed)) return "";
  const told: string[] = [point.counts ? words.counts : words.countsNot, point.signed ? words.signed : words.signedNot];
  if (point.renamed && point.keyid) told.push(words.renamed(ends(point.keyid)));
  return told.join(", ");
}
