// The question that is asked too late by everybody else: what happens when this token is gone.
import type { LossView } from "../../border";
import { Button } from "../../parts/button";
import { Choice, type Option } from "../../parts/fields";
import { PageTitle } from "../../parts/page-title";
import { SentenceText } from "../../parts/sentence";
import { provisioning } from "../../words/provisioning";
import { Away, Foot, type PageProps } from "./Provisioning";
import { bornNone } from "./wishes";

const words = provisioning.loss;

export function Loss({ view, away, wishes, wish, go, onLeave, frame }: PageProps) {
  const options = view.losses.map((loss, index) => optionOf(loss, index === 0));
  return frame(
    <>
      <PageTitle>{words.title}</PageTitle>
      <p className="lede">{words.lede}</p>
      <div className="stack">
        <Away away={away} label={view.label} />
        <div className="losses">
          <Choice label={words.label} value={wishes.loss} options={options} onChange={(loss) => wish({ loss })} />
        </div>
        {bornNone(wishes) ? (
          <p className="asked measure" role="status">
            {words.notHere}
          </p>
        ) : null}
      </div>
    </>,
    <Foot before={() => go("plan")} onLeave={onLeave}>
      <Button look="primary" after="a-forward" onPress={() => go(bornNone(wishes) ? "run" : "key")}>
        {bornNone(wishes) ? words.forwardNone : words.forward}
      </Button>
    </Foot>,
  );
}

function optionOf(loss: LossView, proposed: boolean): Option<LossView["plan"]> {
  return {
    id: loss.plan,
    text: loss.name,
    name: (
      <>
        <span className="row">
          <span className="strong">{loss.name}</span>
          {proposed ? <span className="tag">{words.proposed}</span> : null}
        </span>
        <span className="second block measure">
          <SentenceText parts={loss.consequence.parts} />
        </span>
      </>
    ),
  };
}
