//! `import` and `export` through the real binary, alone on the folder and by the socket of a running service.

use std::fs;

use serde_json::json;

use crate::process::Home;

fn both_ways(run: impl Fn(&Home)) {
    run(&Home::new());
    let home = Home::new();
    let service = home.serve();
    run(&home);
    service.stop();
}

#[test]
fn events_go_in_out_and_in_again() {
    both_ways(|home| {
        let file = |name: &str, text: &str| {
            let path = home.dir.path().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let table = "start,end,subject,room,cohort\n2099-01-05 08:00,2099-01-05 10:00,Algèbre,B12,2A\n";
        let events = file("events.csv", table);
        home.run(&["cohort", "add", "2a", "--name", "2A"]).ok();
        let refused = home.run(&["import", "events", &events]);
        assert_eq!((refused.code, refused.err.as_str()), (1, "carillon: nothing is imported: 1 mistake in the file\n"));
        let lines: Vec<_> = refused.out.lines().collect();
        assert_eq!(lines, ["ROW  FIELD  MESSAGE", "2    room   there is no room \"B12\""]);
        let dry = home.run(&["import", "events", &events, "--unknown", "create", "--dry-run"]).ok();
        assert!(dry.starts_with("a dry run, nothing was written: 1 created, 0 updated, 0 unchanged\n"), "{dry}");
        assert!(dry.contains("note: row 2: the room \"B12\" is new"), "{dry}");
        let told = home.json(&["import", "events", &events, "--unknown", "create"]);
        assert_eq!((&told["created"], &told["rows"][0]["row"]), (&json!(1), &json!(2)));
        let exported = file("out.csv", &home.run(&["export", "events", "--cohort", "2A"]).ok());
        assert_eq!(home.json(&["import", "events", &exported])["unchanged"], 1);
        let moved = fs::read_to_string(&exported).unwrap().replace("T10:00", "T11:00");
        assert_eq!(home.json(&["import", "events", &file("moved.csv", &moved)])["updated"], 1);
        assert!(home.run(&["import", "events", "none.csv"]).refused().contains("none.csv"));
    });
}

#[test]
fn events_go_out_as_a_calendar_and_come_in_again() {
    both_ways(|home| {
        home.run(&["cohort", "add", "2a", "--name", "2A"]).ok();
        let (start, end) = ("2026-01-05T08:00", "2026-01-05T10:00");
        home.run(&["event", "add", "Algèbre", "--start", start, "--end", end, "--cohort", "2a"]).ok();
        let export = ["export", "events", "--cohort", "2A", "--format", "ics"];
        let printed = home.run(&export).ok();
        assert!(printed.starts_with("BEGIN:VCALENDAR\r\n") && printed.ends_with("END:VCALENDAR\r\n"), "{printed}");
        assert_eq!(home.run(&[&export[..], &["--output", "e.ics"]].concat()).ok(), "wrote e.ics\n");
        assert_eq!(fs::read_to_string(home.dir.path().join("e.ics")).unwrap(), printed);
        assert_eq!(home.json(&["import", "events", "e.ics"])["unchanged"], 1);
        let refused = home.run(&["export", "events", "--output", "no/such/folder.csv"]).refused();
        assert!(refused.contains("no/such/folder.csv"), "{refused}");
    });
}

#[test]
fn a_folder_of_webcafe_moves_over() {
    both_ways(|home| {
        let dir = home.dir.path().join("cafe");
        fs::create_dir(&dir).unwrap();
        let tables = [
            ("promo.csv", "3,2A SR\n"),
            ("classroom.csv", "12,B12,30,amphi\n"),
            ("users.csv", "1,durand,d@example.org,Durand,Eva,,,,1,0,\n"),
            ("events.csv", "1,2099-01-05 08:00:00,2099-01-05 10:00:00,Alg,CM,,12,1,3\n"),
        ];
        for (name, text) in tables {
            fs::write(dir.join(name), text).unwrap();
        }
        let dir = dir.to_str().unwrap();
        let dry = home.run(&["import", "webcafe", dir, "--dry-run"]).ok();
        assert!(dry.contains("new: 1 cohorts, 1 rooms, 1 users; events: 1 created, 0 updated, 0 unchanged"), "{dry}");
        assert_eq!(home.json(&["import", "webcafe", dir])["created"], 1);
        assert_eq!(home.json(&["import", "webcafe", dir])["unchanged"], 1);
        assert!(home.run(&["import", "webcafe", "nowhere"]).refused().contains("users.csv"));
    });
}
