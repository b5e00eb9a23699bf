//! Two agencies become one: everything that hangs on the duplicate is given to the one that is kept.
//!
//! The duplicate's row stays, pointing at the one it was merged into, so that old links and its own history still lead
//! somewhere. The log is not touched.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::entity::{
    agency, agency_alias, agency_profile, agency_set_member, agreement, contact, document, fact,
    policy, request,
};
use super::{Scope, Stored, Tx};
use crate::domain::ids::AgencyId;

/// How many things were moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub requests: u64,
    pub contacts: u64,
    pub agreements: u64,
    pub policies: u64,
    pub documents: u64,
    pub facts: u64,
}

/// Gives every row of `$entity` that belongs to `$from` to `$to`, and says how many.
macro_rules! give {
    ($tx:expr, $scope:expr, $entity:ident, $column:ident, $from:expr, $to:expr) => {
        $entity::Entity::update_many()
            .col_expr($entity::Column::$column, Expr::value($to.0))
            .filter($entity::Column::CampaignId.eq($scope.campaign.0))
            .filter($entity::Column::$column.eq($from.0))
            .exec($tx)
            .await?
            .rows_affected
    };
}

/// Moves everything from `from` to `to`, both of the campaign, and marks `from` as merged. Other names are the
/// deed's to add. None where `from` was merged before.
pub async fn merge(tx: &Tx, scope: &Scope, from: AgencyId, to: AgencyId) -> Stored<Option<Moved>> {
    let marked = agency::Entity::update_many()
        .col_expr(agency::Column::MergedInto, Expr::value(to.0))
        .filter(agency::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency::Column::Id.eq(from.0))
        .filter(agency::Column::MergedInto.is_null())
        .exec(tx)
        .await?;
    if marked.rows_affected == 0 {
        return Ok(None);
    }
    // Those merged into the duplicate before follow it.
    give!(tx, scope, agency, MergedInto, from, to);
    let moved = Moved {
        requests: give!(tx, scope, request, AgencyId, from, to),
        contacts: give!(tx, scope, contact, AgencyId, from, to),
        agreements: give!(tx, scope, agreement, AgencyId, from, to),
        policies: give!(tx, scope, policy, AgencyId, from, to),
        documents: give!(tx, scope, document, AgencyId, from, to),
        facts: give!(tx, scope, fact, AgencyId, from, to),
    };
    give!(tx, scope, agency_profile, ParentId, from, to);
    give!(tx, scope, agency_profile, JailRunById, from, to);
    give!(tx, scope, agency_profile, RecordsKeptById, from, to);
    give!(tx, scope, agency_profile, IceSignedById, from, to);
    agency_alias::Entity::delete_many()
        .filter(agency_alias::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_alias::Column::AgencyId.eq(from.0))
        .exec(tx)
        .await?;
    move_memberships(tx, scope, from, to).await?;
    Ok(Some(moved))
}

/// Sets that have both keep the member that stays, with its own reason.
async fn move_memberships(tx: &Tx, scope: &Scope, from: AgencyId, to: AgencyId) -> Stored<()> {
    let has: Vec<Uuid> = agency_set_member::Entity::find()
        .select_only()
        .column(agency_set_member::Column::SetId)
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::AgencyId.eq(to.0))
        .into_tuple()
        .all(tx)
        .await?;
    agency_set_member::Entity::delete_many()
        .filter(agency_set_member::Column::CampaignId.eq(scope.campaign.0))
        .filter(agency_set_member::Column::AgencyId.eq(from.0))
        .filter(agency_set_member::Column::SetId.is_in(has))
        .exec(tx)
        .await?;
    give!(tx, scope, agency_set_member, AgencyId, from, to);
    Ok(())
}
