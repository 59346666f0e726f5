//! A cohort's page.

words! {
    /// A cohort's page.
    Cohort {
        coming: "À venir", "Coming up";
        nothing_coming: "Rien de prévu dans les 60 prochains jours.", "Nothing planned for the next 60 days.";
        untitled: "(sans titre)", "(untitled)";
        cancelled: "annulé", "cancelled";
        more: "Détails", "Details";
        no_source:
            "Aucun planning n’est encore relié à ce calendrier",
            "No planning site is connected to this calendar yet";
        not_yet: "Pas encore récupéré", "Not fetched yet";
    }
}
