//! The timetable's commands through the real binary, alone on the folder and by the socket of a running service.

use serde_json::{Value, json};

use crate::app::text;
use crate::process::Home;
use crate::timetable_school::{id, ids};

fn both_ways(run: impl Fn(&Home)) {
    run(&Home::new());
    let home = Home::new();
    let service = home.serve();
    run(&home);
    service.stop();
}

/// An event of two hours in 2099, with more arguments.
fn add(home: &Home, start: &str, end: &str, more: &[&str]) -> Value {
    let (start, end) = (format!("2099-01-05T{start}"), format!("2099-01-05T{end}"));
    home.json(&[&["event", "add", "Algèbre", "--start", &start, "--end", &end], more].concat())
}

#[test]
fn rooms_and_events_are_made_changed_and_taken_back() {
    both_ways(|home| {
        home.run(&["cohort", "add", "a", "--name", "A"]).ok();
        home.run(&["user", "add", "teo", "--name", "Teo", "--role", "teacher"]).ok();
        let made =
            home.run(&["room", "add", "B 12", "--kind", "amphi", "--capacity", "30", "--alias", "Amphi Ada"]).ok();
        assert_eq!(made, "made the room b-12 (B 12)\n");
        assert_eq!(home.json(&["room", "set", "amphi ada", "--capacity", "40"])["capacity"], 40);
        assert_eq!(home.json(&["room", "set", "b-12", "--no-aliases"])["aliases"], json!([]));
        assert_eq!(home.json(&["room", "rename", "B 12", "B13"])["slug"], "b13");
        assert_eq!(home.json(&["room", "list"])[0]["aliases"], json!(["b-12"]));

        let more = ["--kind", "CM", "--room", "b13", "--teacher", "teo", "--cohort", "a", "--notes", "n"];
        let made = add(home, "08:00", "10:00", &more);
        let event = id(&made);
        assert_eq!(
            (text(&made, "room"), text(&made, "teacher"), &made["cohorts"]),
            ("B13".into(), "teo".into(), &json!(["a"]))
        );
        assert_eq!(home.json(&["event", "set", &event, "--subject", "Analyse", "--room", ""])["room"], Value::Null);
        assert_eq!(home.json(&["event", "undo", &event])["subject"], "Algèbre");
        assert_eq!(home.json(&["event", "cancel", &event])["status"], "cancelled");
        assert!(home.run(&["event", "undo", &event]).ok().contains(&format!("undone {event}: Algèbre")));
        assert!(home.run(&["event", "show", &event]).ok().contains("teacher: teo"));
        let list = home.run(&["event", "list", "--cohort", "a", "--from", "2099-01-05", "--to", "2099-01-05"]).ok();
        assert!(list.contains(&event) && list.contains("Algèbre"), "{list}");
        assert_eq!(home.json(&["event", "list", "--subject", "none"]), json!([]));

        let refused = home.run(&["room", "remove", "b13"]).refused();
        assert!(refused.contains(&event) && refused.contains("--force"), "{refused}");
        home.run(&["event", "remove", &event]).ok();
        home.run(&["room", "remove", "b13"]).ok();
        assert_eq!(home.json(&["event", "list"]), json!([]));
    });
}

#[test]
fn series_and_clashes_have_their_commands() {
    both_ways(|home| {
        home.run(&["room", "add", "B12"]).ok();
        let weekly = ["--room", "B12", "--repeat-until", "2099-02-02", "--except", "2099-01-12"];
        let made = add(home, "08:00", "10:00", &weekly);
        let [first, second, _, _]: [String; 4] = ids(made["items"].as_array().unwrap()).try_into().unwrap();
        let refused = home
            .run(&[
                "event",
                "add",
                "Autre",
                "--start",
                "2099-01-05T09:00",
                "--end",
                "2099-01-05T09:30",
                "--room",
                "B12",
            ])
            .refused();
        assert!(refused.contains(&first) && refused.contains("same room"), "{refused}");
        let other = add(home, "09:00", "09:30", &["--room", "b12", "--allow-conflicts"]);
        let clashes = home.json(&["clashes"]);
        assert_eq!(ids(clashes[0]["events"].as_array().unwrap()), [first.clone(), id(&other)]);
        let table = home.run(&["clashes", "--from", "2099-01-05", "--to", "2099-01-05"]).ok();
        assert!(table.contains(&first) && table.contains("room"), "{table}");
        assert_eq!(home.json(&["clashes", "--from", "2099-01-06"]), json!([]));
        let cancelled = home.run(&["event", "cancel", &second, "--scope", "following"]).ok();
        assert!(cancelled.starts_with("cancelled 3 events of the series s_"), "{cancelled}");
        home.run(&["event", "remove", &first, "--scope", "all"]).ok();
        assert_eq!(home.json(&["event", "list"]).as_array().unwrap().len(), 1);
        assert_eq!(
            home.run(&["event", "undo", &id(&other)]).ok(),
            format!("undone: the event {} is gone\n", id(&other))
        );
    });
}

#[test]
fn what_cannot_be_done_is_one_line_and_exit_1() {
    both_ways(|home| {
        home.run(&["room", "add", "B12"]).ok();
        let rows: &[(&[&str], &str)] = &[
            (&["room", "add", "b12"], "taken by the room \"B12\""),
            (&["room", "add", "free"], "reserved"),
            (&["room", "set", "none", "--capacity", "3"], "no room \"none\""),
            (&["room", "set", "b12", "--capacity", "0"], "capacity"),
            (&["room", "rename", "none", "x"], "none"),
            (&["room", "remove", "é/../x"], "é/../x"),
            (&["event", "add", "x", "--start", "soon", "--end", "2099-01-05T08:00"], "start"),
            (&["event", "add", "x", "--start", "2099-01-05T08:00", "--end", "2099-01-05T08:00"], "end"),
            (
                &["event", "add", "x", "--start", "2099-01-05T08:00", "--end", "2099-01-05T09:00", "--cohort", "none"],
                "none",
            ),
            (&["event", "show", "e_none"], "e_none"),
            (&["event", "set", "e_none", "--subject", "x"], "e_none"),
            (&["event", "cancel", "e_none"], "e_none"),
            (&["event", "remove", "e_none"], "e_none"),
            (&["event", "undo", "e_none"], "e_none"),
            (&["event", "list", "--cohort", "none"], "none"),
            (&["clashes", "--from", "soon"], "from"),
        ];
        for (args, word) in rows {
            let refused = home.run(args).refused();
            assert!(refused.contains(word), "{args:?}: {refused}");
        }
        assert_eq!(home.run(&["event", "set", "e_1", "--scope", "some"]).code, 2);
    });
}

#[test]
fn a_year_is_rolled_over_and_taken_back() {
    both_ways(|home| {
        home.run(&["cohort", "add", "a", "--name", "A"]).ok();
        let times = ["--start", "2025-01-06T08:00", "--end", "2025-01-06T10:00"];
        home.run(&[&["event", "add", "Old", "--cohort", "a"], &times[..]].concat()).ok();
        let before = ["cohort", "rollover", "a", "--before", "2025-08-01"];
        let dry = home.run(&[&before[..], &["--dry-run"]].concat()).ok();
        let lines: Vec<_> = dry.lines().collect();
        let first =
            "a dry run, nothing was written: would archive 1 events that ended before 2025-08-01T00:00:00+02:00";
        assert_eq!(lines, [first, "a: 1 archived; kept: 0 feeds, 0 tokens, 0 students"]);
        let done = home.json(&before);
        assert_eq!((&done["archived"], home.json(&["event", "list"])), (&json!(1), json!([])));
        assert!(home.run(&["export", "events", "--archived"]).ok().contains("Old"));
        let rollover = id(&done);
        assert_eq!(home.json(&["cohort", "rollover", "--list"])[0]["id"], rollover);
        let undone = home.run(&["cohort", "rollover", "--undo", &rollover]).ok();
        assert_eq!(undone, "undone: 1 events are on the timetable again\n");
        assert_eq!(home.json(&["event", "list"])[0]["subject"], "Old");
        assert!(home.run(&["cohort", "rollover", "--undo", &rollover]).refused().contains(&rollover));
        let future = home.run(&["cohort", "rollover", "a", "--before", "2999-01-01"]).refused();
        assert!(future.contains("at the latest"), "{future}");
        assert_eq!(home.run(&["cohort", "rollover"]).code, 2);
    });
}
