// A SHA-256 in 8 groups of 8. First and last are heavy because those are read aloud. Pressing it copies it ungrouped.
import { Fragment, type KeyboardEvent, useState } from "react";
import { Button } from "react-aria-components";
import { bare, groups } from "../words/format";
import { digestWords } from "../words/parts";

export type DigestSize = "small" | "big" | "ends";

export function Digest({ digest, of, size = "small" }: { digest: string; of: string; size?: DigestSize }) {
  const [copied, setCopied] = useState(false);
  const all = groups(digest);
  const copy = (text: string) => {
    void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "c") return;
    event.preventDefault();
    copy(event.shiftKey ? all.join("  ") : bare(digest));
  };
  const shown = size === "ends" ? [all[0] ?? "", "…", all.at(-1) ?? ""] : all;
  return (
    <Button
      className={`digest ${size}`}
      onPress={() => copy(bare(digest))}
      onKeyDown={(event) => onKeyDown(event as unknown as KeyboardEvent)}
      onBlur={() => setCopied(false)}
    >
      <span className="hidden-words">{digestWords.of(of)}</span>
      {shown.map((group, index) => (
        // Groups of one digest may be alike; their place is their identity.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Fragment key={index}>
          {size === "big" ? (
            <span className="number" aria-hidden="true">
              {index + 1}
            </span>
          ) : null}
          <span className={index === 0 || index === shown.length - 1 ? "group end" : "group"}>
            {group}
            <span className="hidden-words">{index === shown.length - 1 ? digestWords.press : digestWords.next}</span>
          </span>
        </Fragment>
      ))}
      {copied ? (
        <span className="said" role="status">
          {digestWords.copied}
        </span>
      ) : null}
    </Button>
  );
}
