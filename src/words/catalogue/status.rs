//! The status page: feeds and the appliance.

words! {
    /// The status page: feeds and the appliance.
    Status {
        title: "État", "Status";
        feeds: "Plannings suivis", "Planning sites";
        this_box: "Cet appareil", "This appliance";
        all_feeds_well: "Tout va bien.", "All is well.";
        no_feed: "Aucun planning n’est suivi pour l’instant.", "No planning site is followed yet.";
        state_fresh: "à jour", "up to date";
        state_stale: "périmé", "out of date";
        state_failing: "en échec", "failing";
        state_held: "à approuver", "needs approval";
        state_never: "jamais récupéré", "never fetched";
        state_paused: "en pause", "paused";
        last_success: "Dernier succès", "Last success";
        next_attempt: "Prochain essai", "Next try";
        published: "Publié", "Published";
        detail: "Message exact", "Exact message";
        failure_network:
            "Le site ne répond pas. Carillon réessaie tout seul.",
            "The site does not answer. Carillon tries again by itself.";
        failure_sign_in:
            "Le site refuse la connexion. Vérifiez l’identifiant et le mot de passe de ce planning.",
            "The site refuses the sign-in. Check the login and password of this feed.";
        failure_moved:
            "L’adresse a changé ou n’existe plus. Vérifiez l’adresse de ce planning.",
            "The address has moved or is gone. Check the address of this feed.";
        failure_empty:
            "Le site envoie un calendrier vide. Ce qui était publié reste.",
            "The site sends an empty calendar. What was published stays.";
        failure_not_a_calendar:
            "Le site envoie autre chose qu’un calendrier. Ce qui était publié reste.",
            "The site sends something that is no calendar. What was published stays.";
        failure_too_large: "Le calendrier du site est trop gros.", "The site’s calendar is too large.";
        failure_internal: "Ce qui a été reçu n’a pas pu être enregistré ici.", "What was received could not be kept here.";
        refresh: "Actualiser", "Refresh";
        refreshing: "Récupération…", "Fetching…";
        pause: "Mettre en pause", "Pause";
        resume: "Reprendre", "Resume";
        approve_open: "Approuver…", "Approve…";
        approve: "Approuver et publier", "Approve and publish";
        no_failure: "aucun échec", "no failure";
        subscribers: "Adresses personnelles en service", "Personal addresses in use";
        users: "Comptes", "Accounts";
        tls_off: "non", "no";
        tls_files: "certificat dans des fichiers", "certificate in files";
    }
}
