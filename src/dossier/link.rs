//! Where a press on the paper leads. Shared by the pages that we lay out and the bundle that adds the exhibits.

use serde::{Deserialize, Serialize};

/// A place in the finished dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A heading of the body, by its name.
    Heading { name: String },
    /// A page of an exhibit: `index` from 0 in letter order, `page` from 1.
    Exhibit { index: usize, page: u32 },
}

/// A rectangle on a page of the body that leads somewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Page of the body, from 0.
    pub page: usize,
    /// Left, bottom, right, top in points from the lower left corner.
    pub rect: [f32; 4],
    pub to: Place,
}

/// A heading of the body, for the outline and for links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heading {
    pub name: String,
    pub title: String,
    /// 1 for sections, 2 below them.
    pub level: u8,
    /// Page of the body, from 0.
    pub page: usize,
    /// Points from the lower left corner to just above the heading.
    pub top: f32,
}
