//! The end of a year.

words! {
    /// The end of a year.
    Rollover {
        title: "Fin d’année", "Year’s end";
        text:
            "Range dans l’archive les cours terminés de certaines cohortes. Les adresses, les plannings suivis et les étudiants restent\u{a0}: aucun téléphone ne change.",
            "Puts what has ended of some cohorts into the archive. Addresses, planning sites and students stay: no phone changes.";
        cohorts_hint: "Un cours de plusieurs cohortes part quand toutes sont cochées.", "An event of several cohorts goes when all of them are ticked.";
        no_cohort: "Cochez au moins une cohorte.", "Tick one cohort at least.";
        before: "Ce qui s’est terminé avant le", "What ended before";
        before_hint: "Sans date, le dernier 1er août.", "Without a day, the last first of August.";
        bad_day:
            "Donnez un jour passé, ou au plus tard aujourd’hui\u{a0}: ce qui est à venir ne s’archive pas.",
            "Give a day that has passed, or today at the latest: what is to come is not archived.";
        look: "Voir ce qui partirait", "See what would go";
        does:
            "Ces cours quittent l’emploi du temps et les calendriers. Vous pourrez les faire revenir tels quels.",
            "These events leave the timetable and the calendars. You can bring them back as they are.";
        nothing: "Rien ne partirait.", "Nothing would go.";
        confirm_title: "Archiver\u{a0}?", "Archive these?";
        button: "Archiver", "Archive them";
        done: "Ce qui est archivé", "What is archived";
        undo: "Faire revenir…", "Bring back…";
        undo_title: "Faire revenir ces cours\u{a0}?", "Bring these events back?";
        undo_does:
            "Ils seront de nouveau dans l’emploi du temps et les calendriers, comme avant.",
            "They will stand on the timetable and in the calendars again, as before.";
        undo_button: "Faire revenir", "Bring them back";
    }
}
