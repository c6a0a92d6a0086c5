// The intent of a ceremony that has begun: fixed, to be read.
import { Button } from "../../parts/button";
import { PageTitle } from "../../parts/page-title";
import { ceremony as words } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";

export function Intent({ view, go, frame }: PageProps) {
  return frame(
    <>
      <PageTitle>{view.title}</PageTitle>
      <p className="lede">{words.intent.readOnly}</p>
      <h2>{words.intent.reason}</h2>
      <p className="measure break">{view.reason}</p>
    </>,
    <Button look="primary" after="a-forward" onPress={() => go("consequences")}>
      {words.steps.consequences}
    </Button>,
  );
}
