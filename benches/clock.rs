//! How fast the law is: reading all of it, one explained clock, a million due dates, a sweep of a million open duties.
//!
//! `cargo bench --bench clock`; `benches/busday.py` counts the same dates with numpy. Figures: docs/benchmarks.md.

use std::hint::black_box;

use chrono::{Days, NaiveDate};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sundial::domain::duty::{Counter, EventKind, Facts, clocks, due_between};
use sundial::law::{HolderKind, Library};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The same starts as `busday.py`: `n` days spread over ten years from 2020 by a fixed step.
fn starts(n: u64) -> Vec<NaiveDate> {
    let first = day("2020-01-01");
    (0..n)
        .map(|at| first + Days::new(at.wrapping_mul(2_654_435_761) % 3_650))
        .collect()
}

fn reading(c: &mut Criterion) {
    c.bench_function("read and check all law", |b| {
        b.iter(|| Library::embedded().expect("sound law files"));
    });
}

fn trace(c: &mut Criterion) {
    let library = Library::embedded().expect("sound law files");
    let law = library.get(&"WA".parse().expect("a code")).expect("a law");
    let facts = Facts {
        received_on: Some(day("2026-01-16")),
        holder: HolderKind::Sheriff,
        events: vec![
            (EventKind::Acknowledged, day("2026-01-20")),
            (EventKind::Denied, day("2026-02-02")),
        ],
        ..Facts::default()
    };
    c.bench_function("every clock of one request, explained", |b| {
        b.iter(|| clocks(black_box(law), black_box(&facts), day("2026-02-10")));
    });
}

fn sweep(c: &mut Criterion) {
    let library = Library::embedded().expect("sound law files");
    let law = library.get(&"WA".parse().expect("a code")).expect("a law");
    let duty = law
        .first_duty(HolderKind::Sheriff, day("2026-01-01"))
        .expect("a duty");
    let counter = Counter::new(law, duty, HolderKind::Sheriff, None).expect("a plain limit");
    let million = starts(1_000_000);
    let mut group = c.benchmark_group("due dates without trace");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1_000_000));
    group.bench_function("a million, five business days each", |b| {
        b.iter(|| {
            million
                .iter()
                .filter_map(|start| counter.due_on(*start))
                .map(|due_on| u64::from(due_on.leap_year()))
                .sum::<u64>()
        });
    });
    for n in [10_000, 100_000, 1_000_000] {
        group.throughput(Throughput::Elements(n));
        group.bench_function(
            format!("sweep of {n} open duties to “due in the next 14 days”"),
            |b| {
                b.iter_batched(
                    || &million[..usize::try_from(n).expect("small")],
                    |open| due_between(&counter, open, day("2026-11-25"), day("2026-12-09")),
                    BatchSize::SmallInput,
                );
            },
        );
    }
    group.finish();
    // Every law at once: each start under the first fixed duty of the next jurisdiction.
    let counters: Vec<Counter<'_>> = library
        .all()
        .filter_map(|law| {
            let duty = law.first_duty(HolderKind::Sheriff, day("2026-01-01"))?;
            Counter::new(law, duty, HolderKind::Sheriff, None)
        })
        .collect();
    let mut group = c.benchmark_group("all laws");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1_000_000));
    group.bench_function("a million due dates over all laws with a number", |b| {
        b.iter(|| {
            million
                .iter()
                .enumerate()
                .filter_map(|(at, start)| counters[at % counters.len()].due_on(*start))
                .map(|due_on| u64::from(due_on.leap_year()))
                .sum::<u64>()
        });
    });
    group.finish();
}

criterion_group!(benches, reading, trace, sweep);
criterion_main!(benches);
