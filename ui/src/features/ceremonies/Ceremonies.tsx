// Open and ended ceremonies, newest first.
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
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {items.length > 0 ? <span className="second">{words.summary(items.length)}</span> : null}
          <span className="right" />
          <Button onPress={onRequest}>{request.open}</Button>
        </div>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body" tabIndex={0} aria-label={words.title}>
        {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
        {asked.state === "known" && items.length === 0 ? <Empty say={words.none} why={words.noneMore} /> : null}
        {items.length > 0 ? (
          <table className="roomy" aria-label={words.title}>
            <thead>
              <tr>
                <th>{words.columns.id}</th>
                <th>{words.columns.change}</th>
                <th>{words.columns.repository}</th>
                <th>{words.columns.state}</th>
                <th>{words.columns.waits}</th>
                <th>{words.columns.at}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={item.id} item={item} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
        ) : null}
      </section>
    </>
  );
}

function Row({ item, onOpen }: { item: CeremonyRow; onOpen: (ceremony: string) => void }) {
  return (
    <tr className="open-row">
      <td className="ev tight">{item.id}</td>
      <th scope="row">
        <LinkButton aria-label={`${words.open(item.id)}: ${item.title}`} onPress={() => onOpen(item.id)}>
          {item.title}
        </LinkButton>
      </th>
      <td>
        {item.repositoryName} {item.practice ? <PracticeTag /> : null}
      </td>
      <td>{words.states[item.state]}</td>
      <td className="second">{item.waitsFor}</td>
      <td className="ev tight">{minute(item.at)}</td>
    </tr>
  );
}
