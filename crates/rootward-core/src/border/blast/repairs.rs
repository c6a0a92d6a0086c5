//! Repairs, step by step.

use rootward_tuf::{
    blast::{Hands, Repair, Step},
    dialect::Dialect,
};

use super::{Telling, first_names, visible_names};
use crate::border::{BlastRepairView, BlastStep, Mark, Sentence, Voice, counted};

impl Telling<'_, '_> {
    pub(super) fn repairs(&self) -> Vec<BlastRepairView> {
        self.blast.repairs.iter().map(|repair| self.repair(repair)).collect()
    }

    fn repair(&self, repair: &Repair) -> BlastRepairView {
        let (step, what, why) = match &repair.step {
            Step::Root { rekeyed } => (
                BlastStep::Root,
                Sentence::new(Mark::Changed)
                    .plain("Issue the next ")
                    .subject("root")
                    .plain(": the stolen leave ")
                    .list(Voice::Subject, &visible_names(rekeyed))
                    .plain(", and other keys come in."),
                vec![Sentence::note(
                    "It is signed twice: by enough of the keys that were in root before, and by enough of those in it then.",
                )],
            ),
            Step::OutOfBand {
                rekeyed,
                copies_would_do,
            } => (
                BlastStep::OutOfBand,
                Sentence::warning("Bring every client a new ")
                    .subject("root")
                    .plain(" by another way than this repository; it gives ")
                    .list(Voice::Subject, &visible_names(rekeyed))
                    .plain(" other keys."),
                self.out_of_band(*copies_would_do),
            ),
            Step::Documents {
                roles,
                compare,
                rekeyed,
            } => {
                let what = Sentence::new(Mark::Changed)
                    .plain("Issue ")
                    .list(Voice::Subject, &visible_names(roles))
                    .plain(" again");
                let what = if rekeyed.is_empty() {
                    what.plain(".")
                } else {
                    what.plain(": the stolen leave ")
                        .list(Voice::Subject, &visible_names(rekeyed))
                        .plain(", and other keys come in.")
                };
                let why = compare.then(|| {
                    Sentence::warning(
                        "Compare what is listed and delegated with a version from before the theft: whoever signs what is \
                         there now makes the thief's entries good again.",
                    )
                });
                (BlastStep::Documents, what, why.into_iter().collect())
            }
            Step::Check { roles } => (
                BlastStep::Check,
                Sentence::note("Look at ")
                    .list(Voice::Subject, &visible_names(roles))
                    .plain(": they could have been given other keys from above. Issue again whatever was changed."),
                Vec::new(),
            ),
            Step::Online { roles } => (
                BlastStep::Online,
                Sentence::new(Mark::Changed)
                    .plain("Issue ")
                    .list(Voice::Subject, &visible_names(roles))
                    .plain(", which name the new documents."),
                vec![Sentence::note(
                    "All of it belongs into one publication: so nobody can answer to half of a repair.",
                )],
            ),
        };
        BlastRepairView {
            step,
            what,
            why,
            possible: repair.hands.as_ref().is_none_or(Hands::are_enough),
            by: repair.hands.as_ref().map(|hands| self.by(step, hands)),
        }
    }

    fn by(&self, step: BlastStep, hands: &Hands) -> Sentence {
        if hands.fresh {
            return Sentence::note("Signed by the keys that come in.");
        }
        if step == BlastStep::Online && self.blast.dialect() == Dialect::Notary {
            return Sentence::note("The Notary server signs the timestamp, and the snapshot where it holds its key.");
        }
        let labels: Vec<String> = hands.left.iter().map(|physical| self.label(physical)).collect();
        if labels.is_empty() {
            return Sentence::warning(format!(
                "It takes {}, and no key is left.",
                counted(hands.threshold, "signature")
            ));
        }
        if hands.are_enough() {
            let sentence = if hands.threshold == labels.len() as u64 {
                Sentence::note("Signed by ")
            } else {
                Sentence::note(format!("Signed by {} of ", hands.threshold))
            };
            return sentence.list(Voice::Evidence, &first_names(&labels)).plain(".");
        }
        Sentence::warning(format!(
            "It takes {}, and there is only ",
            counted(hands.threshold, "signature")
        ))
        .list(Voice::Evidence, &first_names(&labels))
        .plain(".")
    }

    fn out_of_band(&self, copies_would_do: bool) -> Vec<Sentence> {
        let mut why = Vec::new();
        if copies_would_do {
            why.push(Sentence::warning(
                "If copies of the stolen keys are still at hand, they do for a next root as well as they do for the thief: \
                 then issue root and all the rest in one publication, and be quicker. Once the thief's root has reached a \
                 client, only the other way is left for it.",
            ));
        }
        why.push(match self.blast.dialect() {
            Dialect::Tuf1 => Sentence::note(
                "An update of the client's program, a package, a card: whatever brought clients their first root.",
            ),
            Dialect::Notary => Sentence::note(
                "Whoever administers the server can remove the repository and begin it anew with a root that was never \
                 exposed; every client then has to drop what it remembers of it.",
            ),
        });
        why
    }
}
