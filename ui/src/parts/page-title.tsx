// The heading of a wizard page. It takes the focus when the page is turned, so that a screen reader reads on from there.
import { type ReactNode, useEffect, useRef } from "react";

export function PageTitle({ children }: { children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <h1 className="title" tabIndex={-1} ref={title}>
      {children}
    </h1>
  );
}
