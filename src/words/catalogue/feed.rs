//! A feed: its form, its test, its removal.

words! {
    /// A feed: its form, its test, its removal.
    Feed {
        add: "Suivre un planning", "Follow a planning site";
        add_and_test: "Ajouter, puis tester", "Add, then test";
        cohort_first: "Il faut d’abord une cohorte, dont ce sera le calendrier.", "First there must be a cohort, whose calendar it will be.";
        url: "Adresse du calendrier", "Address of the calendar";
        url_hint: "Celle d’un fichier .ics, telle que le site la donne.", "Of an .ics file, as the site gives it.";
        bad_url:
            "Une adresse en http:// ou https://, sans mot de passe dedans.",
            "An address with http:// or https://, without a password in it.";
        slug: "Nom court", "Short name";
        slug_hint: "Lettres, chiffres et tirets. Vide, celui de la cohorte.", "Letters, digits and hyphens. Left empty, the cohort’s.";
        bad_slug: "Ce nom est pris, réservé ou sans lettres\u{a0}: choisissez-en un autre.", "This name is taken, reserved or has no letters: choose another.";
        bad_cohort: "Choisissez une cohorte.", "Choose a cohort.";
        access: "Comment y entre-t-on\u{a0}?", "How does one get in?";
        access_none: "Librement", "Freely";
        access_form: "Par une page de connexion", "By a sign-in page";
        access_basic: "Par une fenêtre du navigateur (HTTP Basic)", "By a window of the browser (HTTP Basic)";
        login_url: "Page de connexion", "Sign-in page";
        login_url_hint: "Seulement pour une page de connexion.", "Only for a sign-in page.";
        username: "Identifiant sur ce site", "Login at this site";
        needs_username: "Il faut un identifiant.", "A login is needed.";
        needs_password: "Il faut un mot de passe.", "A password is needed.";
        password_kept: "Un mot de passe est enregistré. Vide, il reste.", "A password is kept. Left empty, it stays.";
        interval: "Minutes entre deux récupérations", "Minutes between two fetches";
        bad_interval: "De 1 minute à une semaine (10080).", "From 1 minute to a week (10080).";
        more: "Réglages rares", "Seldom needed";
        stamps: "À la fin de chaque description", "At the end of each description";
        stamps_hint:
            "Les deux derniers changent tout le temps\u{a0}: les téléphones doivent tout relire à chaque fois.",
            "The last two change all the time: phones must read everything anew each time.";
        stamp_place: "le lieu", "the place";
        stamp_fetched: "depuis quand c’est ainsi", "since when it is so";
        stamp_checked: "la dernière vérification", "the last check";
        stamp_served: "l’heure de la remise", "the hour of handing out";
        derive: "Le site change les identifiants des cours à chaque fois", "The site changes the events’ identifiers each time";
        allow_empty: "Le calendrier peut être vide au début", "The calendar may be empty at first";
        username_field: "Champ de l’identifiant", "Field of the login";
        password_field: "Champ du mot de passe", "Field of the password";
        field_hint: "Le nom dans le formulaire du site, s’il n’est pas trouvé tout seul.", "Its name in the site’s form, where it is not found by itself.";
        test: "Tester", "Test";
        test_again: "Tester encore", "Test again";
        test_text:
            "Carillon va essayer d’entrer sur le site et de lire le calendrier. Rien n’est publié.",
            "Carillon will try to get into the site and to read the calendar. Nothing is published.";
        follow: "Suivre ce planning", "Follow this site";
        later: "Plus tard", "Later";
        step_page: "La page de connexion répond et a un formulaire", "The sign-in page answers, and has a form";
        step_sign_in: "Le site accepte l’identifiant et le mot de passe", "The site takes the login and the password";
        step_calendar: "L’adresse du calendrier répond", "The calendar’s address answers";
        step_events: "C’est un calendrier, avec des cours", "It is a calendar, with events";
        went_well: "réussi", "done";
        went_wrong: "échoué", "failed";
        not_tried: "pas essayé", "not tried";
        approve_title: "Publier ce qui est retenu\u{a0}?", "Publish what is held back?";
        removed: "Disparaissent", "Gone";
        moved: "Déplacés", "Moved";
        added: "Nouveaux", "New";
        renamed: "Salle ou titre changés", "Another room or title";
        remove_title: "Ne plus suivre ce planning\u{a0}?", "No longer follow this site?";
        remove_does:
            "Ses cours quittent le calendrier de la cohorte à la prochaine synchronisation des téléphones. L’identifiant et le mot de passe sont oubliés. Pour une simple pause, mettez-le en pause.",
            "Its events leave the cohort’s calendar when phones next synchronise. Login and password are forgotten. If it is only for a while, pause it instead.";
    }
}
