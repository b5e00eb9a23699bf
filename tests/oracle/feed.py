"""Reads the calendar of limits with an independent library, and holds what it finds against what was meant.

The calendar is the snapshot that the tests hold the program to, byte for byte.
"""

import datetime
import pathlib
import sys

import icalendar

ROOT = pathlib.Path(__file__).resolve().parents[2]
SNAPSHOT = "src/domain/reminder/snapshots/sundial__domain__reminder__feed__tests__the_calendar_as_it_is_sent.snap"

text = (ROOT / SNAPSHOT).read_text(encoding="utf-8").split("---\n", 2)[2]
raw = text.replace("\n", "\r\n").encode("utf-8")
for line in raw.split(b"\r\n"):
    assert len(line) <= 75, line
calendar = icalendar.Calendar.from_ical(raw)
assert not calendar.errors, calendar.errors
assert calendar["VERSION"] == "2.0" and "METHOD" not in calendar
# The library leaves the text of properties newer than RFC 5545 as it was written.
assert calendar["NAME"].replace("\\,", ",") == "Alder, limits", calendar["NAME"]
events = calendar.walk("VEVENT")
found = {}
for event in events:
    assert not event.errors, event.errors
    found[str(event["UID"]).split("-")[-1]] = (
        event.decoded("DTSTART"),
        event.decoded("DTEND") - event.decoded("DTSTART"),
        int(event["SEQUENCE"]),
        str(event["STATUS"]),
    )
    assert event.decoded("DTSTAMP").tzinfo is not None
    assert "Doña Ana County Sheriff's Office, Records; Jail" in event["SUMMARY"], event["SUMMARY"]
    assert "silence, too, is an answer.\nRule: RCW 42.56.520(1)" in event["DESCRIPTION"], event["DESCRIPTION"]
    assert str(event["URL"]).startswith("https://sundial.example/c/alder/requests/")
day = datetime.timedelta(days=1)
wanted = {
    "acknowledge@sundial": (datetime.date(2026, 1, 20), day, 0, "CONFIRMED"),
    "appeal@sundial": (datetime.date(2026, 3, 2), day, 2, "CANCELLED"),
}
if found != wanted:
    sys.exit(f"the calendar reads as {found}, wanted {wanted}")
print(f"{len(events)} entries read by icalendar {icalendar.__version__}")
