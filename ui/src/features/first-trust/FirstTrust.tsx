// The first-trust step: the root as the source shows it, and three ways to say why it is the right one.
import { useState } from "react";
import { type FirstTrustView, type TrustEvidence, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { Digest } from "../../parts/digest";
import { Reading } from "../../parts/empty";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { Choice, PathInput, TextInput } from "../../parts/fields";
import { PracticeLine } from "../../parts/practice";
import { Sentences } from "../../parts/sentence";
import { CustodyIcon, StandingBadge } from "../../parts/standing";
import { minute } from "../../words/format";
import { roles } from "../../words/repository";
import { dialects } from "../../words/standings";
import { trust as words } from "../../words/trust";

type How = TrustEvidence["kind"];

export function FirstTrust({ repository, onTrusted, onLater }: { repository: string; onTrusted: () => void; onLater: () => void }) {
  const asked = useView({ kind: "firstTrust", repository });
  const about = useView({ kind: "repository", repository });
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      );
    case "known":
      return (
        <>
          {about.state === "known" && about.view.practice ? <PracticeLine /> : null}
          <Known view={asked.view} onTrusted={onTrusted} onLater={onLater} />
        </>
      );
  }
}

function Known({ view, onTrusted, onLater }: { view: FirstTrustView; onTrusted: () => void; onLater: () => void }) {
  // Held here: once trusted, the view has an anchor and the form is gone before its answer comes.
  const work = useAct();
  return (
    <>
      <div className="head">
        <div className="row wrap">
          <h1>{words.title(view.name)}</h1>
          {view.anchor ? null : <StandingBadge standing="unanchored" />}
        </div>
        <p className="sub measure">{words.lede}</p>
      </div>
      <div className="body forms two">
        <div className="stack">
          <section>
            <h2>{words.digest(view.rootVersion)}</h2>
            <p className="second small">{words.digestHow}</p>
            <Digest digest={view.digest} of={words.digest(view.rootVersion)} size="big" />
          </section>
          {view.anchor ? (
            <section>
              <p>{words.already}</p>
              <Button look="primary" onPress={onTrusted}>
                {words.open(view.name)}
              </Button>
            </section>
          ) : (
            <Evidence view={view} work={work} onTrusted={onTrusted} onLater={onLater} />
          )}
        </div>
        <div className="stack">
          <Facts
            facts={[
              { name: words.facts.source, value: `${dialects[view.dialect]}, ${view.source.location}` },
              ...(view.source.gun ? [{ name: words.facts.gun, value: view.source.gun, evidence: true }] : []),
              { name: words.facts.version, value: `v${view.rootVersion}`, evidence: true },
              { name: words.facts.expires, value: minute(view.expires), evidence: true },
              { name: words.facts.threshold, value: words.of(view.threshold, view.keys.length), evidence: true },
            ]}
          />
          <section className="inspector-like">
            <h3 className="h3">{words.keys}</h3>
            <ul className="stack tight">
              {view.keys.map((key) => (
                <li key={key.node}>
                  <div className="row">
                    <CustodyIcon custody={key.custody} size="s" />
                    <span className="strong break">{key.name ?? roles.unnamed}</span>
                    <span className="ev muted right">{key.scheme}</span>
                  </div>
                  <p className="ev muted break">{key.physicalKey ?? key.keyid}</p>
                </li>
              ))}
            </ul>
          </section>
          <section>
            <h3 className="h3">{words.thresholds}</h3>
            <Facts facts={view.thresholds} />
          </section>
          <section>
            <h3 className="h3">{words.says}</h3>
            <Sentences sentences={view.notes} />
          </section>
        </div>
      </div>
    </>
  );
}

function Evidence({ view, work, onTrusted, onLater }: { view: FirstTrustView; work: ReturnType<typeof useAct>; onTrusted: () => void; onLater: () => void }) {
  const [how, setHow] = useState<How>("rootFile");
  const [path, setPath] = useState("");
  const [digest, setDigest] = useState("");
  const choose = () =>
    work.run({ kind: "choose", what: "rootFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const { evidence, blocked, does } = given(how, path, digest, view.name);
  const running = work.running === "confirmTrust" ? words.running : undefined;
  return (
    <section className="stack">
      <Choice<How>
        label={words.how}
        value={how}
        onChange={setHow}
        options={[
          { id: "rootFile", text: words.given, name: <Offer name={words.given} why={words.givenWhy} /> },
          { id: "digest", text: words.pasted, name: <Offer name={words.pasted} why={words.pastedWhy} /> },
          { id: "firstUse", text: words.first, name: <Offer name={words.first} why={words.firstWhy} /> },
        ]}
      />
      {how === "rootFile" ? <PathInput label={words.file} hint={words.fileHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} /> : null}
      {how === "digest" ? <TextInput label={words.paste} evidence value={digest} onChange={setDigest} /> : null}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <div className="row">
        <Button look="quiet" onPress={onLater}>
          {words.later}
        </Button>
        <ConfirmButton
          key={how}
          words={does}
          look={how === "firstUse" ? "danger" : "primary"}
          blocked={blocked}
          running={running}
          onConfirm={() => work.run({ kind: "confirmTrust", repository: view.repository, how: evidence }, onTrusted)}
        />
      </div>
    </section>
  );
}

function Offer({ name, why }: { name: string; why: string }) {
  return (
    <>
      {name}
      <span className="why block">{why}</span>
    </>
  );
}

function given(how: How, path: string, digest: string, name: string): { evidence: TrustEvidence; blocked: string | undefined; does: string } {
  switch (how) {
    case "rootFile":
      return { evidence: { kind: "rootFile", path: path.trim() }, blocked: path.trim() === "" ? words.missingFile : undefined, does: words.doFile(name) };
    case "digest":
      return { evidence: { kind: "digest", sha256: digest.trim() }, blocked: digest.trim() === "" ? words.missingDigest : undefined, does: words.doDigest(name) };
    case "firstUse":
      return { evidence: { kind: "firstUse" }, blocked: undefined, does: words.doFirst(name) };
  }
}
