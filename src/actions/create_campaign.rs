//! A person starts a campaign.
