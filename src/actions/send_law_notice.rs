//! One owner is told which of her requests' dates a decision on the law moved.

use chrono::{DateTime, Utc};

use super::send_reminder::Reminded;
use super::tell_moves::Notice;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::person::Role;
use crate::mail::compose::{self, notice_message_id};
use crate::mail::send::Outcome;
use crate::mail::words::{self, LawNotice, LawNoticeRequest};
use crate::store::{accounts, campaigns, commit, events};

/// Sends the notice, unless its reader has left or has it already.
pub async fn send_law_notice(app: &App, notice: &Notice, now: DateTime<Utc>) -> Deed<Reminded> {
    let db = app.store.read();
    let scope = Scope {
        user: notice.reader,
        campaign: notice.campaign,
        role: Role::Researcher,
    };
    let member = campaigns::list_members(db, notice.campaign)
        .await?
        .into_iter()
        .any(|member| member.account == notice.reader);
    let reader = accounts::find(db, notice.reader)
        .await?
        .filter(|reader| member && !reader.disabled);
    let (Some(reader), Some(campaign)) = (reader, campaigns::get(db, &scope).await?) else {
        return Ok(Reminded::Moot);
    };
    let key = notice.effect_key();
    let sent = Happening::NoticeSent { key: key.clone() };
    let log = events::list_for_campaign(db, notice.campaign).await?;
    if log.iter().any(|event| event.what == sent) {
        return Ok(Reminded::Moot);
    }
    let site = &app.config.site.url;
    let law = app
        .law_of_code(&notice.code)
        .map_or_else(|| notice.code.clone(), |law| law.name.clone());
    let requests = notice
        .moved
        .iter()
        .map(|each| LawNoticeRequest {
            reference: each.reference.clone(),
            title: each.title.clone(),
            agency: each.agency.clone(),
            shifts: each
                .shifts
                .iter()
                .map(|shift| format!("{}: was {}, now {}", shift.heading, shift.was, shift.now))
                .collect(),
            url: format!("{site}/c/{}/requests/{}", campaign.slug, each.request),
        })
        .collect();
    let worded = words::law_notice(&LawNotice {
        name: reader.name.clone(),
        law,
        withdrawn: notice.withdrawn,
        reason: notice.reason.clone(),
        source: notice.source.clone(),
        requests,
        url: format!(
            "{site}/laws/{}/corrections/{}",
            notice.code, notice.correction
        ),
    })
    .map_err(|error| ActionError::fault("wording a notice", error))?;
    let sender = app.config.mail.from.clone();
    let composed = compose::notice(&compose::Notice {
        sender_name: app.config.site.name.clone(),
        message_id: notice_message_id(&key, &sender),
        sender,
        recipient: reader.email.clone(),
        subject: worded.subject,
        text: worded.text,
        date: now,
    })
    .map_err(|error| ActionError::refused(error.to_string()))?;
    match app.post.hand_over(&composed).await {
        Outcome::Accepted { .. } | Outcome::WrittenToFolder { .. } => {}
        Outcome::Refused { why, .. } => return Err(ActionError::refused(why)),
        Outcome::Deferred { why } | Outcome::Unknown { why } => return Ok(Reminded::NotNow(why)),
    }
    let tx = app.store.begin().await?;
    events::record(&tx, notice.campaign, None, Some(notice.reader), now, &sent).await?;
    commit(tx).await?;
    Ok(Reminded::Sent)
}
