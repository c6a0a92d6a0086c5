//! The PIV applet: which command does what, who may, and when a key may be used (SP 800-73-4 and Yubico's extensions).
//! It is as strict as hardware ever is: with PIN policy ALWAYS any command between VERIFY and the signature undoes the PIN.

use crate::CardSpec;
use crate::apdu::{Answered, status};
use crate::controls::Controls;
use crate::management_key::{ManagementKey, Step};
use crate::objects::Objects;
use crate::pins::Secret;
use crate::slots::{PIN_ALWAYS, PIN_NEVER, Slots, TOUCH_CACHED, TOUCH_NEVER};
use crate::tlv::{Elements, tlv};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::time::{Duration, Instant};

/// How long a touch counts with touch policy CACHED.
const CACHED: Duration = Duration::from_secs(15);

/// What lasts until another applet is selected or the power goes.
#[derive(Default)]
struct Session {
    pin: bool,
    management: bool,
    touched: Option<Instant>,
}

/// The applet with all it remembers.
pub struct Piv {
    spec: CardSpec,
    rng: StdRng,
    pin: Secret,
    puk: Secret,
    management: ManagementKey,
    slots: Slots,
    objects: Objects,
    session: Session,
    /// VERIFY was the command just before.
    fresh: bool,
}

/// One command for the applet.
pub struct Command<'a> {
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    pub data: &'a [u8],
}

impl Piv {
    /// A new card's applet, with an attestation key in F9.
    pub fn new(spec: &CardSpec) -> Self {
        let mut rng = StdRng::seed_from_u64(spec.seed << 32 | u64::from(spec.serial));
        let (slots, certificate) = Slots::factory(spec, &mut rng);
        Self {
            rng,
            pin: Secret::pin(),
            puk: Secret::puk(),
            management: ManagementKey::factory(spec.firmware),
            slots,
            objects: Objects::factory(&certificate),
            session: Session::default(),
            fresh: false,
            spec: spec.clone(),
        }
    }

    /// Forgets who is logged in.
    pub fn log_out(&mut self) {
        self.session = Session::default();
        self.fresh = false;
        self.management.forget();
    }

    /// A command failed before it reached the applet: it came between all the same.
    pub fn disturbed(&mut self) {
        self.fresh = false;
    }

    pub fn pin(&mut self) -> &mut Secret {
        &mut self.pin
    }

    /// Everything that lasts, as bytes.
    pub fn state(&self) -> Vec<u8> {
        let parts = [
            self.pin.state(),
            self.puk.state(),
            self.management.state(),
            self.slots.state(),
            self.objects.state(),
        ];
        parts.concat()
    }

    /// Carries a command out.
    pub fn run(&mut self, command: &Command, controls: &Controls) -> Answered {
        let fresh = std::mem::take(&mut self.fresh);
        let Command { ins, p1, p2, data } = *command;
        match ins {
            0x20 => self.verify(p1, p2, data),
            0x24 | 0x2c => self.change_reference(ins, p2, data),
            0x47 => {
                self.administrator()?;
                self.slots.generate(p2, data, &mut self.rng)
            }
            0x87 => self.general_authenticate(p1, p2, data, fresh, controls),
            0xcb => self.objects.read(data, self.session.pin),
            0xdb => {
                self.administrator()?;
                self.objects.write(data)
            }
            0xf6 => {
                self.since([5, 7, 0])?;
                self.administrator()?;
                self.slots.move_key(p2, p1)
            }
            0xf7 => self.metadata(p2),
            0xf8 => Ok(self.spec.serial.to_be_bytes().to_vec()),
            0xf9 => self.slots.attest(p1, &mut self.rng),
            0xfa => self.set_tries(p1, p2),
            0xfb => self.reset(),
            0xfd => Ok(self.spec.firmware.to_vec()),
            0xfe => {
                self.administrator()?;
                self.slots.import(p2, p1, data)
            }
            0xff => self.set_management_key(p2, data),
            _ => Err(status::UNKNOWN_COMMAND),
        }
    }

    fn administrator(&self) -> Result<(), u16> {
        if self.session.management {
            Ok(())
        } else {
            Err(status::SECURITY)
        }
    }

    fn since(&self, firmware: [u8; 3]) -> Result<(), u16> {
        if self.spec.firmware >= firmware {
            Ok(())
        } else {
            Err(status::UNKNOWN_COMMAND)
        }
    }

    fn verify(&mut self, p1: u8, reference: u8, data: &[u8]) -> Answered {
        match (reference, p1, data.len()) {
            (0x80, 0xff, _) => self.session.pin = false,
            (0x80, _, 0) if self.session.pin => {}
            (0x80, _, 0) => self.pin.standing()?,
            (0x80, _, 8) => {
                self.session.pin = false;
                self.pin.check(data)?;
                (self.session.pin, self.fresh) = (true, true);
            }
            (0x80, _, _) => return Err(status::WRONG_DATA),
            _ => return Err(status::NO_REFERENCE),
        }
        Ok(Vec::new())
    }

    /// CHANGE REFERENCE DATA (24) and RESET RETRY COUNTER (2C). The old value is compared, and a miss counted, before the
    /// new one is looked at: tools block PIN and PUK on purpose with nonsense before RESET.
    fn change_reference(&mut self, ins: u8, reference: u8, data: &[u8]) -> Answered {
        let (old, new) = data
            .split_at_checked(8)
            .filter(|(_, new)| new.len() == 8)
            .ok_or(status::WRONG_LENGTH)?;
        match (ins, reference) {
            (0x24, 0x80) => {
                self.pin.check(old)?;
                self.pin.change(new)?;
            }
            (0x24, 0x81) => {
                self.puk.check(old)?;
                self.puk.change(new)?;
            }
            (0x2c, 0x80) => {
                self.puk.check(old)?;
                self.pin.change(new)?;
                self.pin.unblock();
            }
            _ => return Err(status::NO_REFERENCE),
        }
        Ok(Vec::new())
    }

    fn general_authenticate(
        &mut self,
        algorithm: u8,
        slot: u8,
        data: &[u8],
        fresh: bool,
        controls: &Controls,
    ) -> Answered {
        let template = Elements::read(data).and_then(|outer| Elements::read(outer.find(0x7c)?));
        let template = template.ok_or(status::WRONG_DATA)?;
        if slot == 0x9b {
            return self.prove_management_key(algorithm, &template, controls);
        }
        let key = self.slots.usable(slot, algorithm)?;
        let (pin, touch) = key.policies(slot);
        let allowed = match pin {
            PIN_NEVER => true,
            PIN_ALWAYS => fresh,
            _ => self.session.pin,
        };
        if !allowed {
            return Err(status::SECURITY);
        }
        let cached = touch == TOUCH_CACHED && self.session.touched.is_some_and(|at| at.elapsed() < CACHED);
        if touch != TOUCH_NEVER && !cached {
            if !controls.asks_for_touch() {
                return Err(status::SECURITY);
            }
            self.session.touched = Some(Instant::now());
        }
        let result = match (template.find(0x81), template.find(0x85)) {
            (Some(data), _) => key.private.sign(data),
            (None, Some(point)) => key.private.agree(point),
            (None, None) => None,
        };
        Ok(tlv(0x7c, &tlv(0x82, &result.ok_or(status::WRONG_DATA)?)))
    }

    fn prove_management_key(&mut self, algorithm: u8, template: &Elements, controls: &Controls) -> Answered {
        let step = self.management.step(algorithm, template, &mut self.rng)?;
        if matches!(step, Step::Proven(_)) {
            if self.management.wants_touch() && !controls.asks_for_touch() {
                return Err(status::SECURITY);
            }
            self.session.management = true;
        }
        step.answer()
    }

    fn metadata(&self, reference: u8) -> Answered {
        self.since([5, 3, 0])?;
        match reference {
            0x80 => Ok(self.pin.metadata()),
            0x81 => Ok(self.puk.metadata()),
            0x9b => Ok(self.management.metadata()),
            slot => self.slots.metadata(slot),
        }
    }

    /// SET PIN RETRIES puts both values back to the factory's.
    fn set_tries(&mut self, pin: u8, puk: u8) -> Answered {
        if !self.session.management || !self.session.pin {
            return Err(status::SECURITY);
        }
        if pin == 0 || puk == 0 {
            return Err(status::WRONG_DATA);
        }
        self.pin.restart(pin);
        self.puk.restart(puk);
        Ok(Vec::new())
    }

    /// RESET, only when PIN and PUK are blocked. The attestation key and its certificate stay.
    fn reset(&mut self) -> Answered {
        if !self.pin.is_blocked() || !self.puk.is_blocked() {
            return Err(status::CONDITIONS);
        }
        self.slots.reset();
        self.objects.reset();
        (self.pin, self.puk) = (Secret::pin(), Secret::puk());
        self.management = ManagementKey::factory(self.spec.firmware);
        self.log_out();
        Ok(Vec::new())
    }

    fn set_management_key(&mut self, p2: u8, data: &[u8]) -> Answered {
        self.administrator()?;
        self.management = ManagementKey::read(data, p2 == 0xfe, self.spec.firmware)?;
        Ok(Vec::new())
    }
}
