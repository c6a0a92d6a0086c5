//! Moments and expiry dates.
//!
//! Reads RFC 3339 with fractions and numeric offsets, as signed documents in the wild carry them, and compares moments,
//! never text. Reads no clock.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;

/// A moment, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

/// The moment a document stops being valid, and the text that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// As signed.
    pub text: String,
    /// The moment the text names; from it on, the document counts as expired.
    pub at: Instant,
}

/// A text that is no RFC 3339 date and time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date and time such as 2030-01-31T00:00:00Z")]
pub struct TimeError;

impl Instant {
    /// Reads RFC 3339: `Z` or a numeric offset, with or without a fraction of up to nine digits.
    ///
    /// Fails on anything else, on dates that do not exist and on leap seconds. The last two days of the year 9999 are as
    /// one: their first moments are the latest that can be reckoned with.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        parse(text).map(Instant).ok_or(TimeError)
    }

    /// The moment `seconds` after 1970-01-01T00:00:00Z; `None` beyond the year 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(Instant)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, a fraction dropped.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The moment `seconds` later (earlier if negative), held inside the years that can be written.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Instant(
            self.0
                .saturating_add(jiff::SignedDuration::from_secs(seconds))
                .unwrap_or(self.0),
        )
    }

    /// Writes seconds and `Z`, dropping a fraction: the form TUF 1.0 wants (4.2.3).
    pub fn to_seconds_text(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl Expiry {
    /// Reads an expiry as signed; fails as [`Instant::parse`] does.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Ok(Expiry {
            text: text.to_owned(),
            at: Instant::parse(text)?,
        })
    }

    /// Whether `now` has reached the date: equality counts as expired (TUF 5.3.10, 5.4.4, 5.5.6, 5.6.5).
    pub fn is_expired(&self, now: Instant) -> bool {
        self.at <= now
    }
}

/// Writes RFC 3339 in UTC with `Z`, with as many digits of a fraction as it needs.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Instant {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Instant::parse(text)
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (stamp, rest) = bytes.split_at_checked(19)?;
    for (place, mark) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        if stamp[place] != mark {
            return None;
        }
    }
    let two = |place: usize| Some(digits(&stamp[place..place + 2])? as i8);
    let (nanosecond, rest) = fraction(rest)?;
    let date_time = DateTime::new(
        digits(&stamp[..4])? as i16,
        two(5)?,
        two(8)?,
        two(11)?,
        two(14)?,
        two(17)?,
        nanosecond,
    )
    .ok()?;
    let utc = date_time.to_zoned(jiff::tz::TimeZone::UTC);
    let local = match utc {
        Ok(utc) => utc.timestamp(),
        // "Never", as some tools write it: no civil time is out of range but these last hours.
        Err(_) if date_time.year() == 9999 => Timestamp::MAX,
        Err(_) => return None,
    };
    local
        .checked_sub(jiff::SignedDuration::from_secs(offset_seconds(rest)?))
        .ok()
}

/// Reads `.123`; without a dot the fraction is zero.
fn fraction(rest: &[u8]) -> Option<(i32, &[u8])> {
    let Some(after) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let length = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let scale = 10i64.pow(9 - length as u32);
    Some(((digits(&after[..length])? * scale) as i32, &after[length..]))
}

/// Reads `Z`, `+hh:mm` or `-hh:mm` as seconds east of UTC.
fn offset_seconds(rest: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match rest {
        b"Z" => return Some(0),
        [b'+', h1, h2, b':', m1, m2] => (1, [*h1, *h2], [*m1, *m2]),
        [b'-', h1, h2, b':', m1, m2] => (-1, [*h1, *h2], [*m1, *m2]),
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads at most nine decimal digits.
fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions_are_honoured() {
        let cases = [
            ("2030-01-31T00:00:00Z", "2030-01-31T00:00:00Z"),
            ("2021-12-18T13:28:12.99008-06:00", "2021-12-18T19:28:12.99008Z"),
            ("2022-05-11T19:09:02.663975009Z", "2022-05-11T19:09:02.663975009Z"),
            ("2024-02-29T23:59:59+05:30", "2024-02-29T18:29:59Z"),
        ];
        for (text, utc) in cases {
            assert_eq!(Instant::parse(text).unwrap().to_string(), utc);
        }
        assert_eq!(
            Instant::parse("2021-12-18T13:28:12.99008-06:00")
                .unwrap()
                .to_seconds_text(),
            "2021-12-18T19:28:12Z"
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2030-01-31",
            "2030-01-31 00:00:00Z",
            "2030-01-31T00:00:00",
            "2030-02-30T00:00:00Z",
            "2030-01-31T24:00:00Z",
            "2030-01-31T23:59:60Z",
            "2030-01-31T00:00:00.Z",
            "2030-01-31T00:00:00.1234567890Z",
            "2030-01-31T00:00:00+0100",
            "2030-01-31T00:00:00+24:00",
            "2030-01-31t00:00:00z",
            "2030-01-31T00:00:00ZZ",
            "+030-01-31T00:00:00Z",
            "2030-01-31T00:00:0éZ",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert!(Instant::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_end_of_the_year_9999_is_read_and_is_later_than_everything() {
        let last = Instant::parse("9999-12-31T23:59:59Z").unwrap();
        assert!(last > Instant::parse("9999-12-30T12:00:00Z").unwrap());
        assert_eq!(
            Expiry::parse("9999-12-31T23:59:59Z").unwrap().text,
            "9999-12-31T23:59:59Z"
        );
        assert!(Instant::parse("10000-01-01T00:00:00Z").is_err());
    }

    #[test]
    fn a_document_expires_at_its_date_and_not_a_nanosecond_before() {
        let expiry = Expiry::parse("2034-09-30T11:29:58.188964Z").unwrap();
        assert!(!expiry.is_expired(Instant::parse("2034-09-30T11:29:58.188963999Z").unwrap()));
        assert!(expiry.is_expired(Instant::parse("2034-09-30T11:29:58.188964Z").unwrap()));
    }
}
