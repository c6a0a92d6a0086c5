// What makes sure that two officers look at the same bytes: a digest that one reads to the other.
import type { RequestWritten } from "../../border";
import { Digest } from "../../parts/digest";
import { handoff as words } from "../../words/handoff";

export function ReadAloud({ request }: { request: RequestWritten }) {
  return (
    <>
      <p className="second small">{words.out.aloud}</p>
      <Digest digest={request.digest} of={words.out.digest} size="big" />
      <p className="ev break">
        <span className="hidden-words">{words.out.words}: </span>
        {request.words}
      </p>
    </>
  );
}
