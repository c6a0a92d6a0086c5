// A finding: standing icon, claim, why, one action.
import type { ReactNode } from "react";
import type { StandingWord } from "../words/standings";
import { Icon } from "./icon";
import { StandingIcon } from "./standing";

export function FindingRow({ standing, claim, why, children }: { standing: StandingWord | null; claim: ReactNode; why: ReactNode; children?: ReactNode }) {
  return (
    // J and K move between findings, so each can take the focus.
    <li className="finding" data-finding="" tabIndex={-1}>
      {standing ? <StandingIcon standing={standing} /> : <Icon name="attention" className="muted" />}
      <div>
        <p className="claim">{claim}</p>
        <p className="why">{why}</p>
      </div>
      <div>{children}</div>
    </li>
  );
}
