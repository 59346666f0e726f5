//! The audit.

words! {
    /// The audit.
    Audit {
        title: "Journal", "Audit";
        text: "Qui a fait quoi, le plus récent d’abord. Rien ne s’y modifie.", "Who did what, newest first. Nothing in it can be changed.";
        when: "Quand", "When";
        actor: "Qui", "Who";
        action: "Action", "Action";
        object: "Sur quoi", "To what";
        from: "À partir du", "From";
        to: "Avant le", "Before";
        bad_day: "Donnez un jour.", "Give a day.";
        hint:
            "user:marie, feed.approve, event:e_… ou seulement un début\u{a0}: event: ou user.",
            "user:marie, feed.approve, event:e_… or only how it begins: event: or user.";
        csv: "Télécharger en CSV", "Download as CSV";
        none: "Aucune entrée ne correspond.", "No entry matches.";
        details: "Ce qui a changé", "What has changed";
    }
}
