"""What subscribers' programs need of a calendar that is served: see the usage in `run`, beside this file.

Every check prints one line; the last line of all is `N passed, N failed`, and the exit code is 1 where one failed.
"""

import csv
import gzip
import io
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import alike

ROOT = Path(__file__).resolve().parent.parent.parent
CSV_HEADER = "event_id,start,end,matiere,type_cours,infos_sup,classroom,teacher,promo,source"
START_SECS = 60


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, ok, why=""):
        if ok:
            self.passed += 1
            print(f"ok    {name}")
        else:
            self.failed += 1
            print(f"FAIL  {name}{': ' if why else ''}{why}")
        return ok


class Answer:
    def __init__(self, status, version, headers, body):
        self.status, self.version, self.headers, self.body = status, version, headers, body

    def header(self, name):
        return self.headers.get(name.lower(), "")


def curl(url, *options):
    """One request by curl, without any help that it would give by itself: no redirects, no decoding."""
    with tempfile.TemporaryDirectory() as folder:
        head, body = Path(folder, "head"), Path(folder, "body")
        command = ["curl", "-sS", "-k", "--max-time", "20", "-D", head, "-o", body, *options, url]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            return Answer(0, "", {}, done.stderr.strip().encode())
        lines = head.read_text("latin-1").strip().splitlines()
        version, status = lines[0].split()[:2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        # For -I curl writes the headers where the body would be.
        has_body = body.exists() and "-I" not in options
        return Answer(int(status), version, headers, body.read_bytes() if has_body else b"")


def check_text(tally, body):
    """RFC 5545's outer form, and the lines that clients look for letter by letter."""
    lines = body.split(b"\r\n")
    tally.check("every line ends in CRLF, the last one too", lines[-1] == b"" and not re.search(rb"(?<!\r)\n|\r(?!\n)", body))
    longest = max(map(len, lines))
    tally.check("no line is longer than 75 octets", longest <= 75, f"one has {longest}")
    broken = [number for number, line in enumerate(lines, 1) if not is_utf8(line)]
    tally.check("every physical line is UTF-8, without a BOM", not broken and not body.startswith(b"\xef\xbb\xbf"), f"lines {broken[:5]}")
    logical = re.sub(rb"\r\n[ \t]", b"", body).decode(errors="replace").split("\r\n")
    for literal in ["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "METHOD:PUBLISH", "VERSION:2.0"]:
        tally.check(f"the line {literal} is there, once", logical.count(literal) == 1)
    for name in ["PRODID", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE"]:
        tally.check(f"{name} is there", any(line.startswith(f"{name}:") for line in logical))
    check_zones(tally, logical)
    tally.check("one VCALENDAR", logical.count("BEGIN:VCALENDAR") == 1)


def is_utf8(line):
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_zones(tally, logical):
    """Outlook shows nothing where a TZID has no VTIMEZONE, or one without rules."""
    heads = [line.split(":")[0] for line in logical]
    used = {zone.strip('"') for head in heads for zone in re.findall(r';TZID=("[^"]*"|[^;:]+)', head)}
    zones = re.findall(r"BEGIN:VTIMEZONE\n(.*?)END:VTIMEZONE", "\n".join(logical), re.S)
    defined = [re.search(r"^TZID:(.*)$", zone, re.M).group(1) for zone in zones]
    tally.check("a VTIMEZONE for each TZID", used <= set(defined), f"none for {sorted(used - set(defined))}")
    tally.check("each VTIMEZONE once", len(defined) == len(set(defined)), str(defined))
    poor = [name for name, zone in zip(defined, zones) if "BEGIN:STANDARD" not in zone]
    tally.check("each VTIMEZONE has its STANDARD part", not poor, str(poor))


def check_parsers(tally, body):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "served.ics")
        path.write_bytes(body)
        for _, problem, events in alike.compare([path]):
            tally.check("icalendar, ical and ical.js read it, and alike", problem is None, problem)
            tally.check("it has events", events > 0)


def check_phone(tally, url):
    """What subscribers' programs do, one after the other. Returns the body."""
    get = curl(url)
    if not tally.check("GET is 200", get.status == 200, f"{get.status} {get.body[:200]!r}"):
        return None
    check_headers(tally, get)
    head = curl(url, "-I")
    alike_headers = {name: (get.header(name), head.header(name)) for name in set(get.headers) | set(head.headers) if name != "date"}
    differ = {name: pair for name, pair in alike_headers.items() if pair[0] != pair[1]}
    tally.check("HEAD has GET's status and headers", head.status == 200 and not differ, str(differ))
    zipped = check_gzip(tally, url, get)
    check_conditional(tally, url, get, zipped)
    bare = curl(url, "-H", "Accept:", "-H", "User-Agent:")
    tally.check("no Accept header, no User-Agent: the same bytes", bare.status == 200 and bare.body == get.body)
    html = curl(url, "-H", "Accept: text/html")
    tally.check("Accept is not negotiated", html.status == 200 and html.body == get.body)
    old = curl(url, "-0")
    tally.check("HTTP/1.0: the same bytes", old.status == 200 and old.body == get.body, f"{old.status}")
    tally.check("a second GET: the same bytes and ETag", (again := curl(url)).body == get.body and again.header("etag") == get.header("etag"))
    return get.body


def check_headers(tally, get):
    wanted = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Cache-Control": "private, max-age=300, must-revalidate",
        "Vary": "Accept-Encoding",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Content-Length": str(len(get.body)),
    }
    for name, value in wanted.items():
        tally.check(f"{name}: {value}", get.header(name).lower() == value.lower(), repr(get.header(name)))
    tally.check("Content-Disposition: inline", get.header("content-disposition").startswith("inline"))
    tally.check("a strong ETag", re.fullmatch(r'"[^"]+"', get.header("etag")), get.header("etag"))
    tally.check("no cookie is set", not get.header("set-cookie"))


def check_gzip(tally, url, get):
    zipped = curl(url, "-H", "Accept-Encoding: gzip, deflate, br")
    tally.check("gzip is sent where it is accepted", zipped.header("content-encoding") == "gzip", zipped.header("content-encoding"))
    plain = gzip.decompress(zipped.body) if zipped.header("content-encoding") == "gzip" else b""
    tally.check("gunzip gives the same bytes", plain == get.body)
    tally.check("the gzip variant has an ETag of its own", zipped.header("etag") not in ("", get.header("etag")))
    refused = curl(url, "-H", "Accept-Encoding: gzip;q=0")
    tally.check("gzip;q=0 is not gzip", refused.body == get.body and not refused.header("content-encoding"))
    return zipped


def check_conditional(tally, url, get, zipped):
    tags = {"plain": get.header("etag"), "gzip": zipped.header("etag")}
    for name, tag in tags.items():
        for encoding in ["identity", "gzip"]:
            answer = curl(url, "-H", f"If-None-Match: {tag}", "-H", f"Accept-Encoding: {encoding}")
            tally.check(f"If-None-Match with the {name} ETag, {encoding} accepted: 304 without a body", *is_304(answer))
    for name, tag in {"weak": f"W/{tags['plain']}", "in a list": f'"x", {tags["plain"]}', "*": "*"}.items():
        tally.check(f"If-None-Match, {name}: 304", *is_304(curl(url, "-H", f"If-None-Match: {tag}")))
    since = f"If-Modified-Since: {get.header('last-modified')}"
    tally.check("If-Modified-Since its Last-Modified: 304", *is_304(curl(url, "-H", since)))
    both = curl(url, "-H", since, "-H", 'If-None-Match: "another"')
    tally.check("If-None-Match wins over If-Modified-Since", both.status == 200, str(both.status))
    old = curl(url, "-H", "If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT")
    tally.check("If-Modified-Since long ago: 200", old.status == 200, str(old.status))
    tally.check("HEAD with If-None-Match: 304", *is_304(curl(url, "-I", "-H", f"If-None-Match: {tags['plain']}")))


def is_304(answer):
    return answer.status == 304 and answer.body == b"" and answer.header("etag") != "", f"{answer.status}, {len(answer.body)} bytes"


def check_closed(tally, url):
    """The address with another key. The key is in the path, `/s/{token}/…` or `/s/{token}.ics`, else `?token=`."""
    wrong = re.sub(r"/s/.+?(?=/|\.ics$)", f"/s/nobody_{'A' * 43}", url)
    if wrong == url:
        wrong = url.split("?")[0] + f"?token=nobody_{'A' * 43}"
    answer = curl(wrong)
    challenge = answer.header("www-authenticate")
    tally.check("a wrong token is 401", answer.status == 401, str(answer.status))
    tally.check("401 asks for Bearer, never Basic", challenge.startswith("Bearer") and "Basic" not in challenge, challenge)
    tally.check("401 shows no event", b"BEGIN:" not in answer.body)


def check_csv(tally, url):
    answer = curl(url)
    if not tally.check("the CSV is 200", answer.status == 200, f"{answer.status}"):
        return
    tally.check("its type is text/csv; charset=utf-8", answer.header("content-type") == "text/csv; charset=utf-8")
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True))
    tally.check("its header is the contract's", rows[0] == CSV_HEADER.split(","), ",".join(rows[0]))
    tally.check("it has rows, all as wide as the header", len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows))
    starts = [row[1] for row in rows[1:]]
    tally.check("every row has a start", all(re.match(r"\d{4}-\d\d-\d\d", start) for start in starts))
    tally.check("If-None-Match on the CSV: 304", *is_304(curl(url, "-H", f"If-None-Match: {answer.header('etag')}")))


def check_served(tally, calendar_url, csv_url):
    body = check_phone(tally, calendar_url)
    if body is not None:
        check_text(tally, body)
        check_parsers(tally, body)
    check_closed(tally, calendar_url)
    check_csv(tally, csv_url)


def check_folder(tally, folder):
    paths = sorted(Path(folder).rglob("*.ics"))
    tally.check(f"{folder} has calendars", bool(paths))
    if paths:
        for path, problem, events in alike.compare(paths):
            tally.check(f"{path.relative_to(folder)} ({events} events)", problem is None, problem)


def check_own_events(tally):
    """Events of our own as they are served: a test of `tests/it` holds that this file is what comes out."""
    path = ROOT / "tests" / "data" / "served" / "own-events.ics"
    for _, problem, events in alike.compare([path]):
        tally.check("every parser reads our own events alike", problem is None, problem)
        tally.check("and finds each of them", events == path.read_text().count("BEGIN:VEVENT"), str(events))
    events = alike.understood_by("icalendar", [path])[str(path)].get("events", [])
    starts = {event["start"] for event in events if event["summary"] == "Anglais - TD"}
    wanted = {"2027-10-25T06:00:00Z", "2027-11-01T07:00:00Z", "2027-11-08T07:00:00Z"}
    tally.check("a series stays at its hour when the clocks change", starts == wanted, str(starts))
    night = [event["start"] for event in events if event["summary"] == "Nuit"]
    tally.check("the hour that comes twice is told by its second", night == ["2027-10-31T01:30:00Z"], str(night))
    cancelled = [event["summary"] for event in events if event["status"] == "CANCELLED"]
    tally.check("a cancelled event says so twice", cancelled == ["ANNULÉ : Sport"], str(cancelled))


def check_demo(tally):
    """Starts the demo on a free port and checks what it hands out."""
    binary = Path(os.environ.get("CARILLON", ROOT / "target" / "debug" / "carillon"))
    with tempfile.TemporaryFile() as errors:
        demo = subprocess.Popen([binary, "demo", "--json", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            links = first_line(demo)
            if links is None:
                errors.seek(0)
                tally.check("the demo prints its links", False, errors.read().decode(errors="replace")[-500:])
                return
            tally.check("the demo prints its links", {"base_url", "calendar_url", "csv_url", "upstream_url", "admin"} <= set(links))
            wait_for(links["calendar_url"])
            check_served(tally, links["calendar_url"], links["csv_url"])
        finally:
            demo.terminate()
            stopped = wait_end(demo)
    tally.check("the demo stops when it is told to", stopped)


def first_line(demo):
    ready, _, _ = select.select([demo.stdout], [], [], START_SECS)
    line = demo.stdout.readline() if ready else ""
    try:
        return json.loads(line)
    except ValueError:
        return None


def wait_for(url):
    """The first fetch may still be under way: 503 until it is done."""
    deadline = time.monotonic() + START_SECS
    while curl(url).status in (0, 503) and time.monotonic() < deadline:
        time.sleep(0.3)


def wait_end(demo):
    try:
        demo.wait(timeout=15)
    except subprocess.TimeoutExpired:
        demo.kill()
        demo.wait()
        return False
    return True


def main():
    tally = Tally()
    what = sys.argv[1] if len(sys.argv) > 1 else None
    if what is None:
        check_own_events(tally)
        check_demo(tally)
    elif urlsplit(what).scheme in ("http", "https"):
        check_served(tally, what, re.sub(r"\.ics(?=$|\?)", ".csv", what))
    else:
        check_folder(tally, what)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


main()
