//! One holiday rule: parsed from the words of a law file, resolved to a day of a given year.
//!
//! A rule is a known name (`mlk`), or `Name = words`. The words are one of
//! `mar 2` · `third mon of jan` · `last mon of may` · `first tue after first mon of nov` · `47 days before easter` ·
//! `good friday` · `day after fourth thu of nov` · `sat before …`, and may end in limits:
//! `in even years` · `in odd years` · `in presidential years` · `after presidential elections` · `in 2027` ·
//! `except 2025` · `from 2025` · `until 2030`.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A holiday: what it is called, how it is found, in which years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// As shown to people: "Martin Luther King Jr. Day".
    pub name: String,
    /// The rule in words, as in the law file: "third mon of jan".
    pub rule: String,
    find: Find,
    years: Vec<Years>,
}

/// Words that are no holiday rule. The sentence names them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{rule}” is not a holiday rule: {why}")]
pub struct RuleError {
    pub rule: String,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Find {
    Fixed {
        month: u32,
        day: u32,
    },
    /// The nth weekday of a month, `nth` from 1.
    Nth {
        nth: u8,
        weekday: Weekday,
        month: u32,
    },
    Last {
        weekday: Weekday,
        month: u32,
    },
    /// Days from Easter Sunday, negative before it.
    Easter {
        offset: i64,
    },
    /// Days after another rule, negative before it.
    Shifted {
        days: i64,
        of: Box<Find>,
    },
    /// The first such weekday strictly after (or before) another rule's day.
    WeekdayFrom {
        weekday: Weekday,
        after: bool,
        of: Box<Find>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Years {
    Even,
    Odd,
    Presidential,
    AfterPresidential,
    Only(Vec<i32>),
    Except(Vec<i32>),
    From(i32),
    Until(i32),
}

/// Name in the law files, name for people, rule.
const KNOWN: &[(&str, &str, &str)] = &[
    ("new_year", "New Year's Day", "jan 1"),
    ("mlk", "Martin Luther King Jr. Day", "third mon of jan"),
    ("lincoln", "Lincoln's Birthday", "feb 12"),
    ("presidents", "Presidents' Day", "third mon of feb"),
    ("cesar_chavez", "Cesar Chavez Day", "mar 31"),
    ("good_friday", "Good Friday", "good friday"),
    ("memorial", "Memorial Day", "last mon of may"),
    ("juneteenth", "Juneteenth", "jun 19"),
    ("independence", "Independence Day", "jul 4"),
    ("labor", "Labor Day", "first mon of sep"),
    ("columbus", "Columbus Day", "second mon of oct"),
    ("indigenous", "Indigenous Peoples' Day", "second mon of oct"),
    (
        "election",
        "Election Day",
        "first tue after first mon of nov",
    ),
    (
        "election_even",
        "General Election Day",
        "first tue after first mon of nov in even years",
    ),
    ("veterans", "Veterans Day", "nov 11"),
    ("thanksgiving", "Thanksgiving Day", "fourth thu of nov"),
    (
        "day_after_thanksgiving",
        "Day after Thanksgiving",
        "day after fourth thu of nov",
    ),
    ("christmas_eve", "Christmas Eve", "dec 24"),
    ("christmas", "Christmas Day", "dec 25"),
    ("new_years_eve", "New Year's Eve", "dec 31"),
];

impl Holiday {
    /// Reads `mlk` or `Seward's Day = last mon of mar`.
    ///
    /// # Errors
    /// Says which words were not understood.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (name, rule) = match text.split_once('=') {
            None => {
                let key = text.trim();
                let (_, name, rule) = known(key).ok_or_else(|| RuleError {
                    rule: text.to_owned(),
                    why: "no holiday has this name; write “Name = rule”".to_owned(),
                })?;
                ((*name).to_owned(), *rule)
            }
            Some((left, rule)) => {
                let left = left.trim();
                let name =
                    known(left).map_or_else(|| left.to_owned(), |(_, name, _)| (*name).to_owned());
                (name, rule.trim())
            }
        };
        if name.is_empty() {
            return Err(RuleError {
                rule: text.to_owned(),
                why: "it has no name".to_owned(),
            });
        }
        let words: Vec<&str> = rule.split_whitespace().collect();
        let wrong = |why: String| RuleError {
            rule: text.to_owned(),
            why,
        };
        let (words, years) = take_years(&words).map_err(wrong)?;
        let find = find(words).map_err(|why| RuleError {
            rule: text.to_owned(),
            why,
        })?;
        Ok(Self {
            name,
            rule: rule.to_owned(),
            find,
            years,
        })
    }

    /// The day on which the holiday falls in `year`, before any observed shift; `None` in years without it.
    pub fn falls_on(&self, year: i32) -> Option<NaiveDate> {
        if self.years.iter().all(|limit| limit.holds(year)) {
            self.find.day(year)
        } else {
            None
        }
    }

    /// Whether the holiday can fall on a weekend at all, so that an observed rule matters.
    pub fn is_fixed_date(&self) -> bool {
        matches!(self.find, Find::Fixed { .. })
    }
}

impl Find {
    fn day(&self, year: i32) -> Option<NaiveDate> {
        match self {
            Find::Fixed { month, day } => NaiveDate::from_ymd_opt(year, *month, *day),
            Find::Nth {
                nth,
                weekday,
                month,
            } => NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, *nth),
            Find::Last { weekday, month } => [5, 4]
                .into_iter()
                .find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, nth)),
            Find::Easter { offset } => shift(easter(year)?, *offset),
            Find::Shifted { days, of } => shift(of.day(year)?, *days),
            Find::WeekdayFrom { weekday, after, of } => {
                let step = if *after { 1 } else { -1 };
                let mut day = shift(of.day(year)?, step)?;
                while day.weekday() != *weekday {
                    day = shift(day, step)?;
                }
                Some(day)
            }
        }
    }
}

impl Years {
    fn holds(&self, year: i32) -> bool {
        match self {
            Years::Even => year % 2 == 0,
            Years::Odd => year % 2 != 0,
            Years::Presidential => year % 4 == 0,
            Years::AfterPresidential => year % 4 == 1,
            Years::Only(years) => years.contains(&year),
            Years::Except(years) => !years.contains(&year),
            Years::From(first) => year >= *first,
            Years::Until(last) => year <= *last,
        }
    }
}

fn known(key: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    KNOWN.iter().find(|(name, _, _)| *name == key)
}

fn shift(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by >= 0 {
        day.checked_add_days(days)
    } else {
        day.checked_sub_days(days)
    }
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876).
fn easter(year: i32) -> Option<NaiveDate> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(n / 31).ok()?,
        u32::try_from(n % 31 + 1).ok()?,
    )
}

/// Splits the limits on years off the end of a rule.
fn take_years<'w>(words: &'w [&'w str]) -> Result<(&'w [&'w str], Vec<Years>), String> {
    let mut rest = words;
    let mut years = Vec::new();
    loop {
        let taken = match rest {
            [head @ .., "in", "even", "years"] => (head, Years::Even),
            [head @ .., "in", "odd", "years"] => (head, Years::Odd),
            [head @ .., "in", "presidential", "years"] => (head, Years::Presidential),
            [head @ .., "after", "presidential", "elections"] => (head, Years::AfterPresidential),
            [head @ .., "in", list] if starts_with_digit(list) => {
                (head, Years::Only(year_list(list)?))
            }
            [head @ .., "except", list] => (head, Years::Except(year_list(list)?)),
            [head @ .., "from", year] if starts_with_digit(year) => {
                (head, Years::From(one_year(year)?))
            }
            [head @ .., "until", year] => (head, Years::Until(one_year(year)?)),
            _ => return Ok((rest, years)),
        };
        rest = taken.0;
        years.push(taken.1);
    }
}

fn starts_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn one_year(word: &str) -> Result<i32, String> {
    word.parse().map_err(|_| format!("“{word}” is not a year"))
}

fn year_list(list: &str) -> Result<Vec<i32>, String> {
    list.split(',').map(one_year).collect()
}

fn find(words: &[&str]) -> Result<Find, String> {
    Ok(match words {
        ["easter"] => Find::Easter { offset: 0 },
        ["good", "friday"] => Find::Easter { offset: -2 },
        ["day", "after", of @ ..] => Find::Shifted {
            days: 1,
            of: Box::new(find(of)?),
        },
        ["day", "before", of @ ..] => Find::Shifted {
            days: -1,
            of: Box::new(find(of)?),
        },
        [n, "day" | "days", side @ ("before" | "after"), of @ ..] => {
            let n: i64 = n
                .parse()
                .map_err(|_| format!("“{n}” is not a number of days"))?;
            let days = if *side == "before" { -n } else { n };
            match find(of)? {
                Find::Easter { offset } => Find::Easter {
                    offset: offset + days,
                },
                of => Find::Shifted {
                    days,
                    of: Box::new(of),
                },
            }
        }
        ["first", day, "after", of @ ..] | [day, "after", of @ ..] => Find::WeekdayFrom {
            weekday: weekday(day)?,
            after: true,
            of: Box::new(find(of)?),
        },
        [day, "before", of @ ..] => Find::WeekdayFrom {
            weekday: weekday(day)?,
            after: false,
            of: Box::new(find(of)?),
        },
        ["last", day, "of", month_name] => Find::Last {
            weekday: weekday(day)?,
            month: month(month_name)?,
        },
        [nth, day, "of", month_name] => {
            let nth = ["first", "second", "third", "fourth"]
                .iter()
                .position(|word| word == nth)
                .and_then(|at| u8::try_from(at + 1).ok())
                .ok_or_else(|| format!("“{nth}” is not first, second, third, fourth or last"))?;
            Find::Nth {
                nth,
                weekday: weekday(day)?,
                month: month(month_name)?,
            }
        }
        [month_name, day] => {
            let month = month(month_name)?;
            let day: u32 = day
                .parse()
                .map_err(|_| format!("“{day}” is not a day of a month"))?;
            // A leap year, so that 29 February is a rule; it simply does not fall in other years.
            NaiveDate::from_ymd_opt(2024, month, day)
                .ok_or_else(|| format!("{month_name} has no day {day}"))?;
            Find::Fixed { month, day }
        }
        _ => return Err("these words are not one of the known forms".to_owned()),
    })
}

fn weekday(word: &str) -> Result<Weekday, String> {
    Ok(match word {
        "mon" => Weekday::Mon,
        "tue" => Weekday::Tue,
        "wed" => Weekday::Wed,
        "thu" => Weekday::Thu,
        "fri" => Weekday::Fri,
        "sat" => Weekday::Sat,
        "sun" => Weekday::Sun,
        _ => {
            return Err(format!(
                "“{word}” is not mon, tue, wed, thu, fri, sat or sun"
            ));
        }
    })
}

fn month(word: &str) -> Result<u32, String> {
    [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    .iter()
    .position(|name| *name == word)
    .and_then(|at| u32::try_from(at + 1).ok())
    .ok_or_else(|| format!("“{word}” is not a month as in jan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falls(rule: &str, year: i32) -> Option<String> {
        Holiday::parse(rule)
            .expect(rule)
            .falls_on(year)
            .map(|day| day.to_string())
    }

    #[test]
    fn rules_resolve_to_their_day() {
        for (rule, year, expected) in [
            ("new_year", 2026, Some("2026-01-01")),
            ("mlk", 2026, Some("2026-01-19")),
            ("presidents", 2026, Some("2026-02-16")),
            ("good_friday", 2026, Some("2026-04-03")),
            ("good_friday", 2024, Some("2024-03-29")),
            (
                "Mardi Gras = 47 days before easter",
                2026,
                Some("2026-02-17"),
            ),
            ("memorial", 2026, Some("2026-05-25")),
            ("memorial", 2027, Some("2027-05-31")),
            ("labor", 2026, Some("2026-09-07")),
            ("columbus", 2026, Some("2026-10-12")),
            ("election", 2027, Some("2027-11-02")),
            // 1 November 2022 was a Tuesday, but Election Day follows the first Monday.
            ("election_even", 2022, Some("2022-11-08")),
            ("election_even", 2027, None),
            (
                "Presidential election = first tue after first mon of nov in presidential years",
                2026,
                None,
            ),
            (
                "Presidential election = first tue after first mon of nov in presidential years",
                2028,
                Some("2028-11-07"),
            ),
            (
                "Inauguration Day = jan 20 after presidential elections from 1981",
                2025,
                Some("2025-01-20"),
            ),
            (
                "Inauguration Day = jan 20 after presidential elections from 1981",
                2026,
                None,
            ),
            ("thanksgiving", 2026, Some("2026-11-26")),
            // The fourth, not the last: November 2028 has five Thursdays.
            ("thanksgiving", 2028, Some("2028-11-23")),
            ("day_after_thanksgiving", 2026, Some("2026-11-27")),
            ("Nevada Day = last fri of oct", 2026, Some("2026-10-30")),
            ("juneteenth = third fri of jun", 2026, Some("2026-06-19")),
            ("Kept = dec 24 except 2025", 2025, None),
            ("Kept = dec 26 in 2025,2031", 2031, Some("2031-12-26")),
            ("Leap = feb 29", 2027, None),
            ("Leap = feb 29", 2028, Some("2028-02-29")),
            ("Eve = sat before easter", 2026, Some("2026-04-04")),
            ("good_friday = good friday from 2027", 2026, None),
        ] {
            assert_eq!(falls(rule, year).as_deref(), expected, "{rule} in {year}");
        }
    }

    #[test]
    fn easter_is_right_over_the_years() {
        for (year, expected) in [
            (1990, "1990-04-15"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2011, "2011-04-24"),
            (2025, "2025-04-20"),
            (2038, "2038-04-25"),
            (2076, "2076-04-19"),
            (2100, "2100-03-28"),
        ] {
            assert_eq!(
                easter(year).map(|day| day.to_string()).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn wrong_words_are_named() {
        for (rule, word) in [
            ("festivus", "festivus"),
            ("X = sixth mon of jan", "sixth"),
            ("X = first moon of jan", "moon"),
            ("X = feb 30", "30"),
            ("X = third mon of january", "january"),
            ("X = jan 1 from soon", "known forms"),
            (" = jan 1", "no name"),
            ("X =", "known forms"),
        ] {
            let problem = Holiday::parse(rule).expect_err(rule).to_string();
            assert!(problem.contains(word), "{rule}: {problem}");
        }
    }
}
