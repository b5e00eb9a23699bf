//! Lists of agencies and of agreements: what left a list, columns that a person names, choices for lines, undoing,
//! export and import again, and files that are hostile or odd.
//!
//! Longer than 500 lines: each story brings the lists that it is about.

use sundial::domain::agency::AgencyKind;
use sundial::domain::agency::AgreementStatus;
use sundial::domain::agency::contact::Channel;
use sundial::store::{agencies, agreements, contacts, profiles};

use crate::agencies::{HEAD, confirm, upload};
use crate::agency_sets::agency;
use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers;
use crate::support::visitor::File;

/// A line of ICE's list of a jail in Washington.
fn line<'a>(name: &'a str, model: &'a str) -> [&'a str; 8] {
    [
        "WASHINGTON",
        name,
        "County",
        "",
        model,
        "7/2/2025",
        "link",
        "",
    ]
}

fn ices(lines: &[[&str; 8]]) -> Vec<u8> {
    let mut rows: Vec<&[&str]> = vec![HEAD];
    rows.extend(lines.iter().map(|line| line.as_slice()));
    papers::xlsx(&rows)
}

async fn names(app: &TestApp) -> Vec<String> {
    agencies::list(app.app.store.read(), &app.scope(Who::Researcher))
        .await
        .expect("agencies")
        .into_iter()
        .map(|agency| agency.name)
        .collect()
}

async fn statuses(app: &TestApp) -> Vec<AgreementStatus> {
    let mut all = agreements::list(app.app.store.read(), &app.scope(Who::Researcher))
        .await
        .expect("agreements");
    all.sort_by_key(|agreement| agreement.status.as_str());
    all.into_iter().map(|agreement| agreement.status).collect()
}

both_databases!(
    what_left_ices_list_is_shown_marked_and_kept_as_history,
    |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let whole = ices(&[
            line("Alder County Jail", "Warrant Service Officer"),
            line("Birch County Jail", "Jail Enforcement Model"),
        ]);
        let shorter = ices(&[line("Alder County Jail", "Warrant Service Officer")]);
        let first = upload(app, "agreements", "july.xlsx", &whole).await;
        confirm(app, &first).await;
        let preview = upload(app, "agreements", "august.xlsx", &shorter).await;
        rosa.get(&preview)
            .await
            .is(200)
            .says("marks 1 as no longer on the list")
            .says("Birch County Jail");
        // A person may say that the file is only a part, and take it back.
        let part = format!("{preview}/whole");
        rosa.post(&preview, &part, &[("whole", "no")]).await.leads();
        rosa.get(&preview)
            .await
            .is(200)
            .says("Confirming changes nothing.");
        rosa.post(&preview, &part, &[("whole", "yes")])
            .await
            .leads();
        let words = confirm(app, &preview).await;
        assert!(words.contains("1 off the list"), "{words}");
        assert_eq!(
            statuses(app).await,
            [AgreementStatus::OffList, AgreementStatus::Signed]
        );
        let by = app.scope(Who::Researcher);
        let all = agencies::list(app.app.store.read(), &by)
            .await
            .expect("agencies");
        let birch = all
            .iter()
            .find(|agency| agency.name.starts_with("Birch"))
            .expect("Birch");
        let page = app.path(&format!("agencies/{}", birch.id));
        rosa.get(&page)
            .await
            .is(200)
            .says("No longer on ICE's list")
            .says("signed becomes no longer on ICE's list")
            .says("The list august.xlsx");
        let again = upload(app, "agreements", "august.xlsx", &shorter).await;
        rosa.get(&again)
            .await
            .is(200)
            .says("Confirming changes nothing.");

        // The later import is undone, then the earlier: the order matters, and a page says so.
        let to = rosa
            .post(&first, &format!("{first}/undo"), &[])
            .await
            .leads();
        rosa.get(&to).await.is(200).says("Nothing was changed.");
        rosa.get(&first)
            .await
            .is(200)
            .says("cannot be undone, because a later list changed 1 of its agreements");
        rosa.post(&preview, &format!("{preview}/undo"), &[])
            .await
            .leads();
        assert_eq!(
            statuses(app).await,
            [AgreementStatus::Signed, AgreementStatus::Signed]
        );
        rosa.post(&first, &format!("{first}/undo"), &[])
            .await
            .leads();
        assert!(statuses(app).await.is_empty());
        assert!(names(app).await.is_empty());
        rosa.get(&first).await.is(200).says("undone since");
    }
);

both_databases!(a_file_that_lacks_much_is_first_taken_for_a_part, |app| {
    let all: Vec<String> = (0..24)
        .map(|number| format!("Number {number} County Jail"))
        .collect();
    let lines: Vec<[&str; 8]> = all
        .iter()
        .map(|name| line(name, "Warrant Service Officer"))
        .collect();
    let first = upload(app, "agreements", "whole.xlsx", &ices(&lines)).await;
    confirm(app, &first).await;
    let preview = upload(app, "agreements", "part.xlsx", &ices(&lines[..4])).await;
    app.as_who(Who::Researcher)
        .await
        .get(&preview)
        .await
        .is(200)
        .says("20 of the 24 agreements that earlier lists gave are missing")
        .says("Confirming changes nothing.");
});

both_databases!(a_person_names_the_columns_and_chooses_for_lines, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let known = agency(
        app,
        "Alder County Sheriff's Office",
        "WA",
        AgencyKind::Sheriff,
    )
    .await;
    let text = "Body;Where;Whom;Seen in;Seen on\n\
                Alder Law Enforcement Center;WA;records@alder.example;its page;2026-01-05\n\
                Birch Jail;WA;records@birch.example;its page;2026-01-05\n\
                Cedar Jail;WA;;;\n";
    let preview = upload(app, "agencies", "odd.csv", text.as_bytes()).await;
    let columns = rosa.get(&preview).await.leads();
    assert!(columns.ends_with("/columns"), "{columns}");
    rosa.get(&columns)
        .await
        .is(200)
        .says("Which column is which")
        .says("Whom (column C)")
        .says("Birch Jail");
    rosa.post(&columns, &columns, &[("name", "0")])
        .await
        .is(422)
        .says("Say which column holds: state.");
    let fields = [
        ("name", "0"),
        ("state", "1"),
        ("records_email", "2"),
        ("known_how", "3"),
        ("checked_on", "4"),
    ];
    rosa.post(&columns, &columns, &fields).await.leads();
    rosa.get(&preview)
        .await
        .is(200)
        .says("Confirming adds 3 agencies and 2 contacts");

    // Line 2 is an agency that the campaign has; line 4 is left out; both with the reason.
    let one = format!("{preview}/lines/2");
    let into = known.to_string();
    rosa.get(&one)
        .await
        .is(200)
        .says("Alder County Sheriff's Office");
    rosa.post(
        &one,
        &one,
        &[("wanted", "merge"), ("into", &into), ("reason", "")],
    )
    .await
    .is(422)
    .says("Say why in a few words");
    rosa.post(
        &one,
        &one,
        &[("wanted", "merge"), ("into", ""), ("reason", "I called")],
    )
    .await
    .is(422)
    .says("Choose the agency that this line means.");
    rosa.post(
        &one,
        &one,
        &[("wanted", "merge"), ("into", &into), ("reason", "I called")],
    )
    .await
    .leads();
    let several = format!("{preview}/lines");
    let skip = [
        ("wanted", "skip"),
        ("line", "4"),
        ("reason", "closed in 2019"),
    ];
    rosa.post(&preview, &several, &skip).await.leads();
    rosa.get(&preview)
        .await
        .is(200)
        .says("Confirming adds 1 agencies and 2 contacts")
        .says("Left out by choice: closed in 2019")
        .says("chosen: I called");
    let every = [
        ("wanted", "suggested"),
        ("which", "written"),
        ("reason", ""),
    ];
    rosa.post(&preview, &several, &every).await.leads();
    rosa.get(&preview)
        .await
        .is(200)
        .says("Confirming adds 2 agencies");
    rosa.post(
        &one,
        &one,
        &[("wanted", "merge"), ("into", &into), ("reason", "I called")],
    )
    .await
    .leads();
    confirm(app, &preview).await;
    assert_eq!(
        names(app).await,
        ["Alder County Sheriff's Office", "Birch Jail"]
    );
    let by = app.scope(Who::Researcher);
    let also = profiles::list_aliases_of(app.app.store.read(), &by, known)
        .await
        .expect("names");
    assert_eq!(
        also,
        ["Alder Law Enforcement Center"],
        "the next list is matched by itself"
    );
    rosa.post(&preview, &format!("{preview}/undo"), &[])
        .await
        .leads();
    assert_eq!(names(app).await, ["Alder County Sheriff's Office"]);
    assert!(
        profiles::list_aliases_of(app.app.store.read(), &by, known)
            .await
            .expect("names")
            .is_empty(),
        "the name went with the import"
    );
});

both_databases!(
    an_import_is_undone_only_while_nobody_worked_on_with_it,
    |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let text = "name,state,records_email,known_how,checked_on,other_names,jail_system\n\
                Alder County Jail,WA,records@alder.example,its page,2026-01-05,The Alder,JMS\n";
        let preview = upload(app, "agencies", "one.csv", text.as_bytes()).await;
        confirm(app, &preview).await;
        let by = app.scope(Who::Researcher);
        let db = app.app.store.read();
        let alder = agencies::list(db, &by).await.expect("agencies")[0].clone();
        let page = app.path(&format!("agencies/{}", alder.id));
        rosa.get(&page).await.is(200).says("JMS").says("The Alder");
        rosa.get(&preview)
            .await
            .is(200)
            .says("Undo the whole import");

        let new = app.path(&format!("requests/new?agency={}", alder.id));
        let request = [
            ("records", "detainer_summary"),
            ("period_start", "2023-01-01"),
            ("period_end", "2025-12-31"),
            ("format", "native"),
            ("fee_ceiling", "50"),
            ("title", ""),
        ];
        let token = rosa.get(&preview).await.token();
        rosa.post(&new, &new, &request).await.leads();
        rosa.get(&preview)
            .await
            .is(200)
            .says("cannot be undone, because 1 request goes to what it added");
        let to = rosa
            .send(&format!("{preview}/undo"), &token, &[])
            .await
            .leads();
        rosa.get(&to).await.is(200).says("Nothing was changed.");
        assert_eq!(names(app).await, ["Alder County Jail"]);

        // Another import, on which nobody worked: all of it goes, and it can come again.
        let text =
            "name,state,fax,known_how,checked_on\nBirch Jail,WA,555 010 0199,its page,2026-01-05\n";
        let second = upload(app, "agencies", "two.csv", text.as_bytes()).await;
        confirm(app, &second).await;
        assert_eq!(contacts::list(db, &by).await.expect("contacts").len(), 2);
        rosa.post(&second, &format!("{second}/undo"), &[])
            .await
            .leads();
        assert_eq!(names(app).await, ["Alder County Jail"]);
        assert_eq!(contacts::list(db, &by).await.expect("contacts").len(), 1);
        let third = upload(app, "agencies", "two.csv", text.as_bytes()).await;
        rosa.get(&third)
            .await
            .is(200)
            .says("Confirming adds 1 agencies and 1 contacts");
        app.as_who(Who::Team).await.get(&second).await.is(403);
    }
);

both_databases!(what_is_exported_comes_back_unchanged_and_harmless, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let text = "name,state,county,type,purpose,contact_title,records_email,phone,known_how,checked_on,other_names\n\
                \"=HYPERLINK(\"\"https://evil.example\"\",\"\"Alder County Jail\"\")\",WA,Alder,County jail,Appeals,@Clerk,a@alder.example,+1 555 010 0199,-its page,2026-01-05,+Alder\n";
    let preview = upload(app, "agencies", "hostile.csv", text.as_bytes()).await;
    confirm(app, &preview).await;
    let by = app.scope(Who::Researcher);
    let db = app.app.store.read();
    let ways = contacts::list(db, &by).await.expect("contacts");
    assert_eq!(ways.len(), 2);
    assert!(
        ways.iter()
            .any(|way| way.channel == Channel::Phone && way.value == "+1 555 010 0199")
    );

    let file = rosa
        .get(&app.path("agencies/export.csv?state=WA"))
        .await
        .is(200);
    assert!(
        file.media_type.starts_with("text/csv"),
        "{}",
        file.media_type
    );
    assert!(
        file.bytes.starts_with(b"\xef\xbb\xbf"),
        "spreadsheets know UTF-8 by its mark"
    );
    let mut reader = csv::Reader::from_reader(&file.bytes[3..]);
    let mut cells = 0;
    for record in reader.records() {
        for cell in &record.expect("a line") {
            cells += 1;
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert!(cells > 20);
    assert!(file.html().contains("\"'=HYPERLINK("));

    let again = upload(app, "agencies", "export.csv", &file.bytes).await;
    rosa.get(&again)
        .await
        .is(200)
        .says("Confirming changes nothing.")
        .keeps_quiet_about("Left out, and why");
    let book = rosa
        .get(&app.path("agencies/export.xlsx?state=WA"))
        .await
        .is(200);
    let again = upload(app, "agencies", "export.xlsx", &book.bytes).await;
    rosa.get(&again)
        .await
        .is(200)
        .says("Confirming changes nothing.")
        .keeps_quiet_about("Left out, and why");
    app.as_who(Who::Team)
        .await
        .get(&app.path("agencies/export.xlsx"))
        .await
        .is(403);
    app.as_who(Who::Team)
        .await
        .get(&app.path("agencies/export.csv"))
        .await
        .is(403);
});

/// Uploads a list that cannot be taken and gives the page's words.
async fn refused(app: &TestApp, name: &str, bytes: &[u8]) -> String {
    let rosa = app.as_who(Who::Researcher).await;
    let at = app.path("imports");
    let file = File {
        field: "file",
        name,
        media_type: "application/octet-stream",
        bytes,
    };
    rosa.post_files(&at, &at, &[("list", "agencies")], &[file])
        .await
        .is(422)
        .words()
}

both_databases!(
    formulas_in_a_workbook_are_text_and_merged_cells_are_not_guessed_at,
    |app| {
        let text = |at: &str, words: &str| {
            format!(r#"<c r="{at}" t="inlineStr"><is><t>{words}</t></is></c>"#)
        };
        let sheet = format!(
            r#"<sheetData><row r="1">{}{}</row><row r="2">{}{}</row><row r="3">{}</row><row r="4">{}{}</row></sheetData><mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>"#,
            text("A1", "name"),
            text("B1", "state"),
            r#"<c r="A2" t="str"><f>CONCATENATE("Alder"," County Jail")</f><v>Alder County Jail</v></c>"#,
            text("B2", "WA"),
            text("A3", "Birch County Jail"),
            r#"<c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#,
            text("B4", "WA"),
        );
        let preview = upload(app, "agencies", "book.xlsx", &papers::workbook(&sheet)).await;
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&preview)
            .await
            .is(200)
            .says("Alder County Jail")
            .says("It names no state.");
        confirm(app, &preview).await;
        let all = names(app).await;
        assert!(all.contains(&"Alder County Jail".to_owned()), "{all:?}");
        assert!(
            !all.iter()
                .any(|name| name.contains("CONCATENATE") || name.contains("Birch")),
            "{all:?}"
        );
    }
);

both_databases!(odd_tables_are_read_or_refused_with_a_sentence, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    // A mark at the beginning, empty lines, blanks around, and a heading that stands twice.
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(
        "name,state,records_email,Records_Email,known_how,checked_on\r\n\r\n,,,,,\r\n  Alder County Jail  ,wa,a@alder.example,b@alder.example,its page,1/5/2026\r\n\r\n"
            .bytes(),
    );
    let preview = upload(app, "agencies", "marked.csv", &marked).await;
    rosa.get(&preview)
        .await
        .is(200)
        .says("The heading “records_email” stands more than once")
        .says("Confirming adds 1 agencies and 1 contacts")
        .says("a@alder.example");
    let tabs = "name\tstate\nBirch, County Jail\tWA\n";
    let preview = upload(app, "agencies", "tabs.txt", tabs.as_bytes()).await;
    rosa.get(&preview).await.is(200).says("Birch, County Jail");

    let wrong = "name^state^county\nAlder County Jail^WA^Alder\n";
    let words = refused(app, "wrong.csv", wrong.as_bytes()).await;
    assert!(words.contains("only one column"), "{words}");
    let words = refused(app, "empty.csv", b"").await;
    assert!(words.contains("The file is empty"), "{words}");
    let words = refused(app, "heads.csv", b"name,state\n").await;
    assert!(words.contains("no line under them"), "{words}");
    let words = refused(app, "blank.csv", b"name,state\n,\n,\n").await;
    assert!(words.contains("no line under them"), "{words}");
});

both_databases!(a_hundred_thousand_rows_are_refused_without_harm, |app| {
    let mut text = String::from("name,state,county\n");
    for number in 0..100_000 {
        text.push_str(&format!("Number {number} County Jail,WA,County {number}\n"));
    }
    let words = refused(app, "huge.csv", text.as_bytes()).await;
    assert!(
        words.contains("more lines than the 25000 that are read at once"),
        "{words}"
    );
    assert!(words.contains("Split it"), "{words}");
    assert!(names(app).await.is_empty());
});
