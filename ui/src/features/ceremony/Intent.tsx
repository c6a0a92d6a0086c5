// The intent of a ceremony that has begun: fixed, to be read.
import { Button } from "../../parts/button";
import { ceremony as words } from "../../words/ceremony";
import type { PageProps } from "./Ceremony";

export function Intent({ view, go, frame }: PageProps) {
  return frame(
    <>
      <h1 className="title">{view.title}</h1>
      <p className="lede">{words.intent.readOnly}</p>
      <h2>{words.intent.reason}</h2>
      <p className="measure break">{view.reason}</p>
    </>,
    <Button look="primary" onPress={() => go("consequences")}>
      {words.steps.consequences}
    </Button>,
  );
}
