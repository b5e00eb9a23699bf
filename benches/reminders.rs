//! How long the alarm clock takes: what is to be told of a million open requests (pure), the sweep of ten thousand in a
//! database (the first one, and one after which nothing changed), and the morning mail of 200 members.
//!
//! `cargo bench --bench reminders`. After each size the process's peak memory is printed: a sweep holds a hundred logs
//! at a time, whatever the number of requests.

mod memory;

use std::hint::black_box;
use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use memory::peak;
use sundial::actions::App;
use sundial::actions::plan_reminders::plan_reminders;
use sundial::actions::write_morning::write_morning;
use sundial::clock::Clock;
use sundial::config::Config;
use sundial::domain::agency::AgencyKind;
use sundial::domain::duty::{Facts, clocks};
use sundial::domain::event::{Evidence, Happening};
use sundial::domain::ids::{AgencyId, CampaignId, LetterId, RequestId, UserId};
use sundial::domain::person::Role;
use sundial::domain::reminder::{Circle, Limit, OpenDays, Rules, Watched, look};
use sundial::domain::reply::ReplyToken;
use sundial::domain::request::{Format, Period, Reference, Request};
use sundial::law::{HolderKind, Library};
use sundial::store::agencies::{self, Agency};
use sundial::store::campaigns::{self, Campaign};
use sundial::store::requests::{self, Kept};
use sundial::store::{accounts, commit, events};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 16, 17, 0, 0)
        .single()
        .expect("an instant")
}

/// Every clock of each request is computed and asked what it has to tell.
fn pure(c: &mut Criterion) {
    let library = Library::embedded().expect("sound law files");
    let law = library.get(&"WA".parse().expect("a code")).expect("a law");
    let (owner, counsel, backup) = (UserId::new(), UserId::new(), UserId::new());
    let members = [
        (owner, Role::Researcher),
        (counsel, Role::Counsel),
        (backup, Role::Researcher),
    ];
    let circle = Circle {
        owner,
        backup: Some(backup),
        members: &members,
    };
    let watched = Watched {
        is_out: true,
        ..Watched::default()
    };
    let rules = Rules::default();
    let today = day("2026-03-16");
    let request = RequestId::new();
    let one = |received: NaiveDate| {
        let facts = Facts {
            received_on: Some(received),
            holder: HolderKind::Sheriff,
            ..Facts::default()
        };
        let limits: Vec<Limit> = clocks(law, &facts, today)
            .iter()
            .filter_map(Limit::of)
            .collect();
        let open = OpenDays::of(law, &facts);
        look(request, &watched, &limits, &rules, &circle, &open, today)
            .notices
            .len()
    };
    let mut group = c.benchmark_group("what is to be told, pure");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for count in [10_000u64, 100_000, 1_000_000] {
        group.throughput(Throughput::Elements(count));
        group.bench_with_input(BenchmarkId::from_parameter(count), &count, |b, count| {
            b.iter(|| {
                (0..*count)
                    .map(|at| {
                        one(black_box(
                            today - Days::new(at.wrapping_mul(2_654_435_761) % 90),
                        ))
                    })
                    .sum::<usize>()
            });
        });
        println!("{count} open requests: {}", peak());
    }
    group.finish();
}

/// An installation with one campaign, so many members and so many open requests spread over three months.
async fn installation(folder: &Path, people: usize, open: usize) -> (App, Vec<UserId>) {
    let config = Config::embedded(folder.to_owned()).expect("the defaults are right");
    let app = App::open(config, Clock::standing_at(now()))
        .await
        .expect("it opens");
    let tx = app.store.begin().await.expect("a change");
    let mut members = Vec::new();
    for n in 0..people {
        let address = format!("member{n}@campaign.example");
        let id = accounts::add(
            &tx,
            &format!("Member {n}"),
            &address,
            "nobody's",
            false,
            now(),
        )
        .await
        .expect("an account");
        members.push(id);
    }
    let campaign = Campaign {
        id: CampaignId::new(),
        slug: "bench".to_owned(),
        name: "Bench".to_owned(),
        goal: "To measure.".to_owned(),
        ask: "Be quick.".to_owned(),
        addressed_to: String::new(),
        organisation: "Bench".to_owned(),
        contact_name: "Bench".to_owned(),
        postal_address: "1 Main Street".to_owned(),
        phone: String::new(),
        time_zone: chrono_tz::America::Los_Angeles,
        created_by: members[0],
        created_at: now(),
    };
    campaigns::add(&tx, &campaign, &["WA".to_owned()])
        .await
        .expect("a campaign");
    for (n, member) in members.iter().enumerate() {
        let role = if n % 10 == 1 {
            Role::Counsel
        } else {
            Role::Researcher
        };
        campaigns::set_member(&tx, campaign.id, *member, role, None, now())
            .await
            .expect("a member");
    }
    let all: Vec<Agency> = (0..200)
        .map(|n| Agency {
            id: AgencyId::new(),
            campaign: campaign.id,
            name: format!("County {n} Sheriff"),
            kind: AgencyKind::County,
            jurisdiction: "WA".to_owned(),
            county: Some(format!("County {n}")),
            time_zone: chrono_tz::America::Los_Angeles,
            fiscal_year_start: None,
            source: "a bench".to_owned(),
            import: None,
            created_by: None,
            created_at: now(),
        })
        .collect();
    agencies::add(&tx, &all).await.expect("agencies");
    commit(tx).await.expect("it stands");
    for page in 0..open.div_ceil(500) {
        let tx = app.store.begin().await.expect("a change");
        for n in page * 500..((page + 1) * 500).min(open) {
            let at = now() - Days::new(1 + (n as u64).wrapping_mul(2_654_435_761) % 90);
            let request = Request {
                id: RequestId::new(),
                campaign: campaign.id,
                reference: Reference(i32::try_from(n).expect("a number") + 1),
                agency: all[n % all.len()].id,
                contact: None,
                jurisdiction: "WA".to_owned(),
                law_version: "bench".to_owned(),
                title: "Detainers".to_owned(),
                period: Period::new(day("2024-01-01"), day("2025-12-31")).expect("a period"),
                format: Format::Native,
                fee_ceiling_cents: 0,
                owner: members[n % members.len()],
                created_at: at,
            };
            let kept = Kept {
                reply_token: ReplyToken::from_random(rand::random()).as_str().to_owned(),
                request,
            };
            requests::add(&tx, &kept, &[]).await.expect("a request");
            let letter = LetterId::new();
            let sent = Happening::Sent {
                letter,
                version: 1,
                sha256: "0".repeat(64),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(at.date_naive()),
                letter_kind: None,
                completes: false,
            };
            for what in [Happening::Drafted, sent] {
                let id = kept.request.id;
                events::record(&tx, campaign.id, Some(id), None, at, &what)
                    .await
                    .expect("a line");
            }
        }
        commit(tx).await.expect("it stands");
    }
    (app, members)
}

fn database(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let (app, members) = runtime.block_on(installation(folder.path(), 200, 10_000));
    let began = std::time::Instant::now();
    let swept = runtime
        .block_on(plan_reminders(&app, now()))
        .expect("a sweep");
    println!(
        "first sweep of {} open requests, {} reminders: {:?}, {}",
        swept.looked,
        swept.new,
        began.elapsed(),
        peak()
    );
    let mut group = c.benchmark_group("alarm clock on SQLite");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function("sweep of 10,000 open requests, nothing changed", |b| {
        b.iter(|| {
            runtime
                .block_on(plan_reminders(&app, now()))
                .expect("a sweep")
        });
    });
    group.bench_function("morning mail of 200 members, written", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut lines = 0;
                for member in &members {
                    let written = write_morning(&app, *member, None, now())
                        .await
                        .expect("a mail");
                    lines += written.map_or(0, |mail| mail.digest.parts.len());
                }
                lines
            })
        });
    });
    group.finish();
    println!("after all of it: {}", peak());
}

criterion_group!(benches, pure, database);
criterion_main!(benches);
