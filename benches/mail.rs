//! How long mail takes: one ordinary message with a 5 MB attachment, kept, read in the worker, matched and filed; and
//! finding the request of a message among 100,000.
//!
//! `cargo bench --bench mail`. The process's peak memory is printed after each part.

mod memory;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use chrono::{DateTime, NaiveDate, Utc};
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use memory::peak;
use sundial::actions::App;
use sundial::actions::receive_mail::{self, Way};
use sundial::clock::Clock;
use sundial::config::Config;
use sundial::documents::worker::{Limits, Worker};
use sundial::domain::agency::AgencyKind;
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::ids::{AgencyId, CampaignId, ContactId, RequestId, UserId};
use sundial::domain::person::Scope;
use sundial::domain::reply::{HeardToken, Incoming, ReplyToken, folded_number, match_message};
use sundial::domain::request::{Format, Period, Reference, Request};
use sundial::store::agencies::{self, Agency};
use sundial::store::campaigns::{self, Campaign};
use sundial::store::contacts::{self, Contact};
use sundial::store::requests::{self, Kept};
use sundial::store::{accounts, candidates, commit, tracking_numbers};

const REQUESTS: i32 = 100_000;
/// One agency in thirty requests, as a state's counties asked again and again.
const AGENCIES: usize = 3_333;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

struct Installation {
    app: App,
    campaign: CampaignId,
    owner: UserId,
    tokens: Vec<ReplyToken>,
    _folder: tempfile::TempDir,
}

/// A fresh installation with so many requests, a tenth of them with a number of their agency's.
async fn installation(count: i32) -> Installation {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::embedded(folder.path().to_owned()).expect("the defaults are right");
    let mut app = App::open(config, Clock::standing_at(now()))
        .await
        .expect("it opens");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sundial"));
    app.worker = Worker::new(program, Limits::DOCUMENT, 2);
    let campaign = CampaignId::new();
    let tx = app.store.begin().await.expect("a change");
    let owner = accounts::add(&tx, "Rosa", "rosa@example.org", "nobody's", false, now())
        .await
        .expect("an account");
    let made = Campaign {
        id: campaign,
        slug: "alder".into(),
        name: "Alder".into(),
        goal: String::new(),
        ask: String::new(),
        addressed_to: String::new(),
        organisation: "Alder Coalition".into(),
        contact_name: "Rosa".into(),
        postal_address: String::new(),
        phone: String::new(),
        time_zone: chrono_tz::America::Los_Angeles,
        created_at: now(),
        created_by: owner,
    };
    campaigns::add(&tx, &made, &["WA".to_owned()])
        .await
        .expect("a campaign");
    let all: Vec<Agency> = (0..AGENCIES)
        .map(|n| Agency {
            id: AgencyId::new(),
            campaign,
            name: format!("Sheriff {n}"),
            kind: AgencyKind::Sheriff,
            jurisdiction: "WA".into(),
            county: Some(format!("County {n}")),
            time_zone: chrono_tz::America::Los_Angeles,
            fiscal_year_start: None,
            source: "made for a benchmark".into(),
            import: None,
            created_by: Some(owner),
            created_at: now(),
        })
        .collect();
    agencies::add(&tx, &all).await.expect("the agencies");
    let reached: Vec<Contact> = all
        .iter()
        .enumerate()
        .map(|(n, agency)| Contact {
            id: ContactId::new(),
            campaign,
            agency: agency.id,
            purpose: Purpose::Records,
            channel: Channel::Email,
            name: "Records".into(),
            value: format!("records@county{n}.wa.gov"),
            known_how: "made".into(),
            checked_on: day("2026-01-05"),
            bad_since_at: None,
            added_by: owner,
            added_at: now(),
        })
        .collect();
    contacts::add(&tx, &reached).await.expect("the contacts");
    let by = Scope {
        user: owner,
        campaign,
        role: sundial::domain::person::Role::Researcher,
    };
    let mut tokens = Vec::new();
    for number in 1..=count {
        let token = ReplyToken::from_random(rand::random());
        let place = usize::try_from(number).expect("above zero") % AGENCIES;
        let id = RequestId::new();
        let kept = Kept {
            request: Request {
                id,
                campaign,
                reference: Reference(number),
                agency: all[place].id,
                contact: Some(reached[place].id),
                jurisdiction: "WA".into(),
                law_version: "bench".into(),
                title: "Detainer counts".into(),
                period: Period::new(day("2025-01-01"), day("2025-12-31")).expect("a year"),
                format: Format::ALL[0],
                fee_ceiling_cents: 5_000,
                owner,
                created_at: now(),
            },
            reply_token: token.as_str().to_owned(),
        };
        requests::add(&tx, &kept, &[]).await.expect("a request");
        if number % 10 == 0 {
            let theirs = format!("PRR-2026-{number:06}");
            let folded = folded_number(&theirs).expect("a number");
            tracking_numbers::add(&tx, &by, id, (&theirs, &folded), None, now())
                .await
                .expect("a number");
        }
        tokens.push(token);
    }
    commit(tx).await.expect("they are there");
    Installation {
        app,
        campaign,
        owner,
        tokens,
        _folder: folder,
    }
}

/// A message to a request with 5 MB of something that does not compress, `n` telling one from another.
fn large(to: &str, n: u64) -> Vec<u8> {
    let mut seed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut file = b"%PDF-1.4\n".to_vec();
    while file.len() < 5 << 20 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        file.extend(seed.to_le_bytes());
    }
    let packed = base64::engine::general_purpose::STANDARD.encode(&file);
    let mut mail = format!(
        "From: records@county1.wa.gov\r\nTo: {to}\r\nSubject: Your records\r\nMessage-ID: <{n}@county1.wa.gov>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n--b\r\nContent-Type: application/pdf; name=\"records.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    .into_bytes();
    for line in packed.as_bytes().chunks(76) {
        mail.extend(line);
        mail.extend(b"\r\n");
    }
    mail.extend(b"--b--\r\n");
    mail
}

fn receiving(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let here = runtime.block_on(installation(50));
    let to = here
        .app
        .config
        .mail
        .reply_address
        .replace("{token}", here.tokens[0].as_str());
    let mut group = criterion.benchmark_group("mail");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .measurement_time(Duration::from_secs(15));
    let mut n = 0_u64;
    group.bench_function("keep, read and file one message of 5 MB", |bench| {
        bench.iter_batched(
            || {
                n += 1;
                large(&to, n)
            },
            |raw| {
                runtime.block_on(async {
                    let kept = receive_mail::keep_raw(&here.app, raw, Way::Pipe, None, now())
                        .await
                        .expect("kept");
                    let read = receive_mail::read_message(&here.app, kept.message, now())
                        .await
                        .expect("read");
                    assert!(read.request.is_some());
                });
            },
            criterion::BatchSize::PerIteration,
        );
    });
    println!("one message of 5 MB: {}", peak());
    group.finish();
}

fn matching(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let here = runtime.block_on(installation(REQUESTS));
    println!("with {REQUESTS} requests of {}: {}", here.owner, peak());
    let hear = |text: &str| HeardToken::hear(text).expect("a token");
    let token = here.tokens[77_777].as_str().to_owned();
    let misread = token.replacen(
        |sign: char| sign == token.chars().nth(5).unwrap_or('x'),
        "1",
        1,
    );
    let cases = [
        (
            "reply address",
            Incoming {
                tokens: vec![hear(&token)],
                ..Incoming::default()
            },
        ),
        (
            "reply address with a misread sign",
            Incoming {
                tokens: vec![hear(&misread)],
                ..Incoming::default()
            },
        ),
        (
            "tracking number",
            Incoming {
                subject: "Re: [PRR-2026-077770]".into(),
                text: "word 12345 ".repeat(2_000),
                ..Incoming::default()
            },
        ),
        (
            "sender of thirty requests",
            Incoming {
                from: Some("jail@county77.wa.gov".into()),
                ..Incoming::default()
            },
        ),
        (
            "our reference in the subject",
            Incoming {
                subject: "Re: Detainer counts (S-77777)".into(),
                ..Incoming::default()
            },
        ),
        (
            "nobody's",
            Incoming {
                from: Some("offers@shop.example".into()),
                subject: "Everything half price".into(),
                text: "Buy 3 for 2.".repeat(500),
                ..Incoming::default()
            },
        ),
    ];
    let mut group = criterion.benchmark_group("matching against 100,000 requests");
    for (name, message) in cases {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                runtime.block_on(async {
                    let db = here.app.store.read();
                    let all = candidates::list_for(db, Some(here.campaign), black_box(&message))
                        .await
                        .expect("looked up");
                    let all: Vec<_> = all.into_iter().map(|(_, candidate)| candidate).collect();
                    match_message(&message, &all)
                })
            });
        });
    }
    group.finish();
    println!("after matching: {}", peak());
}

criterion_group!(benches, receiving, matching);
criterion_main!(benches);
