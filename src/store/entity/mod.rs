//! One struct a table, as the migrations made them. Only `store` sees these.
//!
//! sea-orm wants a whole row and a relation enum for every table, also where only some columns are asked for.
#![allow(dead_code)]

pub mod access;
pub mod account;
pub mod agency;
pub mod agency_alias;
pub mod agency_closing;
pub mod agency_profile;
pub mod agency_set;
pub mod agency_set_member;
pub mod agency_setting;
pub mod agreement;
pub mod approval;
pub mod batch;
pub mod batch_member;
pub mod campaign;
pub mod campaign_jurisdiction;
pub mod clearance;
pub mod contact;
pub mod contact_check;
pub mod contact_sender;
pub mod delivery;
pub mod document;
pub mod dossier;
pub mod event;
pub mod fact;
pub mod fact_check;
pub mod form_use;
pub mod import;
pub mod invitation;
pub mod job;
pub mod law_correction;
pub mod law_decision;
pub mod letter;
pub mod letter_paper;
pub mod mail_task;
pub mod membership;
pub mod message;
pub mod page;
pub mod parked_form;
pub mod policy;
pub mod request;
pub mod request_item;
pub mod session;
pub mod signature;
pub mod tick;
pub mod tracking_number;
pub mod wording;
