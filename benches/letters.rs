//! How long letters take: composed and set on paper for 10, 100, 1,000 and 3,143 agencies, one after another as the job
//! runner does it; and what stands between a press and the preview on the screen.
//!
//! `cargo bench --bench letters`. After each size the process's peak memory is printed from `/proc/self/status`: it
//! should not grow with the number of letters, for each is written away before the next is made.

mod memory;

use std::hint::black_box;

use chrono::NaiveDate;
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use memory::peak;
use sundial::domain::letter::{
    LetterFacts, LetterKind, SAMPLE_RECORDS, check, compose, compose_with, passages, registry,
    sample_facts,
};
use sundial::domain::records::Catalogue;
use sundial::domain::request::{Period, months_before};
use sundial::dossier::letter::{self, Letter};
use sundial::law::{HolderKind, Library};

/// The counties of the United States and what stands for them.
const COUNTIES: usize = 3143;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day")
}

/// Letters' facts for every jurisdiction in turn.
fn facts() -> Vec<LetterFacts> {
    let library = Library::embedded().expect("sound law files");
    let catalogue = Catalogue::embedded().expect("a sound catalogue");
    let period = Period::new(months_before(today(), 36), today()).expect("a period");
    library
        .all()
        .map(|jurisdiction| {
            let (facts, _) = sample_facts(
                &catalogue,
                jurisdiction,
                HolderKind::Sheriff,
                LetterKind::Request,
                &SAMPLE_RECORDS,
                period,
                today(),
            )
            .expect("facts");
            facts
        })
        .collect()
}

/// One letter from facts to the bytes of its PDF; gives their number.
fn one(facts: &LetterFacts) -> usize {
    let draft = compose(facts).expect("a letter");
    let paper = Letter {
        organisation: facts.requester.organisation.clone(),
        under: vec![facts.requester.email.clone()],
        subject: draft.subject,
        body: draft.body,
        reference: facts.our_ref.to_string(),
        on: facts.date,
        remark: String::new(),
        signature: None,
    };
    letter::render(&paper).expect("set").pdf.len()
}

fn batches(criterion: &mut Criterion) {
    let facts = facts();
    let mut group = criterion.benchmark_group("letters with PDF");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for count in [10, 100, 1000, COUNTIES] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(
            BenchmarkId::from_parameter(count),
            &count,
            |bench, count| {
                bench.iter(|| {
                    facts
                        .iter()
                        .cycle()
                        .take(*count)
                        .map(|facts| one(black_box(facts)))
                        .sum::<usize>()
                });
            },
        );
        println!("{count} letters: {}", peak());
    }
    group.finish();
}

fn preview(criterion: &mut Criterion) {
    let all = facts();
    let facts = &all[0];
    criterion.bench_function("preview on the screen", |bench| {
        bench.iter(|| {
            let draft = compose(black_box(facts)).expect("a letter");
            let notes = check(&draft.subject, &draft.body, &facts.law).len();
            notes + passages(&draft.body, &draft.clauses).len()
        });
    });
    let house = registry().expect("sound clauses");
    criterion.bench_function("preview in a campaign's own words", |bench| {
        bench.iter(|| {
            let own = house
                .adapted(&[("shared/close", "Thank you for {{ our_ref }}.", 1)])
                .expect("fits");
            compose_with(&own, black_box(facts))
                .expect("a letter")
                .body
                .len()
        });
    });
    criterion.bench_function("one letter on paper", |bench| {
        bench.iter(|| one(black_box(facts)))
    });
}

criterion_group!(benches, preview, batches);
criterion_main!(benches);
