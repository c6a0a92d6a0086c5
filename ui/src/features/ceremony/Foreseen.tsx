// What a change would come to, computed by the desk while its form is filled in: documents in waves, who must sign, what breaks.
import { useEffect, useRef, useState } from "react";
import { type Failure, type PlannedView, type PlanView, type Query, useView } from "../../border";
import { Icon } from "../../parts/icon";
import { Sentences } from "../../parts/sentence";
import { KindIcon } from "../../parts/standing";
import { change } from "../../words/change";

const words = change.plan;

/** What the desk says of a wish now; while it is refused, the plan before it is still known. */
export type Foreseen = { state: "none" } | { state: "planning"; plan: PlanView | undefined } | { state: "planned"; plan: PlanView } | { state: "refused"; failure: Failure; plan: PlanView | undefined };

/** What the desk is asked: of a repository that is there, or of one that is to be begun. */
type Asking = Extract<Query, { kind: "plan" | "firstPlan" }>;

/** Waits until nobody has typed for a moment, then asks. */
export function useForeseen(asking: Asking | undefined): Foreseen {
  const settled = useSettled(asking === undefined ? "" : JSON.stringify({ ...asking, wish: { ...asking.wish, reason: "" } }));
  const asked = useView<Asking>(settled === "" ? nothing : (JSON.parse(settled) as Asking));
  const last = useRef<PlanView>(undefined);
  if (asked.state === "known") last.current = asked.view;
  if (asking === undefined || settled === "") return { state: "none" };
  switch (asked.state) {
    case "waiting":
      return { state: "planning", plan: last.current };
    case "known":
      return { state: "planned", plan: asked.view };
    case "failed":
      return { state: "refused", failure: asked.failure, plan: last.current };
  }
}

const nothing: Asking = { kind: "plan", repository: "", wish: { edits: [], sign: [], legacy: 0, onlineElsewhere: false, newKeysOnly: false, reason: "" } };
const MOMENT = 250;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), MOMENT);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function ForeseenAccount({ foreseen, empty = words.empty }: { foreseen: Foreseen; empty?: string }) {
  return (
    <section aria-label={words.title} className="foreseen">
      <h2>{words.title}</h2>
      {/* What is computed while somebody types is said when it is there, not at every letter. */}
      <div role="status">
        <Account foreseen={foreseen} empty={empty} />
      </div>
    </section>
  );
}

function Account({ foreseen, empty }: { foreseen: Foreseen; empty: string }) {
  switch (foreseen.state) {
    case "none":
      return <p className="muted">{empty}</p>;
    case "planning":
      return foreseen.plan ? <Known plan={foreseen.plan} stale /> : <p className="muted">{words.planning}</p>;
    case "planned":
      return <Known plan={foreseen.plan} />;
    case "refused":
      return foreseen.failure.code === "key-not-told" ? (
        <>
          <p className="break">{words.notTold(foreseen.failure.details.keys ?? "")}</p>
          <p className="second">{words.notToldThen}</p>
        </>
      ) : (
        <div className="row start">
          <Icon name="attention" size="s" className="expired" />
          <div>
            <p className="strong">{foreseen.failure.kind === "refusal" ? words.refused : words.failed}</p>
            <p className="break">{foreseen.failure.message}</p>
          </div>
        </div>
      );
  }
}

function Known({ plan, stale = false }: { plan: PlanView; stale?: boolean }) {
  return (
    <div className={stale ? "stale" : undefined}>
      <Documents documents={plan.documents} />
      {plan.leftOut.length > 0 ? (
        <>
          <p className="break">{words.leftOut(plan.leftOut)}</p>
          <p className="second">{words.notToldThen}</p>
        </>
      ) : null}
      {plan.untold > 0 ? <p className="why">{words.untold(plan.untold)}</p> : null}
      <Sentences sentences={plan.consequences} />
    </div>
  );
}

export function Documents({ documents }: { documents: PlannedView[] }) {
  return (
    <table aria-label={words.documents} className="planned">
      <thead>
        <tr>
          <th>{words.columns.wave}</th>
          <th>{words.columns.role}</th>
          <th>{words.columns.version}</th>
          <th>{words.columns.needs}</th>
          <th className="num">{words.columns.here}</th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <tr key={document.role}>
            <td className="ev muted">{document.wave}</td>
            <th scope="row">
              <span className="row">
                <KindIcon kind={document.kind} size="s" />
                <span className="strong break">{document.role}</span>
              </span>
            </th>
            <td className="ev tight">{document.from === null ? words.first(document.version) : words.fromTo(document.from, document.version)}</td>
            <td>
              {document.quorums.map((quorum) => (
                <span key={`${quorum.side} ${quorum.by}`} className="block ev tight">
                  {words.needs(quorum.side, quorum.by, quorum.need, quorum.keys)}
                </span>
              ))}
            </td>
            <td className="num">
              {document.quorums.map((quorum) => (
                <span key={`${quorum.side} ${quorum.by}`} className={quorum.atHand < quorum.need ? "block ev expiring" : "block ev"}>
                  {quorum.atHand}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
