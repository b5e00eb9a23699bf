//! A person confirms a rule that the law file does not vouch for: a new version of the letter speaks of it.

use chrono::{DateTime, Utc};

use super::adapt_clause::words_in_use;
use super::draft_letter::{composed, facts_of, ground};
use super::draft_request::{Confirmation, Reasons};
use super::edit_letter::{Edited, in_hand, keep_version};
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::{HasText, exact_sha256};
use crate::domain::ids::LetterId;
use crate::domain::letter::{Series, spliced};
use crate::domain::request::Status;
use crate::store::letters::Letter;

/// Keeps the confirmation and writes the version of the letter that the rule now stands in. What a person wrote by
/// hand stays.
///
/// # Errors
/// Refused where the letter does not wait for that rule, was changed meanwhile, or has left.
pub async fn confirm_rule(
    app: &App,
    by: &Scope,
    id: LetterId,
    rule: &str,
    seen: &str,
    now: DateTime<Utc>,
) -> Deed<Edited> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel confirm rules. Ask one of them.",
        ));
    }
    let seen = seen.trim();
    if seen.is_empty() {
        return Err(ActionError::refused(
            "Write where you read the rule: the address of the page, or the book and section.",
        ));
    }
    let hand = in_hand(app.store.read(), by, id).await?;
    let before = hand.letter;
    let mut reasons = Reasons::of(&before);
    let waits = reasons
        .warnings
        .iter()
        .filter_map(|warning| warning.confirm.as_ref())
        .any(|unsure| unsure.key == rule);
    if !waits {
        return Err(ActionError::refused(
            "This letter does not wait for that rule. Nothing was changed.",
        ));
    }
    let kind = before
        .kind
        .parse::<Series>()
        .map_err(|error| ActionError::fault("reading the kind of a letter", error))?
        .kind;
    reasons.confirmed.push(Confirmation {
        rule: rule.to_owned(),
        seen: seen.to_owned(),
        by: by.user,
        at: now,
    });
    let ground = ground(app, by, before.request, now).await?;
    let facts = facts_of(app, &ground, kind, &reasons.choices, &reasons.confirmed)?;
    let wording = words_in_use(app.store.read(), by).await?;
    let draft = composed(&facts, &wording)?;
    let (body, clauses) = spliced(&before.body, &reasons.clauses, &draft);
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    if !hand.is_latest || !hand.standing.may_edit() {
        return Err(ActionError::refused(
            "This letter was changed meanwhile, or has left. Open it as it stands now.",
        ));
    }
    let voided = hand.standing.approved.is_some() || hand.standing.status == Status::WithCounsel;
    let after = Letter {
        id: LetterId::new(),
        version: before.version + 1,
        sha256: exact_sha256(&before.subject, &body, &before.enclosures()),
        body,
        clauses: Reasons {
            adapted: wording.used(&clauses),
            clauses,
            warnings: draft.warnings,
            ..reasons
        }
        .kept()?,
        template_version: wording.registry.version().to_owned(),
        written_by: by.user,
        written_at: now,
        submitted_at: None,
        submitted_by: None,
        ..before
    };
    keep_version(tx, by, &after, voided, "confirm the rule there", now).await
}
