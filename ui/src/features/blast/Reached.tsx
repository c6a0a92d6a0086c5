// The roles concerned: what a client would count of these keys, and what that means.
import type { BlastRoleView } from "../../border";
import { Icon } from "../../parts/icon";
import { SentenceText } from "../../parts/sentence";
import { blast as words } from "../../words/blast";
import { ofText } from "../../words/format";

export function Reached({ roles }: { roles: BlastRoleView[] }) {
  return (
    <section>
      <div className="sect">
        <h2>{words.roles}</h2>
        <span className="note">{words.rolesNote}</span>
      </div>
      <table aria-label={words.roles}>
        <thead>
          <tr>
            <th>{words.columns.role}</th>
            <th>{words.columns.named}</th>
            <th>{words.columns.counts}</th>
            <th>{words.columns.what}</th>
          </tr>
        </thead>
        <tbody>
          {roles.map((row) => (
            <tr key={`${row.parent} ${row.roles.join(" ")}`}>
              <th scope="row">
                <Names roles={row.roles} more={row.more} />
              </th>
              <td className="second">{row.parent}</td>
              <td className="ev tight">{ofText(row.counts, row.threshold)}</td>
              <td>
                <span className="row start">
                  {row.reach === "alone" || row.reach === "through" ? <Icon name="attention" size="s" className="expiring" /> : <span className="i s" />}
                  <span className="break">
                    <SentenceText parts={row.sentence.parts} />
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Names({ roles, more }: { roles: string[]; more: number }) {
  return (
    <span className="break">
      {roles.join(", ")} {more > 0 ? <span className="muted">{words.more(more)}</span> : null}
    </span>
  );
}
