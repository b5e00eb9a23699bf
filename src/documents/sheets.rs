//! Our own tables written as XLSX: one sheet of text cells under a head that stays in sight. Nothing of ours is a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// The widest column, in characters: a postal address is read in its cell.
const WIDEST: usize = 60;

/// One sheet with these rows, the first of which is its head. Every cell is text, so that no spreadsheet program takes
/// one for a formula, a number or a date.
///
/// # Errors
/// Where the rows do not fit into a sheet (1,048,576 rows of 16,384 cells of 32,767 characters).
pub fn write_sheet(name: &str, rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    let head = Format::new().set_bold();
    let mut widths: Vec<usize> = Vec::new();
    for (at, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                match at {
                    0 => sheet.write_string_with_format(at, column, cell, &head)?,
                    _ => sheet.write_string(at, column, cell)?,
                };
            }
            let place = usize::from(column);
            if widths.len() <= place {
                widths.push(0);
            }
            widths[place] = widths[place].max(cell.chars().count());
        }
    }
    for (column, width) in (0_u16..).zip(widths) {
        let width = u16::try_from(width.min(WIDEST) + 2).unwrap_or(u16::MAX);
        sheet.set_column_width(column, width)?;
    }
    book.save_to_buffer()
}
