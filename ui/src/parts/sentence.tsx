// Sentences in parts, so that evidence keeps its own voice. The marks are said aloud.
import { type MarkWord, marks } from "../words/parts";
import { Icon } from "./icon";

export type VoiceName = "plain" | "subject" | "evidence" | "removed" | "added";
export type SentenceProps = { mark: MarkWord; parts: { voice: VoiceName; text: string }[] };

export function Sentences({ sentences }: { sentences: SentenceProps[] }) {
  return (
    <ul className="say">
      {sentences.map((sentence, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences never move within a computed account
        <li key={index}>
          <MarkSign mark={sentence.mark} />
          <span>
            <SentenceText parts={sentence.parts} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function MarkSign({ mark }: { mark: MarkWord }) {
  return (
    <span className={`mk ${mark}`}>
      {mark === "warning" ? <Icon name="attention" size="s" /> : <span aria-hidden="true">{marks[mark].sign}</span>}
      <span className="hidden-words">{marks[mark].said}</span>
    </span>
  );
}

export function SentenceText({ parts }: { parts: SentenceProps["parts"] }) {
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts never move within a sentence
    <PartText key={index} voice={part.voice} text={part.text} />
  ));
}

function PartText({ voice, text }: { voice: VoiceName; text: string }) {
  switch (voice) {
    case "plain":
      return text;
    case "subject":
      return <b>{text}</b>;
    case "evidence":
      return <span className="ev">{text}</span>;
    case "removed":
      return <del className="ev">{text}</del>;
    case "added":
      return <ins className="ev">{text}</ins>;
  }
}
