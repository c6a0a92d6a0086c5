// Nothing here: one sentence, what it means, and what one can do.
import type { ReactNode } from "react";

export function Empty({ say, why, children }: { say: string; why?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="strong">{say}</p>
      {why ? <p className="second measure">{why}</p> : null}
      {children ? <div className="row">{children}</div> : null}
    </div>
  );
}

/** While the desk is asked. Named by what is read, never a bare spinner. */
export function Reading({ what }: { what: string }) {
  return (
    <p className="reading" role="status">
      {what}
    </p>
  );
}
