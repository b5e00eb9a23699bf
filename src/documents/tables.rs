//! Spreadsheets and delimited text as plain rows, inside the worker.
//!
//! Here: XLSX, XLS and ODS by calamine, delimited text by csv and encoding_rs. Values only: a formula gives what was
//! last calculated. What the columns mean is for the importer and the reader, not for this file.
//!
//! Longer than 500 lines, with its tests: all kinds of tables share one budget of cells and one way to find the header.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, DataRef, DataType, Reader, SheetVisible};
use chrono::{NaiveDate, NaiveDateTime};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::worker::child::Stopped;

/// Rows kept of one sheet.
pub const MOST_ROWS: usize = 100_000;
/// Columns kept of one sheet.
pub const MOST_COLUMNS: usize = 256;
/// Cells with something in them kept of one file.
pub const MOST_CELLS: usize = 500_000;
/// Text kept of one cell, in bytes.
pub const MOST_OF_A_CELL: usize = 20_000;
/// Text kept of one file, in bytes: the answer must fit into the worker's pipe.
pub const MOST_TEXT: usize = 24 << 20;
/// Sheets looked at in one workbook.
pub const MOST_SHEETS: usize = 100;

/// What kind of table a file holds, as its bytes told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    Xlsx,
    Xls,
    Ods,
    /// Comma, semicolon, tab or bar between the fields.
    Csv,
}

/// Everything read from one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tables {
    pub tables: Vec<Table>,
    /// Sentences for people: encoding, what was left out and why.
    pub notes: Vec<String>,
}

/// One sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The sheet's name; empty for delimited text.
    pub sheet: String,
    /// The author hid this sheet.
    pub hidden: bool,
    /// Text above the header row: titles, dates of the list.
    pub above: Vec<String>,
    /// The texts of the header row, trimmed, inner line breaks made spaces.
    pub header: Vec<String>,
    /// The rows under the header, each as long as the header or longer; blank rows are kept so that numbers fit.
    pub rows: Vec<Vec<Cell>>,
    /// The row number, as a spreadsheet counts, of the first of `rows`.
    pub first_row: u32,
}

/// One cell's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    Text(String),
    Number(f64),
    /// A moment without a zone; midnight where only the day was given.
    Date(NaiveDateTime),
    Empty,
    /// The spreadsheet's own error, such as `#REF!`.
    Error(String),
}

impl Cell {
    /// As a person would read it; empty for an empty cell.
    pub fn plain(&self) -> String {
        match self {
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                format!("{number:.0}")
            }
            Cell::Number(number) => number.to_string(),
            Cell::Date(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
            Cell::Date(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            Cell::Empty => String::new(),
            Cell::Error(what) => what.clone(),
        }
    }

    /// The day of a date cell, or of a text written as 2025-02-26, 2/26/2025 or 2/26/25.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Cell::Date(at) => Some(at.date()),
            Cell::Text(text) => {
                let text = text.trim();
                // %y first: chrono's %Y would take the year 25 as it stands.
                ["%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y"]
                    .iter()
                    .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
            }
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

const BROKEN: &str = "This spreadsheet cannot be opened: it is damaged, locked with a password, or of another kind than its name says. It is kept as it came. Open it on your own computer, save it anew as .xlsx or .csv, and add that.";

/// Reads a table file.
///
/// # Errors
/// A sentence where it is empty, damaged, or nothing can be read from it.
pub fn read(file: &Path, kind: TableKind) -> Result<Tables, Stopped> {
    let bytes = std::fs::read(file).map_err(|error| Stopped::reading(&error))?;
    if bytes.is_empty() {
        return Err(Stopped::refused(super::pdf::EMPTY));
    }
    let mut budget = Budget::new();
    let mut tables = Vec::new();
    match kind {
        TableKind::Csv => tables.push(read_delimited(&bytes, &mut budget)?),
        TableKind::Xlsx => read_xlsx(&bytes, &mut tables, &mut budget)?,
        TableKind::Xls => {
            let book = calamine::Xls::new(Cursor::new(bytes.as_slice())).map_err(|_| broken())?;
            read_ranges(book, &mut tables, &mut budget)?;
        }
        TableKind::Ods => {
            let book = calamine::Ods::new(Cursor::new(bytes.as_slice())).map_err(|_| broken())?;
            read_ranges(book, &mut tables, &mut budget)?;
        }
    }
    if tables.iter().all(|table| table.header.is_empty()) {
        return Err(Stopped::refused(
            "There is nothing in this table: no sheet has a row with anything in it.",
        ));
    }
    if tables.iter().any(|table| table.hidden) {
        budget.notes.push(
            "The workbook has hidden sheets; they are read too. Look at them before anything of it is cleared.".to_owned(),
        );
    }
    Ok(Tables {
        tables,
        notes: budget.notes,
    })
}

fn broken() -> Stopped {
    Stopped::refused(BROKEN)
}

/// Rows by number (from 0), each a map of column to value.
type Sparse = BTreeMap<u32, BTreeMap<u32, Cell>>;

struct Budget {
    cells: usize,
    text: usize,
    notes: Vec<String>,
}

impl Budget {
    fn new() -> Budget {
        Budget {
            cells: MOST_CELLS,
            text: MOST_TEXT,
            notes: Vec::new(),
        }
    }

    fn note(&mut self, sentence: String) {
        if !self.notes.contains(&sentence) {
            self.notes.push(sentence);
        }
    }

    /// Puts a value in its place. False when the file holds more than is taken in.
    fn put(&mut self, sheet: &mut Sparse, row: u32, column: u32, cell: Cell) -> bool {
        if cell.is_empty() {
            return true;
        }
        if column as usize >= MOST_COLUMNS {
            self.note(format!(
                "Columns beyond the {MOST_COLUMNS}th were left out."
            ));
            return true;
        }
        if row as usize >= MOST_ROWS {
            self.note(format!("Rows beyond the {MOST_ROWS}th were left out."));
            return true;
        }
        let cell = match cell {
            Cell::Text(mut text) if text.len() > MOST_OF_A_CELL => {
                let end = (0..=MOST_OF_A_CELL)
                    .rev()
                    .find(|at| text.is_char_boundary(*at))
                    .unwrap_or(0);
                text.truncate(end);
                self.note("Very long cells were cut.".to_owned());
                Cell::Text(text)
            }
            other => other,
        };
        let size = match &cell {
            Cell::Text(text) | Cell::Error(text) => text.len(),
            _ => 0,
        };
        if self.cells == 0 || self.text < size {
            self.note(format!(
                "The file holds more than is taken in at once ({MOST_CELLS} cells); the rest was left out. Split it and add the parts."
            ));
            return false;
        }
        self.cells -= 1;
        self.text -= size;
        sheet.entry(row).or_default().insert(column, cell);
        true
    }
}

fn read_xlsx(bytes: &[u8], tables: &mut Vec<Table>, budget: &mut Budget) -> Result<(), Stopped> {
    let mut book = calamine::Xlsx::new(Cursor::new(bytes)).map_err(|_| broken())?;
    for meta in book
        .sheets_metadata()
        .to_vec()
        .into_iter()
        .take(MOST_SHEETS)
    {
        let mut sheet = Sparse::new();
        // Cell by cell: a sheet with one stray cell in its far corner would otherwise fill all between.
        let mut reader = match book.worksheet_cells_reader(&meta.name) {
            Ok(reader) => reader,
            Err(_) => {
                budget
                    .note("A sheet that is no table, such as a chart, was passed over.".to_owned());
                continue;
            }
        };
        loop {
            match reader.next_cell() {
                Ok(Some(cell)) => {
                    let (row, column) = cell.get_position();
                    let value = from_ref(cell.get_value());
                    if !budget.put(&mut sheet, row, column, value) {
                        break;
                    }
                }
                Ok(None) => break,
                Err(_) => {
                    budget.note(
                        "A sheet is damaged: what could be read of it is here, the rest is not."
                            .to_owned(),
                    );
                    break;
                }
            }
        }
        tables.push(table(
            meta.name,
            meta.visible != SheetVisible::Visible,
            sheet,
        ));
    }
    Ok(())
}

fn read_ranges<RS, R: Reader<RS>>(
    mut book: R,
    tables: &mut Vec<Table>,
    budget: &mut Budget,
) -> Result<(), Stopped>
where
    RS: std::io::Read + std::io::Seek,
{
    for meta in book
        .sheets_metadata()
        .to_vec()
        .into_iter()
        .take(MOST_SHEETS)
    {
        let Ok(range) = book.worksheet_range(&meta.name) else {
            budget.note("A sheet that is no table, such as a chart, was passed over.".to_owned());
            continue;
        };
        let mut sheet = Sparse::new();
        let (top, left) = range.start().unwrap_or((0, 0));
        'cells: for (row, values) in range.rows().enumerate() {
            for (column, value) in values.iter().enumerate() {
                let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
                    break 'cells;
                };
                if !budget.put(&mut sheet, top + row, left + column, from_data(value)) {
                    break 'cells;
                }
            }
        }
        tables.push(table(
            meta.name,
            meta.visible != SheetVisible::Visible,
            sheet,
        ));
    }
    Ok(())
}

fn from_ref(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(whole) => Cell::Number(*whole as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(yes) => Cell::Text(if *yes { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(at) => moment(at),
        DataRef::DateTimeIso(text) => iso(text, value.as_datetime()),
        DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::Error(what) => Cell::Error(what.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}

fn from_data(value: &Data) -> Cell {
    match value {
        Data::String(text) => Cell::Text(text.clone()),
        Data::Int(whole) => Cell::Number(*whole as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(yes) => Cell::Text(if *yes { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(at) => moment(at),
        Data::DateTimeIso(text) => iso(text, value.as_datetime()),
        Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Error(what) => Cell::Error(what.to_string()),
        Data::Empty => Cell::Empty,
    }
}

/// A duration stays a number of days, as the spreadsheet keeps it.
fn moment(at: &calamine::ExcelDateTime) -> Cell {
    if at.is_duration() {
        return Cell::Number(at.as_f64());
    }
    match at.as_datetime() {
        Some(at) => Cell::Date(at),
        None => Cell::Number(at.as_f64()),
    }
}

fn iso(text: &str, at: Option<NaiveDateTime>) -> Cell {
    match at {
        Some(at) => Cell::Date(at),
        None => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => Cell::Date(day.and_time(chrono::NaiveTime::MIN)),
            Err(_) => Cell::Text(text.to_owned()),
        },
    }
}

/// Finds the header (the first row with texts in at least two cells and in half as many as any row near it has, else
/// the first row with anything) and lays the rows under it out.
fn table(name: String, hidden: bool, sheet: Sparse) -> Table {
    let texts = |row: &BTreeMap<u32, Cell>| {
        row.values()
            .filter(|cell| matches!(cell, Cell::Text(_)))
            .count()
    };
    let most = sheet.values().take(30).map(&texts).max().unwrap_or(0);
    let head = sheet
        .iter()
        .take(30)
        .find(|(_, row)| texts(row) >= 2 && texts(row) * 2 >= most)
        .or_else(|| sheet.iter().next())
        .map(|(number, _)| *number);
    let Some(head) = head else {
        return Table {
            sheet: name,
            hidden,
            above: Vec::new(),
            header: Vec::new(),
            rows: Vec::new(),
            first_row: 1,
        };
    };
    let width = sheet
        .range(head..)
        .filter_map(|(_, row)| row.keys().next_back())
        .max()
        .map_or(0, |last| *last as usize + 1);
    let lay = |row: Option<&BTreeMap<u32, Cell>>| -> Vec<Cell> {
        let mut laid = vec![Cell::Empty; width];
        for (column, cell) in row.into_iter().flatten() {
            if let Some(place) = laid.get_mut(*column as usize) {
                *place = cell.clone();
            }
        }
        laid
    };
    let above = sheet
        .range(..head)
        .flat_map(|(_, row)| row.values().map(Cell::plain))
        .collect();
    let header = lay(sheet.get(&head))
        .iter()
        .map(|cell| {
            cell.plain()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let last = sheet.keys().next_back().copied().unwrap_or(head);
    Table {
        sheet: name,
        hidden,
        above,
        header,
        rows: (head + 1..=last).map(|row| lay(sheet.get(&row))).collect(),
        first_row: head + 2,
    }
}

fn read_delimited(bytes: &[u8], budget: &mut Budget) -> Result<Table, Stopped> {
    let (text, encoding) = decode(bytes);
    if encoding != UTF_8 {
        budget.note(format!(
            "The text is not in UTF-8; it was read as {}. Look at names with accents before you confirm.",
            if encoding == WINDOWS_1252 {
                "Latin-1 (Windows-1252)"
            } else {
                encoding.name()
            }
        ));
    }
    if text.contains('\0') {
        return Err(Stopped::refused(
            "This file is not text, whatever its name says. It is kept as it came; save it as .csv or .xlsx and add that.",
        ));
    }
    let delimiter = delimiter_of(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut sheet = Sparse::new();
    'rows: for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|_| broken())?;
        for (column, field) in record.iter().enumerate() {
            let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
                break 'rows;
            };
            if !budget.put(&mut sheet, row, column, Cell::Text(field.to_owned())) {
                break 'rows;
            }
        }
    }
    Ok(table(String::new(), false, sheet))
}

/// The text of a file in UTF-8, UTF-16 or else Windows-1252, which reads any byte, and which of them it was.
pub fn decode(bytes: &[u8]) -> (String, &'static Encoding) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding.decode(bytes).0.into_owned(), encoding);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return (
            encoding.decode_without_bom_handling(bytes).0.into_owned(),
            encoding,
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), UTF_8),
        Err(_) => (
            WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
            WINDOWS_1252,
        ),
    }
}

/// Western text in UTF-16 has a zero in every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(512) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |first: usize| {
        head.iter()
            .skip(first)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let half = head.len() / 2;
    if odd * 10 > half * 7 && even * 10 < half {
        Some(UTF_16LE)
    } else if even * 10 > half * 7 && odd * 10 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The mark that splits the first lines into the same number of fields, the more fields the better.
pub fn delimiter_of(text: &str) -> u8 {
    let mut best = (b',', 0usize);
    for mark in [b',', b';', b'\t', b'|'] {
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(mark)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        for record in reader.records().take(30).flatten() {
            if record.len() > 1 {
                *widths.entry(record.len()).or_default() += 1;
            }
        }
        let score = widths
            .into_iter()
            .map(|(width, lines)| lines * lines * width)
            .max()
            .unwrap_or(0);
        if score > best.1 {
            best = (mark, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimited(bytes: &[u8]) -> (Table, Vec<String>) {
        let mut budget = Budget::new();
        let table = read_delimited(bytes, &mut budget).expect("a readable table");
        (table, budget.notes)
    }

    #[test]
    fn text_in_old_encodings_reads_the_same() {
        let text = "name;county\nJail of Peñasco;Cañon\n";
        let latin: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend(text.as_bytes());
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut big = b"\xfe\xff".to_vec();
        big.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        for (bytes, said) in [
            (text.as_bytes().to_vec(), None),
            (marked, None),
            (latin, Some("Latin-1")),
            (little, Some("UTF-16LE")),
            (big, Some("UTF-16BE")),
        ] {
            let (table, notes) = delimited(&bytes);
            assert_eq!(table.header, ["name", "county"]);
            assert_eq!(
                table.rows,
                [[
                    Cell::Text("Jail of Peñasco".to_owned()),
                    Cell::Text("Cañon".to_owned())
                ]]
            );
            match said {
                None => assert!(notes.is_empty(), "{notes:?}"),
                Some(name) => assert!(notes[0].contains(name), "{notes:?}"),
            }
        }
    }

    #[test]
    fn delimiters_are_recognised() {
        for (text, mark) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2;3\n", b';'),
            ("a\tb\n\"x, y\"\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("only one column\nof text\n", b','),
        ] {
            assert_eq!(delimiter_of(text), mark, "{text:?}");
        }
    }

    #[test]
    fn the_header_is_found_under_a_title_and_rows_keep_their_numbers() {
        let (table, _) = delimited(b"\"List of agencies as of July 18, 2025\"\n,\nagency,state\nAlder,WA\n,\nBirch,OR,late\n");
        assert_eq!(table.above, ["List of agencies as of July 18, 2025"]);
        assert_eq!(table.header, ["agency", "state", ""]);
        assert_eq!(table.rows[0][0], Cell::Text("Alder".to_owned()));
        assert_eq!((table.first_row, table.rows.len()), (4, 3));
        assert_eq!(
            table.rows.last().map(|row| row[2].plain()),
            Some("late".to_owned())
        );
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        let day = NaiveDate::from_ymd_opt(2025, 2, 26);
        for text in ["2025-02-26", "2/26/2025", "02/26/25", " 2/26/25 "] {
            assert_eq!(Cell::Text(text.to_owned()).day(), day, "{text}");
        }
        assert_eq!(Cell::Text("soon".to_owned()).day(), None);
        assert_eq!(Cell::Number(45_714.0).day(), None);
    }

    #[test]
    fn too_many_cells_are_left_out_with_a_note() {
        let text = "a,b\n".repeat(MOST_CELLS / 2 + 10);
        let (table, notes) = delimited(text.as_bytes());
        assert!(table.rows.len() <= MOST_ROWS);
        assert!(!notes.is_empty());
    }

    #[test]
    fn numbers_read_as_a_person_would_write_them() {
        assert_eq!(Cell::Number(832.0).plain(), "832");
        assert_eq!(Cell::Number(126.5).plain(), "126.5");
        assert_eq!(Cell::Empty.plain(), "");
    }
}
