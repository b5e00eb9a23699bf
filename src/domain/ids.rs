//! Typed identifiers: a request's id can never be handed over where a letter's is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh random id: it tells nothing of when it was made or how many there are.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.simple().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

ids!(
    UserId,
    CampaignId,
    AgencyId,
    ContactId,
    AgreementId,
    ImportId,
    RequestId,
    ItemId,
    LetterId,
    DeliveryId,
    /// A message that came in.
    MessageId,
    DocumentId,
    FactId,
    DossierId,
    /// A correction of the law, made in the site.
    CorrectionId,
    /// A day on which one agency is closed.
    ClosingId,
    PolicyId,
    /// A named set of agencies.
    SetId,
    BatchId,
    /// One agency in one batch.
    TargetId,
);
