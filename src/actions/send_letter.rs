//! An approved letter is put into the outbox: the row, its line in the log and its job are one change.
//!
//! Nothing is spoken to a mail server here; `deliver_outbox` does that, attempt by attempt.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::draft_letter::contact_for;
use super::draft_request::Reasons;
use super::edit_letter::law_in_hand;
use super::enclose::enclosed;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::approval::{Approved, HasText};
use crate::domain::delivery::State;
use crate::domain::delivery::when::When;
use crate::domain::event::{Happening, that_count};
use crate::domain::ids::{DeliveryId, LetterId};
use crate::domain::letter::{LetterKind, Series, StepTo};
use crate::domain::reply::ReplyAddress;
use crate::mail::compose::{self, Addressing, Composed};
use crate::store::contacts::Contact;
use crate::store::deliveries::{self, Delivery};
use crate::store::jobs::{self, NewJob};
use crate::store::letters::{self, Letter};
use crate::store::requests::Kept;
use crate::store::{
    StoreError, Stored, Tx, agencies, campaigns, commit, contacts, events, messages, requests,
    sending,
};

/// Puts the letter into the outbox. It goes out with the next waking of the scheduler.
///
/// # Errors
/// As [`send_letter_when`].
pub async fn send_letter(
    app: &App,
    by: &Scope,
    letter: LetterId,
    now: DateTime<Utc>,
) -> Deed<DeliveryId> {
    send_letter_when(app, by, letter, When::Now, now).await
}

/// Puts the letter into the outbox, to leave then; one that is held, was taken back, or still waits for its time gets
/// another.
///
/// # Errors
/// Refused where it is not approved as it stands, where its request has no e-mail contact, where the time does not
/// fit, or where it is on its way or has left.
pub async fn send_letter_when(
    app: &App,
    by: &Scope,
    letter: LetterId,
    when: When,
    now: DateTime<Utc>,
) -> Deed<DeliveryId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel send letters. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let letter = letters::find(db, by, letter)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = requests::find(db, by, letter.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let leave_at = when
        .leaves(now, recall_window(app, by).await?)
        .map_err(|why| ActionError::refused(why.to_string()))?;
    let known = deliveries::find_for_letter(db, by, letter.id).await?;
    let waits = |delivery: &Delivery| match delivery.state {
        State::Held | State::Recalled => true,
        State::Queued => delivery.attempts == 0 && delivery.leave_at.is_some_and(|at| at > now),
        _ => false,
    };
    if known.as_ref().is_some_and(|known| !waits(known)) {
        return Err(already());
    }
    let approved = approved(db, by, &letter).await?;
    let id = known
        .as_ref()
        .map_or_else(DeliveryId::new, |known| known.id);
    // The letter is dated by when it is to leave: a server may take one that is dated long before for spam.
    let dated = leave_at.unwrap_or(now);
    let mail = written(app, by, &request, &approved, &letter, id, dated).await?;
    // The bytes are safe before the row names them; bytes that no row names do no harm.
    let raw = app
        .files
        .put_bytes(mail.bytes().to_vec())
        .await
        .map_err(|error| ActionError::fault("keeping a letter's bytes", error))?;
    let delivery = Delivery {
        id,
        campaign: by.campaign,
        request: letter.request,
        letter: letter.id,
        recipient: mail.to().to_owned(),
        reply_address: mail.from().to_owned(),
        message_id: mail.message_id().to_owned(),
        raw_sha256: raw.sha256.to_string(),
        state: if leave_at.is_some() {
            State::Queued
        } else {
            State::Held
        },
        attempts: known.as_ref().map_or(0, |known| known.attempts),
        queued_by: by.user,
        queued_at: now,
        attempted_at: None,
        settled_at: None,
        evidence: None,
        last_word: None,
        leave_at,
        round: known.as_ref().map_or(0, |known| known.round + 1),
    };
    let tx = app.store.begin().await?;
    // Once more inside the change: an edit a moment ago voids the approval.
    self::approved(&tx, by, &letter).await?;
    not_another_way(&tx, by, &letter).await?;
    match &known {
        None => match deliveries::add(&tx, &delivery).await {
            Ok(()) => {}
            Err(StoreError::Taken) => return Err(already()),
            Err(error) => return Err(error.into()),
        },
        Some(known) => {
            if !deliveries::retime(&tx, known, delivery.state, leave_at, "").await? {
                return Err(already());
            }
            deliveries::rewrite(&tx, known.id, &delivery).await?;
        }
    }
    let what = match leave_at {
        None => Happening::DeliveryHeld {
            letter: letter.id,
            version: letter.version,
        },
        Some(at) => Happening::Queued {
            letter: letter.id,
            version: letter.version,
            leave_at: (at > now).then_some(at),
        },
    };
    events::record_by(&tx, by, Some(letter.request), now, &what).await?;
    if let Some(at) = leave_at {
        add_attempt(&tx, &delivery, at, now).await?;
    }
    commit(tx).await?;
    Ok(id)
}

/// For how long a letter of this campaign can be taken back.
pub async fn recall_window(app: &App, by: &Scope) -> Deed<TimeDelta> {
    let own = sending::recall_minutes(app.store.read(), by.campaign).await?;
    Ok(TimeDelta::minutes(i64::from(
        own.unwrap_or(app.config.mail.recall_minutes),
    )))
}

fn already() -> ActionError {
    ActionError::refused(
        "This letter is in the outbox already and will not be sent twice. The request's page shows where it stands.",
    )
}

/// The letter with its approval, if it is the newest version and counsel approved exactly this text.
pub(super) async fn approved(
    db: &impl crate::store::Db,
    by: &Scope,
    letter: &Letter,
) -> Deed<Approved<Letter>> {
    let latest = letters::find_latest(db, by, letter.request, &letter.kind).await?;
    if latest.is_none_or(|latest| latest.id != letter.id) {
        return Err(ActionError::refused(
            "There is a newer version of this letter. Open that one; counsel has to approve it before it can go out.",
        ));
    }
    let decision = letters::find_decision(db, letter.id)
        .await?
        .ok_or_else(|| {
            ActionError::refused(
                "Counsel has not approved this letter yet. Send it to counsel first.",
            )
        })?;
    Approved::confirm(letter.clone(), &letter.sha256, &decision)
        .map_err(|why| ActionError::refused(why.to_string()))
}

/// Refused where a person recorded that the letter went another way than by our mail.
pub(super) async fn not_another_way(
    db: &impl crate::store::Db,
    by: &Scope,
    letter: &Letter,
) -> Deed<()> {
    let log = events::list_for_request(db, by, letter.request).await?;
    let went = that_count(&log).any(|event| match &event.what {
        Happening::Dispatched { letter: id, .. } => *id == letter.id,
        Happening::Sent {
            letter: id,
            channel,
            ..
        } => *id == letter.id && channel != "email",
        _ => false,
    });
    if went {
        return Err(ActionError::refused(
            "This letter went out another way already, so it is not sent by e-mail as well. The request's page shows how.",
        ));
    }
    Ok(())
}

/// Refused where the day lies before counsel's decision, by the agency's calendar.
pub(super) async fn not_before_approval(
    db: &impl crate::store::Db,
    letter: LetterId,
    on: NaiveDate,
    zone: Tz,
) -> Deed<()> {
    let decided = letters::find_decision(db, letter)
        .await?
        .map(|decision| day_in(zone, decision.at));
    if decided.is_some_and(|decided| on < decided) {
        return Err(ActionError::refused(
            "That day lies before counsel approved the letter. Check the day.",
        ));
    }
    Ok(())
}

/// The letter as mail to the request's contact.
pub(super) async fn written<T: HasText>(
    app: &App,
    by: &Scope,
    request: &Kept,
    letter: &Approved<T>,
    of: &Letter,
    id: DeliveryId,
    at: DateTime<Utc>,
) -> Deed<Composed> {
    let db = app.store.read();
    let own = later_contact(app, by, request, of).await?;
    let no_address = || {
        ActionError::refused(
            "This request has no e-mail address to go to. Give its agency a contact with an e-mail address and choose \
             it, or deliver the letter another way and record the receipt.",
        )
    };
    let contact = match own {
        Addressee::Body(contact) => Some(contact.ok_or_else(|| {
            ActionError::refused(
                "No e-mail address of the appeal body is known. Add it to the agency as its contact for appeals, or \
                 deliver the letter by its portal or by post and record that here.",
            )
        })?),
        Addressee::Agency(contact) => Some(contact),
        Addressee::AsTheRequest => match request.request.contact {
            Some(id) => contacts::find(db, by, id).await?,
            None => None,
        },
    }
    .filter(|contact| contact.channel == Channel::Email)
    .ok_or_else(no_address)?;
    if contact.bad_since_at.is_some() {
        return Err(ActionError::refused(format!(
            "Mail to {} came back, so nothing more is sent there. Find the agency's present address and choose it for \
             this request.",
            contact.value
        )));
    }
    if contacts::is_retired(db, by, contact.id).await? {
        return Err(ActionError::refused(format!(
            "{} is no longer used, so nothing is sent there. Choose another contact for this request.",
            contact.value
        )));
    }
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let token = request
        .reply_token
        .parse()
        .map_err(|error| ActionError::fault("reading a request's reply token", error))?;
    let reply_address = reply_address(app)?.with(&token);
    let sender_name = if campaign.organisation.trim().is_empty() {
        campaign.name
    } else {
        campaign.organisation
    };
    let recipient_name = match contact.name.trim() {
        "" => agency.name,
        title => format!("{title}, {}", agency.name),
    };
    // Paper is dated by when it is made, not by when the letter leaves.
    let enclosed = enclosed(app, by, of, app.clock.now()).await?;
    let composed = compose::letter_with(
        letter,
        &Addressing {
            sender_name,
            message_id: compose::message_id(id, &reply_address),
            reply_address,
            recipient_name: Some(recipient_name),
            recipient: contact.value,
            date: at,
            in_reply_to: answered(app, by, of).await?,
        },
        &enclosed,
    )
    .map_err(|why| ActionError::refused(why.to_string()))?;
    Ok(match &app.dkim {
        Some(signer) => composed.signed(signer),
        None => composed,
    })
}

/// Whom a letter goes to by mail.
enum Addressee {
    AsTheRequest,
    /// The agency's own officer for appeals.
    Agency(Contact),
    /// A body outside, with the address that is known of it.
    Body(Option<Contact>),
}

async fn later_contact(app: &App, by: &Scope, request: &Kept, of: &Letter) -> Deed<Addressee> {
    let Ok(series) = of.kind.parse::<Series>() else {
        return Ok(Addressee::AsTheRequest);
    };
    if !matches!(series.kind, LetterKind::Appeal | LetterKind::Complaint) {
        return Ok(Addressee::AsTheRequest);
    }
    let law = law_in_hand(app, by, request).await?;
    let choices = Reasons::of(of).choices;
    let steps = law.steps_for(series.kind);
    let to = choices
        .step
        .and_then(|at| steps.iter().find(|(step, _)| step.at == at))
        .or(steps.first())
        .map(|(_, words)| words.to);
    let known = contacts::list_for_agency(app.store.read(), by, request.request.agency).await?;
    let found = contact_for(&law, request, &known, series.kind, &choices)
        .filter(|contact| contact.purpose == Purpose::Appeals && contact.channel == Channel::Email)
        .cloned();
    Ok(match (to, found) {
        (Some(StepTo::Body), found) => Addressee::Body(found),
        (Some(StepTo::Agency), Some(contact)) => Addressee::Agency(contact),
        _ => Addressee::AsTheRequest,
    })
}

/// The mail that a later letter to the agency answers: its last message, or our request.
async fn answered(app: &App, by: &Scope, of: &Letter) -> Deed<Option<String>> {
    let to_agency = of.kind.parse::<Series>().is_ok_and(|series| {
        !matches!(
            series.kind,
            LetterKind::Request | LetterKind::Appeal | LetterKind::Complaint
        )
    });
    if !to_agency {
        return Ok(None);
    }
    let db = app.store.read();
    let theirs = messages::list_for_request(db, by, of.request).await?;
    let last = theirs
        .into_iter()
        .find(|message| message.bounce.is_none() && !message.message_id.is_empty())
        .map(|message| message.message_id);
    if last.is_some() {
        return Ok(last);
    }
    let ours = deliveries::list_for_request(db, by, of.request).await?;
    Ok(ours
        .into_iter()
        .filter(|delivery| delivery.letter != of.id && delivery.state == State::Accepted)
        .map(|delivery| delivery.message_id)
        .next_back())
}

/// How this installation's reply addresses look.
pub(super) fn reply_address(app: &App) -> Deed<ReplyAddress> {
    ReplyAddress::from_pattern(&app.config.mail.reply_address).map_err(|error| {
        ActionError::refused(format!(
            "The setting `reply_address` cannot be used: {error}. Ask whoever runs this installation to correct it."
        ))
    })
}

/// Plans the next attempt of a delivery. Attempts are numbered, and so is each time that a person gives, so that each is
/// planned once.
pub(super) async fn add_attempt(
    tx: &Tx,
    delivery: &Delivery,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Stored<()> {
    let (attempt, round) = (delivery.attempts + 1, delivery.round);
    let job = NewJob {
        kind: "deliver",
        effect_key: match round {
            0 => format!("deliver:{}:{attempt}", delivery.id),
            round => format!("deliver:{}:{attempt}.{round}", delivery.id),
        },
        payload: serde_json::json!({ "delivery": delivery.id, "attempt": attempt, "round": round }),
        campaign: Some(delivery.campaign),
        run_at,
    };
    jobs::add(tx, job, now).await?;
    Ok(())
}
