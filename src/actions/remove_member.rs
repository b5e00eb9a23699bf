//! A member is taken out of a campaign.
