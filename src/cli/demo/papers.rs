//! What the invented agencies of the demonstration send: a policy, yearly totals, a cost sheet, an agreement.
//!
//! No such county exists. The figures are made up, and hang together as real ones would: forms overlap, a partial
//! year is called partial, and the cost sheet says what its rate is.

use crate::dossier::letterhead::{Letterhead, Part};

fn heading(text: &str) -> Part {
    Part::Heading(text.to_owned())
}

fn say(text: &str) -> Part {
    Part::Paragraph(text.to_owned())
}

fn table(heads: &[&str], rows: &[&[&str]]) -> Part {
    Part::Table {
        heads: heads.iter().map(|&head| head.to_owned()).collect(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(|&cell| cell.to_owned()).collect())
            .collect(),
    }
}

/// Alder County (Washington): what its deputies do when a detainer arrives. Three pages.
pub fn alder_policy() -> Letterhead {
    Letterhead {
        office: "Alder County Sheriff's Office".to_owned(),
        under: "Corrections Division · Policy 5.14".to_owned(),
        foot: "Policy 5.14, Immigration detainers and notices".to_owned(),
        parts: vec![
            heading("5.14.1 Purpose"),
            say(
                "This policy tells corrections deputies what to do when the Division receives an immigration detainer (Form I-247A), an administrative warrant (Form I-200 or I-205), or a request for notice of release.",
            ),
            heading("5.14.2 Receipt"),
            say(
                "The records unit stamps each form with the date and time of receipt and enters it in the detainer log. A form that comes by fax and again by e-mail is entered once.",
            ),
            heading("5.14.3 Release"),
            say(
                "No person is held past the time at which he or she would otherwise be released because of a detainer or an administrative warrant alone. A warrant signed by a judge is honored as any other.",
            ),
            Part::NewPage,
            heading("5.14.4 Notices"),
            say(
                "Deputies do not give notice of a release date to federal immigration officers, except where a judge's order requires it. Each request for notice is kept with the log.",
            ),
            heading("5.14.5 Interviews"),
            say(
                "A federal immigration officer who asks to interview a person in custody is admitted as a visitor. The person is given the consent form in a language that he or she reads, and may refuse. The visit is entered in the visitor log with the agency, the time in and the time out.",
            ),
            Part::NewPage,
            heading("5.14.6 Yearly totals"),
            say(
                "By the end of February the records unit reports to the Sheriff how many detainers were received in the calendar year before, how many were declined, and how many persons were transferred to federal custody.",
            ),
            heading("5.14.7 History"),
            say("In force since 1 June 2021. Replaces Policy 5.14 of 3 March 2017."),
        ],
    }
}

/// Alder County: detainers by calendar year. One page.
pub fn alder_totals() -> Letterhead {
    Letterhead {
        office: "Alder County Sheriff's Office".to_owned(),
        under: "Corrections Division · Records unit".to_owned(),
        foot: "Detainer totals by calendar year".to_owned(),
        parts: vec![
            heading("Detainers by calendar year"),
            say(
                "A detainer is counted once for each Form I-247A stamped as received. Two forms for one booking are counted twice. Forms still open at the end of the year are in neither of the last two columns.",
            ),
            table(
                &["Calendar year", "Received", "Declined", "Withdrawn by ICE"],
                &[
                    &["2023", "142", "121", "14"],
                    &["2024", "188", "163", "17"],
                    &["2025", "231", "204", "19"],
                ],
            ),
            say(
                "In calendar year 2025 the Division received 231 detainers and declined 204 of them.",
            ),
        ],
    }
}

/// Juniper County (California): the daily cost and how it is worked out. Two pages.
pub fn juniper_costs() -> Letterhead {
    Letterhead {
        office: "Juniper County Sheriff's Department".to_owned(),
        under: "Fiscal Services Bureau".to_owned(),
        foot: "Average daily cost of custody, fiscal year 2024–25".to_owned(),
        parts: vec![
            heading("Average daily cost of custody"),
            say(
                "The average daily cost is the year's custody budget divided by the days that all inmates spent in custody. It includes rent, administration and medical care, which do not fall when one inmate leaves.",
            ),
            table(
                &["Fiscal year 2024–25", "Amount in US dollars"],
                &[
                    &["Salaries and benefits", "41,204,118.00"],
                    &["Medical care", "9,870,440.50"],
                    &["Food and supplies", "4,112,006.25"],
                    &["Facilities and administration", "11,938,210.75"],
                ],
            ),
            say("The average daily cost per inmate in fiscal year 2024–25 was $163.42."),
            Part::NewPage,
            heading("Inmate days"),
            say(
                "Inmates spent 410,752 days in custody from 1 July 2024 to 30 June 2025. A day is counted for each inmate present at midnight.",
            ),
            say("The Bureau does not work out a marginal cost."),
        ],
    }
}

/// Cypress County (Florida): an agreement under section 287(g). Four pages.
pub fn cypress_agreement() -> Letterhead {
    Letterhead {
        office: "Memorandum of Agreement".to_owned(),
        under: "between U.S. Immigration and Customs Enforcement and the Cypress County Department of Corrections"
            .to_owned(),
        foot: "287(g) Warrant Service Officer model".to_owned(),
        parts: vec![
            heading("I. Purpose"),
            say(
                "Under this agreement named officers of the Department may serve and execute administrative warrants on persons in the Department's jail at the time of their scheduled release.",
            ),
            heading("II. Authority"),
            say("Section 287(g) of the Immigration and Nationality Act, 8 U.S.C. § 1357(g)."),
            Part::NewPage,
            heading("III. Officers"),
            say(
                "The Department names officers who have completed the training. The Department pays their salaries, benefits and overtime.",
            ),
            heading("IV. Custody"),
            say(
                "After an administrative warrant is served, the Department may keep the person for no more than 48 hours, unless a separate paid agreement says otherwise.",
            ),
            Part::NewPage,
            heading("V. Records"),
            say(
                "Information developed under this agreement is under the control of ICE. The agreement itself may be described and given out.",
            ),
            heading("VI. Term"),
            say("This agreement has no end date. Either party may end it by written notice of 90 days."),
            Part::NewPage,
            heading("Signatures"),
            say("For the Department: the Director, signed on 14 March 2025."),
            say("For ICE: the Field Office Director, signed on 2 April 2025."),
        ],
    }
}

/// A message as it comes in: plain text and attached PDFs, in the form that mail has (RFC 5322, MIME).
pub struct Message<'m> {
    pub from: &'m str,
    pub to: &'m str,
    pub subject: &'m str,
    /// RFC 5322 date.
    pub date: String,
    pub id: String,
    pub text: &'m str,
    /// Name and bytes of each PDF.
    pub attachments: &'m [(String, Vec<u8>)],
}

impl Message<'_> {
    /// The raw message with CRLF line ends.
    pub fn raw(&self) -> Vec<u8> {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        const EDGE: &str = "=_agency_reply";
        let mut raw = format!(
            "From: {}\r\nTo: <{}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=\"{EDGE}\"\r\n\r\n\
             --{EDGE}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.from,
            self.to,
            self.subject,
            self.date,
            self.id,
            self.text.replace('\n', "\r\n"),
        );
        for (name, bytes) in self.attachments {
            raw.push_str(&format!(
                "--{EDGE}\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"{}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n",
                name.replace(['"', '\r', '\n'], "_")
            ));
            let encoded = STANDARD.encode(bytes);
            for line in encoded.as_bytes().chunks(76) {
                raw.push_str(&String::from_utf8_lossy(line));
                raw.push_str("\r\n");
            }
        }
        raw.push_str(&format!("--{EDGE}--\r\n"));
        raw.into_bytes()
    }
}
