// Another desk's request: read and judged here, compared aloud, signed by a key of this desk. One screen, one signature.
import { useState } from "react";
import { type Query, type RequestDocument, type RequestTrust, type RequestView, type ResponseWritten, useAct, useView } from "../../border";
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
import { minute } from "../../words/format";
import { request as words } from "../../words/handoff";

type Asked = Extract<Query, { kind: "request" }>;

export function SigningRequest() {
  const [asked, setAsked] = useState<Asked>();
  return (
    <>
      <div className="head">
        <h1>{words.title}</h1>
        <p className="sub measure">{words.lede}</p>
      </div>
      {asked ? <Judged asked={asked} onOther={() => setAsked(undefined)} /> : <Choose onRead={setAsked} />}
    </>
  );
}

type How = RequestTrust["kind"];

function Choose({ onRead }: { onRead: (asked: Asked) => void }) {
  const [path, setPath] = useState("");
  const [how, setHow] = useState<How>("known");
  const [rootFile, setRootFile] = useState("");
  const [digest, setDigest] = useState("");
  const work = useAct();
  const choose = (what: "requestFile" | "rootFile", then: (path: string) => void) =>
    work.run({ kind: "choose", what }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) then(outcome.path);
    });
  const trust = trustOf(how, rootFile, digest);
  const blocked = path.trim() === "" ? words.readBlocked.file : trust === undefined && how !== "known" ? words.readBlocked[how] : undefined;
  return (
    <div className="body forms">
      <div className="stack">
        <PathInput label={words.file} hint={words.fileHint} value={path} onChange={setPath} choose={words.choose} onChoose={() => choose("requestFile", setPath)} />
        <Choice<How>
          label={words.trust}
          value={how}
          onChange={setHow}
          options={(["known", "rootFile", "digest"] as const).map((id) => ({ id, text: words.trusts[id], name: words.trusts[id] }))}
        />
        {how === "rootFile" ? (
          <PathInput label={words.rootFile} hint={words.rootHint} value={rootFile} onChange={setRootFile} choose={words.choose} onChoose={() => choose("rootFile", setRootFile)} />
        ) : null}
        {how === "digest" ? <TextInput label={words.digest} evidence value={digest} onChange={setDigest} /> : null}
        <FailureInSight failure={work.failure} onDismiss={work.clear} />
        <div className="row">
          <ConfirmButton words={words.read} blocked={blocked} onConfirm={() => trust && onRead({ kind: "request", path: path.trim(), trust })} />
        </div>
      </div>
    </div>
  );
}

function trustOf(how: How, path: string, sha256: string): RequestTrust | undefined {
  switch (how) {
    case "known":
      return { kind: "known" };
    case "rootFile":
      return path.trim() === "" ? undefined : { kind: "rootFile", path: path.trim() };
    case "digest":
      return sha256.trim() === "" ? undefined : { kind: "digest", sha256: sha256.trim() };
  }
}

function Judged({ asked, onOther }: { asked: Asked; onOther: () => void }) {
  const read = useView(asked);
  switch (read.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body stack">
          <FailurePanel failure={read.failure} />
          <div className="row">
            <Button onPress={onOther}>{words.other}</Button>
          </div>
        </div>
      );
    case "known":
      return (
        <>
          {read.view.practice ? <PracticeLine /> : null}
          <Known view={read.view} asked={asked} onOther={onOther} />
        </>
      );
  }
}

function Known({ view, asked, onOther }: { view: RequestView; asked: Asked; onOther: () => void }) {
  return (
    <div className="body forms two">
      <div className="stack">
        <h2>{words.of(view.ceremony, view.repository)}</h2>
        <Sentences sentences={view.trust} />
        {view.documents.map((document) => (
          <Document key={document.review.role} document={document} alone={document.review.digest === view.digest} />
        ))}
        <Facts
          facts={[
            { name: words.claims.reason, value: view.reason === "" ? words.claims.none : view.reason },
            ...(view.gun ? [{ name: words.claims.gun, value: view.gun, evidence: true }] : []),
            { name: words.claims.written, value: minute(view.writtenAt), evidence: true },
          ]}
        />
      </div>
      <Sign view={view} asked={asked} onOther={onOther} />
    </div>
  );
}

/** `alone`: its digest is the one that is compared, which stands beside it already. */
function Document({ document: { review, open, words: spoken }, alone }: { document: RequestDocument; alone: boolean }) {
  return (
    <section>
      <h3 className="h3">{open ? words.signed(review.role, review.version) : words.complete(review.role, review.version)}</h3>
      <Sentences sentences={review.sentences} />
      {alone ? null : (
        <>
          <p className="second small">{words.document}</p>
          <Digest digest={review.digest} of={words.document} />
          <p className="ev muted">{spoken}</p>
        </>
      )}
    </section>
  );
}

const FILE = "file";

function Sign({ view, asked, onOther }: { view: RequestView; asked: Asked; onOther: () => void }) {
  const [heard, setHeard] = useState("");
  const [chosen, setChosen] = useState(view.keys[0]?.key ?? FILE);
  const [file, setFile] = useState("");
  const [out, setOut] = useState("");
  const [because, setBecause] = useState("");
  const [written, setWritten] = useState<ResponseWritten>();
  const work = useAct();
  const key = chosen === FILE ? (file.trim() === "" ? "" : `file:${file.trim()}`) : chosen;
  // Which key has signed another document, the desk's ledger tells.
  const needsReason = work.failure?.code === "signed-otherwise" || because !== "";
  const choose = (what: "keyFile" | "newResponseFile", then: (path: string) => void) =>
    work.run({ kind: "choose", what }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) then(outcome.path);
    });
  const blocked = heard.trim() === "" ? words.blocked.heard : key === "" ? words.blocked.key : out.trim() === "" ? words.blocked.out : undefined;
  const sign = () =>
    work.run(
      { kind: "answerRequest", path: asked.path, trust: asked.trust, key, heard, out: out.trim(), ...(because.trim() === "" ? {} : { againBecause: because.trim() }) },
      (outcome) => outcome.kind === "answered" && setWritten(outcome.response),
    );
  if (written) {
    return (
      <section className="stack">
        <p role="status">{words.done(written.signed, written.path)}</p>
        <p className="second small">{words.doneFile}</p>
        <Digest digest={written.sha256} of={words.doneFile} />
        <div className="row">
          <Button onPress={onOther}>{words.other}</Button>
        </div>
      </section>
    );
  }
  return (
    <section className="stack">
      <div>
        <h2>{words.aloud}</h2>
        <p className="second small">{words.aloudWhy}</p>
        <Digest digest={view.digest} of={words.aloud} size="big" />
        <p className="ev">
          <span className="hidden-words">{words.words}: </span>
          {view.words}
        </p>
      </div>
      <TextInput label={words.heard} evidence value={heard} onChange={setHeard} />
      {view.keys.length === 0 ? <p className="second">{words.noKey}</p> : null}
      <Choice<string>
        label={words.key}
        value={chosen}
        onChange={setChosen}
        options={[
          ...view.keys.map(({ key, label, signs }) => ({ id: key, text: label, name: words.keyWhere(label, signs) })),
          { id: FILE, text: words.keyFile, name: words.keyFile },
        ]}
      />
      {chosen === FILE ? <PathInput label={words.keyFilePath} value={file} onChange={setFile} choose={words.choose} onChoose={() => choose("keyFile", setFile)} /> : null}
      <PathInput label={words.out} hint={words.outHint} value={out} onChange={setOut} choose={words.choose} onChoose={() => choose("newResponseFile", setOut)} />
      {needsReason ? <TextInput label={words.again} why={words.againWhy} value={because} onChange={setBecause} /> : null}
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
      <div className="row wrap">
        <Button look="quiet" onPress={onOther}>
          {words.other}
        </Button>
        <span className="right" />
        <ConfirmButton words={words.sign} blocked={blocked} running={work.running === "answerRequest" ? words.signing : undefined} onConfirm={sign} />
      </div>
    </section>
  );
}
