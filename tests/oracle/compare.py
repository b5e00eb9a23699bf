"""Holds the calendars of Sundial against two independent ones: the package `holidays`, and numpy's business days.

Usage: compare.py PROGRAM [FIRST LAST] [--law FOLDER] [--code CODE]

1. For each jurisdiction and year, every weekday that one list closes and the other does not must be explained in the
   law file by a [[holidays.unlike]] of the list "python-holidays": by our name of the day or by the list's. An
   explanation that explains nothing fails too.
2. Business days are counted by numpy's busday_offset over the program's own closed days and must agree with the
   program's limits.

Prints each difference that is not explained; ends with 1 if there is any.
"""

import argparse
import collections
import datetime
import json
import subprocess
import sys

import holidays
import numpy

LIST = "python-holidays"


def program(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stderr}")
    return done.stdout


def theirs(code, year):
    """Weekdays closed by the list, with its names."""
    subdivision = None if code == "US" else code
    days = holidays.country_holidays("US", subdiv=subdivision, years=year)
    return {day: name for day, name in days.items() if day.weekday() < 5 and day.year == year}


def ours(sheet):
    """Weekdays that the law file surely closes, with our names."""
    closed = collections.defaultdict(list)
    for day in sheet["days"]:
        on = datetime.date.fromisoformat(day["day"])
        if day["sure"] and on.weekday() < 5:
            closed[on].append(day["why"].removesuffix(" (observed)"))
    return closed


def explains(unlike, names):
    wanted = unlike["day"].casefold()
    return any(wanted in name.casefold() for name in names)


def compare(sheets, laws):
    wrong = []
    used = collections.Counter()
    for sheet in sheets:
        code, year = sheet["jurisdiction"], sheet["year"]
        unlike = [u for u in laws[code]["holidays"]["unlike"] if u["list"] == LIST]
        we, they = ours(sheet), theirs(code, year)
        for day in sorted(set(we) ^ set(they)):
            names = we.get(day) or [they[day]]
            reasons = [u["day"] for u in unlike if explains(u, names)]
            used.update((code, reason) for reason in reasons)
            if not reasons:
                side = "only Sundial closes" if day in we else "only the list closes"
                wrong.append(f"{code} {day} {day:%a}: {side}: {'; '.join(names)}")
    for code, law in laws.items():
        for u in law["holidays"]["unlike"]:
            if u["list"] == LIST and not used[(code, u["day"])]:
                wrong.append(f"{code}: the law file explains a difference that there is not: {u['day']}")
    return wrong


def count(path, sheets, law):
    """Limits of the first fixed business-day duty of every jurisdiction, against numpy's."""
    closed = collections.defaultdict(list)
    for sheet in sheets:
        closed[sheet["jurisdiction"]].extend(day["day"] for day in sheet["days"])
    rows = ["code,received,holder"]
    first, last = sheets[0]["year"], sheets[-1]["year"]
    for code in sorted(closed):
        for year in range(first, last):
            for month in range(1, 13):
                for day in (1, 14, 23, 28):
                    rows.append(f"{code},{year}-{month:02}-{day:02},")
    words = [path, "clock", "--batch", "-", "--json", "--as-of", f"{first}-01-01"]
    if law:
        words += ["--law", law]
    done = subprocess.run(words, input="\n".join(rows), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    wrong, checked = [], 0
    decoder, text, at = json.JSONDecoder(), done.stdout, 0
    while at < len(text):
        sheet, at = decoder.raw_decode(text, at)
        while at < len(text) and text[at].isspace():
            at += 1
        for duty in sheet["duties"]:
            plain = (
                duty["kind"] == "fixed"
                and duty["unit"] == "business"
                and not duty["ours"]
                and duty["due_on"]
                and duty["counted_from"] == sheet["received_on"]
                and sum(step["counted"] for step in duty["trace"]) == duty["days"]
            )
            if not plain:
                continue
            received = numpy.datetime64(sheet["received_on"])
            holidays_ = numpy.array(closed[sheet["jurisdiction"]], dtype="datetime64[D]")
            # Day zero of a request that comes on a closed day is the next business day.
            zero = numpy.busday_offset(received, 0, roll="forward", holidays=holidays_)
            due = numpy.busday_offset(zero, duty["days"], roll="forward", holidays=holidays_)
            checked += 1
            if str(due) != duty["due_on"]:
                wrong.append(f"{sheet['jurisdiction']} {duty['id']} from {received}: {duty['due_on']}, numpy says {due}")
    return wrong, checked


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("program")
    ask.add_argument("first", nargs="?", type=int, default=2020)
    ask.add_argument("last", nargs="?", type=int, default=2035)
    ask.add_argument("--law")
    ask.add_argument("--code", default="all")
    args = ask.parse_args()
    law = ["--law", args.law] if args.law else []
    text = program(args.program, "calendar", args.code, f"{args.first}..{args.last}", "--json", *law)
    sheets = [json.loads(line) for line in text.splitlines()]
    codes = sorted({sheet["jurisdiction"] for sheet in sheets})
    laws = {code: json.loads(program(args.program, "law", "show", code, "--json", *law)) for code in codes}
    wrong = compare(sheets, laws)
    counted, checked = count(args.program, sheets, args.law) if args.code == "all" else ([], 1)
    for line in wrong + counted:
        print(line)
    years = args.last - args.first + 1
    print(f"{len(codes)} jurisdictions, {years} years, {checked} limits: {len(wrong)} + {len(counted)} unexplained")
    if wrong or counted or not checked:
        sys.exit(1)


if __name__ == "__main__":
    main()
