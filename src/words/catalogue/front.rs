//! The front page.

words! {
    /// The front page.
    Front {
        title: "L’emploi du temps, dans votre téléphone", "The timetable, on your phone";
        text:
            "Carillon suit les plannings de l’école et les donne à votre agenda, qui se met à jour tout seul. Choisissez votre groupe, abonnez-vous une fois, c’est tout.",
            "Carillon follows the school’s timetables and hands them to your calendar, which then updates by itself. Choose your group, subscribe once, and that is all.";
        calendars: "Calendriers", "Calendars";
        none_public: "Aucun calendrier n’est ouvert à tous.", "No calendar is open to everybody.";
        none_yours: "Aucun calendrier ne vous est ouvert pour l’instant.", "No calendar is open to you yet.";
        more_inside: "Votre groupe n’est pas dans la liste\u{a0}?", "Your group is not in the list?";
        closed: "adresse personnelle", "personal address";
        not_set_up:
            "Ce Carillon n’a pas encore d’administrateur\u{a0}: ouvrez le lien de mise en route qui est dans le journal du service (journalctl -u carillon).",
            "This Carillon has no administrator yet: open the set-up link that is in the service’s journal (journalctl -u carillon).";
    }
}
