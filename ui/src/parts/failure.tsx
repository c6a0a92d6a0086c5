// What happened, what it says, what to do, and details to copy. It stays until it is read.
import { type ReactNode, useState } from "react";
import { failureText, failureWords } from "../words/failures";
import { Button } from "./button";

export type FailureProps = { kind: "refusal" | "interruption" | "fault"; code: string; message: string; details: { [key in string]?: string } };

export function FailurePanel({ failure, onRetry, onDismiss }: { failure: FailureProps; onRetry?: () => void; onDismiss?: () => void }) {
  const [copied, setCopied] = useState(false);
  const text = failureText(failure.code);
  const details: [string, string][] = [
    [failureWords.kinds[failure.kind].toLowerCase(), failure.code],
    ...Object.entries(failure.details).map(([name, value]): [string, string] => [name, value ?? ""]),
  ];
  const copy = () => {
    const lines = [`${failure.code}: ${failure.message}`, ...details.map(([name, value]) => `${name}: ${value}`)];
    void navigator.clipboard?.writeText(lines.join("\n")).then(() => setCopied(true));
  };
  return (
    <div className={`failure ${failure.kind}`} role="alert">
      <Told head={failureWords.happened}>{text.what}</Told>
      <Told head={failureWords.means}>{failure.message}</Told>
      <Told head={failureWords.todo}>{text.todo}</Told>
      <dl className="both">
        {details.map(([name, value]) => (
          <DetailRow key={name} name={name} value={value} />
        ))}
      </dl>
      <div className="both row">
        {onRetry ? (
          <Button icon="a-refresh" onPress={onRetry}>
            {failureWords.tryAgain}
          </Button>
        ) : null}
        <Button look="quiet" icon="a-copy" onPress={copy}>
          {copied ? failureWords.copied : failureWords.copy}
        </Button>
        {onDismiss ? (
          <Button look="quiet" onPress={onDismiss}>
            {failureWords.dismiss}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

export function Told({ head, children }: { head: string; children: ReactNode }) {
  return (
    <>
      <p className="strong">{head}</p>
      <p>{children}</p>
    </>
  );
}

function DetailRow({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
