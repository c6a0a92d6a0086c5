// A touch that a token waits for now, and the seconds it still waits. The desk says when; this only counts.
import { useEffect, useState } from "react";
import { useNotice } from ".";

export type Awaited = { device: string; signs: string; seconds: number; typesPin: boolean };

export function useTouch(): Awaited | null {
  const [awaited, setAwaited] = useState<Awaited | null>(null);
  useNotice((notice) => {
    if (notice.kind === "touchAwaited") setAwaited({ device: notice.device, signs: notice.signs, seconds: notice.seconds, typesPin: notice.typesPin });
    if (notice.kind === "touchOver") setAwaited(null);
  });
  const waits = awaited !== null;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => setAwaited((now) => now && { ...now, seconds: Math.max(0, now.seconds - 1) }), 1000);
    return () => clearInterval(timer);
  }, [waits]);
  return awaited;
}
