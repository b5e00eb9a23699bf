//! A batch in the pages: the researcher plans, drafts and sends; counsel reads one text and decides.

use chrono::Duration;

use super::made::{contact, day, sheriffs};
use super::recipients;
use crate::both_databases;
use crate::support::app::{TestApp, Who};
use sundial::store::{commit, contacts, deliveries};

/// The values of every box of this name on the page.
fn values(html: &str, name: &str) -> Vec<String> {
    html.split(&format!("name=\"{name}\" value=\""))
        .skip(1)
        .filter_map(|after| after.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// A mistake in three letters is put right: drafted, read by counsel as one text, and sent.
async fn corrected(app: &TestApp, page: &str, after: &str, requests: &[String]) {
    let rosa = app.as_who(Who::Researcher).await;
    // A mistake in three letters is put right by three corrections, each a letter of its own request.
    let three: Vec<(&str, &str)> = requests.iter().map(|id| ("request", id.as_str())).collect();
    let with = |more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
        three.iter().copied().chain(more.iter().copied()).collect()
    };
    rosa.post(after, after, &with(&[("do", "correct")]))
        .await
        .is(422)
        .says("Write what was wrong in the letters and what is right");
    let words = "The letter gave the period as 2024; it should read 2025.";
    let corrected = rosa
        .post(
            after,
            after,
            &with(&[("do", "correct"), ("mistake", words)]),
        )
        .await
        .leads();
    rosa.get(&corrected)
        .await
        .is(200)
        .says("3 letters drafted as corrections")
        .says("Correction");
    let to_counsel = rosa
        .post(after, after, &with(&[("do", "counsel")]))
        .await
        .leads();
    rosa.get(&to_counsel)
        .await
        .is(200)
        .says("3 letters sent to counsel");
    rosa.get(page).await.is(200).says("Corrections drafted");
    // Counsel reads them as one text: what differs is each one's own. On Today they are one matter.
    let carmen = app.as_who(Who::Counsel).await;
    carmen
        .get(&app.path(""))
        .await
        .is(200)
        .says("3 × Correction waits for your approval");
    carmen
        .get(after)
        .await
        .is(200)
        .says("Correction (3)")
        .says("Overdue notice (2)");
    let review = format!("{page}/review?kind=correction");
    let seen = carmen
        .get(&review)
        .await
        .is(200)
        .says("Correction: 3 letters of batch 1")
        .says("it should read 2025")
        .says("‹our reference›")
        .says("I am sorry for the trouble");
    let letters = values(&seen.html(), "letter");
    assert_eq!(letters.len(), 3);
    let chosen: Vec<(&str, &str)> = letters
        .iter()
        .map(|text| ("letter", text.as_str()))
        .chain([("do", "approve")])
        .collect();
    // A letter of another kind is not decided on by this page.
    let notices = format!("{page}/review?kind=overdue_notice");
    let strays = carmen.post(&notices, &notices, &chosen).await.leads();
    carmen
        .get(&strays)
        .await
        .is(200)
        .says("0 letters approved")
        .says("is not of this batch");
    let decided = carmen.post(&review, &review, &chosen).await.leads();
    carmen
        .get(&decided)
        .await
        .is(200)
        .says("3 letters approved");
    let before = recipients(app).len();
    let sending = rosa
        .post(after, after, &with(&[("do", "send")]))
        .await
        .leads();
    rosa.get(&sending)
        .await
        .is(200)
        .says("3 letters queued, each for its agency's own hours");
    rosa.post(after, after, &with(&[("do", "send")]))
        .await
        .is(422)
        .says("None of the ticked requests has an approved letter");
    // None leaves at once; each in its agency's hours, minutes apart, as the first letters did.
    app.settle().await;
    assert_eq!(recipients(app).len(), before);
    let mut times = Vec::new();
    for letter in &letters {
        let letter = letter[..32].parse().expect("an id");
        let (db, by) = (app.app.store.read(), app.scope(Who::Researcher));
        let queued = deliveries::find_for_letter(db, &by, letter).await;
        let at = queued.expect("db").and_then(|queued| queued.leave_at);
        times.push(at.expect("its time"));
    }
    times.sort_unstable();
    assert!(times[0] >= app.app.clock.now() + Duration::minutes(30));
    for (at, next) in times.iter().zip(&times[1..]) {
        assert!(*next >= *at + Duration::minutes(2), "{times:?}");
    }
    // Sunday, then Presidents' Day: from Tuesday on, two a day, from nine by each agency's clock (in Virginia six by this one).
    for at in &times {
        let local = at.with_timezone(&chrono_tz::America::Los_Angeles);
        assert!(local.date_naive() >= day("2026-02-17"), "{local}");
        assert!((6..16).contains(&chrono::Timelike::hour(&local)), "{local}");
    }
    app.until(times[2] + Duration::minutes(1)).await;
    assert_eq!(recipients(app).len(), before + 3);
    let rosa = app.as_who(Who::Researcher).await;
    // Washington starts no limit anew for a correction: the same agencies are late by the same days.
    rosa.get(&format!("{after}?show=late"))
        .await
        .is(200)
        .says("was due")
        .says("RCW 42.56.520(1)");
}

both_databases!(
    /// From the first press to letters on their way, with the slips that people make.
    in_the_browser, |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let carmen = app.as_who(Who::Counsel).await;
        let all = sheriffs(app, &["WA", "IL", "VA"], 2).await;
        rosa.get(&app.path("requests")).await.is(200).says("Batches");
        rosa.get(&app.path("batches")).await.is(200).says("No batch yet");
        app.as_who(Who::Team).await.get(&app.path("batches")).await.is(403);

        let form = app.path("batches/new");
        rosa.post(&form, &form, &[
            ("period_start", "2025-12-31"),
            ("period_end", "2023-01-01"),
            ("fiscal_years", "eleven"),
            ("format", "native"),
            ("fee_ceiling", "50"),
            ("send_on", ""),
        ])
        .await
        .is(422)
        .says("Choose at least one kind of record")
        .says("ends before it starts")
        .says("a number of years from 1 to 10")
        .says("Give the day on which the first letter is to leave");
        let choose = rosa.post(&form, &form, &[
            ("records", "detainer_summary"),
            ("records", "detainer_policy"),
            ("period_start", "2023-01-01"),
            ("period_end", "2025-12-31"),
            ("format", "native"),
            ("fee_ceiling", "50"),
            ("send_on", "2026-01-13"),
            ("title", "Sheriffs of three states"),
            ("words", "The Alder Coalition asks for public figures."),
        ])
        .await
        .leads();
        rosa.get(&format!("{choose}?q=made-up")).await.is(200).says("6 agencies fit").says("Add all 6 that fit");
        let back = rosa.post(&choose, &choose, &[("which", "ticked")]).await.leads();
        rosa.get(&back).await.says("Tick at least one agency");
        let page = rosa.post(&choose, &choose, &[("which", "all"), ("q", "made-up")]).await.leads();
        rosa.get(&page).await.is(200).says("6 agencies added");

        // What stands in the way comes first: Virginia answers only its own.
        let plan = rosa.get(&page).await.is(200).says("In the way: 2 agencies").says("Only residents may ask").says("Draft 4 letters");
        assert!(plan.words().contains("Acknowledgment: Wed 21 Jan 2026"), "{}", plan.words());
        assert!(plan.words().contains("Search time may not be charged"), "{}", plan.words());
        rosa.post(&page, &format!("{page}/signer"), &[("state", "VA"), ("name", "Jordan Reed"), ("address", "")]).await.leads();
        rosa.get(&page).await.says("Give the address that shows the residence");
        rosa.post(&page, &format!("{page}/signer"), &[("state", "VA"), ("name", "Jordan Reed"), ("address", "4 Quarry Road, Alderton, VA")]).await.leads();
        rosa.get(&page).await.is(200).says("Draft 6 letters").says("Jordan Reed signs");

        // Particulars: one that does not fit is shown again with what was typed.
        let html = rosa.get(&page).await.html();
        let targets = values(&html, "target");
        assert_eq!(targets.len(), 6);
        let (facilities, fiscal) = (format!("facilities_{}", targets[0]), format!("fiscal_{}", targets[0]));
        let fields = format!("{page}/fields");
        let wrong = [("target", targets[0].as_str()), (facilities.as_str(), "Main Jail"), (fiscal.as_str(), "some time")];
        let again = rosa.post(&page, &fields, &wrong).await.is(422).says("Write month and day");
        assert!(again.html().contains("Main Jail") && again.html().contains("some time"));
        let right = [("target", targets[0].as_str()), (facilities.as_str(), "Main Jail"), (fiscal.as_str(), "July 1")];
        rosa.post(&page, &fields, &right).await.leads();
        rosa.get(&page).await.is(200).says("Main Jail");

        // One press drafts all; the page says how far it is.
        let watch = rosa.post(&page, &format!("{page}/draft"), &[]).await.leads();
        let seen = rosa.get(&watch).await.is(200).says("0 of 6 agencies have their letter; 6 to go");
        assert!(seen.html().contains("http-equiv=\"refresh\""));
        assert!(!rosa.get(&page).await.html().contains("http-equiv=\"refresh\""));
        app.settle().await;
        rosa.get(&watch).await.is(200).says("Send 6 to counsel").keeps_quiet_about("In the way");
        let back = rosa.post(&page, &format!("{page}/submit"), &[]).await.leads();
        rosa.get(&back).await.is(200).says("6 letters sent to counsel").keeps_quiet_about("Read and decide");

        // Counsel reads one text.
        rosa.get(&format!("{page}/review")).await.is(403);
        carmen.get(&page).await.is(200).says("Read and decide");
        let review = format!("{page}/review");
        let text = carmen.get(&review).await.is(200)
            .says("6 letters of batch 1")
            .says("2 letters say all 2 of Washington")
            .says("The Alder Coalition asks for public figures.")
            .says("Dear ")
            .says("This request covers this facility: ‹facilities›.");
        assert!(text.words().contains("RCW") && text.words().contains("Va. Code"), "{}", text.words());
        carmen.get(&format!("{review}?state=WA")).await.is(200).says("2 letters of batch 1");
        carmen.post(&review, &review, &[("do", "approve")]).await.is(422).says("Tick the letters that you decide on");
        let letters = values(&text.html(), "letter");
        assert_eq!(letters.len(), 6);
        carmen.post(&review, &review, &[("letter", &letters[0]), ("do", "return"), ("comment", " ")]).await.is(422).says("letters come back with a comment");
        carmen.post(&review, &review, &[("letter", &letters[0]), ("do", "return"), ("comment", "Name the jail.")]).await.leads();
        let five: Vec<(&str, &str)> = letters[1..].iter().map(|one| ("letter", one.as_str())).chain([("do", "approve")]).collect();
        let done = carmen.post(&review, &review, &five).await.leads();
        carmen.get(&done).await.is(200).says("5 letters approved");

        // The times are shown before anything leaves.
        let sending = format!("{page}/sending");
        rosa.get(&sending).await.is(200).says("5 letters on 1 day").says("Start sending 5 letters").says("1 letter of this batch is not approved");
        rosa.get(&format!("{sending}?per_day=2")).await.is(200).says("5 letters on 3 days");
        rosa.get(&format!("{sending}?until_hour=23")).await.is(200).says("evening mail counts as the next day");
        rosa.post(&sending, &sending, &[("per_day", "2"), ("until_hour", "23")]).await.leads();
        rosa.get(&sending).await.says("evening mail counts");
        rosa.post(&sending, &sending, &[("per_day", "2"), ("send_on", "2026-01-13"), ("eves", "skip")]).await.leads();
        rosa.get(&page).await.is(200).says("0 of 5 letters have left").says("Pause");
        rosa.post(&page, &format!("{page}/pause"), &[]).await.leads();
        rosa.get(&page).await.is(200).says("Paused: no further letter leaves");
        app.later(Duration::days(1)).await;
        // Hours without use end every session.
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&page).await.is(200).says("Go on sending");
        rosa.post(&sending, &sending, &[]).await.leads();
        for _ in 0..80 {
            app.later(Duration::hours(1)).await;
        }
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&page).await.is(200).says("5 of 5 letters have left").says("With the agency 5");
        rosa.get(&app.path("batches")).await.is(200).says("5 with the agency").says("Sheriffs of three states");

        app.without_chasers().await;
        // A month later: who is late by its own law, and several are closed with a reason.
        app.later(Duration::days(30)).await;
        let rosa = app.as_who(Who::Researcher).await;
        let after = format!("{page}/afterwards");
        let late = rosa.get(&format!("{after}?show=late")).await.is(200).says("5 letters of this batch have left").says("was due").says("RCW 42.56.520(1)");
        let requests = values(&late.html(), "request");
        assert_eq!(requests.len(), 5);
        rosa.post(&after, &after, &[("note", "Withdrawn.")]).await.is(422).says("Tick the requests that are to be closed");
        rosa.post(&after, &after, &[("request", &requests[0])]).await.is(422).says("Say why these requests are closed");
        let two = [("request", requests[0].as_str()), ("request", requests[1].as_str()), ("note", "Asked by another campaign.")];
        // The others are asked after: by the letter that fits, and through counsel.
        rosa.post(&after, &after, &[("do", "chase")]).await.is(422).says("Tick the requests that you mean");
        let others = [("request", requests[2].as_str()), ("request", requests[3].as_str()), ("do", "chase")];
        let chased = rosa.post(&after, &after, &others).await.leads();
        rosa.get(&chased).await.is(200).says("2 letters drafted.").says("Overdue notice");
        let again = rosa.post(&after, &after, &others).await.leads();
        rosa.get(&again).await.is(200).says("0 letters drafted.").says("There is a draft of this letter already");
        let to_counsel = [("request", requests[2].as_str()), ("request", requests[3].as_str()), ("do", "counsel")];
        let sent = rosa.post(&after, &after, &to_counsel).await.leads();
        rosa.get(&sent).await.is(200).says("letters sent to counsel").says("With counsel");
        Box::pin(corrected(app, &page, &after, &requests[2..5])).await;
        // Days passed.
        let rosa = app.as_who(Who::Researcher).await;
        let done = rosa.post(&after, &after, &two).await.leads();
        rosa.get(&done).await.is(200).says("2 requests closed.").says("Closed (2)");
        rosa.get(&app.path(&format!("requests/{}", requests[0]))).await.is(200).says("Asked by another campaign.");
        let again = rosa.post(&after, &after, &two).await.leads();
        rosa.get(&again).await.is(200).says("0 requests closed. 2 were left as they are");

        // A second batch over the same agencies is led to the first.
        let tx = app.app.store.begin().await.expect("a change");
        let other = contact(app, all[5], "new@county2.va.example", "2026-01-12");
        contacts::add(&tx, &[other]).await.expect("added");
        commit(tx).await.expect("done");
        let choose = rosa.post(&form, &form, &[
            ("records", "detainer_summary"),
            ("period_start", "2025-01-01"),
            ("period_end", "2025-12-31"),
            ("format", "native"),
            ("fee_ceiling", "50"),
            ("send_on", day("2026-01-20").to_string().as_str()),
        ])
        .await
        .leads();
        let page = rosa.post(&choose, &choose, &[("which", "all"), ("q", "made-up")]).await.leads();
        rosa.get(&page).await.is(200).says("In the way: 6 agencies").says("Asked before, and closed").says("Open S-0001").says("asks the same custodian for the same records and dates");
        // Nobody else's.
        app.as_who(Who::Elsewhere).await.get(&page).await.is(404);
    }
);
