//! One attempt to hand a queued letter over, in steps that can each be the last: [`prepare`] reads, [`begin`] puts
//! the attempt on record, [`Attempt::hand_over`] speaks to the mail server, [`settle`] writes down what came of it.
//!
//! If the program dies before `begin`, nothing has happened; after it, the next run finds an attempt whose end nobody
//! saw, and looks for its traces instead of sending again.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft_request::Reasons;
use super::enclose::still_cleared;
use super::hear_delivery::mark_bad;
use super::note_gone::note_gone;
use super::patience::patiently;
use super::send_letter::{add_attempt, approved};
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::sha256_hex;
use crate::domain::delivery::pace::{domain_of, next_free};
use crate::domain::delivery::{Sent, State, Step, retry_after};
use crate::domain::event::{Evidence, Happening};
use crate::domain::ids::DeliveryId;
use crate::domain::letter::{LetterKind, Series};
use crate::domain::person::Role;
use crate::mail::compose::{self, Composed};
use crate::mail::send::{Outcome, Trace};
use crate::store::deliveries::{self, Delivery};
use crate::store::letters::{self, Letter};
use crate::store::{Tx, agencies, commit, events, papers, requests};

/// A letter is at most this large with everything around it: the largest `enclosure_limit_mb` in base64, and the text.
const MOST_BYTES: u64 = 150 * 1024 * 1024;

/// Everything that an attempt needs, read before the attempt is on record.
#[derive(Debug)]
pub struct Prepared {
    delivery: Delivery,
    /// Which attempt this is; the first is 1.
    attempt: i32,
    letter: Letter,
    mail: Result<Composed, String>,
    zone: chrono_tz::Tz,
}

/// An attempt that is on record.
#[derive(Debug)]
pub struct Attempt {
    /// As it stands since the attempt began.
    delivery: Delivery,
    letter: Letter,
    mail: Composed,
    zone: chrono_tz::Tz,
}

/// What to do after [`begin`].
#[derive(Debug)]
pub enum Begun {
    /// Hand it over now.
    Go(Box<Attempt>),
    /// Nothing is left to do: it was done before, or a person has to decide.
    Over,
}

/// Attempt number `attempt` of a delivery, all steps, if no other time was given to it since `round`. What a job of the
/// kind "deliver" does.
pub async fn deliver_outbox(app: &App, id: DeliveryId, attempt: i32, round: i32) -> Deed<()> {
    let known = deliveries::find_unscoped(app.store.read(), id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if known.round != round {
        return Ok(());
    }
    // The pace is asked before a large letter is read.
    if matches!(known.state, State::Queued | State::Deferred)
        && known.attempts == attempt - 1
        && let Some(free) = held_up(app, &known, app.clock.now()).await?
    {
        return postpone(app, &known, free, app.clock.now()).await;
    }
    let Some(prepared) = prepare(app, id, attempt).await? else {
        return Ok(());
    };
    // Another time may have been given meanwhile.
    if prepared.delivery.round != round {
        return Ok(());
    }
    match begin(app, prepared, app.clock.now()).await? {
        Begun::Over => Ok(()),
        Begun::Go(attempt) => {
            let outcome = attempt.hand_over(app).await;
            patiently("what became of a letter", || async {
                settle(app, &attempt, &outcome, app.clock.now()).await
            })
            .await
        }
    }
}

/// When the recipient's mail domain may have its next letter, if not now: a burst is taken for spam.
async fn held_up(
    app: &App,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Deed<Option<DateTime<Utc>>> {
    let domain = domain_of(&delivery.recipient);
    let hour_ago = now - TimeDelta::hours(1);
    let gone = deliveries::attempted_to(app.store.read(), &domain, hour_ago, delivery.id).await?;
    let free = next_free(&gone, app.config.mail.letters_per_domain_hour, now);
    Ok((free > now).then_some(free))
}

/// Gives a delivery another time by the pace of its domain.
async fn postpone(
    app: &App,
    delivery: &Delivery,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Deed<()> {
    let why = format!(
        "It waits its turn: at most {} letters an hour go to {}.",
        app.config.mail.letters_per_domain_hour,
        domain_of(&delivery.recipient)
    );
    let tx = app.store.begin().await?;
    if deliveries::retime(&tx, delivery, delivery.state, Some(to), &why).await? {
        let moved = Delivery {
            round: delivery.round + 1,
            ..delivery.clone()
        };
        add_attempt(&tx, &moved, to, now).await?;
    }
    commit(tx).await?;
    Ok(())
}

/// Reads what the attempt needs. `None` where this attempt is over.
pub async fn prepare(app: &App, id: DeliveryId, attempt: i32) -> Deed<Option<Prepared>> {
    let db = app.store.read();
    let delivery = deliveries::find_unscoped(db, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let mine = match delivery.state {
        State::Queued | State::Deferred => delivery.attempts == attempt - 1,
        State::Attempting => delivery.attempts == attempt,
        State::Accepted | State::Failed | State::Unknown | State::Held | State::Recalled => false,
    };
    if !mine {
        return Ok(None);
    }
    let scope = program(&delivery);
    let letter = letters::find_unscoped(db, delivery.letter)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = requests::find(db, &scope, delivery.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, &scope, request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let approved = match approved(db, &scope, &letter).await {
        // What may not go out any more does not, whatever was queued.
        Ok(approved) => still_cleared(db, &scope, &letter).await.map(|()| approved),
        Err(error) => Err(error),
    };
    let own_paper = papers::find(db, &scope, letter.id)
        .await?
        .map(|paper| paper.sha256.to_string());
    let mail = match approved {
        Ok(approved) => {
            let sha256 = delivery
                .raw_sha256
                .parse()
                .map_err(|error| ActionError::fault("reading a letter's hash", error))?;
            let bytes = app
                .files
                .read(&sha256, MOST_BYTES)
                .await
                .map_err(|error| ActionError::fault("reading a letter's bytes", error))?;
            if sha256_hex(&bytes) == delivery.raw_sha256 {
                compose::stored(
                    &approved,
                    bytes.to_vec(),
                    &delivery.message_id,
                    &delivery.reply_address,
                    &delivery.recipient,
                    own_paper.as_deref(),
                )
                .map_err(|why| why.to_string())
            } else {
                Err("The letter's bytes on disk are damaged, so it was not sent. Restore them from a backup, then send it again.".to_owned())
            }
        }
        Err(ActionError::Refused(why)) => Err(why),
        Err(other) => return Err(other),
    };
    Ok(Some(Prepared {
        attempt,
        letter,
        mail,
        zone: agency.time_zone,
        delivery,
    }))
}

/// Jobs act for whoever queued the letter; their right was checked then.
fn program(delivery: &Delivery) -> Scope {
    Scope {
        user: delivery.queued_by,
        campaign: delivery.campaign,
        role: Role::Researcher,
    }
}

/// Puts the attempt on record, or deals with one that was on record already and whose process is gone.
pub async fn begin(app: &App, prepared: Prepared, now: DateTime<Utc>) -> Deed<Begun> {
    let Prepared {
        delivery,
        attempt,
        letter,
        mail,
        zone,
    } = prepared;
    if delivery.state == State::Attempting {
        return take_up(app, delivery, letter, mail, zone, now).await;
    }
    let tx = app.store.begin().await?;
    let mail = match mail {
        Ok(mail) => mail,
        Err(why) => {
            let failed = delivery.state.after(Step::ApprovalVoided)?;
            if deliveries::move_on(&tx, &delivery, failed, None, &why, now).await? {
                let what = Happening::DeliveryFailed {
                    why,
                    letter: Some(delivery.letter),
                };
                log(&tx, &delivery, now, &what).await?;
            }
            commit(tx).await?;
            return Ok(Begun::Over);
        }
    };
    let attempting = delivery.state.after(Step::AttemptBegan)?;
    if !deliveries::begin_attempt(&tx, &delivery, attempting, now).await? {
        return Ok(Begun::Over);
    }
    commit(tx).await?;
    Ok(Begun::Go(Box::new(Attempt {
        delivery: Delivery {
            state: attempting,
            attempts: attempt,
            attempted_at: Some(now),
            ..delivery
        },
        letter,
        mail,
        zone,
    })))
}

/// An attempt is on record and nobody knows its end. What it left behind decides; where it leaves no trace, a person.
async fn take_up(
    app: &App,
    delivery: Delivery,
    letter: Letter,
    mail: Result<Composed, String>,
    zone: chrono_tz::Tz,
    now: DateTime<Utc>,
) -> Deed<Begun> {
    let trace = match &mail {
        Ok(mail) => app.post.trace(mail).await,
        Err(_) => Trace::CannotTell,
    };
    match (trace, mail) {
        (Trace::Found(outcome), Ok(mail)) => {
            let attempt = Attempt {
                delivery,
                letter,
                mail,
                zone,
            };
            settle(app, &attempt, &outcome, now).await?;
        }
        (Trace::NotThere, Ok(_)) => {
            let tx = app.store.begin().await?;
            let queued = delivery.state.after(Step::AttemptLeftNothing)?;
            if deliveries::move_on(&tx, &delivery, queued, None, "", now).await? {
                add_attempt(&tx, &delivery, now, now).await?;
            }
            commit(tx).await?;
        }
        (Trace::CannotTell, _) | (_, Err(_)) => {
            let why = "The program stopped while the letter was being handed over, so nobody knows whether it went out.";
            let tx = app.store.begin().await?;
            let unknown = delivery.state.after(Step::AttemptAbandoned)?;
            if deliveries::move_on(&tx, &delivery, unknown, None, why, now).await? {
                let what = Happening::DeliveryUnknown {
                    why: why.to_owned(),
                    letter: Some(delivery.letter),
                };
                log(&tx, &delivery, now, &what).await?;
            }
            commit(tx).await?;
        }
    }
    Ok(Begun::Over)
}

impl Attempt {
    /// Speaks to the mail server, or writes the file. Never fails: what went wrong is an outcome.
    pub async fn hand_over(&self, app: &App) -> Outcome {
        app.post.hand_over(&self.mail).await
    }
}

/// Writes down what came of the attempt, and plans the next one where there is to be one.
pub async fn settle(
    app: &App,
    attempt: &Attempt,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Deed<()> {
    let delivery = &attempt.delivery;
    let tx = app.store.begin().await?;
    let moved = match outcome {
        Outcome::Accepted { reply } => {
            record_sent(&tx, attempt, Evidence::ServerAccepted, reply, now).await?
        }
        Outcome::WrittenToFolder { file } => {
            record_sent(&tx, attempt, Evidence::FolderWritten, file, now).await?
        }
        Outcome::Deferred { why } => {
            let number = u32::try_from(delivery.attempts).unwrap_or(u32::MAX);
            match retry_after(number, rand::random()) {
                Some(wait) => defer(&tx, delivery, why, wait, now).await?,
                None => {
                    let why =
                        format!("After {number} attempts over two days it was given up. {why}");
                    fail(&tx, delivery, Step::GaveUp, &why, now).await?
                }
            }
        }
        Outcome::Refused { why, bad_address } => {
            let failed = fail(&tx, delivery, Step::Refused, why, now).await?;
            if failed && *bad_address {
                mark_bad(&tx, delivery, now).await?;
            }
            failed
        }
        Outcome::Unknown { why } => {
            let unknown = delivery.state.after(Step::OutcomeUnknown)?;
            let moved = deliveries::move_on(&tx, delivery, unknown, None, why, now).await?;
            if moved {
                let what = Happening::DeliveryUnknown {
                    why: why.clone(),
                    letter: Some(delivery.letter),
                };
                log(&tx, delivery, now, &what).await?;
            }
            moved
        }
    };
    commit(tx).await?;
    if !moved {
        tracing::warn!(delivery = %delivery.id, "a delivery had moved on before its attempt was settled");
    }
    Ok(())
}

async fn record_sent(
    tx: &Tx,
    attempt: &Attempt,
    evidence: Evidence,
    word: &str,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let delivery = &attempt.delivery;
    let accepted = delivery.state.after(Step::Accepted)?;
    if !deliveries::move_on(tx, delivery, accepted, Some(evidence), word, now).await? {
        return Ok(false);
    }
    let sent = Sent::by_mail(
        delivery.letter,
        delivery.id,
        delivery.attempted_at.unwrap_or(now),
        evidence,
        word.to_owned(),
        attempt.zone,
    );
    note_gone(tx, &program(delivery), None, &attempt.letter, &sent, now).await?;
    Ok(true)
}

/// The kind of a letter that is not the request itself, as the log keeps it.
pub(super) fn later_kind(letter: &Letter) -> Option<String> {
    let kind = letter
        .kind
        .parse::<Series>()
        .map_or_else(|_| letter.kind.clone(), |series| series.kind.to_string());
    (kind != LetterKind::Request.as_str()).then_some(kind)
}

/// The letter of a request that this is a version of, as the log keeps it; none for the request itself.
pub(super) fn later_name(letter: &Letter) -> Option<String> {
    (letter.kind != LetterKind::Request.as_str()).then(|| letter.kind.clone())
}

/// The line of the log by which clocks start.
pub(super) fn sent_line(letter: &Letter, sent: &Sent) -> Happening {
    Happening::Sent {
        letter: letter.id,
        version: letter.version,
        sha256: letter.sha256.clone(),
        channel: sent.channel().as_str().to_owned(),
        evidence: sent.evidence(),
        receipt_on: Some(sent.received_on()),
        letter_kind: later_kind(letter),
        completes: Reasons::of(letter).choices.completes,
    }
}

async fn defer(
    tx: &Tx,
    delivery: &Delivery,
    why: &str,
    wait: TimeDelta,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let deferred = delivery.state.after(Step::Deferred)?;
    if !deliveries::move_on(tx, delivery, deferred, None, why, now).await? {
        return Ok(false);
    }
    let what = Happening::DeliveryDeferred {
        why: why.to_owned(),
    };
    log(tx, delivery, now, &what).await?;
    add_attempt(tx, delivery, now + wait, now).await?;
    Ok(true)
}

async fn fail(
    tx: &Tx,
    delivery: &Delivery,
    step: Step,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let failed = delivery.state.after(step)?;
    if !deliveries::move_on(tx, delivery, failed, None, why, now).await? {
        return Ok(false);
    }
    let what = Happening::DeliveryFailed {
        why: why.to_owned(),
        letter: Some(delivery.letter),
    };
    log(tx, delivery, now, &what).await?;
    Ok(true)
}

async fn log(tx: &Tx, delivery: &Delivery, now: DateTime<Utc>, what: &Happening) -> Deed<()> {
    events::record(
        tx,
        delivery.campaign,
        Some(delivery.request),
        None,
        now,
        what,
    )
    .await?;
    Ok(())
}
