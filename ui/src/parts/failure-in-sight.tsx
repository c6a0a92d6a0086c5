// A failure panel that is brought into sight when it appears: it may stand above or below what is scrolled to.
import { useEffect, useRef } from "react";
import { FailurePanel, type FailureProps } from "./failure";

export function FailureInSight({ failure, onDismiss }: { failure: FailureProps | undefined; onDismiss: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failure) place.current?.scrollIntoView({ block: "nearest" });
  }, [failure]);
  return failure ? (
    <div ref={place}>
      <FailurePanel failure={failure} onDismiss={onDismiss} />
    </div>
  ) : null;
}
