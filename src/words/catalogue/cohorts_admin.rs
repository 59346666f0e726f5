//! Cohorts, as whoever plans sees them.

words! {
    /// Cohorts, as whoever plans sees them.
    CohortsAdmin {
        title: "Cohortes", "Cohorts";
        add: "Ajouter une cohorte", "Add a cohort";
        none: "Aucune cohorte pour l’instant.", "There is no cohort yet.";
        edit: "Modifier", "Edit";
        name_hint: "Tel que les étudiants le lisent, par exemple «\u{a0}M2 FESup\u{a0}».", "As students read it, such as “M2 FESup”.";
        slug: "Nom dans les adresses", "Name in addresses";
        new_slug_hint: "Lettres, chiffres et tirets. Vide, il est fait du nom.", "Letters, digits and hyphens. Left empty, it is made from the name.";
        slug_hint:
            "Lettres, chiffres et tirets. Si vous le changez, l’ancien répond pour toujours\u{a0}: aucun téléphone ne perd son calendrier.",
            "Letters, digits and hyphens. If you change it the old one answers for ever: no phone loses its calendar.";
        slug_taken: "Une autre cohorte a ou a eu ce nom dans les adresses.", "Another cohort has, or once had, this name in addresses.";
        slug_reserved: "Ce nom est réservé\u{a0}: choisissez-en un autre.", "This name is reserved: choose another.";
        bad_slug: "Il faut des lettres ou des chiffres.", "It needs letters or digits.";
        overtaken:
            "Quelqu’un a modifié cette cohorte entre-temps\u{a0}: rouvrez la page, puis recommencez.",
            "Somebody has changed this cohort meanwhile: open the page again, then start over.";
        visibility: "Qui peut lire", "Who can read it";
        public: "tout le monde", "everybody";
        closed: "avec une clé", "with a key";
        public_text: "Tout le monde, sans compte", "Everybody, without an account";
        closed_text: "Ceux qui ont un compte ou une adresse personnelle", "Whoever has an account or a personal address";
        remove_title: "Supprimer cette cohorte\u{a0}?", "Remove this cohort?";
        remove_does:
            "Son calendrier disparaît, et ses adresses ne répondent plus. On ne peut pas revenir en arrière.",
            "Its calendar goes, and its addresses answer no more. This cannot be undone.";
        remove_button: "Supprimer pour de bon", "Remove it for good";
        nothing_hangs: "Rien n’y est attaché.", "Nothing hangs on it.";
        has_feeds:
            "Des plannings suivis y sont attachés, que seul un administrateur peut supprimer.",
            "Planning sites hang on it, which only an administrator can remove.";
        events_go: "supprimés, sauf ceux d’une autre cohorte aussi, qui y restent", "removed, but for those of another cohort too, which stay there";
        feeds_go: "supprimés avec ce qu’ils ont apporté", "removed, with what they have brought";
        users_stay: "restent, sans cette cohorte", "stay, without this cohort";
        tokens_stay: "restent, mais n’ouvrent plus ce calendrier", "stay, but open this calendar no more";
    }
}
