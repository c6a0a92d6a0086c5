// What needs a person over the whole desk, ranked by the desk: worst first.
import { type AttentionItem, useView } from "../../border";
import { Button } from "../../parts/button";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { focusNext, useChord } from "../../parts/keys";
import { PracticeLine, PracticeTag } from "../../parts/practice";
import { StandingIcon } from "../../parts/standing";
import { change, type Opening } from "../../words/change";
import { daysShort, sentence } from "../../words/format";
import { frame, attention as words } from "../../words/frame";
import { Readiness } from "./Readiness";

type Props = { onOpen: (repository: string, node: string) => void; onCeremony: (ceremony: string) => void; onRollCall: (repository: string) => void; onChange: (repository: string, opening: Opening) => void };

export function Attention({ onOpen, onCeremony, onRollCall, onChange }: Props) {
  const estate = useView({ kind: "estate" });
  const asked = useView({ kind: "attention" });
  useChord({ key: "j" }, () => focusNext("[data-finding]", 1));
  useChord({ key: "k" }, () => focusNext("[data-finding]", -1));
  if (asked.state === "waiting") return <Reading what={frame.reading(words.title)} />;
  const items = asked.state === "known" ? asked.view.items : [];
  const practice = estate.state === "known" && estate.view.practiceOnly;
  return (
    <>
      {practice ? <PracticeLine /> : null}
      <div className="head">
        <div className="row wrap">
          <h1>{words.title}</h1>
          {estate.state === "known" && items.length > 0 ? <span className="second">{words.summary(items.length, estate.view.repositories)}</span> : null}
        </div>
      </div>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="body" tabIndex={0} aria-label={words.title}>
        {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
        {asked.state === "known" ? (
          <Readiness roots={asked.view.roots} ready={asked.view.rootsReady} readiness={asked.view.readiness} practiceOnly={practice} onRollCall={onRollCall} />
        ) : null}
        {asked.state === "known" && items.length === 0 ? <Empty say={words.none} why={words.noneMore} /> : null}
        {items.length > 0 ? (
          <table className="roomy" aria-label={words.title}>
            <thead>
              <tr>
                <th>
                  <span className="hidden-words">{words.columns.standing}</span>
                </th>
                <th>{words.columns.consequence}</th>
                <th>{words.columns.where}</th>
                <th className="num">{words.columns.left}</th>
                <th>
                  <span className="hidden-words">{words.columns.action}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={`${item.node} ${item.finding.code} ${item.title}`} item={item} practiceOnly={practice} onOpen={onOpen} onCeremony={onCeremony} onChange={onChange} />
              ))}
            </tbody>
          </table>
        ) : null}
      </section>
    </>
  );
}

function Row({
  item,
  practiceOnly,
  onOpen,
  onCeremony,
  onChange,
}: { item: AttentionItem; practiceOnly: boolean } & Omit<Props, "onRollCall">) {
  const { ceremony } = item;
  return (
    <tr data-finding="" tabIndex={-1}>
      <td>
        <StandingIcon standing={item.standing} />
      </td>
      <td>
        <p className="strong break">{item.title}</p>
        <p className="small second measure break">
          {item.finding.message === item.title ? "" : `${sentence(item.finding.message)} `}
          {ceremony ? words.handled(ceremony) : item.finding.next}
        </p>
      </td>
      <td>
        <span className="break">{item.repositoryName}</span> {item.practice && !practiceOnly ? <PracticeTag /> : null}
      </td>
      <td className={`ev num ${item.standing}`}>{item.daysLeft === null ? "" : daysShort(item.daysLeft)}</td>
      <td className="num">
        {ceremony ? (
          <Button onPress={() => onCeremony(ceremony)}>{words.openCeremony(ceremony)}</Button>
        ) : item.mayEnd ? (
          <Button aria-label={`${item.repositoryName}: ${change.ways.endsOf(item.finding.role)}`} onPress={() => onChange(item.repository, { form: "ends", role: item.finding.role })}>
            {change.ways.ends}
          </Button>
        ) : (
          <Button aria-label={words.openNamed(`${item.repositoryName}: ${item.title}`)} onPress={() => onOpen(item.repository, item.node)}>
            {words.open}
          </Button>
        )}
      </td>
    </tr>
  );
}
