//! Outlook's `.msg` files: the headers where it still has them, else the properties that Outlook keeps instead. Mail
//! within one Exchange organisation never has headers. Its files are taken out in `files`.

mod files;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use chrono::{DateTime, Utc};
use encoding_rs::{Encoding, WINDOWS_1252};
use mail_parser::HeaderName;

use super::outlook::{Kind, Object, Store, decoded, encoding_of};
use super::person::one_line;
use super::receipt::{Receipt, ReceiptKind};
use super::{
    MAX_ADDRESSES, MAX_TEXT_CHARS, NotMail, Parsed, Person, bounce, guard, html, ids, part, person,
    receipt, rtf,
};

/// The first bytes of every OLE file.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Numbers of properties (MS-OXPROPS).
mod id {
    pub const MESSAGE_CLASS: u16 = 0x001A;
    pub const SUBJECT: u16 = 0x0037;
    pub const CLIENT_SUBMIT_TIME: u16 = 0x0039;
    pub const SUBJECT_PREFIX: u16 = 0x003D;
    pub const SENT_REPRESENTING_NAME: u16 = 0x0042;
    pub const SENT_REPRESENTING_ADDRESS: u16 = 0x0065;
    pub const TRANSPORT_HEADERS: u16 = 0x007D;
    pub const SENDER_NAME: u16 = 0x0C1A;
    pub const RECIPIENT_TYPE: u16 = 0x0C15;
    pub const SUPPLEMENTARY_INFO: u16 = 0x0C1B;
    pub const SENDER_ADDRESS: u16 = 0x0C1F;
    pub const DELIVERY_TIME: u16 = 0x0E06;
    pub const MESSAGE_FLAGS: u16 = 0x0E07;
    pub const NORMALIZED_SUBJECT: u16 = 0x0E1D;
    pub const BODY: u16 = 0x1000;
    pub const REPORT_TEXT: u16 = 0x1001;
    pub const RTF_COMPRESSED: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const INTERNET_MESSAGE_ID: u16 = 0x1035;
    pub const INTERNET_REFERENCES: u16 = 0x1039;
    pub const IN_REPLY_TO: u16 = 0x1042;
    pub const ORIGINAL_MESSAGE_ID: u16 = 0x1046;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const EMAIL_ADDRESS: u16 = 0x3003;
    pub const ATTACH_DATA: u16 = 0x3701;
    pub const ATTACH_FILENAME: u16 = 0x3704;
    pub const ATTACH_METHOD: u16 = 0x3705;
    pub const ATTACH_LONG_FILENAME: u16 = 0x3707;
    pub const ATTACH_PATHNAME: u16 = 0x3708;
    pub const ATTACH_LONG_PATHNAME: u16 = 0x370D;
    pub const ATTACH_MIME_TAG: u16 = 0x370E;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const ATTACH_FLAGS: u16 = 0x3714;
    pub const SMTP_ADDRESS: u16 = 0x39FE;
    pub const INTERNET_CODEPAGE: u16 = 0x3FDE;
    pub const MESSAGE_CODEPAGE: u16 = 0x3FFD;
    pub const SENDER_SMTP_ADDRESS: u16 = 0x5D01;
    pub const SENT_REPRESENTING_SMTP_ADDRESS: u16 = 0x5D02;
    pub const ATTACHMENT_HIDDEN: u16 = 0x7FFE;
}

/// Whether these bytes may be a `.msg`.
pub fn is_msg(raw: &[u8]) -> bool {
    raw.starts_with(OLE)
}

/// Reads a `.msg`.
///
/// # Errors
/// [`NotMail::NotOutlook`] where it is another kind of OLE file or too damaged to be read.
pub fn parse(raw: &[u8], hash: &str) -> Result<Parsed, NotMail> {
    // A fault of the library's on a damaged file must not look like a fault of ours.
    // The panic's own words go to the worker's standard error, which is only logged by its length.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut store = Store::open(raw).filter(Store::has_message)?;
        let mail = Mail::open(&mut store)?;
        Some(mail.read(&mut store, hash))
    }));
    read.ok().flatten().ok_or(NotMail::NotOutlook)
}

/// The message of a file.
struct Mail {
    root: Object,
    /// In lower case: "ipm.note", "report.ipm.note.ndr".
    class: String,
}

/// The text of a message in the forms in which it has one.
struct Body {
    text: String,
    from_html: bool,
    html: Option<String>,
}

impl Mail {
    fn open(store: &mut Store<'_>) -> Option<Mail> {
        let at = Path::new("/");
        let mut root = store.object(at, Kind::Message, WINDOWS_1252);
        root.encoding = [id::MESSAGE_CODEPAGE, id::INTERNET_CODEPAGE]
            .into_iter()
            .find_map(|page| root.number(page).and_then(encoding_of))
            .unwrap_or(WINDOWS_1252);
        let class = store.text(&root, id::MESSAGE_CLASS).to_ascii_lowercase();
        let is_message =
            class.is_empty() || class.starts_with("ipm") || class.starts_with("report");
        is_message.then_some(Mail { root, class })
    }

    fn read(&self, store: &mut Store<'_>, hash: &str) -> Parsed {
        let root = &self.root;
        let mut problems = vec![
            "This came as an Outlook file (.msg). Where it still has them, it was read by its own headers.".to_owned(),
        ];
        let headers = store.text(root, id::TRANSPORT_HEADERS);
        let headers = header_block(&headers);
        let envelope = guard::parser().parse(headers.as_bytes());
        let envelope = envelope
            .as_ref()
            .filter(|found| !found.headers().is_empty());
        let kept = self.kept_ids(store);
        let kept = guard::parser().parse(kept.as_bytes());
        let named = |header: HeaderName<'static>| {
            [envelope, kept.as_ref()]
                .into_iter()
                .flatten()
                .map(|found| ids(found, header.clone()))
                .find(|found| !found.is_empty())
                .unwrap_or_default()
        };
        let people = |header: HeaderName<'static>| {
            envelope
                .map(|found| person::all(found, header))
                .filter(|found| !found.is_empty())
        };
        let (to, cc) = recipients(store, root.encoding);
        let from = people(HeaderName::From)
            .and_then(|found| found.into_iter().next())
            .or_else(|| self.sender(store));
        let subject = self.subject(store);
        let mut body = self.body(store);
        let mut attachments =
            files::taken_out(store, root.encoding, body.html.as_deref(), &mut problems);
        if self.class.starts_with("ipm.note.smime") {
            files::open_signed(&mut body, &mut attachments, &mut problems);
        }
        let unwrapped = part::unwrap(&mut attachments, Vec::new(), &mut problems);
        let text: String = part::tidy(&body.text)
            .chars()
            .take(MAX_TEXT_CHARS)
            .collect();

        let found = envelope
            .map(|envelope| bounce::find(envelope, from.as_ref(), &subject, &text, &attachments));
        let (mut bounced, quoted) = found.map_or((None, None), |found| {
            (found.bounce, found.original_message_id)
        });
        let mut receipt = match bounced {
            None => receipt::find(&attachments, quoted.as_deref()),
            Some(_) => None,
        };
        let original = store.text(root, id::ORIGINAL_MESSAGE_ID);
        let original = Some(original.trim().trim_matches(['<', '>']).to_owned())
            .filter(|found| !found.is_empty())
            .or(quoted);
        if self.class.starts_with("report.") {
            match self.class.rsplit('.').next() {
                Some("ndr") if bounced.is_none() => {
                    bounced = Some(self.bounce(store, &subject, &text))
                }
                Some("dr") => {
                    receipt = Some(Receipt {
                        kind: ReceiptKind::Delivered,
                        of: original.clone(),
                    })
                }
                Some("ipnrn") => {
                    receipt = Some(Receipt {
                        kind: ReceiptKind::Displayed,
                        of: original.clone(),
                    })
                }
                _ => {}
            }
        }
        let mut references = named(HeaderName::References);
        if (bounced.is_some() || receipt.is_some())
            && let Some(original) = original.filter(|original| !references.contains(original))
        {
            references.push(original);
        }
        let machine_made = envelope
            .is_some_and(|found| bounce::is_machine_made(found, from.as_ref(), &subject, &text))
            || bounce::has_machine_words(from.as_ref(), &subject, &text)
            || self.class.starts_with("report.")
            || self.class.starts_with("ipm.note.rules.");
        Parsed {
            message_id: named(HeaderName::MessageId)
                .into_iter()
                .next()
                .unwrap_or_else(|| format!("sha256.{}@no-message-id.invalid", &hash[..40])),
            from,
            to: people(HeaderName::To).unwrap_or(to),
            cc: people(HeaderName::Cc).unwrap_or(cc),
            delivered_to: envelope.map(person::delivered_to).unwrap_or_default(),
            in_reply_to: named(HeaderName::InReplyTo),
            references,
            date: envelope.and_then(person::date).or_else(|| self.date()),
            subject,
            text,
            text_from_html: body.from_html,
            auto_reply: machine_made || bounced.is_some() || receipt.is_some(),
            bounce: bounced,
            receipt,
            attachments,
            problems,
            html: body
                .html
                .filter(|html| !html.trim().is_empty() && html.len() <= MAX_TEXT_CHARS),
            locked: unwrapped.locked,
        }
    }

    /// The Message-IDs that Outlook keeps besides the headers, as headers.
    fn kept_ids(&self, store: &mut Store<'_>) -> String {
        [
            ("Message-ID", id::INTERNET_MESSAGE_ID),
            ("In-Reply-To", id::IN_REPLY_TO),
            ("References", id::INTERNET_REFERENCES),
        ]
        .into_iter()
        .map(|(name, number)| (name, one_line(&store.text(&self.root, number))))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .chain(["\r\n".to_owned()])
        .collect()
    }

    /// On whose behalf it was sent, which is what a From says; else who sent it.
    fn sender(&self, store: &mut Store<'_>) -> Option<Person> {
        let known: Vec<Person> = [
            (
                id::SENT_REPRESENTING_NAME,
                [
                    id::SENT_REPRESENTING_SMTP_ADDRESS,
                    id::SENT_REPRESENTING_ADDRESS,
                ],
            ),
            (
                id::SENDER_NAME,
                [id::SENDER_SMTP_ADDRESS, id::SENDER_ADDRESS],
            ),
        ]
        .into_iter()
        .filter_map(|(name, addresses)| person_of(store, &self.root, name, &addresses))
        .collect();
        // An address is worth more than a name alone.
        known
            .iter()
            .find(|person| !person.address.is_empty())
            .or(known.first())
            .cloned()
    }

    /// When it was sent; a draft was not.
    fn date(&self) -> Option<DateTime<Utc>> {
        const UNSENT: u32 = 8;
        let is_draft = self.root.number(id::MESSAGE_FLAGS).unwrap_or(0) & UNSENT != 0;
        [id::CLIENT_SUBMIT_TIME, id::DELIVERY_TIME]
            .into_iter()
            .filter(|_| !is_draft)
            .find_map(|number| self.root.time(number))
    }

    fn subject(&self, store: &mut Store<'_>) -> String {
        let mut subject = store.text(&self.root, id::SUBJECT);
        if subject.trim().is_empty() {
            let rest = store.text(&self.root, id::NORMALIZED_SUBJECT);
            subject = store.text(&self.root, id::SUBJECT_PREFIX) + &rest;
        }
        // Two signs in front say how long the "RE: " is.
        if subject.starts_with('\u{1}') {
            subject = subject.chars().skip(2).collect();
        }
        one_line(&subject)
    }

    fn body(&self, store: &mut Store<'_>) -> Body {
        let root = &self.root;
        let mut text = store.text(root, id::BODY);
        let mut html = store.text(root, id::HTML);
        if html.is_empty() {
            let encoding = root.number(id::INTERNET_CODEPAGE).and_then(encoding_of);
            html = store
                .bytes(root, id::HTML)
                .map(|bytes| decoded_html(&bytes, encoding))
                .unwrap_or_default();
        }
        if html.trim().is_empty() {
            let packed = store.bytes(root, id::RTF_COMPRESSED);
            match packed
                .as_deref()
                .and_then(rtf::unpacked)
                .map(|rtf| rtf::read(&rtf))
            {
                Some(rtf::Body::Html(found)) => html = found,
                Some(rtf::Body::Text(found)) if text.trim().is_empty() => text = found,
                _ => {}
            }
        }
        if text.trim().is_empty() && self.class.starts_with("report.") {
            text = store.text(root, id::REPORT_TEXT);
        }
        let from_html = text.trim().is_empty() && !html.trim().is_empty();
        if from_html {
            text = html::as_text(&html);
        }
        Body {
            text,
            from_html,
            html: Some(html),
        }
    }

    /// Exchange's report that a mail did not arrive: what the last server said stands with each recipient.
    fn bounce(&self, store: &mut Store<'_>, subject: &str, text: &str) -> super::Bounce {
        let mut words = String::new();
        let mut address = None;
        for at in store
            .parts(Path::new("/"), RECIPIENT)
            .into_iter()
            .take(MAX_ADDRESSES)
        {
            let object = store.object(&at, Kind::Part, self.root.encoding);
            let said = store.text(&object, id::SUPPLEMENTARY_INFO);
            if !said.is_empty() {
                words.push_str(&said);
                words.push('\n');
            }
            let found = person_of(
                store,
                &object,
                id::DISPLAY_NAME,
                &[id::SMTP_ADDRESS, id::EMAIL_ADDRESS],
            );
            address = address.or(found
                .map(|found| found.address)
                .filter(|found| !found.is_empty()));
        }
        words.push_str(text);
        bounce::from_words(address, subject, &words)
    }
}

const RECIPIENT: &str = "__recip_version1.0_";

/// The headers as the last server gave them. Old Outlooks write a line of their own above.
fn header_block(headers: &str) -> String {
    let headers = headers.trim();
    let headers = match headers.split_once('\n') {
        Some((first, rest)) if first.starts_with("Microsoft Mail Internet Headers") => rest,
        _ => headers,
    };
    format!("{}\r\n\r\n", headers.trim())
}

/// To and Cc. A Bcc is nobody's business but the sender's.
fn recipients(store: &mut Store<'_>, encoding: &'static Encoding) -> (Vec<Person>, Vec<Person>) {
    let (mut to, mut cc) = (Vec::new(), Vec::new());
    for at in store
        .parts(Path::new("/"), RECIPIENT)
        .into_iter()
        .take(MAX_ADDRESSES)
    {
        let object = store.object(&at, Kind::Part, encoding);
        let list = match object.number(id::RECIPIENT_TYPE).unwrap_or(1) & 0xF {
            1 => &mut to,
            2 => &mut cc,
            _ => continue,
        };
        list.extend(person_of(
            store,
            &object,
            id::DISPLAY_NAME,
            &[id::SMTP_ADDRESS, id::EMAIL_ADDRESS],
        ));
    }
    (to, cc)
}

/// A person by name and address. Within one organisation Outlook may keep a directory's path in place of an address,
/// which says nothing outside: then the name stands alone.
fn person_of(store: &mut Store<'_>, of: &Object, name: u16, addresses: &[u16]) -> Option<Person> {
    let name = one_line(&store.text(of, name));
    let address = addresses
        .iter()
        .map(|number| one_line(&store.text(of, *number)))
        .chain([name.clone()])
        .map(|address| address.trim_matches(['<', '>', '\'']).to_owned())
        .find(|address| address.contains('@') && !address.contains([' ', '/']))
        .unwrap_or_default();
    let name = name.trim_matches('\'').to_owned();
    let name = Some(name).filter(|name| !name.is_empty() && *name != address);
    (name.is_some() || !address.is_empty()).then_some(Person { name, address })
}

fn decoded_html(bytes: &[u8], encoding: Option<&'static Encoding>) -> String {
    match encoding {
        Some(encoding) => decoded(bytes, encoding),
        None => decoded(bytes, encoding_rs::UTF_8),
    }
}

#[cfg(test)]
mod tests;
