//! A cohort's page.

words! {
    /// A cohort's page.
    Cohort {
        untitled: "(sans titre)", "(untitled)";
        cancelled: "annulé", "cancelled";
        no_source:
            "Aucun planning n’est encore relié à ce calendrier",
            "No planning site is connected to this calendar yet";
        not_yet: "Pas encore récupéré", "Not fetched yet";
    }
}
