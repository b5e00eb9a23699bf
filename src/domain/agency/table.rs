//! A list's table as text: where its head stands, which column is which, and which lines say anything.

use super::name;

/// A list whose columns are not what they should be, in a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadList {
    #[error(
        "The file has no lines. Open it in a spreadsheet program and check that the first sheet is the list."
    )]
    Empty,
    #[error(
        "The list has no column “{missing}”. Its columns are: {found}. {hint} Nothing was imported."
    )]
    MissingColumn {
        missing: &'static str,
        found: String,
        hint: &'static str,
    },
    #[error("The list has its columns but no line under them. Nothing was imported.")]
    NoLines,
    #[error(
        "The list has {found} lines; at most {most} are read at once. Split it and import the parts."
    )]
    TooLong { found: usize, most: usize },
}

/// The most lines that one import takes: the whole country has fewer sheriffs and police chiefs.
pub const MOST_LINES: usize = 25_000;
/// How far down the head of a table is looked for: some lists open with a title.
const HEAD_WITHIN: usize = 15;

/// One column: its name in the message, and the spellings under which lists have it.
pub(super) struct Column(pub(super) &'static str, pub(super) &'static [&'static str]);

/// The table's head: where it stands and which column is which.
pub(super) struct Head<'a> {
    at: usize,
    cells: Vec<String>,
    rows: &'a [Vec<String>],
}

impl<'a> Head<'a> {
    /// The first line that has all `wanted` columns, or the best guess at a head with what is missing.
    pub(super) fn find(
        rows: &'a [Vec<String>],
        wanted: &[&Column],
        hint: &'static str,
    ) -> Result<Head<'a>, BadList> {
        let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
        if rows.iter().all(|row| filled(row) == 0) {
            return Err(BadList::Empty);
        }
        let mut best: Option<(usize, usize)> = None;
        for (at, row) in rows.iter().enumerate().take(HEAD_WITHIN) {
            let head = Head {
                at,
                cells: row.iter().map(|cell| name::fold(cell)).collect(),
                rows,
            };
            let has = wanted
                .iter()
                .filter(|column| head.place(column).is_some())
                .count();
            if has == wanted.len() {
                return Ok(head);
            }
            if filled(row) > 0 && best.is_none_or(|(_, most)| has > most) {
                best = Some((at, has));
            }
        }
        let at = best.map_or(0, |(at, _)| at);
        let row = rows.get(at).map(Vec::as_slice).unwrap_or_default();
        let head = Head {
            at,
            cells: row.iter().map(|cell| name::fold(cell)).collect(),
            rows,
        };
        let missing = wanted
            .iter()
            .find(|column| head.place(column).is_none())
            .map_or("name", |column| column.0);
        let named: Vec<String> = row
            .iter()
            .map(|cell| shortened(cell, 40))
            .filter(|cell| !cell.is_empty())
            .take(20)
            .collect();
        Err(BadList::MissingColumn {
            missing,
            found: named.join(", "),
            hint,
        })
    }

    /// The head as a person or the reader of the file found it.
    pub(super) fn at_row(rows: &'a [Vec<String>], at: usize) -> Head<'a> {
        let cells = rows.get(at).map(Vec::as_slice).unwrap_or_default();
        Head {
            at,
            cells: cells.iter().map(|cell| name::fold(cell)).collect(),
            rows,
        }
    }

    pub(super) fn place(&self, column: &Column) -> Option<usize> {
        column
            .1
            .iter()
            .find_map(|spelling| self.cells.iter().position(|cell| cell == spelling))
    }

    /// The lines under the head that say anything, with their line numbers.
    pub(super) fn lines(&self) -> Result<Vec<(u32, &'a [String])>, BadList> {
        let lines: Vec<(u32, &[String])> = self
            .rows
            .iter()
            .enumerate()
            .skip(self.at + 1)
            .filter(|(_, row)| row.iter().any(|cell| !cell.trim().is_empty()))
            .map(|(at, row)| (u32::try_from(at + 1).unwrap_or(u32::MAX), row.as_slice()))
            .collect();
        match lines.len() {
            0 => Err(BadList::NoLines),
            found if found > MOST_LINES => Err(BadList::TooLong {
                found,
                most: MOST_LINES,
            }),
            _ => Ok(lines),
        }
    }
}

/// A cell of a line, without the spaces around it; empty where the line ends before it.
pub(super) fn cell(row: &[String], place: Option<usize>) -> &str {
    place
        .and_then(|place| row.get(place))
        .map(|cell| cell.trim())
        .unwrap_or("")
}

/// Tidied, and cut to `most` letters.
pub(super) fn shortened(words: &str, most: usize) -> String {
    let tidy = name::tidy(words);
    if tidy.chars().count() <= most {
        tidy
    } else {
        tidy.chars().take(most).chain(['…']).collect()
    }
}

/// What a line says, for showing it to a person.
pub(super) fn says(row: &[String]) -> String {
    let words: Vec<&str> = row
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    shortened(&words.join(" · "), 120)
}
