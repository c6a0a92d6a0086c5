// Written on every view of a practice repository, so that nobody takes it for a real one, nor a real one for it.
import { frame } from "../words/frame";
import { Icon } from "./icon";

export function PracticeLine() {
  return (
    <p className="practice-line">
      <Icon name="src-practice" size="s" />
      <b>{frame.practice}</b>
      {frame.practiceMeaning}
    </p>
  );
}

export function PracticeTag() {
  return (
    <span className="tag">
      <Icon name="src-practice" />
      {frame.practice}
    </span>
  );
}
