//! What stands in the way of taking a whole import back, and the taking back of its rows.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use super::entity::{
    agency, agency_alias, agency_profile, agency_set_member, agreement, contact, contact_check,
    document, fact, policy, request,
};
use super::{Scope, Stored, Tx};
use crate::domain::ids::{AgencyId, ImportId};

/// Ids named in one statement: below the number of values that SQLite takes.
const AT_ONCE: usize = 500;

/// What hangs on the rows of an import by now, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blockers {
    /// Requests to agencies or contacts that it added, drafts among them.
    pub requests: u64,
    pub documents: u64,
    pub facts: u64,
    pub policies: u64,
    /// Contacts and agreements that somebody else added to its agencies.
    pub contacts: u64,
    pub agreements: u64,
    /// Memberships in sets by hand.
    pub memberships: u64,
    /// Agencies that it added and that were merged, or into which others were.
    pub merged: u64,
    /// Other agencies that name one of its agencies as parent, jail or keeper of records.
    pub relations: u64,
}

impl Blockers {
    /// Each as a phrase; empty where nothing stands in the way.
    pub fn in_words(&self) -> Vec<String> {
        let named = [
            (
                self.requests,
                "request goes to what it added",
                "requests go to what it added",
            ),
            (
                self.documents,
                "document belongs to an agency that it added",
                "documents belong to agencies that it added",
            ),
            (
                self.facts,
                "figure belongs to an agency that it added",
                "figures belong to agencies that it added",
            ),
            (
                self.policies,
                "policy was set down for an agency that it added",
                "policies were set down for agencies that it added",
            ),
            (
                self.contacts,
                "contact was added later to an agency that it added",
                "contacts were added later to agencies that it added",
            ),
            (
                self.agreements,
                "agreement was added later to an agency that it added",
                "agreements were added later to agencies that it added",
            ),
            (
                self.memberships,
                "agency that it added stands in a set by hand",
                "agencies that it added stand in sets by hand",
            ),
            (
                self.merged,
                "agency that it added was merged with another",
                "agencies that it added were merged with others",
            ),
            (
                self.relations,
                "other agency names one that it added",
                "other agencies name one that it added",
            ),
        ];
        named
            .into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect()
    }
}

/// The agencies that an import added, merged ones too.
pub async fn list_agencies(
    db: &impl ConnectionTrait,
    scope: &Scope,
    import: ImportId,
) -> Stored<Vec<AgencyId>> {
    let ids: Vec<Uuid> = agency::Entity::find()
        .select_only()
        .column(agency::Column::Id)
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency::Column::ImportId.eq(import.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(AgencyId).collect())
}

async fn list_contacts(
    db: &impl ConnectionTrait,
    scope: &Scope,
    import: ImportId,
) -> Stored<Vec<Uuid>> {
    Ok(contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .filter(contact::Column::CampaignId.eq(scope.campaign.0))
        .filter(contact::Column::ImportId.eq(import.0))
        .into_tuple()
        .all(db)
        .await?)
}

/// Counts rows of `$entity` of the campaign that fit `$what`.
macro_rules! count {
    ($db:expr, $scope:expr, $entity:ident, $what:expr) => {
        $entity::Entity::find()
            .filter($entity::Column::CampaignId.eq($scope.campaign.0))
            .filter($what)
            .count($db)
            .await?
    };
}

/// What stands in the way of taking the import back.
pub async fn blockers(
    db: &impl ConnectionTrait,
    scope: &Scope,
    import: ImportId,
) -> Stored<Blockers> {
    let mut found = Blockers::default();
    for contacts in list_contacts(db, scope, import).await?.chunks(AT_ONCE) {
        let ids = || contacts.iter().copied();
        found.requests += count!(db, scope, request, request::Column::ContactId.is_in(ids()));
    }
    let agencies = list_agencies(db, scope, import).await?;
    for some in agencies.chunks(AT_ONCE) {
        let ids = || some.iter().map(|id| id.0);
        let requests = Condition::all()
            .add(request::Column::AgencyId.is_in(ids()))
            .add(
                Condition::any()
                    .add(request::Column::ContactId.is_null())
                    .add(request::Column::ContactId.not_in_subquery(of_import(import))),
            );
        found.requests += count!(db, scope, request, requests);
        found.documents += count!(db, scope, document, document::Column::AgencyId.is_in(ids()));
        found.facts += count!(db, scope, fact, fact::Column::AgencyId.is_in(ids()));
        found.policies += count!(db, scope, policy, policy::Column::AgencyId.is_in(ids()));
        let elsewhere = Condition::all()
            .add(contact::Column::AgencyId.is_in(ids()))
            .add(
                Condition::any()
                    .add(contact::Column::ImportId.is_null())
                    .add(contact::Column::ImportId.ne(import.0)),
            );
        found.contacts += count!(db, scope, contact, elsewhere);
        let later = Condition::all()
            .add(agreement::Column::AgencyId.is_in(ids()))
            .add(
                Condition::any()
                    .add(agreement::Column::ImportId.is_null())
                    .add(agreement::Column::ImportId.ne(import.0)),
            );
        found.agreements += count!(db, scope, agreement, later);
        found.memberships += count!(
            db,
            scope,
            agency_set_member,
            agency_set_member::Column::AgencyId.is_in(ids())
        );
        let merged = Condition::any()
            .add(agency::Column::MergedInto.is_in(ids()))
            .add(
                Condition::all()
                    .add(agency::Column::Id.is_in(ids()))
                    .add(agency::Column::MergedInto.is_not_null()),
            );
        found.merged += count!(db, scope, agency, merged);
        let named = Condition::all()
            .add(agency_profile::Column::AgencyId.is_not_in(ids()))
            .add(
                Condition::any()
                    .add(agency_profile::Column::ParentId.is_in(ids()))
                    .add(agency_profile::Column::JailRunById.is_in(ids()))
                    .add(agency_profile::Column::RecordsKeptById.is_in(ids()))
                    .add(agency_profile::Column::IceSignedById.is_in(ids())),
            );
        found.relations += count!(db, scope, agency_profile, named);
    }
    Ok(found)
}

/// The contacts that an import added, for a subquery.
fn of_import(import: ImportId) -> SelectStatement {
    contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .filter(contact::Column::ImportId.eq(import.0))
        .into_query()
}

/// Takes away the contacts and agencies that an import added, with their profiles and other names. Agreements are the
/// deed's to take back before.
pub async fn remove(tx: &Tx, scope: &Scope, import: ImportId) -> Stored<()> {
    for contacts in list_contacts(tx, scope, import).await?.chunks(AT_ONCE) {
        let ids = || contacts.iter().copied();
        contact_check::Entity::delete_many()
            .filter(contact_check::Column::CampaignId.eq(scope.campaign.0))
            .filter(contact_check::Column::ContactId.is_in(ids()))
            .exec(tx)
            .await?;
        contact::Entity::delete_many()
            .filter(contact::Column::CampaignId.eq(scope.campaign.0))
            .filter(contact::Column::Id.is_in(ids()))
            .exec(tx)
            .await?;
    }
    for some in list_agencies(tx, scope, import).await?.chunks(AT_ONCE) {
        let ids = || some.iter().map(|id| id.0);
        agency_alias::Entity::delete_many()
            .filter(agency_alias::Column::CampaignId.eq(scope.campaign.0))
            .filter(agency_alias::Column::AgencyId.is_in(ids()))
            .exec(tx)
            .await?;
        agency_profile::Entity::delete_many()
            .filter(agency_profile::Column::CampaignId.eq(scope.campaign.0))
            .filter(agency_profile::Column::AgencyId.is_in(ids()))
            .exec(tx)
            .await?;
    }
    for some in list_agencies(tx, scope, import).await?.chunks(AT_ONCE) {
        agency::Entity::delete_many()
            .filter(agency::Column::CampaignId.eq(scope.campaign.0))
            .filter(agency::Column::Id.is_in(some.iter().map(|id| id.0)))
            .exec(tx)
            .await?;
    }
    Ok(())
}
