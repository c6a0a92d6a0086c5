// A threshold and how far it is met: cells up to a tall mark, dotted spares after it. A met meter is not yet green.
import { meterWords } from "../words/parts";

export type MeterProps = { label: string; have: number; need: number; keys: number; met: boolean };

export function Meter({ label, have, need, keys, met }: MeterProps) {
  const cells = Math.max(keys, need);
  return (
    <div className="meter">
      <div className="said">
        <span className="strong">{label}</span>
        <span className="ev right">{meterWords.of(have, need)}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: cells, a mark and spares can't be drawn inside a meter element */}
      <div
        className="cells"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={need}
        aria-valuenow={Math.min(have, need)}
        aria-valuetext={meterWords.said(have, need, met)}
      >
        {Array.from({ length: Math.min(cells, 24) }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: cells are alike but for their place
          <Cell key={index} index={index} have={have} need={need} last={index === cells - 1} />
        ))}
        <span className="more">{meterWords.more(have, need, met)}</span>
      </div>
    </div>
  );
}

function Cell({ index, have, need, last }: { index: number; have: number; need: number; last: boolean }) {
  const classes = ["cell", index < have ? "filled" : "", index >= need ? "spare" : ""].filter(Boolean).join(" ");
  return (
    <>
      {index === need ? <span className="stop" /> : null}
      <span className={classes} />
      {last && index === need - 1 ? <span className="stop" /> : null}
    </>
  );
}
