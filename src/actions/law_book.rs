//! The law as it holds in this installation: what is built in, with the corrections in force laid over it.
//!
//! Every process keeps a snapshot and compares the number of decisions in the database with the one that it was made
//! from: at each waking of the scheduler, and at a page where it last looked half a minute ago. So a correction made
//! through one process holds in all others within a minute.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Duration, Utc};

use super::{App, Deed};
use crate::domain::ids::CorrectionId;
use crate::law::{Code, Correction, Library};
use crate::store::law_corrections::{self, Kept, Standing};

/// A page looks for newer decisions where nobody looked for this long.
const LOOK_EVERY: Duration = Duration::seconds(30);

/// The built-in law, and what holds now.
#[derive(Debug)]
pub struct LawBook {
    built_in: Arc<Library>,
    held: RwLock<Held>,
}

#[derive(Debug, Clone)]
struct Held {
    law: Arc<Library>,
    /// The number of decisions that this is the state of.
    revision: u64,
    /// Corrections in force that do not hold over the built-in law: a newer version of the program changed the file.
    unfit: Vec<(CorrectionId, String)>,
    looked_at: Option<DateTime<Utc>>,
}

/// Corrections in force, laid over a law.
pub struct Laid {
    pub law: Library,
    /// Those that do not fit, each with why. They are left out, and the law pages say so.
    pub unfit: Vec<(CorrectionId, String)>,
}

impl LawBook {
    /// The book before anything was read of the database.
    pub fn new(built_in: Library) -> LawBook {
        let built_in = Arc::new(built_in);
        let law = Arc::clone(&built_in);
        LawBook {
            built_in,
            held: RwLock::new(Held {
                law,
                revision: 0,
                unfit: Vec::new(),
                looked_at: None,
            }),
        }
    }

    fn held(&self) -> Held {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The law without any correction.
    pub fn built_in(&self) -> Arc<Library> {
        Arc::clone(&self.built_in)
    }

    /// Why a correction in force is left out, if it is.
    pub fn unfit(&self, id: CorrectionId) -> Option<String> {
        self.held()
            .unfit
            .into_iter()
            .find(|(known, _)| *known == id)
            .map(|(_, why)| why)
    }

    /// Lays corrections over the built-in law, in their order.
    pub fn lay(&self, corrections: &[&Kept]) -> Laid {
        let one = |kept: &Kept| Correction {
            code: kept.proposed.code,
            text: kept.proposed.text.clone(),
        };
        let all: Vec<Correction> = corrections.iter().map(|kept| one(kept)).collect();
        if let Ok(law) = self.built_in.corrected(&all) {
            return Laid {
                law,
                unfit: Vec::new(),
            };
        }
        // One that no longer fits must not take the others with it.
        let mut fit: Vec<Correction> = Vec::new();
        let mut law = (*self.built_in).clone();
        let mut unfit = Vec::new();
        for kept in corrections {
            fit.push(one(kept));
            match self.built_in.corrected(&fit) {
                Ok(with_it) => law = with_it,
                Err(problems) => {
                    fit.pop();
                    let says: Vec<String> = problems
                        .iter()
                        .map(|problem| format!("{}: {}", problem.key, problem.says))
                        .collect();
                    unfit.push((kept.proposed.id, says.join("; ")));
                }
            }
        }
        Laid { law, unfit }
    }
}

/// The corrections in force of a list, in the order of their approval.
pub fn in_force(all: &[Kept]) -> Vec<&Kept> {
    all.iter()
        .filter(|kept| kept.standing() == Standing::InForce)
        .collect()
}

impl App {
    /// The law as it holds now. Keep it for one piece of work, not longer.
    pub fn law(&self) -> Arc<Library> {
        self.laws.held().law
    }

    /// The law of one jurisdiction as it holds now.
    pub fn law_of_code(&self, code: &str) -> Option<Arc<crate::law::Jurisdiction>> {
        let code: Code = code.parse().ok()?;
        self.law().share(&code)
    }

    /// Reads the decisions anew if there are newer ones. True where the law is another than before.
    pub async fn follow_law(&self, now: DateTime<Utc>) -> Deed<bool> {
        let known = self.laws.held().revision;
        let newest = law_corrections::revision(self.store.read()).await?;
        if newest == known {
            let mut held = self
                .laws
                .held
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            held.looked_at = Some(now);
            return Ok(false);
        }
        let (all, revision) = law_corrections::list(self.store.read()).await?;
        let laid = self.laws.lay(&in_force(&all));
        for (id, why) in &laid.unfit {
            tracing::warn!(correction = %id, why, "a correction of the law no longer fits the law built in and is left out");
        }
        let mut held = self
            .laws
            .held
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Somebody may have read a newer state meanwhile: the number only grows.
        if revision > held.revision {
            *held = Held {
                law: Arc::new(laid.law),
                revision,
                unfit: laid.unfit,
                looked_at: Some(now),
            };
        }
        Ok(true)
    }

    /// The same where nobody looked for half a minute: for pages.
    pub async fn follow_law_at_times(&self, now: DateTime<Utc>) -> Deed<()> {
        let looked_at = self.laws.held().looked_at;
        if looked_at.is_none_or(|at| now - at >= LOOK_EVERY || at > now) {
            self.follow_law(now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use crate::law::Patch;
    use crate::store::law_corrections::{Decided, Proposed};

    fn kept(text: &str) -> Kept {
        let decided = Decided {
            by: UserId::new(),
            at: DateTime::UNIX_EPOCH,
            why: String::new(),
        };
        Kept {
            proposed: Proposed {
                id: CorrectionId::new(),
                code: "WA".parse().expect("a code"),
                text: text.to_owned(),
                reason: "a test".to_owned(),
                source_title: "a page".to_owned(),
                source_url: "https://example.org".to_owned(),
                source_read_on: "2026-01-12".parse().expect("a day"),
                in_force_from: None,
                in_force_until: None,
                proposed_by: UserId::new(),
                proposed_at: DateTime::UNIX_EPOCH,
            },
            approved: Some(decided),
            rejected: None,
            withdrawn: None,
        }
    }

    #[test]
    fn a_correction_that_no_longer_fits_does_not_take_the_others_with_it() {
        let book = LawBook::new(Library::embedded().expect("sound"));
        let code: Code = "WA".parse().expect("a code");
        let mut patch = {
            let law = book.built_in();
            Patch::of_key(law.get(&code).expect("a law"), "duty acknowledge")
        };
        patch.duties[0].days = Some(7);
        let good = kept(&patch.write().expect("text"));
        let stale = kept("drop = [\"duty of-an-older-file\"]\n");
        let laid = book.lay(&[&stale, &good]);
        assert_eq!(laid.unfit.len(), 1);
        assert_eq!(laid.unfit[0].0, stale.proposed.id);
        assert!(laid.unfit[0].1.contains("there is no rule"));
        let on = "2026-01-12".parse().expect("a day");
        let duty = |law: &Library| law.get(&code)?.duty("acknowledge", on)?.days;
        assert_eq!(duty(&laid.law), Some(7));
        assert_eq!(
            duty(&book.built_in()),
            Some(5),
            "the built-in law stays as it is"
        );
    }
}
