//! What a morning's mail holds, and on which mornings there is one.

use chrono::{Datelike, NaiveDate, Weekday};

use super::watched::{Task, TaskKind};
use crate::domain::ids::UserId;
use crate::domain::person::{Role, Scope};

/// How many days ahead "this week" reaches.
pub const WEEK: u64 = 7;

/// How much there is to say to one person of one campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Reminders whose day has come.
    pub reminders: usize,
    /// Limits within a week.
    pub week: usize,
    /// Those of them that fall today.
    pub today: usize,
    pub changed: usize,
    pub waits: usize,
}

impl Amounts {
    pub fn and(self, other: Amounts) -> Amounts {
        Amounts {
            reminders: self.reminders + other.reminders,
            week: self.week + other.week,
            today: self.today + other.today,
            changed: self.changed + other.changed,
            waits: self.waits + other.waits,
        }
    }

    /// Whether a mail goes out. A morning on which nothing is to be told, nothing changed and nothing falls due is
    /// quiet: what only goes on waiting makes no mail of its own but on Monday, when the week begins.
    pub fn speaks(self, day: NaiveDate) -> bool {
        let monday = day.weekday() == Weekday::Mon;
        self.reminders > 0
            || self.changed > 0
            || self.today > 0
            || (monday && self.week + self.waits > 0)
    }
}

/// Whether a task waits for this member.
pub fn waits_for(task: &Task, owner: UserId, backup: Option<UserId>, by: &Scope) -> bool {
    let mine = owner == by.user;
    let cares = mine || backup == Some(by.user);
    match task.kind {
        TaskKind::Approval | TaskKind::Held => by.role == Role::Counsel,
        TaskKind::Returned | TaskKind::Draft | TaskKind::Portal => mine && by.may_draft(),
        TaskKind::Chaser | TaskKind::Approved | TaskKind::Unsorted => cares && by.may_draft(),
        TaskKind::Failed | TaskKind::Unknown => cares && by.sees_work(),
    }
}

/// Whether a limit of a request stands in this member's week: their own requests, those that they back, and to counsel
/// every limit of ours.
pub fn in_week_of(ours: bool, owner: UserId, backup: Option<UserId>, by: &Scope) -> bool {
    by.sees_work()
        && (owner == by.user || backup == Some(by.user) || (ours && by.role == Role::Counsel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CampaignId;

    #[test]
    fn a_quiet_day_sends_nothing() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let (monday, tuesday) = (day("2026-01-12"), day("2026-01-13"));
        let none = Amounts::default();
        let one = |change: fn(&mut Amounts)| {
            let mut amounts = Amounts::default();
            change(&mut amounts);
            amounts
        };
        for (amounts, on, speaks) in [
            (none, monday, false),
            (none, tuesday, false),
            (one(|a| a.reminders = 1), tuesday, true),
            (one(|a| a.changed = 1), tuesday, true),
            (one(|a| (a.week, a.today) = (1, 1)), tuesday, true),
            (one(|a| a.week = 3), tuesday, false),
            (one(|a| a.week = 3), monday, true),
            (one(|a| a.waits = 2), tuesday, false),
            (one(|a| a.waits = 2), monday, true),
        ] {
            assert_eq!(amounts.speaks(on), speaks, "{amounts:?} on {on}");
        }
    }

    #[test]
    fn each_role_waits_for_its_own() {
        let (owner, backup, other) = (UserId::new(), UserId::new(), UserId::new());
        let scope = |user, role| Scope {
            user,
            campaign: CampaignId::new(),
            role,
        };
        let task = |kind| Task {
            kind,
            since: NaiveDate::MIN,
            letter: None,
            series: String::new(),
            message: None,
            document: None,
        };
        for (kind, by, waits) in [
            (TaskKind::Approval, scope(other, Role::Counsel), true),
            (TaskKind::Approval, scope(owner, Role::Researcher), false),
            (TaskKind::Held, scope(other, Role::Counsel), true),
            (TaskKind::Draft, scope(owner, Role::Researcher), true),
            (TaskKind::Draft, scope(backup, Role::Researcher), false),
            (TaskKind::Chaser, scope(backup, Role::Researcher), true),
            (TaskKind::Unsorted, scope(backup, Role::Researcher), true),
            (TaskKind::Unsorted, scope(other, Role::Researcher), false),
            (TaskKind::Failed, scope(owner, Role::Researcher), true),
            (TaskKind::Failed, scope(owner, Role::Team), false),
        ] {
            assert_eq!(
                waits_for(&task(kind), owner, Some(backup), &by),
                waits,
                "{kind:?} {by:?}"
            );
        }
        assert!(in_week_of(true, owner, None, &scope(other, Role::Counsel)));
        assert!(!in_week_of(
            false,
            owner,
            None,
            &scope(other, Role::Counsel)
        ));
        assert!(!in_week_of(true, owner, None, &scope(owner, Role::Team)));
    }
}
