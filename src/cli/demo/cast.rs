//! Who plays in the demonstration: three invented agencies, what they answer and when, a list as ICE publishes it,
//! and the figures that are read from their papers. No such county exists.

use crate::domain::agency::AgencyKind;
use crate::domain::event::ReplyKind;

/// One of the three agencies.
pub struct Target {
    pub state: &'static str,
    pub name: &'static str,
    pub county: &'static str,
    pub kind: AgencyKind,
    pub email: &'static str,
    pub custodian: &'static str,
    pub records: &'static [&'static str],
    pub title: &'static str,
    /// Days after the sending on which something comes from it.
    pub replies: &'static [Reply],
}

pub struct Reply {
    pub after_days: u64,
    pub what: ReplyKind,
    pub subject: &'static str,
    pub text: &'static str,
    /// Days after the reply that it names as a new date.
    pub names_date: Option<u64>,
    /// Brings the records.
    pub brings: bool,
}

pub const TARGETS: [Target; 3] = [
    Target {
        state: "WA",
        name: "Alder County Sheriff's Office",
        county: "Alder County",
        kind: AgencyKind::Sheriff,
        email: "records@alder-county.example",
        custodian: "Public Records Officer",
        records: &["detainer_policy", "detainer_summary"],
        title: "Detainer policy and yearly totals",
        replies: &[
            Reply {
                after_days: 3,
                what: ReplyKind::Acknowledged,
                subject: "We have your request",
                text: "We have your public records request and are gathering the records.\nWe expect to send them within thirty days.\n\nPublic Records Officer\nAlder County Sheriff's Office",
                names_date: None,
                brings: false,
            },
            Reply {
                after_days: 30,
                what: ReplyKind::Produced,
                subject: "Records responsive to your request",
                text: "The records that you asked for are attached. Nothing was withheld.\nThis closes your request.\n\nPublic Records Officer\nAlder County Sheriff's Office",
                names_date: None,
                brings: true,
            },
        ],
    },
    Target {
        state: "CA",
        name: "Juniper County Sheriff's Department",
        county: "Juniper County",
        kind: AgencyKind::Sheriff,
        email: "pra@juniper-county.example",
        custodian: "Custodian of Records",
        records: &["cost_basis", "visit_log"],
        title: "Cost of custody and ICE visits",
        replies: &[
            Reply {
                after_days: 17,
                what: ReplyKind::Determined,
                subject: "Determination",
                text: "We have disclosable records on the daily cost of custody and will send them.\nWe keep no log of visits by federal officers.\n\nCustodian of Records\nJuniper County Sheriff's Department",
                names_date: None,
                brings: false,
            },
            Reply {
                after_days: 31,
                what: ReplyKind::Partial,
                subject: "Records on the cost of custody",
                text: "The fiscal records are attached. As we wrote, there is no visit log.\n\nCustodian of Records\nJuniper County Sheriff's Department",
                names_date: None,
                brings: true,
            },
        ],
    },
    Target {
        state: "FL",
        name: "Cypress County Department of Corrections",
        county: "Cypress County",
        kind: AgencyKind::CountyCorrections,
        email: "publicrecords@cypress-county.example",
        custodian: "Custodian of Public Records",
        records: &["agreement_287g", "detainer_log"],
        title: "Agreement with ICE and detainer log",
        replies: &[Reply {
            after_days: 24,
            what: ReplyKind::Partial,
            subject: "Your request of last month",
            text: "The signed agreement is attached. We are still looking into the detainer log.\n\nCustodian of Public Records\nCypress County Department of Corrections",
            names_date: None,
            brings: true,
        }],
    },
];

/// A list as ICE publishes it, with invented agencies: one holds two models, one is on it twice with stray spaces.
pub const LIST: &str = "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA,ADDENDUM\n\
FLORIDA,Cypress County Department of Corrections,County,Cypress County,Warrant Service Officer,2025-04-02,link,\n\
FLORIDA,Cypress County Department of Corrections,County,Cypress County,Task Force Model ,2025-06-25,link pending,\n\
FLORIDA,Tupelo County Sheriff's Office,County,Tupelo County,Jail Enforcement Model,2025-03-14,link ,\n\
FLORIDA,Tupelo County Sheriff's Office ,County,Tupelo County,Jail Enforcement Model,2025-03-14,link,\n";

/// A figure that stands on the first page of a paper.
pub struct Figure {
    pub file: &'static str,
    pub metric: &'static str,
    pub period: (&'static str, &'static str),
    pub value: &'static str,
    pub count_basis: &'static str,
    pub cost_basis: &'static str,
    pub definition: &'static str,
    pub quote: &'static str,
}

const TOTALS: &str = "Detainer totals 2023-2025.pdf";
const TOTALS_SAY: &str =
    "In calendar year 2025 the Division received 231 detainers and declined 204 of them.";

pub const FIGURES: [Figure; 3] = [
    Figure {
        file: TOTALS,
        metric: "detainers_received",
        period: ("2025-01-01", "2025-12-31"),
        value: "231",
        count_basis: "forms",
        cost_basis: "",
        definition: "A detainer is counted once for each Form I-247A stamped as received.",
        quote: TOTALS_SAY,
    },
    Figure {
        file: TOTALS,
        metric: "detainers_declined",
        period: ("2025-01-01", "2025-12-31"),
        value: "204",
        count_basis: "forms",
        cost_basis: "",
        definition: "",
        quote: TOTALS_SAY,
    },
    Figure {
        file: "Average daily cost 2024-25.pdf",
        metric: "per_diem",
        period: ("2024-07-01", "2025-06-30"),
        value: "163.42",
        count_basis: "",
        cost_basis: "average",
        definition: "the year's custody budget divided by the days that all inmates spent in custody",
        quote: "The average daily cost per inmate in fiscal year 2024–25 was $163.42.",
    },
];
