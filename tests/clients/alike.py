"""Whether the three parsers read a file, and alike: see check.py and check.mjs for what is compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
READERS = {
    "icalendar": [sys.executable, HERE / "check.py", "icalendar"],
    "ical": [sys.executable, HERE / "check.py", "ical"],
    "ical.js": ["node", HERE / "check.mjs"],
}
# ical.js loops for ever over some time zones; a client that hangs has not read the file.
PATIENCE_SECS = 30


def understood_by(reader, paths):
    """What a reader makes of each file, as check.py says; a batch that hangs is tried again file by file."""
    command = [*map(str, READERS[reader]), *map(str, paths)]
    env = {**os.environ, "CLIENTS": str(HERE.parent.parent / "target" / "clients")}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_SECS + len(paths))
    except subprocess.TimeoutExpired:
        if len(paths) == 1:
            return {str(paths[0]): {"error": f"did not finish in {PATIENCE_SECS} s"}}
        alone = [understood_by(reader, [path]) for path in paths]
        return {path: result for one in alone for path, result in one.items()}
    if done.returncode != 0:
        sys.exit(f"{reader} could not be run:\n{done.stderr}")
    return json.loads(done.stdout)


def difference(name, ours, theirs):
    """The first thing that two readers see differently, or None."""
    if len(ours) != len(theirs):
        return f"icalendar reads {len(ours)} events, {name} {len(theirs)}"
    for a, b in zip(ours, theirs):
        for field in a:
            if a[field] != b[field]:
                return f"{a['uid']}: {field} is {a[field]!r} to icalendar, {b[field]!r} to {name}"
    return None


def verdict(readings):
    """What is wrong with one file, given what each reader made of it; None where all is well."""
    errors = [f"{name}: {reading['error']}" for name, reading in readings.items() if "error" in reading]
    if errors:
        return "; ".join(errors)
    first = readings["icalendar"]["events"]
    found = [difference(name, first, reading["events"]) for name, reading in readings.items()]
    return next(filter(None, found), None)


def compare(paths):
    """Yields each path with what is wrong with it (None: nothing) and how many events it has."""
    by_reader = {name: understood_by(name, paths) for name in READERS}
    for path in paths:
        readings = {name: results[str(path)] for name, results in by_reader.items()}
        yield path, verdict(readings), len(readings["icalendar"].get("events", []))
