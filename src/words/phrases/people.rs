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
}
