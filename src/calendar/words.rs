//! How a day is written, everywhere the same: short in tables and pages, in full in a sentence.

use chrono::NaiveDate;

/// "Mon 23 Nov 2026": the form used in pages, tables and letters.
pub fn long(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// "Monday 23 November 2026": the form used inside a sentence.
pub fn spoken(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

/// A count with its noun: "1 business day", "5 calendar days".
pub fn counted(n: i64, noun: &str) -> String {
    if n.abs() == 1 {
        format!("{n} {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_one_way() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 3).expect("a day");
        assert_eq!(long(day), "Tue 3 Nov 2026");
        assert_eq!(spoken(day), "Tuesday 3 November 2026");
        assert_eq!(counted(1, "business day"), "1 business day");
        assert_eq!(counted(0, "day"), "0 days");
    }
}
