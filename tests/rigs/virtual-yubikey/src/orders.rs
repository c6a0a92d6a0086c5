//! What a person tells a running card, a line each: typed, so that a slip is answered and not guessed at.

use crate::controls::{Fault, Touch, When};
use crate::yubikey::VirtualYubiKey;
use std::fmt::Write;
use std::str::FromStr;
use std::time::Duration;

/// The lines there are.
pub const HELP: &str = "touch [MS] · deny [MS] · wait · press · unplug · replug · tries N · slow MS · \
fault N KIND [INS] (kind: 6982, 6f00 or another status word, garbage, last-bit, drop, lose, unplug) · no-faults · count · trace · reset · quit";

/// One order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Touch(Touch),
    Press,
    Unplug,
    Replug,
    Tries(u8),
    Slow(Duration),
    Fault { nth: usize, fault: Fault, when: When },
    NoFaults,
    Count,
    Trace,
    Reset,
    Quit,
}

impl Order {
    /// Obeys, and gives the line to answer with.
    pub fn obey(self, card: &VirtualYubiKey) -> String {
        match self {
            Self::Touch(touch) => card.touch(touch),
            Self::Press => card.press(),
            Self::Unplug => card.unplug(),
            Self::Replug => card.replug(),
            Self::Tries(left) => card.retries(left),
            Self::Slow(each) => card.slow(each),
            Self::Fault { nth, fault, when } => card.fault_at(nth, when, fault),
            Self::NoFaults => card.no_faults(),
            Self::Count => return format!("{} commands, {} touches", card.apdu_count(), card.touches()),
            Self::Trace => {
                return card.trace().iter().fold(String::new(), |mut text, header| {
                    let _ = write!(
                        text,
                        "{:02x}{:02x}{:02x}{:02x}+{} ",
                        header.class, header.ins, header.p1, header.p2, header.length
                    );
                    text
                });
            }
            Self::Reset => card.reset_counters(),
            Self::Quit => {}
        }
        "ok".to_owned()
    }
}

impl FromStr for Order {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let order = match words[..] {
            ["touch"] => Self::Touch(Touch::Given { after: Duration::ZERO }),
            ["touch", after] => Self::Touch(Touch::Given {
                after: milliseconds(after)?,
            }),
            ["deny"] => Self::Touch(Touch::Denied { after: Duration::ZERO }),
            ["deny", after] => Self::Touch(Touch::Denied {
                after: milliseconds(after)?,
            }),
            ["wait"] => Self::Touch(Touch::WhenPressed),
            ["press"] => Self::Press,
            ["unplug"] => Self::Unplug,
            ["replug"] => Self::Replug,
            ["tries", left] => Self::Tries(number(left)?),
            ["slow", each] => Self::Slow(milliseconds(each)?),
            ["fault", nth, kind] => Self::Fault {
                nth: number(nth)?,
                fault: fault(kind)?,
                when: When::Any,
            },
            ["fault", nth, kind, ins] => {
                let ins = u8::from_str_radix(ins, 16).map_err(|_| format!("no instruction byte: {ins}"))?;
                Self::Fault {
                    nth: number(nth)?,
                    fault: fault(kind)?,
                    when: When::Ins(ins),
                }
            }
            ["no-faults"] => Self::NoFaults,
            ["count"] => Self::Count,
            ["trace"] => Self::Trace,
            ["reset"] => Self::Reset,
            ["quit"] => Self::Quit,
            _ => return Err(HELP.to_owned()),
        };
        Ok(order)
    }
}

fn number<N: FromStr>(word: &str) -> Result<N, String> {
    word.parse().map_err(|_| format!("no number that fits: {word}"))
}

fn milliseconds(word: &str) -> Result<Duration, String> {
    number(word).map(Duration::from_millis)
}

fn fault(word: &str) -> Result<Fault, String> {
    match word {
        "garbage" => Ok(Fault::Garbage),
        "last-bit" => Ok(Fault::LastBit),
        "drop" => Ok(Fault::Dropped),
        "lose" => Ok(Fault::AnswerLost),
        "unplug" => Ok(Fault::Unplugged),
        word => match u16::from_str_radix(word, 16) {
            Ok(status) if word.len() == 4 => Ok(Fault::Status(status)),
            _ => Err(format!("no kind of fault: {word}")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_line() {
        let orders = [
            (
                "touch 250",
                Order::Touch(Touch::Given {
                    after: Duration::from_millis(250),
                }),
            ),
            ("deny", Order::Touch(Touch::Denied { after: Duration::ZERO })),
            ("tries 1", Order::Tries(1)),
            (
                "fault 3 6f00",
                Order::Fault {
                    nth: 3,
                    fault: Fault::Status(0x6f00),
                    when: When::Any,
                },
            ),
            (
                "fault 1 lose 47",
                Order::Fault {
                    nth: 1,
                    fault: Fault::AnswerLost,
                    when: When::Ins(0x47),
                },
            ),
            ("  quit ", Order::Quit),
        ];
        for (line, order) in orders {
            assert_eq!(line.parse(), Ok(order), "{line}");
        }
        for wrong in [
            "",
            "touch soon",
            "tries 300",
            "fault 1",
            "fault 1 69",
            "fault x 6982",
            "fault 1 6982 zz",
            "burn",
        ] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong}");
        }
    }
}
