//! The tables of WebCafé, the scheduling site that Carillon replaces, each a .csv with or without a header:
//!
//! ```sh
//! for table in users events classroom promo; do sqlite3 -csv -header webcafe.db "SELECT * FROM $table" > $table.csv; done
//! ```
//!
//! A table of more rows than a sheet may have is cut by its dates: `SELECT * FROM events WHERE start >= '2025-09-01'`.
//!
//! Passwords are taken as their argon2 hashes, where checking one costs no more than the box can bear. Birthdays and
//! `noteKfet` are left where they are: nothing here needs them.

mod hash;
mod table;

use std::collections::HashSet;

use super::bad_cells::BadCells;
use super::columns::Column;
use super::{EventsRead, ImportError, Terms};
use crate::error::shortened;
use crate::secret::Secret;
use hash::check_hash;
use table::{Record, Table};

const USERS: [&str; 11] =
    ["id", "login", "email", "nom", "prenom", "hpwd", "birthday", "promo_id", "teacher", "superuser", "noteKfet"];
const CLASSROOM: [&str; 4] = ["classroom_id", "location", "capacity", "type"];
const PROMO: [&str; 2] = ["promo_id", "promo_name"];
const EVENTS: [(Column, &str); 9] = [
    (Column::EventId, "event_id"),
    (Column::Start, "start"),
    (Column::End, "end"),
    (Column::Subject, "matiere"),
    (Column::Kind, "type_cours"),
    (Column::Notes, "infos_sup"),
    (Column::RoomId, "classroom_id"),
    (Column::TeacherId, "user_id"),
    (Column::CohortId, "promo_id"),
];

/// The four files.
#[derive(Clone, Copy, Debug)]
pub struct WebCafeFiles<'a> {
    /// `users.csv`.
    pub users: &'a [u8],
    /// `events.csv`.
    pub events: &'a [u8],
    /// `classroom.csv`.
    pub classroom: &'a [u8],
    /// `promo.csv`.
    pub promo: &'a [u8],
}

/// A user of WebCafé.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebCafeUser {
    /// The row of `users.csv`.
    pub number: u32,
    /// What events call them.
    pub id: u64,
    /// The login.
    pub login: String,
    /// The address; may be empty.
    pub email: String,
    /// Given name and family name.
    pub name: String,
    /// The PHC string of their password; none where it cannot be used.
    pub password_hash: Option<Secret<String>>,
    /// Their cohort.
    pub promo_id: Option<u64>,
    /// Do they teach?
    pub teacher: bool,
    /// Might they do everything? Anybody could give themselves that: it is told, and nobody is made an administrator by it.
    pub superuser: bool,
}

/// A room of WebCafé.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebCafeRoom {
    /// The row of `classroom.csv`.
    pub number: u32,
    /// What events call it.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Seats; none where there is no number above 0.
    pub capacity: Option<u32>,
    /// What sort of room; may be empty.
    pub kind: String,
}

/// A cohort of WebCafé.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebCafePromo {
    /// The row of `promo.csv`.
    pub number: u32,
    /// What events call it.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// All that the four files say. Events refer to the rest by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebCafe {
    /// The users.
    pub users: Vec<WebCafeUser>,
    /// The rooms.
    pub rooms: Vec<WebCafeRoom>,
    /// The cohorts.
    pub promos: Vec<WebCafePromo>,
    /// The events, with errors of all four files: the field is `users.csv: promo_id`.
    pub events: EventsRead,
}

/// Reads them. Takes its time: call it where work may block.
pub fn read_webcafe(files: &WebCafeFiles<'_>, terms: &Terms<'_>) -> Result<WebCafe, ImportError> {
    let terms = Terms { cohort: None, ..*terms };
    let promos = Table::open("promo.csv", files.promo, &PROMO)?;
    let rooms = Table::open("classroom.csv", files.classroom, &CLASSROOM)?;
    let users = Table::open("users.csv", files.users, &USERS)?;
    let names = EVENTS.map(|(_, name)| name);
    let events = Table::open("events.csv", files.events, &names)?;
    let mut bad = BadCells::default();
    let mut warnings = Vec::new();
    let promos: Vec<_> = promos.records(&mut bad, WebCafePromo::read);
    let rooms: Vec<_> = rooms.records(&mut bad, WebCafeRoom::read);
    let users: Vec<_> = users.records(&mut bad, |record| WebCafeUser::read(record, &mut warnings));
    let mut events = events.events(&EVENTS, &terms);
    check_references(&events, (&rooms, &users, &promos), &mut bad);
    events.errors.splice(0..0, bad.told);
    events.errors_untold += bad.untold;
    events.warnings.extend(warnings);
    Ok(WebCafe { users, rooms, promos, events })
}

/// Each number that an event names is one of a record.
fn check_references(events: &EventsRead, of: (&[WebCafeRoom], &[WebCafeUser], &[WebCafePromo]), bad: &mut BadCells) {
    let rooms: HashSet<u64> = of.0.iter().map(|room| room.id).collect();
    let users: HashSet<u64> = of.1.iter().map(|user| user.id).collect();
    let promos: HashSet<u64> = of.2.iter().map(|promo| promo.id).collect();
    for row in &events.rows {
        let named = [
            ("classroom_id", "classroom.csv", row.numeric_room_id, &rooms),
            ("user_id", "users.csv", row.numeric_user_id, &users),
            ("promo_id", "promo.csv", row.numeric_promo_id, &promos),
        ];
        for (column, file, id, ids) in named {
            if let Some(id) = id.filter(|id| !ids.contains(id)) {
                bad.add(row.number, &format!("events.csv: {column}"), format!("{file} has no {id}"));
            }
        }
    }
}

impl WebCafePromo {
    fn read(record: &mut Record<'_>) -> Option<Self> {
        let (id, name) = (record.id("promo_id"), record.needed("promo_name"));
        Some(Self { number: record.row(), id: id?, name: name? })
    }
}

impl WebCafeRoom {
    fn read(record: &mut Record<'_>) -> Option<Self> {
        let (id, name) = (record.id("classroom_id"), record.needed("location"));
        let capacity = record.number("capacity").and_then(|seats| u32::try_from(seats).ok()).filter(|seats| *seats > 0);
        Some(Self { number: record.row(), id: id?, name: name?, capacity, kind: record.text("type") })
    }
}

impl WebCafeUser {
    fn read(record: &mut Record<'_>, warnings: &mut Vec<String>) -> Option<Self> {
        let (id, login) = (record.id("id"), record.needed("login"));
        let promo_id = record.number("promo_id");
        let (teacher, superuser) = (record.flag("teacher"), record.flag("superuser"));
        let (id, login) = (id?, login?);
        let hash = check_hash(&record.text("hpwd"));
        let password_hash = match hash {
            Ok(hash) => Some(hash),
            Err(why) => {
                warnings.push(format!(
                    "users.csv, row {}: {:?} needs a new password: {why}",
                    record.row(),
                    shortened(&login, 60)
                ));
                None
            }
        };
        let name = format!("{} {}", record.text("prenom"), record.text("nom")).trim().to_owned();
        let email = record.text("email");
        Some(Self { number: record.row(), id, login, email, name, password_hash, promo_id, teacher, superuser })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const HASH: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$Y7bvlemGWAXdxYGFYrXwqQ$Gtmyu2bY3I1ianT8WkPrCBTHF/AZZksHBpS/jePmIwA";
    const EVENTS_CSV: &str = "event_id,start,end,matiere,type_cours,infos_sup,classroom_id,user_id,promo_id\r\n\
        1,\"2026-11-23 08:00:00\",\"2026-11-23 10:00:00\",Algèbre,CM,,12,4,3\r\n";

    fn users(hash: &str) -> String {
        format!(
            "id,login,email,nom,prenom,hpwd,birthday,promo_id,teacher,superuser,noteKfet\r\n4,durand,d@example.org,Durand,Éva,\"{hash}\",1990-01-01,,1,0,12.5\r\n"
        )
    }

    fn read(users: &str, events: &str, promo: &str) -> Result<WebCafe, ImportError> {
        let files = WebCafeFiles {
            users: users.as_bytes(),
            events: events.as_bytes(),
            classroom: b"classroom_id,location,capacity,type\r\n12,B12,30,TD\r\n",
            promo: promo.as_bytes(),
        };
        read_webcafe(&files, &Terms { zone: chrono_tz::Europe::Paris, now: DateTime::UNIX_EPOCH, cohort: None })
    }

    #[test]
    fn the_four_tables_are_read_with_and_without_their_headers() {
        let promo = "promo_id,promo_name\r\n3,\"2A, SR\"\r\n";
        let with = read(&users(HASH), EVENTS_CSV, promo).unwrap();
        assert_eq!(with.events.errors, []);
        assert_eq!(with.promos[0].name, "2A, SR");
        assert_eq!((with.rooms[0].name.as_str(), with.rooms[0].capacity), ("B12", Some(30)));
        let user = &with.users[0];
        assert_eq!((user.name.as_str(), user.teacher, user.superuser), ("Éva Durand", true, false));
        assert_eq!(user.password_hash.as_ref().unwrap().expose(), HASH);
        let event = &with.events.rows[0];
        assert_eq!(
            (event.numeric_room_id, event.numeric_user_id, event.numeric_promo_id),
            (Some(12), Some(4), Some(3))
        );
        let bare = |text: &str| text.split_once("\r\n").unwrap().1.to_owned();
        let without = read(&bare(&users(HASH)), &bare(EVENTS_CSV), &bare(promo)).unwrap();
        assert_eq!(without.events.rows[0].number, 1);
        assert_eq!((without.users.len(), without.promos.len()), (1, 1));
        assert!(!format!("{with:?}").contains("argon2id"));
    }

    #[test]
    fn a_hash_that_is_none_or_too_dear_is_kept_out() {
        let cases = [
            ("", "there is no hash"),
            ("secret", "not one of argon2"),
            ("$pbkdf2-sha256$i=1000$c2FsdHNhbHQ$Gtmyu2bY3I1ianT8WkPrCBTHF/AZZksHBpS/jePmIwA", "not one of argon2"),
            (&HASH.replace("m=19456", "m=4194304"), "takes 4194304 KiB"),
            (&HASH.replace("t=2", "t=4000000000"), "takes"),
            (&HASH.replace("p=1", "p=5"), "5 lanes"),
        ];
        for (hash, why) in cases {
            let read = read(&users(hash), EVENTS_CSV, "3,2A").unwrap();
            assert_eq!(read.users[0].password_hash, None);
            let warning = &read.events.warnings[0];
            assert!(warning.starts_with("users.csv, row 2: \"durand\" needs a new password"), "{warning}");
            assert!(warning.contains(why) && !warning.contains("Gtmyu"), "{warning}");
        }
    }

    #[test]
    fn what_is_wrong_names_the_file_and_the_row() {
        let events = EVENTS_CSV.replace("2026-11-23 10:00:00", "2026-11-23 07:00:00")
            + "2,soon,,x,,,99,4,3\r\n3,2026-11-23 08:00,2026-11-23 09:00,x,,,99,4,8\r\n";
        let read = read(&users(HASH).replace("1990-01-01,,1", "1990-01-01,x,2"), &events, "x,2A\r\n3,\r\n").unwrap();
        let told: Vec<_> =
            read.events.errors.iter().map(|error| format!("{} {}", error.row.unwrap(), error.field)).collect();
        let expected = [
            "1 promo.csv: promo_id",
            "2 promo.csv: promo_name",
            "2 users.csv: promo_id",
            "2 users.csv: teacher",
            "4 events.csv: classroom_id",
            "4 events.csv: promo_id",
            "2 events.csv: end",
            "3 events.csv: start",
            "3 events.csv: end",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_of_other_columns_is_refused_by_its_name() {
        let error = read(&users(HASH), EVENTS_CSV, "promo_id,name\r\n3,2A\r\n").unwrap_err();
        assert_eq!(error.to_string(), "promo.csv: missing: promo_name; the columns found are \"promo-id\", \"name\"");
    }
}
