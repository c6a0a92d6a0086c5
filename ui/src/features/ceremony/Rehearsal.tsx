// Simulated clients try the result. What they refuse can't be published.
import { useState } from "react";
import type { RehearsalRow } from "../../border";
import { Button } from "../../parts/button";
import { TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { Sentences } from "../../parts/sentence";
import { ceremony } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";
import { Missing, missingFor } from "./frame";

const words = ceremony.rehearsal;

export function Rehearsal({ view, work, go, frame }: PageProps) {
  const mayPublish = view.steps.some(({ step, state }) => step === "publish" && state !== "toCome") || view.allowed.includes("publish");
  const mayRehearse = view.allowed.includes("rehearse");
  const running = work.running === "rehearse";
  const [oldest, setOldest] = useState("");
  const rehearse = () => work.run({ kind: "rehearse", ceremony: view.id, ...(oldest.trim() === "" ? {} : { oldest: Number(oldest) }) });
  return frame(
    <>
      <PageTitle>{words.title}</PageTitle>
      <p className="lede">{view.begins ? words.ledeFirst : words.lede}</p>
      {view.rehearsal.length === 0 ? (
        <p className="muted">{words.none}</p>
      ) : (
        <table className="roomy" aria-label={words.title}>
          <thead>
            <tr>
              <th>{words.columns.verdict}</th>
              <th>{words.columns.client}</th>
              <th>{words.columns.account}</th>
            </tr>
          </thead>
          <tbody>
            {view.rehearsal.map((row) => (
              <Row key={row.client} row={row} />
            ))}
          </tbody>
        </table>
      )}
      <section className="gap-above">
        <h2>{words.assumed}</h2>
        {view.assumptions.length > 0 ? <Sentences sentences={view.assumptions} /> : <p className="second">{words.nothingAssumed}</p>}
      </section>
      {mayRehearse && !view.begins ? (
        <div className="gap-above measure">
          <TextInput label={words.oldest} why={words.oldestHint} number value={oldest} onChange={(text) => setOldest(text.replace(/\D/g, ""))} />
        </div>
      ) : null}
      <Missing view={view} />
      {mayRehearse && mayPublish ? (
        <p className="gap-above">
          <Button icon="a-refresh" isDisabled={running} onPress={rehearse}>
            {words.again}
          </Button>
        </p>
      ) : null}
    </>,
    mayPublish ? (
      <Button look="primary" after="a-forward" onPress={() => go("publish")}>
        {words.forward}
      </Button>
    ) : (
      <Button look="primary" isDisabled={!mayRehearse || running} onPress={rehearse}>
        {running ? words.running : mayRehearse ? (view.rehearsal.length > 0 ? words.again : words.run) : words.blocked(missingFor(view))}
      </Button>
    ),
  );
}

function Row({ row }: { row: RehearsalRow }) {
  return (
    <tr>
      <td className="tight">
        <span className={row.accepted ? "row accent" : "row suspect"}>
          <Icon name={row.accepted ? "a-done" : "a-close"} />
          {row.accepted ? words.accepts : words.refuses}
        </span>
      </td>
      <th scope="row">{row.client}</th>
      <td className="second break">{row.account}</td>
    </tr>
  );
}
