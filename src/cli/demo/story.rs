//! The story of the demonstration: three invented agencies in three states, asked, chased, heard and written up.

use chrono::{DateTime, NaiveDate, Utc};

use super::Teller;
use super::cast::{LIST, TARGETS, Target};
use crate::actions::add_agency::{AgencyParticulars, add_agency};
use crate::actions::add_contact::{NewContact, add_contact};
use crate::actions::approve_letter::approve_letter;
use crate::actions::confirm_import::confirm_import;
use crate::actions::create_campaign::{Particulars, create_campaign};
use crate::actions::draft_request::{Drafted, NewRequest, draft_request};
use crate::actions::edit_letter::edit_letter;
use crate::actions::invite_member::invite_member;
use crate::actions::issue_link::setup_link;
use crate::actions::join_by_link::{NewAccount, make_account};
use crate::actions::preview_import::preview_import;
use crate::actions::return_letter::return_letter;
use crate::actions::send_letter::send_letter;
use crate::actions::sign_in::fresh_token;
use crate::actions::submit_letter::submit_letter;
use crate::actions::{App, Scope};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::agency::list::ListKind;
use crate::domain::ids::{AgencyId, CampaignId, LetterId, UserId};
use crate::domain::person::Role;
use crate::domain::request::{Format, Period};
use crate::jobs;
use crate::store::letters;

/// What the demonstration made.
pub struct Made {
    pub dossier: Vec<u8>,
    pub pages: u32,
    pub exhibits: usize,
    pub people: Vec<Account>,
}

/// A sign-in of the demonstration.
pub struct Account {
    pub role: &'static str,
    pub email: &'static str,
    pub password: String,
    user: UserId,
}

pub(super) struct Stage<'a> {
    pub(super) app: &'a App,
    pub(super) teller: &'a Teller,
    pub(super) campaign: CampaignId,
    pub(super) slug: String,
    pub(super) zone: chrono_tz::Tz,
    pub(super) researcher: Scope,
    pub(super) counsel: Scope,
}

/// One request on its way.
pub(super) struct Asked {
    pub(super) target: &'static Target,
    pub(super) drafted: Drafted,
}

pub(super) fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Tells the whole story and gives what it made. `today` is the true day: the story ends before it.
pub async fn tell(
    app: &App,
    today: DateTime<Utc>,
    attachments: Option<Vec<(String, Vec<u8>)>>,
    teller: &Teller,
) -> Result<Made, String> {
    let (stage, people) = found(app, teller).await?;
    let agencies = stage.agencies().await?;
    let mut asked = Vec::new();
    for (target, agency) in TARGETS.iter().zip(agencies) {
        let drafted = stage.draft(target, agency).await?;
        asked.push(Asked { target, drafted });
    }
    stage.approve(&asked).await?;
    stage.send(&asked).await?;
    let brought = stage.papers(attachments)?;
    stage.weeks(&asked, &brought, today).await?;
    stage.review().await?;
    stage.record(&asked).await?;
    let built = stage.dossier().await?;
    Ok(Made { people, ..built })
}

/// The first account by its set-up link, the campaign, and its members by their links.
async fn found<'a>(app: &'a App, teller: &'a Teller) -> Result<(Stage<'a>, Vec<Account>), String> {
    let now = app.clock.now();
    let link = setup_link(app, now)
        .await
        .map_err(sentence)?
        .ok_or("This installation has people already.")?;
    let mut people = Vec::new();
    people.push(
        account(
            app,
            &link,
            "researcher",
            "Rowan Reyes",
            "rowan@sundial-demo.example",
        )
        .await?,
    );
    teller.say("accounts", "the first account, by the one-time link");
    let campaign = create_campaign(
        app,
        people[0].user,
        Particulars {
            name: "Three counties: detainers and their cost".to_owned(),
            goal: "Find out how many people three county jails hold or hand over for ICE, under which rules, and at whose cost.".to_owned(),
            ask: "Adopt a written policy that nobody is held past release on a detainer without a judge's warrant, and publish the yearly totals.".to_owned(),
            addressed_to: "Board of Supervisors, Juniper County".to_owned(),
            jurisdictions: TARGETS.iter().map(|target| target.state.to_owned()).collect(),
            time_zone: chrono_tz::America::Los_Angeles,
            organisation: "Three Counties Records Project".to_owned(),
            contact_name: "Rowan Reyes".to_owned(),
            postal_address: "12 Mill Lane\nAlderton, WA 98000".to_owned(),
            phone: "555-0100".to_owned(),
        },
        now,
    )
    .await
    .map_err(sentence)?;
    teller.say("campaign", &campaign.name);
    let researcher = Scope {
        user: people[0].user,
        campaign: campaign.id,
        role: Role::Researcher,
    };
    for (role, plain, name, email) in [
        (
            Role::Counsel,
            "counsel",
            "Lena Okafor",
            "lena@sundial-demo.example",
        ),
        (
            Role::Team,
            "team",
            "Tomás Vidal",
            "tomas@sundial-demo.example",
        ),
    ] {
        let invited = invite_member(app, &researcher, email, role, now)
            .await
            .map_err(sentence)?;
        people.push(account(app, &invited.url, plain, name, email).await?);
    }
    teller.say(
        "members",
        "researcher, counsel and meeting team, each by an invitation",
    );
    let counsel = Scope {
        user: people[1].user,
        campaign: campaign.id,
        role: Role::Counsel,
    };
    let stage = Stage {
        app,
        teller,
        campaign: campaign.id,
        slug: campaign.slug,
        zone: campaign.time_zone,
        researcher,
        counsel,
    };
    Ok((stage, people))
}

async fn account(
    app: &App,
    link: &str,
    role: &'static str,
    name: &str,
    email: &'static str,
) -> Result<Account, String> {
    let token = link.rsplit('/').next().unwrap_or_default();
    let password = fresh_token()[..16].to_owned();
    let new = NewAccount {
        name: name.to_owned(),
        email: email.to_owned(),
        password: password.clone(),
    };
    let opened = make_account(app, token, new, app.clock.now())
        .await
        .map_err(sentence)?;
    Ok(Account {
        role,
        email,
        password,
        user: opened.account,
    })
}

impl Stage<'_> {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    pub(super) fn today(&self) -> NaiveDate {
        day_in(self.zone, self.now())
    }

    /// Two agencies by hand, the third from a list as ICE publishes it; then how to reach each.
    async fn agencies(&self) -> Result<Vec<AgencyId>, String> {
        let (app, by) = (self.app, &self.researcher);
        let file = tempfile::Builder::new()
            .suffix(".csv")
            .tempfile()
            .map_err(sentence)?;
        std::fs::write(file.path(), LIST).map_err(sentence)?;
        let import = preview_import(
            app,
            by,
            ListKind::Agreements,
            "participating.csv",
            file.path(),
            self.today(),
            self.now(),
        )
        .await
        .map_err(sentence)?;
        let summary = confirm_import(app, by, import, self.now())
            .await
            .map_err(sentence)?;
        self.teller.say(
            "import",
            &format!(
                "a list as ICE publishes it: {} agencies and {} agreements added",
                summary.agencies_added, summary.agreements_added
            ),
        );
        let mut ids = Vec::new();
        for target in &TARGETS {
            let known = crate::store::agencies::list(app.store.read(), by)
                .await
                .map_err(sentence)?;
            let id = match known
                .iter()
                .find(|agency| agency.name == target.name && agency.jurisdiction == target.state)
            {
                Some(agency) => agency.id,
                None => {
                    let new = AgencyParticulars {
                        name: target.name.to_owned(),
                        kind: target.kind,
                        jurisdiction: target.state.to_owned(),
                        county: Some(target.county.to_owned()),
                        time_zone: None,
                        fiscal_year_start: None,
                        source: "invented for the demonstration".to_owned(),
                    };
                    add_agency(app, by, new, self.now())
                        .await
                        .map_err(sentence)?
                }
            };
            let contact = NewContact {
                purpose: Purpose::Records,
                channel: Channel::Email,
                name: target.custodian.to_owned(),
                value: target.email.to_owned(),
                known_how: "the county's public-records page".to_owned(),
                checked_on: self.today(),
            };
            add_contact(app, by, id, contact, self.today(), self.now())
                .await
                .map_err(sentence)?;
            ids.push(id);
            self.teller.say(
                "agency",
                &format!(
                    "{} ({}), with its records officer's address",
                    target.name, target.state
                ),
            );
        }
        Ok(ids)
    }

    async fn draft(&self, target: &'static Target, agency: AgencyId) -> Result<Drafted, String> {
        let day = |year: i32, month, of_month| {
            NaiveDate::from_ymd_opt(year, month, of_month).unwrap_or_default()
        };
        let new = NewRequest {
            agency,
            records: target.records.iter().map(|&key| key.to_owned()).collect(),
            period: Period::new(day(2023, 1, 1), day(2025, 12, 31)).map_err(sentence)?,
            format: Format::Native,
            fee_ceiling_cents: 5_000,
            resident: None,
            title: target.title.to_owned(),
        };
        let drafted = draft_request(self.app, &self.researcher, new, self.now())
            .await
            .map_err(sentence)?;
        self.teller.say(
            "draft",
            &format!("{} to {}: {}", drafted.reference, target.name, target.title),
        );
        Ok(drafted)
    }

    /// The letter of a request as it stands.
    async fn letter(&self, asked: &Asked) -> Result<letters::Letter, String> {
        letters::find_latest(
            self.app.store.read(),
            &self.researcher,
            asked.drafted.request,
            "request",
        )
        .await
        .map_err(sentence)?
        .ok_or_else(|| "A request has no letter.".to_owned())
    }

    /// Counsel returns one letter, the researcher mends it, counsel approves all.
    async fn approve(&self, asked: &[Asked]) -> Result<(), String> {
        for (n, one) in asked.iter().enumerate() {
            let letter = self.letter(one).await?;
            submit_letter(self.app, &self.researcher, letter.id, self.now())
                .await
                .map_err(sentence)?;
            if n == 1 {
                return_letter(
                    self.app,
                    &self.counsel,
                    letter.id,
                    "Please thank them in advance for electronic copies.",
                    self.now(),
                )
                .await
                .map_err(sentence)?;
                let body = letter.body.replace(
                    "Thank you for your work on this request.",
                    "Thank you for your work on this request, and for sending copies by e-mail.",
                );
                let edited = edit_letter(
                    self.app,
                    &self.researcher,
                    letter.id,
                    &letter.subject,
                    &body,
                    self.now(),
                )
                .await
                .map_err(sentence)?;
                submit_letter(self.app, &self.researcher, edited.letter, self.now())
                    .await
                    .map_err(sentence)?;
                self.teller.say(
                    "returned",
                    &format!(
                        "{} by counsel with a comment, mended, submitted again",
                        one.drafted.reference
                    ),
                );
            }
            let letter = self.letter(one).await?;
            approve_letter(
                self.app,
                &self.counsel,
                letter.id,
                &letter.sha256,
                self.now(),
            )
            .await
            .map_err(sentence)?;
            let hash = letter.sha256.get(..12).unwrap_or_default();
            self.teller.say(
                "approved",
                &format!(
                    "{} version {}, sha256 {hash}…",
                    one.drafted.reference, letter.version
                ),
            );
        }
        Ok(())
    }

    async fn send(&self, asked: &[Asked]) -> Result<(), String> {
        for one in asked {
            let letter: LetterId = self.letter(one).await?.id;
            send_letter(self.app, &self.researcher, letter, self.now())
                .await
                .map_err(sentence)?;
        }
        // Letters may be recalled for a while; the scheduler's next wakings carry them out.
        self.app.clock.set(self.now() + chrono::Duration::hours(1));
        let done = self.wake().await?;
        self.teller.say(
            "sent",
            &format!("{} letters into the mail folder ({done} jobs)", asked.len()),
        );
        Ok(())
    }

    pub(super) async fn wake(&self) -> Result<usize, String> {
        jobs::wake(self.app, "demo").await.map_err(sentence)
    }
}
