// The status line: the network, what is running (and can be cancelled), what was verified here, tokens, the desk's clock.
import { useEffect, useState } from "react";
import { ProgressBar } from "react-aria-components";
import { type ProgressView, useAct, useNotice, useView } from "../../border";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { spokenMinute } from "../../words/format";
import { status as words } from "../../words/frame";
import { TokenChips } from "./TokenChips";

export function Status({ onTokens }: { onTokens: () => void }) {
  const asked = useView({ kind: "estate" });
  const estate = asked.state === "known" ? asked.view : undefined;
  const [told, setTold] = useState<ProgressView | null>();
  useNotice((notice) => {
    if (notice.kind === "progress") setTold({ done: notice.done, of: notice.of, current: notice.current });
    if (notice.kind === "idle") setTold(null);
  });
  const progress = told === undefined ? (estate?.progress ?? null) : told;
  const online = useOnline();
  const now = useDeskClock(estate?.now);
  return (
    <footer className="status" data-part="">
      <span className="row">
        <Icon name={online ? "a-online" : "st-unreachable"} size="s" />
        {online ? words.online : words.offline}
      </span>
      <span className="sep" />
      {estate ? (
        <span>
          {estate.repositories === 0 ? words.none : words.verified(estate.verified, estate.repositories)}{" "}
          {estate.verifiedAt ? <span className="ev">{words.verifiedAt(estate.verifiedAt)}</span> : null}
        </span>
      ) : null}
      {progress ? <Running progress={progress} /> : null}
      <span className="right" />
      {estate?.practiceOnly ? (
        <span className="row">
          <Icon name="src-practice" size="s" />
          {words.practiceOnly}
        </span>
      ) : null}
      <TokenChips onTokens={onTokens} />
      <span className="sep" />
      <span className="ev clock">{now ? spokenMinute(now) : ""}</span>
    </footer>
  );
}

function Running({ progress }: { progress: ProgressView }) {
  const work = useAct();
  return (
    <>
      <span className="sep" />
      <span className="row">
        <span className="cut">{words.refreshing(progress.current)}</span>
        <ProgressBar aria-label={words.progressName} className="progress" value={progress.done} maxValue={Math.max(1, progress.of)}>
          {({ percentage }) => <div style={{ width: `${percentage ?? 0}%` }} />}
        </ProgressBar>
        <span className="ev">{words.progress(progress.done, progress.of)}</span>
        <Button look="quiet" isDisabled={work.running !== undefined} onPress={() => work.run({ kind: "cancelRefresh" })}>
          {words.cancel}
        </Button>
      </span>
    </>
  );
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}

/** The desk's clock: what it last said, carried on by this page's own. */
function useDeskClock(said: string | undefined): string | undefined {
  const [at, setAt] = useState<string>();
  useEffect(() => {
    if (!said) return;
    const heard = Date.now();
    const tick = () => setAt(new Date(Date.parse(said) + Date.now() - heard).toISOString());
    tick();
    const timer = setInterval(tick, 10_000);
    return () => clearInterval(timer);
  }, [said]);
  return at ?? said;
}
