//! What is on, by days, weeks and months.

words! {
    /// What is on, by days, weeks and months.
    Views {
        everything: "Tout l’emploi du temps", "The whole timetable";
        my_week: "Mon emploi du temps", "My timetable";
        rooms: "Salles", "Rooms";
        my_lessons: "Mes cours", "My classes";
        views: "Vues", "Views";
        day: "Jour", "Day";
        week: "Semaine", "Week";
        week_letter: "S", "W";
        month: "Mois", "Month";
        list: "Liste", "List";
        other_days: "Autres jours", "Other days";
        back: "Précédent", "Previous";
        today: "Aujourd’hui", "Today";
        on: "Suivant", "Next";
        date: "Aller à la date", "Go to the date";
        go: "Aller", "Go";
        print: "Imprimer", "Print";
        filter: "Filtrer", "Filter";
        kind: "Type", "Kind";
        subject: "Matière", "Subject";
        room: "Salle", "Room";
        teacher: "Enseignant", "Teacher";
        cohorts: "Groupes", "Cohorts";
        source: "Source", "Source";
        any: "Tous", "Any";
        show: "Afficher", "Show";
        show_all: "Tout afficher", "Show everything";
        nothing: "Rien de prévu sur cette période.", "Nothing is planned in these days.";
        nothing_wanted: "Rien ne correspond au filtre sur cette période.", "Nothing in these days matches the filter.";
        clash: "conflit", "clash";
        same_room: "même salle", "same room";
        same_teacher: "même enseignant", "same teacher";
        same_cohort: "même groupe", "same cohort";
        too_few_seats: "pas assez de places", "too few seats";
        open: "Ouvrir cet événement", "Open this event";
        more_events: "autres événements ce jour", "more events on this day";
        events_word: "événements", "events";
    }
}
