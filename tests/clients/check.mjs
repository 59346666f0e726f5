// Reads calendars as ical.js does (Thunderbird's parser), and prints what it understood in a form that can be compared:
// one JSON object, for each file either {"events": […]} or {"error": "…"}. check.py says what the form is.
//
//     CLIENTS=target/clients node tests/clients/check.mjs FILE…

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const installed = createRequire(resolve(process.env.CLIENTS ?? "target/clients", "package.json"));
const loaded = installed("ical.js");
const ICAL = loaded.default ?? loaded;

const pad = (number, width = 2) => String(number).padStart(width, "0");

function moment(time) {
  if (!time) return null;
  if (!time.isDate && time.zone?.tzid !== "floating") time = time.convertToZone(ICAL.Timezone.utcTimezone);
  const date = `${pad(time.year, 4)}-${pad(time.month)}-${pad(time.day)}`;
  if (time.isDate) return date;
  const clock = `${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}`;
  return `${date}T${clock}${time.zone === ICAL.Timezone.utcTimezone ? "Z" : ""}`;
}

// RFC 5545, 3.6.1: DTEND, else DURATION, else a day for a date and nothing for a time.
function endOf(event) {
  const start = event.getFirstPropertyValue("dtstart");
  const duration = event.getFirstPropertyValue("duration");
  const end = event.getFirstPropertyValue("dtend");
  if (end || !start) return end;
  const later = start.clone();
  if (duration) later.addDuration(duration);
  else if (start.isDate) later.addDuration(ICAL.Duration.fromData({ days: 1 }));
  return later;
}

function understood(event) {
  const value = (name) => event.getFirstPropertyValue(name);
  return {
    uid: value("uid"),
    recurrence_id: moment(value("recurrence-id")),
    start: moment(value("dtstart")),
    end: moment(endOf(event)),
    status: value("status"),
    sequence: value("sequence"),
    rrule: event.hasProperty("rrule"),
    summary: value("summary"),
    location: value("location"),
    description: value("description"),
  };
}

// By code points, as Python sorts.
const order = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byKey = (a, b) => order(a.uid, b.uid) || order(a.recurrence_id ?? "", b.recurrence_id ?? "");

function read(path) {
  try {
    const parsed = ICAL.parse(readFileSync(path, "utf8"));
    const roots = Array.isArray(parsed[0]) ? parsed : [parsed];
    const calendars = roots.map((root) => new ICAL.Component(root));
    const events = calendars.flatMap((calendar) => calendar.getAllSubcomponents("vevent"));
    return { events: events.map(understood).sort(byKey) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

const files = process.argv.slice(2);
console.log(JSON.stringify(Object.fromEntries(files.map((path) => [path, read(path)]))));
