//! What stands on every page.

words! {
    /// What stands on every page.
    Shell {
        skip: "Aller au contenu", "Skip to content";
        navigation: "Navigation", "Navigation";
        timetable: "Emploi du temps", "Timetable";
        administration_pages: "Pages d’administration", "Administration pages";
        path: "Fil d’Ariane", "Path";
        pages: "Pages", "Pages";
        newer: "Plus récent", "Newer";
        older: "Plus ancien", "Older";
        colon: "\u{a0}: ", ": ";
        first: "Depuis le début", "From the start";
        next: "La suite", "More";
        search: "Chercher", "Search";
        my_account: "Mon compte", "My account";
        undo: "Annuler cette action", "Undo";
        sign_in: "Se connecter", "Sign in";
        sign_out: "Se déconnecter", "Sign out";
        administration: "Administration", "Administration";
        one_moment: "Un instant…", "One moment…";
    }
}
