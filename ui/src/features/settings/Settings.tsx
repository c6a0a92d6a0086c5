// Appearance, limits of network reading, where the desk keeps its data.
import { useState } from "react";
import { type LimitsView, useAct, useView } from "../../border";
import { Button } from "../../parts/button";
import { Reading } from "../../parts/empty";
import { Facts } from "../../parts/facts";
import { FailurePanel } from "../../parts/failure";
import { Choice, TextInput } from "../../parts/fields";
import { frame, settings as words } from "../../words/frame";
import { Backup } from "./Backup";
import { Roots } from "./Roots";

export type Wish = keyof typeof words.themes;

export function Settings({ theme, onTheme }: { theme: Wish; onTheme: (wish: Wish) => void }) {
  const asked = useView({ kind: "settings" });
  return (
    <>
      <div className="head">
        <h1>{words.title}</h1>
      </div>
      <div className="body">
        <div className="forms">
          <Choice
            label={words.theme}
            value={theme}
            options={(Object.keys(words.themes) as Wish[]).map((id) => ({ id, name: words.themes[id], text: words.themes[id] }))}
            onChange={onTheme}
          />
          {asked.state === "waiting" ? <Reading what={frame.reading(words.title)} /> : null}
          {asked.state === "failed" ? <FailurePanel failure={asked.failure} /> : null}
          {asked.state === "known" ? (
            <>
              <Proofs key={asked.view.proofDays} days={asked.view.proofDays} />
              <Limits key={JSON.stringify(asked.view.limits)} limits={asked.view.limits} />
              <Backup />
              <Roots />
              <section>
                <h2>{words.places}</h2>
                <Facts
                  facts={[
                    { name: words.dataFolder, value: asked.view.dataFolder, evidence: true },
                    { name: words.version, value: asked.view.programVersion, evidence: true },
                  ]}
                />
              </section>
            </>
          ) : null}
        </div>
      </div>
    </>
  );
}

function Proofs({ days }: { days: number }) {
  const [typed, setTyped] = useState(String(days));
  const [saved, setSaved] = useState(false);
  const work = useAct();
  const change = (value: string) => {
    setSaved(false);
    setTyped(value);
  };
  return (
    <section className="stack">
      <h2>{words.proofs}</h2>
      <div className="limits">
        <TextInput number evidence label={words.proofDays} why={words.proofsWhy} value={typed} onChange={change} />
      </div>
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <div className="row">
        <Button isDisabled={!/^\d{1,4}$/.test(typed) || work.running !== undefined} onPress={() => work.run({ kind: "setProofDays", days: Number(typed) }, () => setSaved(true))}>
          {words.saveProofs}
        </Button>
        <span role="status">{saved ? words.proofsSaved : ""}</span>
      </div>
    </section>
  );
}

const FIELDS = Object.keys(words.fields) as (keyof LimitsView)[];

function Limits({ limits }: { limits: LimitsView }) {
  const [typed, setTyped] = useState(() => Object.fromEntries(FIELDS.map((field) => [field, String(limits[field])])) as Record<keyof LimitsView, string>);
  const [saved, setSaved] = useState(false);
  const work = useAct();
  const whole = FIELDS.every((field) => /^\d+$/.test(typed[field]));
  const save = () => {
    const wished = Object.fromEntries(FIELDS.map((field) => [field, Number(typed[field])])) as LimitsView;
    work.run({ kind: "setLimits", limits: wished }, () => setSaved(true));
  };
  return (
    <section className="stack">
      <div>
        <h2>{words.limits}</h2>
        <p className="second measure">{words.limitsWhy}</p>
      </div>
      <div className="limits">
        {FIELDS.map((field) => (
          <TextInput
            key={field}
            number
            evidence
            label={words.fields[field]}
            value={typed[field]}
            onChange={(value) => {
              setSaved(false);
              setTyped({ ...typed, [field]: value });
            }}
          />
        ))}
      </div>
      {work.failure ? <FailurePanel failure={work.failure} onDismiss={work.clear} /> : null}
      <div className="row">
        <Button look="primary" isDisabled={!whole || work.running !== undefined} onPress={save}>
          {words.save}
        </Button>
        <span role="status">{saved ? words.saved : ""}</span>
      </div>
    </section>
  );
}
