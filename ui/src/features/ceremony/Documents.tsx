// The documents that are signed: their thresholds, their frozen bytes, and which come after which.
import type { DocumentView } from "../../border";
import { Digest } from "../../parts/digest";
import { Meter } from "../../parts/meter";
import { ceremony } from "../../words/ceremony";

const words = ceremony.sign;

export function Documents({ documents }: { documents: DocumentView[] }) {
  const several = documents.length > 1;
  return (
    <div className={several ? "documents several" : "documents"}>
      {documents.map((document) => (
        <section key={document.role} aria-label={words.document(document.role, document.version)}>
          {several ? (
            <h2 className="row">
              {words.document(document.role, document.version)}
              <span className="muted small">{words.documentStates[document.state]}</span>
            </h2>
          ) : null}
          <div className="meters">
            {document.meters.map((meter) => (
              <Meter key={meter.label} {...meter} />
            ))}
            {document.review.digest === "" ? null : (
              <div className="meter">
                <div className="said">
                  <span className="strong">{words.frozen}</span>
                  <span className="muted small right">{words.ends}</span>
                </div>
                <Digest digest={document.review.digest} of={words.frozenOf(document.role)} size="ends" />
              </div>
            )}
          </div>
        </section>
      ))}
    </div>
  );
}
