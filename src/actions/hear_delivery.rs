//! What a message that arrived says about a letter of ours: that it came back, that it is late on its way, or that it is
//! there. A machine's word proves arrival or failure; it is never an answer.

use chrono::{DateTime, NaiveDate, Utc};

use super::note_gone::{note_gone, take_back_steps};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::delivery::pace::domain_of;
use crate::domain::delivery::{Sent, State, Step};
use crate::domain::event::{Detail, Evidence, Happening, ReplyKind};
use crate::domain::ids::{CampaignId, RequestId, UserId};
use crate::domain::person::Role;
use crate::mail::parse::{Bounce, BounceKind, Parsed};
use crate::store::deliveries::{self, Delivery};
use crate::store::messages::{self, Message};
use crate::store::{Tx, agencies, contacts, events, letters, requests};

/// What was heard, found before the change.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    /// It will not arrive. `bad_address`: the address itself is refused, so it is not used again.
    CameBack {
        delivery: Box<Delivery>,
        why: String,
        bad_address: bool,
    },
    /// It is tried again by a server on its way.
    Late { why: String },
    /// It is there.
    Arrived {
        delivery: Box<Delivery>,
        how: &'static str,
        on: NaiveDate,
        zone: chrono_tz::Tz,
        /// The message is the receipt and nothing else, so nobody need sort it.
        only_that: bool,
    },
}

/// Looks for what a message of a request says about its letters.
pub(super) async fn hear(
    app: &App,
    campaign: CampaignId,
    request: RequestId,
    message: &Message,
    parsed: &Parsed,
) -> Deed<Option<Heard>> {
    let scope = program(campaign, None);
    let db = app.store.read();
    let gone: Vec<Delivery> = deliveries::list_for_request(db, &scope, request)
        .await?
        .into_iter()
        .filter(|delivery| matches!(delivery.state, State::Accepted | State::Unknown))
        .collect();
    let named = |delivery: &&Delivery| {
        parsed.references.contains(&delivery.message_id)
            || parsed.in_reply_to.contains(&delivery.message_id)
            || parsed
                .receipt
                .as_ref()
                .is_some_and(|receipt| receipt.of.as_deref() == Some(&delivery.message_id))
    };
    if let Some(bounce) = &parsed.bounce {
        return Ok(bounced(bounce, &gone, named));
    }
    let (how, only_that) = match &parsed.receipt {
        Some(receipt) => (receipt.kind.as_str(), true),
        None if parsed.auto_reply => ("auto_reply", false),
        None => return Ok(None),
    };
    // A machine at the address that we wrote to, or one that names our letter; nobody else's machine proves anything.
    let sender = parsed
        .from
        .as_ref()
        .map(|from| domain_of(&from.address))
        .unwrap_or_default();
    let at_sender = |delivery: &&Delivery| {
        delivery.state == State::Accepted && domain_of(&delivery.recipient) == sender
    };
    let found = gone
        .iter()
        .find(named)
        .or_else(|| only(gone.iter().filter(at_sender).collect()));
    let Some(delivery) = found else {
        return Ok(None);
    };
    let kept = requests::find(db, &scope, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, &scope, kept.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    Ok(Some(Heard::Arrived {
        delivery: Box::new(delivery.clone()),
        how,
        on: day_in(agency.time_zone, message.received_at),
        zone: agency.time_zone,
        only_that,
    }))
}

fn bounced(
    bounce: &Bounce,
    gone: &[Delivery],
    named: impl Fn(&&Delivery) -> bool,
) -> Option<Heard> {
    let status = bounce.status.as_deref().unwrap_or("no code given");
    if !bounce.gave_up {
        return Some(Heard::Late {
            why: format!(
                "A mail server on the way says that the letter is late ({status}) and tries on by itself. Nothing is wrong with the address."
            ),
        });
    }
    // The letter that it quotes, else the only one to that address, else the only one there is.
    let to_that_address = |delivery: &&Delivery| {
        bounce
            .recipient
            .as_ref()
            .is_some_and(|to| to.eq_ignore_ascii_case(&delivery.recipient))
    };
    let delivery = gone
        .iter()
        .find(named)
        .or_else(|| only(gone.iter().filter(to_that_address).collect()))
        .or_else(|| only(gone.iter().collect()))?;
    let bad_address = bounce.kind == BounceKind::Hard;
    let why = if bad_address {
        format!("The mail came back from the agency's side ({status}).")
    } else {
        format!(
            "The mail came back ({status}), though the address itself seems to be right: a full mailbox, a limit of size, or a server that was away too long. Send it again later, or by another way."
        )
    };
    Some(Heard::CameBack {
        delivery: Box::new(delivery.clone()),
        why,
        bad_address,
    })
}

fn only(mut of: Vec<&Delivery>) -> Option<&Delivery> {
    if of.len() == 1 { of.pop() } else { None }
}

/// Writes down what was heard, in the change in which the message is filed.
pub(super) async fn note_heard(
    tx: &Tx,
    message: &Message,
    request: RequestId,
    heard: &Heard,
    now: DateTime<Utc>,
) -> Deed<()> {
    match heard {
        Heard::Late { why } => {
            let Some(campaign) = message.campaign else {
                return Ok(());
            };
            let what = Happening::DeliveryDeferred { why: why.clone() };
            events::record(tx, campaign, Some(request), None, now, &what).await?;
            sorted(
                tx,
                message,
                request,
                "A notice that the letter is late.",
                now,
            )
            .await
        }
        Heard::CameBack {
            delivery,
            why,
            bad_address,
        } => {
            if give_back(tx, delivery, why, *bad_address, now).await? {
                sorted(tx, message, request, "The letter came back.", now).await?;
            }
            Ok(())
        }
        Heard::Arrived {
            delivery,
            how,
            on,
            zone,
            only_that,
        } => {
            arrived(tx, message, delivery, how, (*on, *zone), now).await?;
            if *only_that {
                sorted(
                    tx,
                    message,
                    request,
                    "A receipt: it proves arrival and answers nothing.",
                    now,
                )
                .await?;
            }
            Ok(())
        }
    }
}

/// A machine's notice needs no person to say what it is.
async fn sorted(
    tx: &Tx,
    message: &Message,
    request: RequestId,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let Some(campaign) = message.campaign else {
        return Ok(());
    };
    messages::mark_sorted(tx, &program(campaign, None), message.id, now).await?;
    let what = Happening::ReplySorted {
        message: Some(message.id),
        what: ReplyKind::Other,
        on: message.received_at.date_naive(),
        until: None,
        amount_cents: None,
        note: note.to_owned(),
        detail: Detail::default(),
    };
    events::record(tx, campaign, Some(request), None, now, &what).await?;
    Ok(())
}

async fn arrived(
    tx: &Tx,
    message: &Message,
    delivery: &Delivery,
    how: &str,
    (on, zone): (NaiveDate, chrono_tz::Tz),
    now: DateTime<Utc>,
) -> Deed<()> {
    let scope = program(delivery.campaign, Some(delivery.queued_by));
    // Nobody knew whether it had gone out: now it is known.
    if delivery.state == State::Unknown {
        let accepted = delivery.state.after(Step::ReceiptCame)?;
        let evidence = Evidence::DeliveryReceipt;
        if !deliveries::move_on(tx, delivery, accepted, Some(evidence), "", now).await? {
            return Ok(());
        }
        let letter = letters::find(tx, &scope, delivery.letter)
            .await?
            .ok_or(ActionError::NotFound)?;
        let sent = Sent::by_mail(
            delivery.letter,
            delivery.id,
            message.received_at,
            evidence,
            String::new(),
            zone,
        );
        note_gone(tx, &scope, None, &letter, &sent, now).await?;
    }
    let what = Happening::ReceiptHeard {
        letter: delivery.letter,
        message: message.id,
        on,
        how: how.to_owned(),
    };
    events::record(
        tx,
        delivery.campaign,
        Some(delivery.request),
        None,
        now,
        &what,
    )
    .await?;
    Ok(())
}

/// It did not arrive: the presumed receipt did not happen, nor did the step that the letter was. True if that was news.
async fn give_back(
    tx: &Tx,
    delivery: &Delivery,
    why: &str,
    bad_address: bool,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let failed = delivery.state.after(Step::CameBack)?;
    if !deliveries::move_on(tx, delivery, failed, None, why, now).await? {
        return Ok(false);
    }
    let what = Happening::DeliveryFailed {
        why: why.to_owned(),
        letter: Some(delivery.letter),
    };
    events::record(
        tx,
        delivery.campaign,
        Some(delivery.request),
        None,
        now,
        &what,
    )
    .await?;
    let scope = program(delivery.campaign, Some(delivery.queued_by));
    take_back_steps(tx, &scope, delivery.request, delivery.letter, now).await?;
    if !bad_address {
        return Ok(true);
    }
    mark_bad(tx, delivery, now).await?;
    Ok(true)
}

/// Every contact of the agency with the address that does not exist: an appeal goes to another one than the request.
pub(super) async fn mark_bad(tx: &Tx, delivery: &Delivery, now: DateTime<Utc>) -> Deed<()> {
    let scope = program(delivery.campaign, Some(delivery.queued_by));
    let Some(kept) = requests::find(tx, &scope, delivery.request).await? else {
        return Ok(());
    };
    for contact in contacts::list_for_agency(tx, &scope, kept.request.agency).await? {
        if contact.value.eq_ignore_ascii_case(&delivery.recipient) && contact.bad_since_at.is_none()
        {
            contacts::mark_bad(tx, delivery.campaign, contact.id, now).await?;
        }
    }
    Ok(())
}

/// The program acting in a campaign by itself.
pub(super) fn program(campaign: CampaignId, user: Option<UserId>) -> Scope {
    Scope {
        user: user.unwrap_or(UserId(uuid::Uuid::nil())),
        campaign,
        role: Role::Researcher,
    }
}
