//! Times, rooms and what is in the way of an event.

use chrono::{NaiveDate, NaiveDateTime};

use crate::words::Words;

impl Words {
    /// `lundi 23 novembre, 10:00–12:00`.
    pub fn from_to(&self, (start, end): (NaiveDateTime, NaiveDateTime), today: NaiveDate) -> String {
        let (first, from, to) = (self.day(start.date(), today), start.format("%H:%M"), end.format("%H:%M"));
        match start.date() == end.date() {
            true => format!("{first}, {from}–{to}"),
            false => format!("{first}, {from} – {}, {to}", self.day(end.date(), today)),
        }
    }

    /// `40 places`.
    pub fn seats(&self, count: u32) -> String {
        self.counted(count as usize, self.pick(["place", "places"], ["seat", "seats"]))
    }

    /// A room that is used.
    pub fn is_taken(&self, room: &str) -> String {
        self.pick(format!("{room} est occupée"), format!("{room} is taken"))
    }

    /// A person or a group that is somewhere else.
    pub fn is_busy(&self, who: &str) -> String {
        self.pick(format!("{who} a déjà cours"), format!("{who} is busy"))
    }

    /// More students than seats.
    pub fn too_few_seats(&self, room: &str, seats: usize, students: usize) -> String {
        let seats = self.counted(seats, self.pick(["place", "places"], ["seat", "seats"]));
        let students = self.counted(students, self.pick(["étudiant", "étudiants"], ["student", "students"]));
        self.pick(format!("{room} a {seats} pour {students}."), format!("{room} has {seats} for {students}."))
    }

    /// What becomes of the events of a room that goes.
    pub fn lose_their_room(&self, count: usize) -> String {
        let (events, one) = (self.events(count), count == 1);
        self.pick(
            format!("{events} {} sans salle. À venir\u{a0}:", if one { "restera" } else { "resteront" }),
            format!("{events} will be left without a room. Coming:"),
        )
    }

    /// What an import would do: new, changed, as they are.
    pub fn would_import(&self, [created, updated, unchanged]: [usize; 3]) -> String {
        let (fr, en) = (["nouveau", "nouveaux"], ["new", "new"]);
        let created = self.counted(created, self.pick(fr, en));
        let updated = self.counted(updated, self.pick(["modifié", "modifiés"], ["changed", "changed"]));
        let unchanged = self.counted(unchanged, self.pick(["inchangé", "inchangés"], ["as it is", "as they are"]));
        format!("{created}, {updated}, {unchanged}.")
    }

    /// What an import did.
    pub fn did_import(&self, [created, updated, unchanged]: [usize; 3]) -> String {
        let created = self.counted(created, self.pick(["ajouté", "ajoutés"], ["added", "added"]));
        let updated = self.counted(updated, self.pick(["modifié", "modifiés"], ["changed", "changed"]));
        let unchanged =
            self.counted(unchanged, self.pick(["inchangé", "inchangés"], ["left as it was", "left as they were"]));
        format!("{created}, {updated}, {unchanged}.")
    }

    /// How much is wrong with a file.
    pub fn bad_rows(&self, count: usize) -> String {
        let mistakes = self.counted(count, self.pick(["erreur", "erreurs"], ["mistake", "mistakes"]));
        self.pick(format!("{mistakes} dans ce fichier."), format!("{mistakes} in this file."))
    }

    /// What is not named of a list.
    pub fn and_more(&self, count: usize) -> String {
        self.pick(format!("et {count} de plus."), format!("and {count} more."))
    }

    /// Where an event stands in its series.
    pub fn nth_of_series(&self, place: usize, all: usize) -> String {
        self.pick(format!("Séance {place} sur {all}."), format!("Session {place} of {all}."))
    }
}
