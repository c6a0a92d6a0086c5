// The intent of a ceremony: one change or several, each with a form of its own, why, and what it all comes to.
import { type Dispatch, type SetStateAction, useState } from "react";
import { type ChangeFormView, useAct, useView } from "../../border";
import { Button, IconButton, LinkButton } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Check, TextInput } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { PracticeLine } from "../../parts/practice";
import { WizardFrame } from "../../parts/wizard";
import { ceremony } from "../../words/ceremony";
import { type Opening, change as words } from "../../words/change";
import { type Intent, intentOf, isCount, lacks, noTerms, onto, placeOf, signing, summed, type Terms, titled, wishOf } from "./change";
import { type Foreseen, ForeseenAccount, useForeseen } from "./Foreseen";
import { Delegate } from "./forms/Delegate";
import { Delegation, Undelegate } from "./forms/Delegation";
import { Ends } from "./forms/Ends";
import type { FormOf } from "./forms/form";
import { Keys } from "./forms/Keys";
import { Recoveries, RootStolen } from "./forms/Recover";
import { Revoke } from "./forms/Revoke";
import { RoleChoice } from "./forms/RoleChoice";
import { Target, Untarget } from "./forms/Targets";
import { railOfForm } from "./frame";
import { KeysNow } from "./KeysNow";

type Props = { repository: string; opening: Opening; onBegun: (ceremony: string) => void; onCeremony: (ceremony: string) => void; onCancel: () => void };

export function Change(props: Props) {
  const role = "role" in props.opening ? props.opening.role : null;
  const asked = useView({ kind: "changeForm", repository: props.repository, role });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading(undefined)} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} onDismiss={props.onCancel} />
        </div>
      );
    case "known":
      return <Form view={asked.view} {...props} />;
  }
}

/** What stands on the page: the changes, and whether one of them is open or another is being chosen. */
type Page = { intents: Intent[]; at: number | "choosing" | "recovering" };

function opened(view: ChangeFormView, opening: Opening): Page {
  const intent = intentOf(view, opening);
  if (intent) return { intents: [intent], at: 0 };
  return { intents: [], at: opening.form === "recover" ? "recovering" : "choosing" };
}

function Form({ view, opening, onBegun, onCeremony, onCancel }: Props & { view: ChangeFormView }) {
  const [page, setPage] = useState(() => opened(view, opening));
  const [terms, setTerms] = useState<Terms>(() => ({ ...noTerms, newKeysOnly: opening.form === "given" && opening.newKeysOnly }));
  const work = useAct();
  const { intents, at } = page;
  const onTerms = (part: Partial<Terms>) => setTerms((terms) => ({ ...terms, ...part, places: { ...terms.places, ...part.places } }));
  const add = (intent: Intent) => setPage({ intents: [...intents, intent], at: intents.length });
  const whole = intents.length > 0 && intents.every((intent) => lacks(view, intent) === undefined);
  const wish = wishOf(view, intents, terms);
  const foreseen = useForeseen(whole ? { kind: "plan", repository: view.repository, wish } : undefined);
  const begin = () =>
    work.run({ kind: "beginChange", repository: view.repository, wish }, (outcome) => {
      if (outcome.kind === "begun") onBegun(outcome.ceremony);
    });
  const title = titled(view, intents, at === "recovering");
  const { openCeremony } = view;
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <WizardFrame
        of={ceremony.newName}
        what={title}
        steps={railOfForm()}
        shown="intent"
        onStep={() => undefined}
        rest={ceremony.lid}
        foot={
          <>
            <Button look="quiet" onPress={onCancel}>
              {ceremony.cancel}
            </Button>
            <span className="right" />
            <ConfirmButton
              words={ceremony.intent.go}
              blocked={missing(view, intents, terms, foreseen)}
              running={work.running ? ceremony.intent.running : undefined}
              onConfirm={begin}
            />
          </>
        }
      >
        <PageTitle>{title}</PageTitle>
        <p className="lede">{words.lede(view.rootVersion, view.readAt)}</p>
        {openCeremony ? (
          <div className="asked row wrap">
            <span>{words.open(openCeremony)}</span>
            <Button onPress={() => onCeremony(openCeremony)}>{words.openIt(openCeremony)}</Button>
          </div>
        ) : null}
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <div className="split change">
          <div className="stack">
            {intents.length > 1 || (intents.length === 1 && typeof at !== "number") ? (
              <Listed view={view} intents={intents} at={at} onOpen={(at) => setPage({ intents, at })} onDrop={(at) => setPage(dropped(intents, at))} />
            ) : null}
            <Open view={view} page={page} terms={terms} onTerms={onTerms} onPage={setPage} onAdd={add} />
            {intents.length > 0 && at !== "choosing" && at !== "recovering" ? (
              <>
                <Signers view={view} intents={intents} terms={terms} onTerms={onTerms} foreseen={foreseen} />
                <div>
                  <Button icon="a-add" onPress={() => setPage({ intents, at: "choosing" })}>
                    {words.another}
                  </Button>
                </div>
              </>
            ) : null}
          </div>
          <div className="aside stack">
            <TermFields view={view} intents={intents} terms={terms} onTerms={onTerms} foreseen={foreseen} />
            <ForeseenAccount foreseen={foreseen} />
          </div>
        </div>
      </WizardFrame>
    </>
  );
}

function dropped(intents: Intent[], at: number): Page {
  const left = intents.filter((_, place) => place !== at);
  return { intents: left, at: left.length === 0 ? "choosing" : left.length - 1 };
}

type ListedProps = { view: ChangeFormView; intents: Intent[]; at: Page["at"]; onOpen: (at: number) => void; onDrop: (at: number) => void };

/** The changes of this ceremony: each can be opened again, or taken out. */
function Listed({ view, intents, at, onOpen, onDrop }: ListedProps) {
  return (
    <section aria-label={words.several}>
      <h2>{words.several}</h2>
      <ol className="changes">
        {intents.map((intent, place) => {
          const what = summed(view, intent);
          const lacking = lacks(view, intent);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a change is its place among the others
            <li key={place} className={place === at ? "on" : ""}>
              <span className="ev muted">{place + 1}</span>
              <span className="break">
                {what} {lacking ? <span className="why block">{lacking.replace(/^[^:]*: /, "")}</span> : null}
              </span>
              <span className="row right">
                {place === at ? null : (
                  <Button look="quiet" aria-label={words.editNamed(what)} onPress={() => onOpen(place)}>
                    {words.edit}
                  </Button>
                )}
                <IconButton icon="a-close" label={words.drop(what)} onPress={() => onDrop(place)} />
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

type OpenProps = { view: ChangeFormView; page: Page; terms: Terms; onTerms: (part: Partial<Terms>) => void; onPage: Dispatch<SetStateAction<Page>>; onAdd: (intent: Intent) => void };

function Open({ view, page, terms, onTerms, onPage, onAdd }: OpenProps) {
  const { intents, at } = page;
  if (at === "choosing") return <Offers view={view} onOpening={(opening) => onPage(merged(view, intents, opening))} />;
  if (at === "recovering") return <Recoveries view={view} onChoose={onAdd} />;
  const intent = intents[at];
  if (!intent) return null;
  const onChange = (changed: Intent) => onPage((now) => ({ ...now, intents: now.intents.map((other, place) => (place === at ? onto(other, intent, changed) : other)) }));
  return <OneForm view={view} intent={intent} onChange={onChange} terms={terms} onTerms={onTerms} />;
}

function merged(view: ChangeFormView, intents: Intent[], opening: Opening): Page {
  const next = opened(view, about(opening, intents.at(-1)));
  return { intents: [...intents, ...next.intents], at: typeof next.at === "number" ? intents.length : next.at };
}

/** A second change is most often about the role of the one before. */
function about(opening: Opening, before: Intent | undefined): Opening {
  const role = before && "role" in before ? before.role : "";
  return role !== "" && (opening.form === "again" || opening.form === "target" || opening.form === "keys") ? { ...opening, role } : opening;
}

/** Which changes there are, in the words of an officer. */
function Offers({ view, onOpening }: { view: ChangeFormView; onOpening: (opening: Opening) => void }) {
  const offers = OPENINGS.filter(({ form }) => (form !== "delegation" && form !== "undelegate") || view.roles.some(({ by }) => by !== "root"));
  return (
    <section>
      <h2>{words.choose}</h2>
      <p className="why">{words.chooseWhy}</p>
      <ul className="offers">
        {offers.map((opening) => {
          const offer = words.offers[opening.form];
          return (
            <li key={opening.form}>
              <LinkButton onPress={() => onOpening(opening)}>{`${offer.name}…`}</LinkButton>
              <p className="second">{offer.why}</p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

type Offered = Exclude<Opening, { form: "choose" } | { form: "given" }>;
const OPENINGS: Offered[] = [
  { form: "keys", role: "root" },
  { form: "ends", role: null },
  { form: "delegate", by: "targets" },
  { form: "delegation", role: "" },
  { form: "undelegate", role: "" },
  { form: "revoke", key: null },
  { form: "target", role: "targets" },
  { form: "untarget", role: "targets" },
  { form: "again", role: "targets" },
  { form: "recover" },
];

function OneForm({ intent, ...rest }: { intent: Intent; onChange: (intent: Intent) => void } & Omit<FormOf<"keys">, "intent" | "onChange">) {
  switch (intent.form) {
    case "keys":
      return <Keys intent={intent} {...rest} />;
    case "ends":
      return <Ends intent={intent} {...rest} />;
    case "delegate":
      return <Delegate intent={intent} {...rest} />;
    case "delegation":
      return <Delegation intent={intent} {...rest} />;
    case "undelegate":
      return <Undelegate intent={intent} {...rest} />;
    case "revoke":
      return <Revoke intent={intent} {...rest} />;
    case "target":
      return <Target intent={intent} {...rest} />;
    case "untarget":
      return <Untarget intent={intent} {...rest} />;
    case "again":
      return <RoleChoice view={rest.view} fits={({ vouches }) => vouches} role={intent.role} onChoose={({ role }) => rest.onChange({ ...intent, role })} />;
    case "recover":
      return <RootStolen intent={intent} {...rest} />;
    case "given":
      return <p className="second">{summed(rest.view, intent)}</p>;
  }
}

type TermsProps = { view: ChangeFormView; intents: Intent[]; terms: Terms; onTerms: (part: Partial<Terms>) => void; foreseen: Foreseen };

/** Where the keys are that sign besides those of an open form: of the documents that name what changes, and of those for which too few are here. */
function Signers({ view, intents, terms, onTerms, foreseen }: TermsProps) {
  const plan = foreseen.state === "none" ? undefined : foreseen.plan;
  const short = new Set((plan?.documents ?? []).filter(({ quorums }) => quorums.some(({ need, atHand }) => atHand < need)).map(({ role }) => role));
  const shown = new Set(intents.flatMap((intent) => (intent.form === "keys" && !intent.server ? [intent.role] : [])));
  const named = new Set(signing(view, intents).map(({ role }) => role));
  const roles = view.roles.filter(({ role }, index, all) => (named.has(role) || short.has(role)) && !shown.has(role) && all.findIndex((other) => other.role === role) === index);
  return roles
    .filter(({ server }) => server !== "always")
    .map((role) => (
      <KeysNow
        key={`${role.by} ${role.role}`}
        title={words.signers.title(role.role)}
        note={words.signers.note(role.role)}
        keys={role.keys.filter(({ physicalKey }) => !plan?.gone.includes(physicalKey))}
        placeOf={(key) => placeOf(terms, key)}
        onPlace={(key, place) => onTerms({ places: { [key.physicalKey]: place } })}
      />
    ));
}

/** Why, and what only some changes ask: each field shows when the desk, or the change itself, asks for it. */
function TermFields({ view, intents, terms, onTerms, foreseen }: TermsProps) {
  const unless = foreseen.state === "refused" ? foreseen.failure.details.unless : undefined;
  const leaves = intents.some((intent) => (intent.form === "keys" && intent.leaving.length > 0) || intent.form === "revoke" || intent.form === "given");
  const ofRoot = intents.some((intent) => intent.form === "keys" && intent.by === "root");
  return (
    <>
      <TextInput label={words.terms.reason} why={words.terms.reasonWhy} long required value={terms.reason} onChange={(reason) => onTerms({ reason })} />
      {leaves ? (
        <div>
          <Check checked={terms.newKeysOnly} onChange={(newKeysOnly) => onTerms({ newKeysOnly })}>
            {words.terms.newKeysOnly}
          </Check>
          <p className="why">{words.terms.newKeysOnlyWhy}</p>
        </div>
      ) : null}
      {unless === "online-elsewhere" || terms.onlineElsewhere ? (
        <Check checked={terms.onlineElsewhere} onChange={(onlineElsewhere) => onTerms({ onlineElsewhere })}>
          {words.terms.elsewhere}
        </Check>
      ) : null}
      {unless === "despite" || terms.despite !== "" ? (
        <TextInput label={words.terms.despite} why={words.terms.despiteWhy} long value={terms.despite} onChange={(despite) => onTerms({ despite })} />
      ) : null}
      {unless === "although-loose" || terms.althoughLoose !== "" ? (
        <TextInput label={words.terms.althoughLoose} why={words.terms.despiteWhy} long value={terms.althoughLoose} onChange={(althoughLoose) => onTerms({ althoughLoose })} />
      ) : null}
      {view.legacy > 0 && ofRoot ? (
        <TextInput
          label={words.terms.legacy}
          why={words.terms.legacyWhy(view.legacy)}
          number
          evidence
          value={terms.legacy}
          onChange={(legacy) => onTerms({ legacy })}
          problem={isCount(terms.legacy) ? undefined : words.terms.legacyProblem}
        />
      ) : null}
    </>
  );
}

/** What the page still lacks, said on its button. Whether the change makes sense, the desk says. */
function missing(view: ChangeFormView, intents: Intent[], terms: Terms, foreseen: Foreseen): string | undefined {
  if (view.openCeremony) return words.missing.open;
  if (intents.length === 0) return words.missing.nothing;
  if (!isCount(terms.legacy)) return words.missing.legacy;
  const lacking = intents.map((intent) => lacks(view, intent)).find((lack) => lack !== undefined);
  if (lacking) return lacking;
  if (terms.reason.trim() === "") return words.missing.reason;
  return foreseen.state === "refused" && foreseen.failure.kind === "refusal" && foreseen.failure.code !== "key-not-told" ? words.missing.refused : undefined;
}
