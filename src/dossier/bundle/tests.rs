//! Bundles of invented exhibits: turned, cropped, with inherited resources, forms, scripts, damage.
//!
//! Over 500 lines because most of it makes the odd files that the tests bundle.

use std::collections::BTreeMap;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render as draw};
use lopdf::{Document, Stream, StringFormat, dictionary};

use super::super::sample::{Paper, packet};
use super::copy::Balance;
use super::*;

/// A file of pages that each carry a black square in the lower left of the page's own coordinates, and whatever
/// `change` does to it.
fn file(pages: usize, change: impl Fn(&mut Document, &[ObjectId], ObjectId)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let root = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
    });
    let mut ids = Vec::new();
    for number in 1..=pages {
        let text = format!(
            "q 72 72 100 50 re f BT /F1 12 Tf 72 400 Td (Page {number} of the county) Tj ET"
        );
        // Left open on purpose: `q` without `Q`.
        let contents = document.add_object(Stream::new(Dictionary::new(), text.into_bytes()));
        ids.push(document.add_object(dictionary! {
            "Type" => "Page", "Parent" => root, "Contents" => contents,
        }));
    }
    // Resources and boxes stand on the tree, not on the pages.
    let kids: Vec<Object> = ids.iter().map(|id| (*id).into()).collect();
    document.objects.insert(
        root,
        dictionary! {
            "Type" => "Pages", "Count" => pages as i64, "Kids" => kids,
            "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        }
        .into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
    document.trailer.set("Root", catalog);
    change(&mut document, &ids, catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("it saves");
    bytes
}

struct Made {
    report: BundleReport,
    bytes: Vec<u8>,
    document: Document,
    pages: Vec<ObjectId>,
}

fn bundle(exhibits: Vec<(Vec<u8>, u32)>) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let papers: Vec<Paper> = exhibits
        .into_iter()
        .map(|(bytes, pages)| Paper {
            title: "Detainer policy",
            agency: "Alder County Sheriff",
            bytes,
            pages,
        })
        .collect();
    let packet = packet(&papers);
    let body = super::super::render(&packet).expect("it renders");
    std::fs::write(folder.path().join("body.pdf"), &body.pdf).expect("written");
    let exhibits = packet
        .exhibits()
        .iter()
        .zip(&papers)
        .map(|(exhibit, paper)| {
            let file = format!("{}.pdf", exhibit.letter());
            std::fs::write(folder.path().join(&file), &paper.bytes).expect("written");
            ExhibitFile {
                file,
                letter: exhibit.letter().to_string(),
                title: exhibit.title().to_owned(),
                pages: exhibit.pages(),
                sha256: *exhibit.sha256(),
            }
        })
        .collect();
    let request = BundleRequest {
        folder: folder.path().to_owned(),
        body: "body.pdf".to_owned(),
        output: "dossier.pdf".to_owned(),
        title: "Alder Valley".to_owned(),
        author: "Alder Valley Interfaith Table".to_owned(),
        subject: "Immigration detainers & <records>".to_owned(),
        language: "en-US".to_owned(),
        built_on: packet.front().built_on,
        headings: body.headings,
        links: body.links,
        exhibits,
        look_for_margins: true,
    };
    let report = run(&request).expect("it bundles");
    let bytes = std::fs::read(folder.path().join("dossier.pdf")).expect("the dossier");
    assert_eq!(report.sha256, Sha256::of(&bytes));
    assert_eq!(report.bytes, bytes.len() as u64);
    let document = Document::load_mem(&bytes).expect("it reads back");
    let pages: Vec<ObjectId> = document.page_iter().collect();
    assert_eq!(pages.len(), report.pages as usize);
    Made {
        report,
        bytes,
        document,
        pages,
    }
}

impl Made {
    /// The exhibit's page, counted from 0 over all exhibits.
    fn exhibit_page(&self, number: usize) -> &Dictionary {
        let id = self.pages[self.report.body_pages as usize + number];
        self.document.get_dictionary(id).expect("a page")
    }

    /// What the stamp on a page says, read back through its font.
    fn stamp(&self, number: usize) -> String {
        let page = self.exhibit_page(number);
        let follow = |object: &Object| -> Object {
            self.document
                .dereference(object)
                .map(|(_, found)| found.clone())
                .expect("it is there")
        };
        let forms = page
            .get(b"Resources")
            .and_then(Object::as_dict)
            .and_then(|r| r.get(b"XObject"))
            .and_then(Object::as_dict)
            .expect("forms");
        let form = follow(forms.get(b"SundialStamp").expect("a stamp"));
        let form = form.as_stream().expect("a form");
        let fonts = form
            .dict
            .get(b"Resources")
            .and_then(Object::as_dict)
            .and_then(|r| r.get(b"Font"))
            .and_then(Object::as_dict)
            .expect("fonts");
        let font = follow(fonts.get(b"F").expect("a font"));
        let map = follow(
            font.as_dict()
                .and_then(|f| f.get(b"ToUnicode"))
                .expect("a map"),
        );
        let map = String::from_utf8(map.as_stream().expect("a map").content.clone()).expect("text");
        let mut characters: BTreeMap<String, char> = BTreeMap::new();
        for line in map.lines().filter(|l| l.starts_with('<')) {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let code = |part: &str| part.trim_matches(['<', '>']).to_owned();
            let value = u32::from_str_radix(&code(parts[1]), 16)
                .ok()
                .and_then(char::from_u32);
            if let Some(value) = value {
                characters.insert(code(parts[0]), value);
            }
        }
        let content = String::from_utf8(form.content.clone()).expect("text");
        let codes = content
            .split(['<', '>'])
            .nth(1)
            .expect("codes")
            .as_bytes()
            .chunks(4)
            .map(|c| String::from_utf8_lossy(c).into_owned());
        codes.map(|code| characters[&code]).collect()
    }
}

/// Pixels of a page as shown, 36 to the inch.
fn pixels(bytes: &[u8], page: usize) -> (usize, usize, Vec<[u8; 3]>) {
    let pdf = Pdf::new(bytes.to_vec()).expect("it opens");
    let picture = draw(
        &pdf.pages()[page],
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: 0.5,
            y_scale: 0.5,
            bg_color: WHITE,
        },
    );
    (
        usize::from(picture.width()),
        usize::from(picture.height()),
        picture.data().iter().map(|p| [p.r, p.g, p.b]).collect(),
    )
}

#[test]
fn turned_and_cropped_pages_come_over_unharmed_and_stamped_upright() {
    let exhibit = file(6, |document, pages, _| {
        for (i, page) in pages.iter().enumerate() {
            let page = document.get_dictionary_mut(*page).expect("a page");
            if i < 4 {
                page.set("Rotate", i as i64 * 90);
            } else {
                page.set("Rotate", -90);
                page.set(
                    "CropBox",
                    vec![36.into(), 36.into(), 500.into(), 700.into()],
                );
            }
        }
    });
    let made = bundle(vec![(exhibit.clone(), 6)]);
    let report = &made.report.exhibits[0];
    assert_eq!(report.way, Way::Copied);
    assert_eq!(
        report.strips,
        Vec::<u32>::new(),
        "each page has a free margin"
    );
    let body = made.report.body_pages as usize;
    for page in 0..6 {
        assert_eq!(made.stamp(page), format!("Exhibit A, p. {} of 6", page + 1));
        let (width, height, before) = pixels(&exhibit, page);
        let (new_width, new_height, after) = pixels(&made.bytes, body + page);
        assert_eq!((width, height), (new_width, new_height), "its own size");
        let changed: Vec<usize> = (0..before.len())
            .filter(|i| before[*i] != after[*i])
            .collect();
        assert!(!changed.is_empty(), "page {page}: the stamp is drawn");
        let rows = changed.iter().map(|i| i / width);
        let (top, bottom) = (rows.clone().min(), rows.max());
        let tall = bottom.unwrap_or(0) - top.unwrap_or(0);
        // Upright: a line of text is wider than it is tall, at the lower or upper edge as shown.
        assert!(tall <= 6, "page {page}: the stamp is {tall} rows tall");
        assert!(
            top.is_some_and(|top| top > height - 16) || bottom.is_some_and(|bottom| bottom < 16),
            "page {page}: in the margin"
        );
        for at in changed {
            assert!(
                before[at].iter().all(|v| *v > 200),
                "page {page}: nothing was covered"
            );
        }
    }
}

#[test]
fn a_page_without_a_free_margin_gets_a_strip_and_keeps_its_pixels() {
    let exhibit = file(4, |document, pages, _| {
        for (i, page) in pages.iter().enumerate() {
            let full = document.add_object(Stream::new(
                Dictionary::new(),
                b"0.2 g 0 0 612 792 re f".to_vec(),
            ));
            let page = document.get_dictionary_mut(*page).expect("a page");
            page.set("Contents", full);
            page.set("Rotate", i as i64 * 90);
        }
    });
    let made = bundle(vec![(exhibit.clone(), 4)]);
    assert_eq!(made.report.exhibits[0].strips, [1, 2, 3, 4]);
    for page in 0..4 {
        assert_eq!(made.stamp(page), format!("Exhibit A, p. {} of 4", page + 1));
        let (width, height, before) = pixels(&exhibit, page);
        let (new_width, new_height, after) =
            pixels(&made.bytes, made.report.body_pages as usize + page);
        assert_eq!(
            (new_width, new_height),
            (width, height + 11),
            "a strip below, as shown"
        );
        // The renderer smooths the edge next to the strip.
        assert_eq!(
            before[..(height - 1) * width],
            after[..(height - 1) * width]
        );
        assert!(
            after[height * width..].iter().any(|p| p[0] < 100),
            "the stamp"
        );
    }
}

#[test]
fn scripts_files_and_unseen_words_stay_behind_and_looks_come_over() {
    let exhibit = file(1, |document, pages, catalog| {
        let look = document.add_object(Stream::new(
            dictionary! {
                "Type" => "XObject", "Subtype" => "Form",
                "BBox" => vec![0.into(), 0.into(), 100.into(), 20.into()],
            },
            b"0 0 100 20 re f".to_vec(),
        ));
        let text = |s: &str| Object::String(s.as_bytes().to_vec(), StringFormat::Literal);
        let script =
            || dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
        let rect = || vec![100.into(), 300.into(), 200.into(), 320.into()];
        let parent =
            document.add_object(dictionary! { "FT" => "Tx", "V" => text("Sheriff Invented") });
        let field = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "Rect" => rect(), "Parent" => parent,
            "AP" => dictionary! { "N" => look }, "AA" => dictionary! { "E" => script() },
        });
        let launch = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Link", "Rect" => rect(),
            "A" => dictionary! { "S" => "Launch", "F" => text("calc.exe") },
        });
        let site = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Link", "Rect" => rect(),
            "A" => dictionary! { "S" => "URI", "URI" => text("https://county.example/") },
        });
        let comment = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "Text", "Rect" => rect(), "Contents" => text("internal remark"),
        });
        let hidden = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "FreeText", "Rect" => rect(), "F" => 2, "Contents" => text("unseen"),
        });
        let payload = document.add_object(Stream::new(
            dictionary! { "Type" => "EmbeddedFile" },
            b"attached secret".to_vec(),
        ));
        let attached = document.add_object(dictionary! {
            "Type" => "Annot", "Subtype" => "FileAttachment", "Rect" => rect(),
            "FS" => dictionary! { "Type" => "Filespec", "EF" => dictionary! { "F" => payload } },
        });
        let page = document.get_dictionary_mut(pages[0]).expect("a page");
        page.set(
            "Annots",
            vec![
                field.into(),
                launch.into(),
                site.into(),
                comment.into(),
                hidden.into(),
                attached.into(),
            ],
        );
        page.set("AA", dictionary! { "O" => script() });
        let catalog = document.get_dictionary_mut(catalog).expect("the catalog");
        catalog.set("OpenAction", script());
    });
    let made = bundle(vec![(exhibit, 1)]);
    let all: Vec<u8> = made.bytes.clone();
    let has = |word: &str| all.windows(word.len()).any(|w| w == word.as_bytes());
    for word in [
        "JavaScript",
        "app.alert",
        "Launch",
        "calc.exe",
        "internal remark",
        "unseen",
        "attached secret",
        "OpenAction",
    ] {
        assert!(!has(word), "{word} came over");
    }
    assert!(has("https://county.example/"), "a web address may stay");
    assert!(
        has("Sheriff Invented"),
        "the field's value came from its parent"
    );
    let (width, _, picture) = pixels(&made.bytes, made.report.body_pages as usize);
    let at = |x: usize, y: usize| picture[(792 - y) / 2 * width + x / 2];
    assert!(at(150, 310)[0] < 60, "the field's look is drawn");
    let remarks = made.report.exhibits[0].remarks.join(" ");
    assert!(remarks.contains("1 pop-up comment"), "{remarks}");
    assert!(remarks.contains("1 hidden annotation"), "{remarks}");
}

#[test]
fn outline_labels_language_and_links_are_in_place() {
    let made = bundle(vec![(file(2, |_, _, _| ()), 2), (file(3, |_, _, _| ()), 3)]);
    let catalog = made.document.catalog().expect("a catalog");
    assert_eq!(
        catalog.get(b"PageMode").and_then(Object::as_name).ok(),
        Some(b"UseOutlines".as_slice())
    );
    assert_eq!(
        catalog.get(b"Lang").and_then(Object::as_str).ok(),
        Some(b"en-US".as_slice())
    );
    let mut titles = Vec::new();
    let outline = catalog
        .get_deref(b"Outlines", &made.document)
        .and_then(Object::as_dict)
        .expect("an outline");
    let mut next = outline.get_deref(b"First", &made.document).ok();
    while let Some(Object::Dictionary(item)) = next {
        let raw = item
            .get(b"Title")
            .and_then(Object::as_str)
            .expect("a title");
        let units: Vec<u16> = raw[2..]
            .chunks(2)
            .map(|p| u16::from_be_bytes([p[0], p[1]]))
            .collect();
        titles.push(String::from_utf16_lossy(&units));
        let to = item
            .get(b"Dest")
            .and_then(Object::as_array)
            .expect("a place");
        let page = to[0].as_reference().expect("a page");
        assert!(made.pages.contains(&page));
        next = item.get_deref(b"Next", &made.document).ok();
    }
    assert_eq!(titles.first().map(String::as_str), Some("Contents"));
    assert_eq!(
        titles[titles.len() - 2..],
        ["Exhibit A: Detainer policy", "Exhibit B: Detainer policy"]
    );
    let labels = catalog
        .get(b"PageLabels")
        .and_then(Object::as_dict)
        .and_then(|l| l.get(b"Nums"))
        .and_then(Object::as_array)
        .expect("labels");
    let starts: Vec<i64> = labels.iter().filter_map(|o| o.as_i64().ok()).collect();
    let body = i64::from(made.report.body_pages);
    assert_eq!(starts, [0, body, body + 2]);
    // A source tag on the figures' page leads to the first page of exhibit B.
    let target = made.pages[made.report.body_pages as usize + 2];
    let leads = made.pages[..made.report.body_pages as usize]
        .iter()
        .any(|page| {
            made.document
                .get_page_annotations(*page)
                .is_ok_and(|annotations| {
                    annotations.iter().any(|a| {
                        a.get(b"Dest")
                            .and_then(Object::as_array)
                            .is_ok_and(|to| to[0].as_reference().ok() == Some(target))
                    })
                })
        });
    assert!(leads);
}

#[test]
fn damaged_files_come_over_as_well_as_they_can_and_say_so() {
    let whole = file(3, |_, _, _| ());
    let torn = whole[..whole.len() * 2 / 3].to_vec();
    let made = bundle(vec![
        (whole.clone(), 3),
        (b"%PDF-1.7 and nothing else".to_vec(), 4),
        (torn, 3),
        (whole.iter().chain(b"%tail").copied().collect(), 5),
    ]);
    let [sound, empty, torn, counted] = made.report.exhibits.as_slice() else {
        panic!("four exhibits")
    };
    assert_eq!((sound.way, sound.pages), (Way::Copied, 3));
    assert_eq!(sound.remarks, Vec::<String>::new());
    assert_eq!((empty.way, empty.pages), (Way::StandIn, 1));
    assert!(empty.remarks[0].contains("could not be reproduced"));
    assert!(torn.pages >= 1);
    assert!(
        torn.way != Way::Copied || torn.pages == 3 || !torn.remarks.is_empty(),
        "{torn:?}"
    );
    assert_eq!(counted.pages, 3);
    assert!(
        counted
            .remarks
            .iter()
            .any(|r| r.contains("5 pages were counted")),
        "{:?}",
        counted.remarks
    );
    assert_eq!(made.stamp(3), "Exhibit B, p. 1 of 1");
}

#[test]
fn the_same_request_gives_the_same_bytes_and_other_bytes_are_refused() {
    let exhibits = || vec![(file(2, |_, _, _| ()), 2)];
    assert_eq!(bundle(exhibits()).bytes, bundle(exhibits()).bytes);
    let folder = tempfile::tempdir().expect("a folder");
    let papers = [Paper {
        title: "t",
        agency: "a",
        bytes: file(1, |_, _, _| ()),
        pages: 1,
    }];
    let body = super::super::render(&packet(&papers)).expect("it renders");
    std::fs::write(folder.path().join("body.pdf"), &body.pdf).expect("written");
    std::fs::write(folder.path().join("A.pdf"), b"%PDF other").expect("written");
    let mut request = BundleRequest {
        folder: folder.path().to_owned(),
        body: "body.pdf".to_owned(),
        output: "dossier.pdf".to_owned(),
        title: String::new(),
        author: String::new(),
        subject: String::new(),
        language: "en-US".to_owned(),
        built_on: super::super::sample::on("2026-02-16"),
        headings: body.headings,
        links: body.links,
        exhibits: vec![ExhibitFile {
            file: "A.pdf".to_owned(),
            letter: "A".to_owned(),
            title: "t".to_owned(),
            pages: 1,
            sha256: Sha256::of(&papers[0].bytes),
        }],
        look_for_margins: false,
    };
    assert_eq!(
        run(&request).err(),
        Some(BundleError::OtherBytes {
            letter: "A".to_owned()
        })
    );
    request.exhibits[0].file = "../A.pdf".to_owned();
    assert_eq!(
        run(&request).err(),
        Some(BundleError::Name("../A.pdf".to_owned()))
    );
}

#[test]
fn words_of_the_team_never_reach_the_packets_bytes() {
    // The packet is built from its own fields alone: what a team writes elsewhere has no way in. Planted in the file
    // name, the author and the note of a document, none of which a packet prints.
    const PLANT: &str = "FALLBACK-ASK-PLANT";
    let exhibit = file(1, |document, pages, _| {
        let info = document.add_object(dictionary! { "Author" => Object::string_literal(PLANT) });
        document.trailer.set("Info", info);
        let page = document.get_dictionary_mut(pages[0]).expect("a page");
        page.set(
            "PieceInfo",
            dictionary! { "Note" => Object::string_literal(PLANT) },
        );
    });
    let made = bundle(vec![(exhibit, 1)]);
    let mut unpacked = made.document.clone();
    unpacked.decompress();
    let mut plain = Vec::new();
    unpacked.save_to(&mut plain).expect("it saves");
    for bytes in [&made.bytes, &plain] {
        assert!(!bytes.windows(PLANT.len()).any(|w| w == PLANT.as_bytes()));
    }
}

#[test]
fn open_and_surplus_states_are_counted_outside_strings_and_images() {
    let cases: [(&[u8], usize, usize); 7] = [
        (b"q Q", 0, 0),
        (b"q q 1 0 0 1 0 0 cm Q", 1, 0),
        (b"Q Q q", 1, 2),
        (b"(q \\) q) Tj q", 1, 0),
        (b"/q gs % q q\nQ", 0, 1),
        (b"q BI /W 1 ID q Q q EI Q", 0, 0),
        (b"<71 20> Tj [(q)] TJ", 0, 0),
    ];
    for (content, open, surplus) in cases {
        assert_eq!(
            Balance::of(content),
            Balance { open, surplus },
            "{}",
            String::from_utf8_lossy(content)
        );
    }
}
