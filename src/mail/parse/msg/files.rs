//! The files of an Outlook message: by value, messages within, objects of other programs, signed mail as a whole.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use super::super::names::{repair, unique};
use super::super::outlook::{Kind, Object, Store};
use super::super::person::one_line;
use super::super::{Part, guard, part};
use super::{Body, id};

pub const ATTACHMENT: &str = "__attach_version1.0_";
const MOST_FILES: usize = 2_000;

/// The files of the message, and what of them could not be had.
pub fn taken_out(
    store: &mut Store<'_>,
    encoding: &'static Encoding,
    html: Option<&str>,
    problems: &mut Vec<String>,
) -> Vec<Part> {
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for (place, at) in store
        .parts(Path::new("/"), ATTACHMENT)
        .into_iter()
        .take(MOST_FILES)
        .enumerate()
    {
        let object = store.object(&at, Kind::Part, encoding);
        let content = content(store, &object);
        let Some(content) = content else {
            let path = one_line(
                &store.first_text(&object, &[id::ATTACH_LONG_PATHNAME, id::ATTACH_PATHNAME]),
            );
            problems.push(if path.is_empty() {
                format!(
                    "Attachment {} of the Outlook file could not be taken out. Ask the sender for it, or save it in Outlook and add it as a document.",
                    place + 1
                )
            } else {
                format!(
                    "Attachment {} of the Outlook file is only a link: {path}. Open it if you may, and add the file as a document, or ask the sender for the file itself.",
                    place + 1
                )
            });
            continue;
        };
        let written = store.first_text(
            &object,
            &[
                id::ATTACH_LONG_FILENAME,
                id::ATTACH_FILENAME,
                id::DISPLAY_NAME,
            ],
        );
        let (written, media_type) = match content.kind {
            Form::File => (
                written,
                part::clean_media_type(&store.text(&object, id::ATTACH_MIME_TAG)),
            ),
            // It is named by its subject, in which a slash is no folder.
            Form::Message => {
                let subject = written
                    .trim()
                    .trim_end_matches(".msg")
                    .replace(['/', '\\'], "_");
                let subject: String = subject.chars().take(100).collect();
                let name = if subject.is_empty() {
                    subject
                } else {
                    subject + ".msg"
                };
                (name, "application/vnd.ms-outlook".to_owned())
            }
            Form::Object => (written, part::clean_media_type("")),
        };
        let content_id = store.text(&object, id::ATTACH_CONTENT_ID);
        let shown = !content_id.trim().is_empty()
            && html.is_some_and(|html| html.contains(&format!("cid:{}", content_id.trim())));
        /// The file belongs to the HTML body (ATT_MHTML_REF).
        const OF_THE_BODY: u32 = 4;
        let inline = content.kind == Form::File
            && (shown
                || object.is_set(id::ATTACHMENT_HIDDEN)
                || object.number(id::ATTACH_FLAGS).unwrap_or(0) & OF_THE_BODY != 0);
        let name = repair(Some(&written), place + 1, &media_type);
        found.push(Part {
            name: unique(name, &mut taken),
            media_type,
            bytes: content.bytes,
            inline,
            opened: false,
        });
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    File,
    Message,
    /// Something of another program's that was put into the text.
    Object,
}

struct Content {
    kind: Form,
    bytes: Vec<u8>,
}

/// What an attachment holds; none where it is a mere link or cannot be read.
fn content(store: &mut Store<'_>, object: &Object) -> Option<Content> {
    const MESSAGE_WITHIN: u32 = 5;
    let within: Option<PathBuf> = store.storage_of(object, id::ATTACH_DATA);
    if let Some(at) = within {
        let (kind, of) = if object.number(id::ATTACH_METHOD) == Some(MESSAGE_WITHIN) {
            (Form::Message, Kind::Message)
        } else {
            (Form::Object, Kind::Part)
        };
        let bytes = store.as_file(&at, of)?;
        return Some(Content { kind, bytes });
    }
    let bytes = store.bytes(object, id::ATTACH_DATA)?;
    let by_link =
        matches!(object.number(id::ATTACH_METHOD), Some(2 | 3 | 4 | 7)) && bytes.is_empty();
    (!by_link).then_some(Content {
        kind: Form::File,
        bytes,
    })
}

/// A signed message lies in its Outlook file whole, as one attachment: its text and files are what a reader wants.
pub fn open_signed(body: &mut Body, attachments: &mut Vec<Part>, problems: &mut Vec<String>) {
    let [signed] = attachments.as_slice() else {
        return;
    };
    let begins = signed.bytes.get(..13).unwrap_or_default();
    if !begins.eq_ignore_ascii_case(b"content-type:") {
        return;
    }
    let Ok(flat) = guard::flatten(&signed.bytes) else {
        return;
    };
    let Some(message) = guard::parser().parse(flat.as_ref()) else {
        return;
    };
    let inner = part::body_text(&message, &signed.bytes, problems);
    if body.text.trim().is_empty() {
        body.text = inner.text;
        body.from_html = inner.from_html;
        body.html = part::body_html(&message, &signed.bytes);
    }
    let files = part::attachments(&message, &signed.bytes, &inner.parts, problems);
    if !files.is_empty() {
        *attachments = files;
    }
}
