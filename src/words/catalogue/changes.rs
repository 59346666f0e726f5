//! What changed in a cohort's timetable.

words! {
    /// What changed in a cohort's timetable.
    Changes {
        title: "Ce qui a changé", "What changed";
        since: "Depuis le", "Since";
        look: "Voir", "Look";
        none: "Rien n’a changé depuis ce jour.", "Nothing has changed since that day.";
        cancelled: "Annulés", "Cancelled";
        moved: "Déplacés", "Moved";
        added: "Nouveaux", "New";
        other: "Autres changements", "Other changes";
        not_all:
            "Il y en a eu plus que cette page n’en regarde\u{a0}: choisissez un jour plus récent.",
            "There were more than this page looks through: choose a later day.";
    }
}
