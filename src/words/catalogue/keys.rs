//! Subscriber tokens, as the administrator sees them, and the cards that hand them out.

words! {
    /// Subscriber tokens, as the administrator sees them, and the cards that hand them out.
    Keys {
        all_cohorts: "toutes les cohortes", "every cohort";
        nothing: "n’ouvre rien", "opens nothing";
    }
}
