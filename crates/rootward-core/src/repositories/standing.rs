//! One word per node, worst first, and which fact forces which word.
//!
//! Decides from facts that are handed in; it verifies nothing itself.

use rootward_tuf::{
    finding::{Code, Severity},
    role::RoleName,
    time::{Expiry, Instant},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One word per node, worst first. Nothing is sound without an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Something contradicts what was proven: rollback, wrong hash, two keys under one id.
    Suspect,
    /// Fewer good signatures than the parent asks.
    UnderThreshold,
    /// Its end has passed.
    Expired,
    /// No root was given, pinned, stored or confirmed.
    Unanchored,
    /// The source did not answer, or the document could not be had.
    Unreachable,
    /// Ends within the warning time (30 days; 3 for a timestamp).
    Expiring,
    /// Named by its parent, not published yet; or never read.
    NeverSeen,
    /// Walked and proven on this machine.
    Sound,
}

impl Standing {
    /// The word in output, as serde writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Suspect => "suspect",
            Standing::UnderThreshold => "under-threshold",
            Standing::Expired => "expired",
            Standing::Unanchored => "unanchored",
            Standing::Unreachable => "unreachable",
            Standing::Expiring => "expiring",
            Standing::NeverSeen => "never-seen",
            Standing::Sound => "sound",
        }
    }

    /// The standing that a finding forces on its role; `None` for what is only worth knowing.
    pub fn forced_by(code: Code, severity: Severity) -> Option<Standing> {
        match (code, severity) {
            (_, Severity::Suspect) => Some(Standing::Suspect),
            (Code::NotPublished, _) => Some(Standing::NeverSeen),
            (Code::NoAnchor, _) => Some(Standing::Unanchored),
            (_, Severity::Info | Severity::Warning) => None,
            (Code::Expired, Severity::Broken) => Some(Standing::Expired),
            (Code::UnderThreshold, Severity::Broken) => Some(Standing::UnderThreshold),
            (_, Severity::Broken) => Some(Standing::Unreachable),
        }
    }

    /// The standing of a proven document by its end alone: expired, expiring or sound.
    pub fn by_expiry(role: &RoleName, expires: &Expiry, now: Instant) -> Standing {
        if expires.is_expired(now) {
            Standing::Expired
        } else if expires.at <= now.plus_seconds(warning_days(role) * DAY) {
            Standing::Expiring
        } else {
            Standing::Sound
        }
    }
}

/// Whole days until `expires`, or since it when negative; less than one is none, on either side.
pub fn days_left(expires: &Expiry, now: Instant) -> i32 {
    let days = (expires.at.unix_seconds() - now.unix_seconds()) / DAY;
    days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// Seconds of a day.
pub const DAY: i64 = 24 * 60 * 60;

/// A timestamp is re-signed every few days anyway; everything else takes people.
fn warning_days(role: &RoleName) -> i64 {
    if *role == RoleName::timestamp() { 3 } else { 30 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_standing_comes_first() {
        let mut words = [
            Standing::Sound,
            Standing::Expiring,
            Standing::Suspect,
            Standing::Expired,
        ];
        words.sort();
        assert_eq!(
            words,
            [
                Standing::Suspect,
                Standing::Expired,
                Standing::Expiring,
                Standing::Sound
            ]
        );
    }

    #[test]
    fn a_timestamp_is_warned_of_three_days_before_and_all_else_thirty() {
        let now = Instant::parse("2030-01-01T00:00:00Z").unwrap();
        let in_days = |days: i64| Expiry::parse(&now.plus_seconds(days * DAY).to_seconds_text()).unwrap();
        let cases = [
            (RoleName::timestamp(), 4, Standing::Sound),
            (RoleName::timestamp(), 3, Standing::Expiring),
            (RoleName::root(), 31, Standing::Sound),
            (RoleName::root(), 30, Standing::Expiring),
            (RoleName::root(), 0, Standing::Expired),
            (RoleName::root(), -1, Standing::Expired),
        ];
        for (role, days, standing) in cases {
            assert_eq!(
                Standing::by_expiry(&role, &in_days(days), now),
                standing,
                "{role} in {days} days"
            );
        }
    }

    #[test]
    fn days_left_count_down_through_zero() {
        let expires = Expiry::parse("2030-01-02T00:00:00Z").unwrap();
        let at = |text: &str| days_left(&expires, Instant::parse(text).unwrap());
        assert_eq!(at("2030-01-01T00:00:00Z"), 1);
        assert_eq!(at("2030-01-01T00:00:01Z"), 0);
        assert_eq!(at("2030-01-02T00:00:01Z"), 0);
        // Four days and a second are four days, left or gone.
        assert_eq!((at("2029-12-28T23:59:59Z"), at("2030-01-06T00:00:01Z")), (4, -4));
    }
}
