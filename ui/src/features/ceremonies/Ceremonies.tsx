// Ceremonies: those that wait for somebody, with whom they wait for, then those that have ended. Newest first.
import { type BulkView, type CeremonyRow, useAct, useView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { PracticeTag } from "../../parts/practice";
import { minute } from "../../words/format";
import { frame, ceremonies as words } from "../../words/frame";
import { request } from "../../words/handoff";

export function Ceremonies({ onOpen, onRequest }: { onOpen: (ceremony: string) => void; onRequest: () => void }) {
  const asked = useView({ kind: "ceremonies" });
  if (asked.state === "waiting") return <Reading what={frame.reading(words.title)} />;
  const items = asked.state === "known" ? asked.view.items : [];
  const bulks = asked.state === "known" ? asked.view.bulks : [];
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
        {bulks.map((bulk) => (
          <Bulk key={bulk.id} bulk={bulk} onOpen={onOpen} />
        ))}
        {open.length > 0 ? <List title={words.waiting} open items={open} onOpen={onOpen} /> : null}
        {ended.length > 0 ? <List title={words.ended} open={false} items={ended} onOpen={onOpen} /> : null}
      </section>
    </>
  );
}

/** A change that was begun in several repositories and is not settled in all: how it stands in each, and the way on. */
function Bulk({ bulk, onOpen }: { bulk: BulkView; onOpen: (ceremony: string) => void }) {
  const work = useAct();
  const title = words.bulk.title(bulk.rows.length, minute(bulk.begunAt));
  return (
    <section aria-label={title}>
      <div className="row wrap">
        <h2>{title}</h2>
        <span className="second break">{bulk.reason}</span>
        <span className="right" />
        {bulk.pending > 0 ? (
          <Button isDisabled={work.running !== undefined} onPress={() => work.run({ kind: "resumeBulk", bulk: bulk.id })}>
            {work.running ? words.bulk.running : words.bulk.resume(bulk.pending)}
          </Button>
        ) : null}
      </div>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <table className="roomy" aria-label={title}>
        <thead>
          <tr>
            <th>{words.columns.state}</th>
            <th>{words.columns.repository}</th>
            <th>{words.bulk.ceremony}</th>
          </tr>
        </thead>
        <tbody>
          {bulk.rows.map(({ name, state, ceremony, why }) => (
            <tr key={name}>
              <td>{words.bulk.states[state]}</td>
              <th scope="row" className="break">
                {name}
              </th>
              <td className="break">
                {ceremony ? <LinkButton aria-label={`${words.open(ceremony)}: ${name}`} onPress={() => onOpen(ceremony)}>{ceremony}</LinkButton> : <span className="second">{why}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
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
