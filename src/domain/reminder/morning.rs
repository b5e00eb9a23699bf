//! A person's morning: their hour, in their zone, also on the days on which clocks change.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

/// That hour of `day` in `zone`. Where clocks skip the hour it is the next one that exists; where they repeat it, the
/// first of the two.
pub fn morning(zone: Tz, day: NaiveDate, hour: u32) -> DateTime<Utc> {
    (hour..24)
        .filter_map(|hour| day.and_hms_opt(hour, 0, 0))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| at.with_timezone(&Utc))
        .unwrap_or_else(|| day.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn morning_is_the_readers_own_also_when_clocks_change() {
        let at = |zone: Tz, day: &str, hour: u32| {
            morning(zone, day.parse().expect("a day"), hour)
                .format("%Y-%m-%dT%H:%M")
                .to_string()
        };
        use chrono_tz::America::{Los_Angeles, New_York};
        for (zone, day, hour, expected) in [
            (Los_Angeles, "2026-01-22", 8, "2026-01-22T16:00"),
            // Clocks go forward at two: eight is an hour earlier by the world's clock.
            (Los_Angeles, "2026-03-08", 8, "2026-03-08T15:00"),
            // There is no half past two on that day: three it is.
            (Los_Angeles, "2026-03-08", 2, "2026-03-08T10:00"),
            // There are two ones on the day on which they go back: the first.
            (New_York, "2026-11-01", 1, "2026-11-01T05:00"),
            (New_York, "2026-11-01", 8, "2026-11-01T13:00"),
            (
                chrono_tz::Pacific::Honolulu,
                "2026-07-01",
                8,
                "2026-07-01T18:00",
            ),
            (
                chrono_tz::America::Phoenix,
                "2026-07-01",
                6,
                "2026-07-01T13:00",
            ),
        ] {
            assert_eq!(at(zone, day, hour), expected, "{zone} {day} {hour}");
        }
    }
}
