//! The weeks after the sending: replies come in and are sorted, counsel clears what they brought, figures are read
//! and checked, and the dossier is built.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};

use super::cast::{FIGURES, Figure, Reply, TARGETS};
use super::papers::{self, Message};
use super::story::{Asked, Made, Stage, sentence};
use crate::actions::build_dossier;
use crate::actions::check_fact::check_fact;
use crate::actions::clear_document::{Ruling, clear_document};
use crate::actions::receive_mail;
use crate::actions::record_fact::{Recorded, record_fact};
use crate::actions::sort_reply::sort_reply;
use crate::domain::fact::{Typed, Verdict};
use crate::domain::reply::Sorting;
use crate::domain::review::{Decision, Handling};
use crate::dossier::letterhead;
use crate::store::{documents, facts, messages, requests};

/// The PDFs that each agency sends, by its state: name and bytes.
pub(super) type Papers = BTreeMap<&'static str, Vec<(String, Vec<u8>)>>;

impl Stage<'_> {
    /// What each agency will send, by the state of the agency.
    pub(super) fn papers(&self, given: Option<Vec<(String, Vec<u8>)>>) -> Result<Papers, String> {
        let mut all = Papers::new();
        match given {
            Some(files) => {
                for (n, file) in files.into_iter().enumerate() {
                    all.entry(TARGETS[n % TARGETS.len()].state)
                        .or_default()
                        .push(file);
                }
            }
            None => {
                for (state, name, paper) in [
                    ("WA", "Policy 5.14.pdf", papers::alder_policy()),
                    (
                        "WA",
                        "Detainer totals 2023-2025.pdf",
                        papers::alder_totals(),
                    ),
                    (
                        "CA",
                        "Average daily cost 2024-25.pdf",
                        papers::juniper_costs(),
                    ),
                    ("FL", "287(g) agreement.pdf", papers::cypress_agreement()),
                ] {
                    all.entry(state)
                        .or_default()
                        .push((name.to_owned(), letterhead::render(&paper)?));
                }
            }
        }
        Ok(all)
    }

    /// Weeks go by: the scheduler wakes each morning and evening, replies come in on their days and are sorted.
    pub(super) async fn weeks(
        &self,
        asked: &[Asked],
        brought: &Papers,
        today: DateTime<Utc>,
    ) -> Result<(), String> {
        let sent_at = self.now();
        let last = asked
            .iter()
            .flat_map(|one| one.target.replies)
            .map(|reply| reply.after_days)
            .max()
            .unwrap_or(0);
        let mail = self.app.config.data_dir.join("mail");
        let before = count_files(&mail);
        for day in 1..=last {
            let morning = sent_at
                .checked_add_days(Days::new(day))
                .filter(|at| *at < today)
                .unwrap_or(today);
            self.app.clock.set(morning);
            self.wake().await?;
            for one in asked {
                for (n, reply) in one
                    .target
                    .replies
                    .iter()
                    .enumerate()
                    .filter(|(_, reply)| reply.after_days == day)
                {
                    let none = Vec::new();
                    let files = if reply.brings {
                        brought.get(one.target.state).unwrap_or(&none)
                    } else {
                        &none
                    };
                    self.receive(one, reply, n, files).await?;
                }
            }
        }
        let reminders = count_files(&mail).saturating_sub(before);
        self.teller.say(
            "reminders",
            &format!("{reminders} mails to the members in {last} days"),
        );
        Ok(())
    }

    async fn receive(
        &self,
        one: &Asked,
        reply: &Reply,
        n: usize,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), String> {
        let (app, by) = (self.app, &self.researcher);
        let kept = requests::find(app.store.read(), by, one.drafted.request)
            .await
            .map_err(sentence)?
            .ok_or("A request of the demonstration is gone.")?;
        let to = app
            .config
            .mail
            .reply_address
            .replace("{token}", &kept.reply_token);
        let raw = Message {
            from: one.target.email,
            to: &to,
            subject: &format!("{} [{}]", reply.subject, one.drafted.reference),
            date: self.now().to_rfc2822(),
            id: format!(
                "reply-{n}-{}@{}",
                one.drafted.reference,
                one.target.email.rsplit('@').next().unwrap_or_default()
            ),
            text: reply.text,
            attachments: files,
        }
        .raw();
        let received = receive_mail::keep_raw(app, raw, receive_mail::Way::Pipe, None, self.now())
            .await
            .map_err(sentence)?;
        self.wake().await?;
        self.teller.say(
            "reply",
            &format!(
                "{} from {}: {} ({} attachments)",
                one.drafted.reference,
                one.target.name,
                reply.what.plain().to_lowercase(),
                files.len()
            ),
        );
        let on = self.today();
        let sorting = Sorting {
            what: reply.what,
            on,
            until: reply
                .names_date
                .and_then(|days| on.checked_add_days(Days::new(days))),
            amount_cents: None,
            note: String::new(),
            detail: Default::default(),
        };
        sort_reply(
            app,
            by,
            one.drafted.request,
            Some(received.message),
            vec![sorting],
            self.now(),
        )
        .await
        .map_err(sentence)?;
        Ok(())
    }

    /// Counsel clears every document.
    pub(super) async fn review(&self) -> Result<(), String> {
        let held = documents::list(self.app.store.read(), &self.counsel)
            .await
            .map_err(sentence)?;
        for on_file in held {
            let document = &on_file.document;
            let ruling = Ruling {
                decision: Decision::Clear,
                class: Handling::P0,
                comment: "Read page by page; no personal data.".to_owned(),
                seen: document.sha256,
            };
            clear_document(self.app, &self.counsel, document.id, ruling, self.now())
                .await
                .map_err(sentence)?;
            let pages = document
                .pages
                .map_or("no".to_owned(), |pages| pages.to_string());
            self.teller
                .say("cleared", &format!("{} ({pages} pages)", document.name));
        }
        Ok(())
    }

    /// The researcher records figures from the papers made for the story; counsel checks each.
    pub(super) async fn record(&self, asked: &[Asked]) -> Result<(), String> {
        let all = documents::list(self.app.store.read(), &self.researcher)
            .await
            .map_err(sentence)?;
        for figure in &FIGURES {
            let Figure {
                file: name,
                metric,
                period: (start, end),
                value,
                count_basis,
                cost_basis,
                definition,
                quote,
            } = figure;
            let Some(document) = all
                .iter()
                .map(|on_file| &on_file.document)
                .find(|document| document.name == *name)
            else {
                continue;
            };
            let typed = Typed {
                metric: (*metric).to_owned(),
                period_start: (*start).to_owned(),
                period_end: (*end).to_owned(),
                value: (*value).to_owned(),
                count_basis: (*count_basis).to_owned(),
                cost_basis: (*cost_basis).to_owned(),
                definition: (*definition).to_owned(),
                quote: (*quote).to_owned(),
                page: "1".to_owned(),
                printed_page: "1".to_owned(),
                method: "quoted".to_owned(),
                note: String::new(),
            };
            match record_fact(
                self.app,
                &self.researcher,
                document.id,
                &typed,
                &[],
                self.now(),
            )
            .await
            .map_err(sentence)?
            {
                Recorded::Written { fact, .. } => {
                    check_fact(
                        self.app,
                        &self.counsel,
                        fact,
                        Verdict::Agrees,
                        "Read against the page.",
                        self.now(),
                    )
                    .await
                    .map_err(sentence)?;
                    self.teller.say(
                        "fact",
                        &format!("{metric} {value}, page 1 of {name}; checked by a second person"),
                    );
                }
                Recorded::Wrong(problems) => {
                    return Err(format!(
                        "A figure of the demonstration does not read right: {problems:?}"
                    ));
                }
            }
        }
        let known = facts::list(self.app.store.read(), &self.researcher)
            .await
            .map_err(sentence)?;
        if known.0.is_empty() {
            let count = asked.len();
            self.teller.say(
                "facts",
                &format!(
                    "none recorded: the papers given for {count} requests are for a person to read"
                ),
            );
        }
        Ok(())
    }

    pub(super) async fn dossier(&self) -> Result<Made, String> {
        let built = build_dossier::build_dossier(self.app, &self.researcher, self.now())
            .await
            .map_err(sentence)?;
        let dossier = &built.dossier;
        let exhibits = documents::list(self.app.store.read(), &self.counsel)
            .await
            .map_err(sentence)?
            .len();
        self.teller.say(
            "dossier",
            &format!(
                "edition {}, {exhibits} exhibits, {} pages",
                dossier.edition, dossier.pages
            ),
        );
        for remark in &built.remarks {
            self.teller.say("", remark);
        }
        let bytes = self
            .app
            .files
            .read(&dossier.sha256, u64::MAX)
            .await
            .map_err(sentence)?;
        let unfiled = messages::list_tray(self.app.store.read(), &self.researcher)
            .await
            .map_err(sentence)?;
        if !unfiled.is_empty() {
            return Err(format!(
                "{} replies of the demonstration found no request.",
                unfiled.len()
            ));
        }
        tracing::debug!(campaign = %self.campaign, slug = %self.slug, "the demonstration is told");
        Ok(Made {
            dossier: bytes.to_vec(),
            pages: dossier.pages,
            exhibits,
            people: Vec::new(),
        })
    }
}

fn count_files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .map(|entries| entries.count())
        .unwrap_or(0)
}
