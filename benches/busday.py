"""The same million due dates as benches/clock.rs, counted by numpy's busday_offset.

Usage: busday.py PROGRAM: reads Washington's closed days from `PROGRAM calendar WA 2020..2031 --json`.
"""

import json
import subprocess
import sys
import time

import numpy


def main():
    text = subprocess.run(
        [sys.argv[1], "calendar", "WA", "2019..2031", "--json"], capture_output=True, text=True, check=True
    ).stdout
    closed = [day["day"] for line in text.splitlines() for day in json.loads(line)["days"]]
    calendar = numpy.busdaycalendar(holidays=closed)
    at = numpy.arange(1_000_000, dtype="uint64")
    starts = numpy.datetime64("2020-01-01") + ((at * numpy.uint64(2_654_435_761)) % numpy.uint64(3_650)).astype("int64")
    best = []
    for _ in range(10):
        began = time.perf_counter()
        zero = numpy.busday_offset(starts, 0, roll="forward", busdaycal=calendar)
        due = numpy.busday_offset(zero, 5, roll="forward", busdaycal=calendar)
        best.append(time.perf_counter() - began)
    print(f"numpy {numpy.__version__}: {min(best) * 1e3:.1f} ms for a million due dates, last {due[-1]}")


if __name__ == "__main__":
    main()
