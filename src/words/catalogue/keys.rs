//! Subscriber tokens, as the administrator sees them, and the cards that hand them out.

words! {
    /// Subscriber tokens, as the administrator sees them, and the cards that hand them out.
    Keys {
        title: "Adresses personnelles", "Personal addresses";
        short: "Adresses", "Addresses";
        text:
            "Chacune ouvre des calendriers sur un appareil, sans mot de passe. Les étudiants font aussi les leurs eux-mêmes, sur leur page.",
            "Each opens calendars on a device, without a password. Students also make theirs by themselves, on their own page.";
        all_cohorts: "toutes les cohortes", "every cohort";
        nothing: "n’ouvre rien", "opens nothing";
        name: "Nom", "Name";
        name_hint: "Pour qui, ou pour quel appareil.", "For whom, or for which device.";
        bad_name: "Donnez un nom de 1 à 100 caractères.", "Give a name of 1 to 100 characters.";
        name_taken: "Ce nom est déjà celui d’une adresse en service.", "An address in use has this name already.";
        opens: "Ouvre", "Opens";
        used: "Dernière utilisation", "Last used";
        state: "État", "State";
        deeds: "Actions", "Actions";
        live: "En service", "In use";
        all: "Toutes, révoquées comprises", "All, revoked ones too";
        in_use: "en service", "in use";
        revoked: "révoquée", "revoked";
        expired: "expirée", "expired";
        none: "Aucune adresse ne correspond.", "No address matches.";
        add: "Nouvelle adresse", "New address";
        make: "Créer l’adresse", "Make the address";
        which_hint: "Sans choix, toutes les cohortes, celles à venir aussi.", "None chosen means every cohort, those to come too.";
        expires: "Jusqu’au", "Until";
        expires_hint: "Sans date, elle n’expire pas.", "Without a day it never expires.";
        bad_expiry: "Donnez un jour à venir.", "Give a day to come.";
        rotate: "Remplacer", "Replace";
        rotate_title: "Remplacer cette adresse\u{a0}?", "Replace this address?";
        rotate_does:
            "Une nouvelle adresse s’affichera, une seule fois. L’ancienne meurt aussitôt\u{a0}: l’appareil qui l’utilise ne recevra plus rien tant qu’il n’a pas la nouvelle.",
            "A new address will be shown, once. The old one dies at once: the device that uses it gets nothing more until it has the new one.";
        cards: "Cartes à distribuer", "Cards to hand out";
        cards_text:
            "Une adresse pour chaque étudiant d’une cohorte qui n’en a pas, avec son code à scanner, dix cartes par feuille A4.",
            "An address for each student of a cohort who has none, with its code to scan, ten cards on a sheet of A4.";
        cohort: "Cohorte", "Cohort";
        names: "Ou pour ces noms", "Or for these names";
        names_hint:
            "Un par ligne. Sans nom, chaque étudiant de la cohorte qui n’a pas d’adresse.",
            "One a line. Without any, each student of the cohort who has no address.";
        go_on: "Continuer", "Go on";
        cards_title: "Créer ces cartes\u{a0}?", "Make these cards?";
        cards_once:
            "La feuille ne s’affichera qu’une fois\u{a0}: ayez l’imprimante prête. Une carte perdue se remplace depuis la liste des adresses.",
            "The sheet is shown only once: have the printer ready. A card that gets lost is replaced from the list of addresses.";
        cards_button: "Créer et afficher", "Make them and show";
        sheet_text:
            "Imprimez maintenant, en A4 et à 100\u{a0}%\u{a0}: cette page ne reviendra pas.",
            "Print now, on A4 at 100%: this page does not come back.";
        print: "Imprimer", "Print";
        card_text:
            "Scannez avec votre téléphone, puis «\u{a0}S’abonner\u{a0}». Cette carte est à vous seul.",
            "Scan it with your phone, then “Subscribe”. This card is for you alone.";
    }
}
