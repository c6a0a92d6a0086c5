// Who may sign which paths, in the order in which clients ask.
import { useState } from "react";
import type { DelegationRow } from "../../border";
import { Breakable } from "../../parts/breakable";
import { Button, LinkButton } from "../../parts/button";
import { Empty } from "../../parts/empty";
import { StandingIcon } from "../../parts/standing";
import { change, type Opening } from "../../words/change";
import { daysShort, signedOf, version } from "../../words/format";
import { roles, delegations as words } from "../../words/repository";

const AT_FIRST = 200;

type Props = {
  rows: DelegationRow[];
  selected: string | null;
  onInspect: (node: string) => void;
  /** None where nothing can be changed from here. */
  onChange: ((opening: Opening) => void) | undefined;
};

export function Delegations({ rows, selected, onInspect, onChange }: Props) {
  const [all, setAll] = useState(false);
  const delegate = onChange ? (
    <Button icon="a-add" onPress={() => onChange({ form: "delegate", by: "targets" })}>
      {change.ways.delegate("targets")}
    </Button>
  ) : null;
  if (rows.length === 0) {
    return (
      <>
        <Empty say={words.none} why={words.noneMore} />
        {delegate}
      </>
    );
  }
  const shown = all ? rows : rows.slice(0, AT_FIRST);
  return (
    <>
      <div className="sect">
        <h2>{words.title}</h2>
        <span className="note">{words.note}</span>
        <span className="right">{delegate}</span>
      </div>
      <table aria-label={words.title}>
        <thead>
          <tr>
            <th>
              <span className="hidden-words">{words.columns.standing}</span>
            </th>
            <th>{words.columns.role}</th>
            <th>{words.columns.by}</th>
            <th>{words.columns.paths}</th>
            <th>{words.columns.needs}</th>
            <th>{words.columns.ends}</th>
            <th>{words.columns.version}</th>
            <th className="num">{words.columns.left}</th>
            {onChange ? (
              <th>
                <span className="hidden-words">{words.columns.action}</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <Row key={row.node} row={row} on={row.node === selected} onInspect={onInspect} onChange={onChange} />
          ))}
        </tbody>
      </table>
      {shown.length < rows.length ? (
        <p className="gap-above">
          <Button onPress={() => setAll(true)}>{roles.showAll(rows.length)}</Button>
        </p>
      ) : null}
    </>
  );
}

function Row({ row, on, onInspect, onChange }: { row: DelegationRow; on: boolean } & Pick<Props, "onInspect" | "onChange">) {
  const depth = Math.min(3, Math.max(0, row.depth - 1));
  return (
    <tr className={on ? "on" : "open-row"}>
      <td>
        <StandingIcon standing={row.standing} />
      </td>
      <th scope="row" className={depth > 0 ? `indent-${depth}` : ""}>
        <LinkButton onPress={() => onInspect(row.node)}>{row.role}</LinkButton>
      </th>
      <td className="second">{row.parent}</td>
      <td>
        <span className="paths ev break">
          {row.paths.map((path) => (
            <span key={path}>
              <Breakable text={path} />
            </span>
          ))}
          {row.hashPrefixes.map((prefix) => (
            <span key={prefix}>{words.prefix(prefix)}</span>
          ))}
        </span>
      </td>
      <td className="ev tight">{signedOf(row.valid, row.threshold)}</td>
      <td>{row.terminating ? words.yes : words.no}</td>
      <td className="ev tight">{row.version ? version(row.version) : ""}</td>
      <td className="ev num">{row.daysLeft === null ? "" : daysShort(row.daysLeft)}</td>
      {onChange ? (
        <td className="num">
          <Button look="quiet" aria-label={change.ways.delegation(row.role)} onPress={() => onChange({ form: "delegation", role: row.role })}>
            {change.ways.change}
          </Button>
        </td>
      ) : null}
    </tr>
  );
}
