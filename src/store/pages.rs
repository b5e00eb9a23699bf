//! Pages of documents: their text, folded for searching, and suggestions of what must not be shown.
//!
//! Suggestions are kept as the detection wrote them (`documents::detection::Suggestion`): kinds and places, no words.
//! Whoever asks must be known to see the document whole; the search takes the ids of those documents.

use sea_orm::sea_query::LikeExpr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use uuid::Uuid;

use super::entity::page;
use super::{Stored, Tx};
use crate::domain::ids::{CampaignId, DocumentId};

/// One page's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub document: DocumentId,
    /// From 1.
    pub number: u32,
    pub text: String,
    /// For comparing only.
    pub folded: String,
    /// False where the text cannot be relied on.
    pub readable: bool,
    pub suggestions: serde_json::Value,
}

/// Rows written in one statement: below the number of variables that SQLite takes.
const AT_ONCE: usize = 200;

/// Puts a document's pages in place of any it had.
pub async fn replace(
    tx: &Tx,
    campaign: CampaignId,
    document: DocumentId,
    pages: Vec<Page>,
) -> Stored<()> {
    page::Entity::delete_many()
        .filter(page::Column::DocumentId.eq(document.0))
        .exec(tx)
        .await?;
    let rows: Vec<page::ActiveModel> = pages
        .into_iter()
        .map(|each| page::ActiveModel {
            id: Set(Uuid::new_v4()),
            campaign_id: Set(campaign.0),
            document_id: Set(document.0),
            number: Set(i32::try_from(each.number).unwrap_or(i32::MAX)),
            text: Set(each.text),
            folded: Set(each.folded),
            readable: Set(each.readable),
            suggestions: Set(each.suggestions),
        })
        .collect();
    for some in rows.chunks(AT_ONCE) {
        page::Entity::insert_many(some.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn read(row: page::Model) -> Page {
    Page {
        document: DocumentId(row.document_id),
        number: u32::try_from(row.number).unwrap_or(0),
        text: row.text,
        folded: row.folded,
        readable: row.readable,
        suggestions: row.suggestions,
    }
}

/// One page of a document.
pub async fn find(
    db: &impl ConnectionTrait,
    document: DocumentId,
    number: u32,
) -> Stored<Option<Page>> {
    let row = page::Entity::find()
        .filter(page::Column::DocumentId.eq(document.0))
        .filter(page::Column::Number.eq(i32::try_from(number).unwrap_or(i32::MAX)))
        .one(db)
        .await?;
    Ok(row.map(read))
}

/// A page without its text, for lists of pages.
#[derive(Clone, Debug, PartialEq)]
pub struct PageMark {
    pub number: u32,
    pub readable: bool,
    pub suggestions: serde_json::Value,
}

#[derive(FromQueryResult)]
struct MarkRow {
    number: i32,
    readable: bool,
    suggestions: serde_json::Value,
}

/// All pages of a document without their text, in order.
pub async fn list_marks(db: &impl ConnectionTrait, document: DocumentId) -> Stored<Vec<PageMark>> {
    let rows = page::Entity::find()
        .select_only()
        .columns([
            page::Column::Number,
            page::Column::Readable,
            page::Column::Suggestions,
        ])
        .filter(page::Column::DocumentId.eq(document.0))
        .order_by_asc(page::Column::Number)
        .into_model::<MarkRow>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| PageMark {
            number: u32::try_from(row.number).unwrap_or(0),
            readable: row.readable,
            suggestions: row.suggestions,
        })
        .collect())
}

/// Pages of these documents whose folded text holds `folded` word for word, in the order of `documents` and then of
/// the pages. Nothing in `folded` works as a wildcard.
pub async fn search(
    db: &impl ConnectionTrait,
    documents: &[DocumentId],
    folded: &str,
    how_many: u64,
) -> Stored<Vec<Page>> {
    if documents.is_empty() || folded.is_empty() {
        return Ok(Vec::new());
    }
    let pattern = LikeExpr::new(format!("%{}%", literal(folded))).escape('\\');
    let rows = page::Entity::find()
        .filter(page::Column::DocumentId.is_in(documents.iter().map(|id| id.0)))
        .filter(page::Column::Folded.like(pattern))
        .order_by_asc(page::Column::DocumentId)
        .order_by_asc(page::Column::Number)
        .limit(how_many)
        .all(db)
        .await?;
    let mut found: Vec<Page> = rows.into_iter().map(read).collect();
    let place = |document: &DocumentId| documents.iter().position(|each| each == document);
    found.sort_by_key(|page| (place(&page.document), page.number));
    Ok(found)
}

/// Text for LIKE in which nothing is a wildcard.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_a_wildcard() {
        assert_eq!(literal(r"100%_of\it"), r"100\%\_of\\it");
    }
}
