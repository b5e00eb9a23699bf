//! A member invites a person into a campaign.
