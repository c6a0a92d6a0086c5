// A token that waits for a finger. Said once when it begins; the seconds are for the eye.
import { Icon } from "./icon";
import { Serial } from "./serial";

export function TouchNow({ seconds, device, now, signs }: { seconds: number; device: string; now: string; signs: string }) {
  return (
    <div className="touching">
      <span className="ring" aria-hidden="true">
        <Icon name="a-touch" size="l" className="pulse" />
        <span className="ev">{seconds}</span>
      </span>
      <span role="status">
        <span className="strong block">{now}</span>
        <Serial label={device} /> {signs}
      </span>
    </div>
  );
}
