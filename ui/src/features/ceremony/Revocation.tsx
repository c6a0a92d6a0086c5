// Keys that are stolen or lost, or whose officer leaves: where they count, what is open there, and the change that takes them
// out in each repository, to be begun in one or in all.
import { type ReactNode, useRef, useState } from "react";
import { act, type BulkPlace, type Failure, type RevocationCause, type RevocationExtent, type RevocationRow, type RevocationView, useView } from "../../border";
import { Button, LinkButton } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Empty, Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { Choice, TextInput } from "../../parts/fields";
import { Icon } from "../../parts/icon";
import { PageTitle } from "../../parts/page-title";
import { PracticeLine } from "../../parts/practice";
import { Sentences, SentenceText } from "../../parts/sentence";
import { Serial } from "../../parts/serial";
import { CustodyIcon } from "../../parts/standing";
import type { Opening } from "../../words/change";
import { sentence } from "../../words/format";
import { revocation as words } from "../../words/revocation";
import type { Joiner } from "./change";
import { Joining } from "./Joining";

type Props = { physicalKey: string; onChange: (repository: string, opening: Opening) => void; onCeremony: (ceremony: string) => void };

const CAUSES = ["stolen", "lost", "leaves"] as const;

export function Revocation({ physicalKey, onChange, onCeremony }: Props) {
  const [cause, setCause] = useState<RevocationCause>("stolen");
  const [extent, setExtent] = useState<RevocationExtent>("key");
  const [replacement, setReplacement] = useState<Joiner[]>([]);
  const asked = useView({ kind: "revocation", physicalKey, extent, cause, replacement: replacement[0]?.key ?? null });
  // While the desk counts for another choice, the answer to the last one stays, and with it the place of the focus.
  const last = useRef<RevocationView>(undefined);
  if (asked.state === "known") last.current = asked.view;
  if (asked.state === "failed") {
    return (
      <div className="body">
        <FailurePanel failure={asked.failure} />
      </div>
    );
  }
  const view = last.current;
  if (!view) return <Reading what={words.reading} />;
  const choices = (
    <>
      <Choice label={words.cause} value={cause} options={CAUSES.map((id) => ({ id, name: words.causes[id], text: words.causes[id] }))} onChange={setCause} />
      <Choice
        label={words.extent}
        value={extent}
        options={view.extents.map(({ extent, name, keys }) => ({ id: extent, name: words.extents[extent](name, keys), text: words.extents[extent](name, keys) }))}
        onChange={setExtent}
      />
      <Keys view={view} />
      <Joining form={{ ...view, roles: [] }} title={words.replacement} one joining={replacement} onChange={setReplacement} />
      <p className="why">{words.replacementWhy}</p>
    </>
  );
  return <Known view={view} choices={choices} cause={cause} replace={replacement[0]?.key ?? null} onChange={onChange} onCeremony={onCeremony} />;
}

function Keys({ view }: { view: RevocationView }) {
  return (
    <section>
      <h2>{words.keys}</h2>
      <ul className="stack tight">
        {view.keys.map((key) => (
          <li key={key.physicalKey} className="row">
            <CustodyIcon custody={key.custody} size="s" />
            <span className="strong cut">
              <Serial label={key.place} />
            </span>
            {key.officer ? <span className="second cut">{key.officer}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What came of beginning a ceremony in one repository. */
type Went = { state: "running" } | { state: "begun"; ceremony: string } | { state: "failed"; why: string } | { state: "waits" };

function wentIn(place: BulkPlace | undefined): Went {
  if (place?.state === "begun" && place.ceremony) return { state: "begun", ceremony: place.ceremony };
  return place?.why ? { state: "failed", why: place.why } : { state: "waits" };
}

type KnownProps = { view: RevocationView; choices: ReactNode; cause: RevocationCause; replace: string | null } & Omit<Props, "physicalKey">;

function Known({ view, choices, cause, replace, onChange, onCeremony }: KnownProps) {
  const [reason, setReason] = useState("");
  const [went, setWent] = useState<Record<string, Went>>({});
  const begin = async (row: RevocationRow) => {
    const settle = (came: Went) => setWent((went) => ({ ...went, [row.repository]: came }));
    settle({ state: "running" });
    try {
      const outcome = await act({ kind: "beginChange", repository: row.repository, wish: { ...row.wish, reason: reason.trim() } });
      if (outcome.kind === "begun") settle({ state: "begun", ceremony: outcome.ceremony });
    } catch (failure) {
      settle({ state: "failed", why: (failure as Failure).message });
    }
  };
  const ready = view.repositories.filter((row) => row.refusal === null && row.openCeremony === null && went[row.repository]?.state !== "begun");
  const running = ready.some((row) => went[row.repository]?.state === "running");
  const beginAll = async () => {
    const [only, ...others] = ready;
    if (only && others.length === 0) return begin(only);
    const each = (came: (row: RevocationRow) => Went) => setWent((went) => ({ ...went, ...Object.fromEntries(ready.map((row) => [row.repository, came(row)])) }));
    each(() => ({ state: "running" }));
    try {
      // The desk begins one after the other, on a record that outlives this page.
      const outcome = await act({ kind: "beginBulk", wishes: ready.map(({ repository, wish }) => ({ repository, wish: { ...wish, reason: reason.trim() } })) });
      if (outcome.kind === "begunBulk") each(({ repository }) => wentIn(outcome.bulk.rows.find((row) => row.repository === repository)));
    } catch (failure) {
      each(() => ({ state: "failed", why: (failure as Failure).message }));
    }
  };
  const name = view.extents[0]?.name ?? "";
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <div className="body blast">
        <PageTitle>{words.title(name)}</PageTitle>
        <p className="lede">{words.lede}</p>
        <div className="blast-split revocation">
          <div className="stack">{choices}</div>
          <div className="stack">
            {view.repositories.length === 0 ? (
              <Empty say={words.nowhere} why={words.nowhereMore} />
            ) : (
              <>
                <section>
                  <div className="sect">
                    <h2>{words.repositories}</h2>
                    <span className="note">{words.worstFirst(view.repositories.length)}</span>
                  </div>
                  <ul className="revoked">
                    {view.repositories.map((row) => (
                      <Row
                        key={row.repository}
                        row={row}
                        went={went[row.repository]}
                        blocked={reason.trim() === "" ? words.missing : undefined}
                        onBegin={() => void begin(row)}
                        onForm={() => onChange(row.repository, openingOf(row, replace, cause))}
                        onCeremony={onCeremony}
                      />
                    ))}
                  </ul>
                </section>
                <TextInput label={words.reason} why={words.reasonWhy} long required value={reason} onChange={setReason} />
                <div>
                  <ConfirmButton
                    words={words.all(ready.length)}
                    blocked={ready.length === 0 ? words.none : reason.trim() === "" ? words.missing : undefined}
                    running={running ? words.beginning : undefined}
                    onConfirm={() => void beginAll()}
                  />
                  {ready.length > 1 ? <p className="why">{words.allWhy}</p> : null}
                </div>
              </>
            )}
          </div>
        </div>
      </div>
    </>
  );
}

/** The change that the desk proposes, as its form opens with it. */
function openingOf(row: RevocationRow, replace: string | null, cause: RevocationCause): Opening {
  const revoked = row.wish.edits.flatMap((edit) => (edit.kind === "revoke" ? [edit] : []));
  return { form: "given", keys: revoked.map(({ key }) => key), replace, signAgain: revoked.some(({ signAgain }) => signAgain), newKeysOnly: row.wish.newKeysOnly, cause };
}

type RowProps = { row: RevocationRow; went: Went | undefined; blocked: string | undefined; onBegin: () => void; onForm: () => void; onCeremony: (ceremony: string) => void };

function Row({ row, went, blocked, onBegin, onForm, onCeremony }: RowProps) {
  const [shown, setShown] = useState(false);
  const ceremony = row.openCeremony ?? (went?.state === "begun" ? went.ceremony : null);
  const grave = row.grade === "root" || row.grade === "targets";
  return (
    <li>
      <Icon name={grave ? "st-suspect" : "attention"} className={grave ? "suspect" : "expiring"} />
      <div className="stack tight">
        <div className="row wrap">
          <h3 className="break">{row.name}</h3>
          <span className="second small break">{words.roles(row.roles)}</span>
        </div>
        <p className="measure break">
          <SentenceText parts={row.verdict.parts} />
        </p>
        {row.documents.length > 0 ? <p className="second measure break">{words.issued(row.documents)}</p> : null}
        {row.warnings.length > 0 ? <Sentences sentences={row.warnings} /> : null}
        {row.refusal && ceremony === null ? (
          <p className="break">
            <span className="strong">{words.refused}</span> {sentence(row.refusal.message)}
          </p>
        ) : null}
        {went?.state === "failed" ? (
          <p className="break" role="alert">
            <span className="strong">{words.failed}</span> {sentence(went.why)}
          </p>
        ) : null}
        <LinkButton aria-expanded={shown} aria-label={shown ? words.hide(row.name) : words.show(row.name)} onPress={() => setShown(!shown)}>
          {shown ? words.hideWords : words.showWords}
        </LinkButton>
        {shown ? (
          <ol className="stack tight" aria-label={words.repairs}>
            {row.repairs.map((repair, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are their places in order
              <li key={index}>
                <p className="break">
                  <span className="ev muted">{index + 1}.</span> <SentenceText parts={repair.what.parts} />
                </p>
                <Sentences sentences={[...(repair.by ? [repair.by] : []), ...repair.why]} />
              </li>
            ))}
          </ol>
        ) : null}
      </div>
      <div className="stack tight actions" role="status">
        {ceremony !== null ? (
          <>
            <p className="second">{words.begun(ceremony)}</p>
            <Button onPress={() => onCeremony(ceremony)}>{words.ceremony(ceremony)}</Button>
          </>
        ) : (
          <>
            {row.refusal === null ? (
              <Button aria-label={words.beginNamed(row.name)} isDisabled={blocked !== undefined || went?.state === "running"} onPress={onBegin}>
                {went?.state === "running" ? words.beginning : words.begin}
              </Button>
            ) : null}
            <Button look="quiet" aria-label={words.formNamed(row.name)} onPress={onForm}>
              {words.form}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}
