"""Reads calendars as two clients do, and prints what they understood in a form that can be compared.

    check.py icalendar FILE…    python's icalendar, what most scripts use
    check.py ical FILE…         Home Assistant's parser, the strictest that phones and homes meet

Prints one JSON object: for each file either {"events": […]} or {"error": "…"}. The events are sorted by UID and
RECURRENCE-ID; times are in UTC (`2026-11-21T05:45:00Z`), floating ones without the Z, dates alone.
check.mjs prints the same of ical.js.
"""

import datetime as dt
import json
import sys

FIELDS = ["summary", "location", "description"]


def moment(value):
    """A date or time in the common form; None stays None."""
    if value is None:
        return None
    if not isinstance(value, dt.datetime):
        return value.isoformat()
    if value.tzinfo is None:
        return value.replace(microsecond=0).isoformat()
    return value.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def end_of(start, end, duration):
    """RFC 5545, 3.6.1: DTEND, else DURATION, else a day for a date and nothing for a time."""
    if end is not None:
        return end
    if duration is not None:
        return elapsed(start, duration)
    if start is None or isinstance(start, dt.datetime):
        return start
    return start + dt.timedelta(days=1)


def elapsed(start, duration):
    """Days are counted on the calendar, hours on the clock (RFC 5545, 3.3.6)."""
    days = dt.timedelta(days=duration.days)
    rest = duration - days
    later = start + days
    if getattr(later, "tzinfo", None) is None:
        return later + rest
    return later.astimezone(dt.timezone.utc) + rest


def with_icalendar(text):
    import icalendar

    for calendar in icalendar.Calendar.from_ical(text, multiple=True):
        for event in calendar.walk("VEVENT"):
            if event.errors:
                raise ValueError(f"errors in an event: {event.errors}")
            dates = {name: getattr(event.get(name), "dt", None) for name in ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"]}
            yield {
                "uid": str(event["UID"]),
                "recurrence_id": moment(dates["RECURRENCE-ID"]),
                "start": moment(dates["DTSTART"]),
                "end": moment(end_of(dates["DTSTART"], dates["DTEND"], dates["DURATION"])),
                "status": str(event["STATUS"]) if "STATUS" in event else None,
                "sequence": int(event["SEQUENCE"]) if "SEQUENCE" in event else None,
                "rrule": "RRULE" in event,
                **{name: str(event[name]) if name in event else None for name in FIELDS},
            }


def with_ical(text):
    from ical.calendar_stream import IcsCalendarStream

    for calendar in IcsCalendarStream.from_ics(text).calendars:
        for event in calendar.events:
            yield {
                "uid": event.uid,
                "recurrence_id": instance(event.recurrence_id),
                "start": moment(event.dtstart),
                "end": moment(end_of(event.dtstart, event.dtend, event.duration)),
                "status": event.status.value if event.status else None,
                "sequence": event.sequence,
                "rrule": event.rrule is not None,
                **{name: getattr(event, name) for name in FIELDS},
            }


def instance(recurrence_id):
    """This parser keeps RECURRENCE-ID as text with its zone beside it."""
    if recurrence_id is None:
        return None
    value = type(recurrence_id).to_value(recurrence_id)
    if isinstance(value, dt.datetime) and value.tzinfo is None and recurrence_id.tzinfo:
        value = value.replace(tzinfo=recurrence_id.tzinfo)
    return moment(value)


def understood(read, path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            events = list(read(file.read()))
        return {"events": sorted(events, key=lambda event: (event["uid"], event["recurrence_id"] or ""))}
    except Exception as error:  # A parser may fail in any way; the comparison says which file it was.
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    readers = {"icalendar": with_icalendar, "ical": with_ical}
    if len(sys.argv) < 3 or sys.argv[1] not in readers:
        sys.exit("usage: check.py icalendar|ical FILE…")
    read = readers[sys.argv[1]]
    json.dump({path: understood(read, path) for path in sys.argv[2:]}, sys.stdout, ensure_ascii=False)
    print()


main()
