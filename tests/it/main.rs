//! The integration tests, one program: `house` reads the source, the rest drive Sundial as people and machines do.

mod agencies;
mod agency_sets;
mod bad_input;
mod batches;
mod campaigns;
mod demo;
mod documents;
mod dossiers;
mod forms;
mod house;
mod journey;
mod later_letters;
mod laws;
mod letters;
mod look;
mod mail_servers;
mod post_room;
mod program;
mod routes;
mod support;
mod today;
mod worker;
