//! People and their addresses.

use crate::actor::Role;
use crate::words::Words;

impl Words {
    /// What a role is called.
    pub fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Admin => self.people.admin,
            Role::Planner => self.people.planner,
            Role::Teacher => self.people.teacher,
            Role::Student => self.people.student,
        }
    }

    /// When an address was last used.
    pub fn last_looked(&self, ago: &str) -> String {
        self.pick(format!("Votre appareil a regardé {ago}."), format!("Your device last looked {ago}."))
    }

    /// When somebody else's address was last used.
    pub fn used(&self, ago: &str) -> String {
        self.pick(format!("Utilisée {ago}."), format!("Used {ago}."))
    }

    /// `12 adresses`.
    pub fn addresses(&self, count: usize) -> String {
        self.counted(count, self.pick(["adresse", "adresses"], ["address", "addresses"]))
    }

    /// How many cards a batch makes.
    pub fn cards(&self, count: usize) -> String {
        let cards = self.counted(count, self.pick(["carte sera créée", "cartes seront créées"], ["card", "cards"]));
        self.pick(format!("{cards}."), format!("{cards} will be made."))
    }

    /// The same for the students of a cohort.
    pub fn cards_for(&self, without: usize, students: usize) -> String {
        let (all, cards) = (self.students(students), self.cards(without));
        let have = students.saturating_sub(without);
        self.pick(
            format!("{all} dans la cohorte, déjà avec une adresse\u{a0}: {have}. {cards}"),
            format!("{all} in the cohort, with an address already: {have}. {cards}"),
        )
    }

    /// `30 étudiants`.
    pub fn students(&self, count: usize) -> String {
        self.counted(count, self.pick(["étudiant", "étudiants"], ["student", "students"]))
    }

    /// `30 comptes`.
    pub fn users(&self, count: usize) -> String {
        self.counted(count, self.pick(["compte", "comptes"], ["user", "users"]))
    }

    /// Since when somebody is here.
    pub fn since(&self, moment: &str) -> String {
        self.pick(format!("depuis {moment}"), format!("since {moment}"))
    }

    /// The label of a field that asks for the same login once more.
    pub fn write_again(&self, login: &str) -> String {
        self.pick(format!("Pour confirmer, recopiez\u{a0}: {login}"), format!("To confirm, write: {login}"))
    }
}
