//! Signing in.

use crate::words::Words;

impl Words {
    /// Whose name the header shows.
    pub fn signed_in_as(&self, login: &str) -> String {
        self.pick(format!("Connecté\u{a0}: {login}"), format!("Signed in: {login}"))
    }

    /// Why nobody has looked at a password.
    pub fn wait_to_sign_in(&self, secs: u64) -> String {
        let secs = self.counted(
            usize::try_from(secs).unwrap_or_default(),
            self.pick(["seconde", "secondes"], ["second", "seconds"]),
        );
        self.pick(
            format!("Trop d’essais\u{a0}: attendez {secs} avant le suivant."),
            format!("Too many tries: wait {secs} before the next."),
        )
    }
}
