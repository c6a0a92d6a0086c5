// Ceremonies: those that wait for somebody, with whom they wait for, then those that have ended. Newest first.
import { type CeremonyRow, useView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { PracticeTag } from "../../parts/practice";
import { minute } from "../../words/format";
import { frame, ceremonies as words } from "../../words/frame";
import { request } from "../../words/handoff";

export function Ceremonies({ onOpen, onRequest }: { onOpen: (ceremony: string) => void; onRequest: () => void }) {
  const asked = useView({ kind: "ceremonies" });
  if (asked.state === "waiting") return <Reading what={frame.reading(words.title)} />;
  const items = asked.state === "known" ? asked.view.items : [];
  const [open, ended] = [items.filter((item) => item.open), items.filter((item) => !item.open)];
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {items.length > 0 ? <span className="second">{words.summary(open.length, ended.length)}</span> : null}
          <span className="right" />
          <Button onPress={onRequest}>{request.open}</Button>
        </div>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body stack" tabIndex={0} aria-label={words.title}>
        {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
        {asked.state === "known" && items.length === 0 ? <Empty say={words.none} why={words.noneMore} /> : null}
        {open.length > 0 ? <List title={words.waiting} open items={open} onOpen={onOpen} /> : null}
        {ended.length > 0 ? <List title={words.ended} open={false} items={ended} onOpen={onOpen} /> : null}
      </section>
    </>
  );
}

function List({ title, open, items, onOpen }: { title: string; open: boolean; items: CeremonyRow[]; onOpen: (ceremony: string) => void }) {
  return (
    <section>
      <h2>{title}</h2>
      <table className={open ? "roomy ceremonies open" : "roomy ceremonies"} aria-label={title}>
        <thead>
          <tr>
            <th>{words.columns.state}</th>
            <th>{words.columns.change}</th>
            <th>{words.columns.repository}</th>
            {open ? <th>{words.columns.waits}</th> : null}
            <th>{words.columns.age}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ item, onOpen }: { item: CeremonyRow; onOpen: (ceremony: string) => void }) {
  return (
    <tr className="open-row">
      <td>{words.states[item.state]}</td>
      <th scope="row">
        <LinkButton aria-label={`${words.open(item.id)}: ${item.title}`} onPress={() => onOpen(item.id)}>
          {item.title}
        </LinkButton>
        <span className="ev muted block">{item.id}</span>
      </th>
      <td>
        {item.repositoryName} {item.practice ? <PracticeTag /> : null}
      </td>
      {item.open ? <td className="second">{item.waitsFor}</td> : null}
      <td className="tight">
        {words.age(item.age, item.open)}
        <span className="ev muted block" title={words.lastEvent(minute(item.at))}>
          {minute(item.begunAt)}
        </span>
      </td>
    </tr>
  );
}
