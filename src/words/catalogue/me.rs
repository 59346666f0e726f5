//! Somebody's own page: their addresses, their password, their data.

words! {
    /// Somebody's own page: their addresses, their password, their data.
    Me {
        addresses: "Mes adresses de calendrier", "My calendar addresses";
        addresses_text:
            "Une adresse par appareil\u{a0}: si l’un se perd, vous ne révoquez que la sienne.",
            "One address for each device: if one gets lost, you revoke its own and no other.";
        no_address:
            "Mettez votre emploi du temps dans votre téléphone\u{a0}: il suivra les changements tout seul.",
            "Put your timetable on your phone: it will follow the changes by itself.";
        add_address: "Nouvelle adresse", "New address";
        add_text:
            "Une adresse personnelle ouvre vos calendriers sur un appareil, sans mot de passe.",
            "A personal address opens your calendars on one device, without a password.";
        device: "Pour quel appareil\u{a0}?", "For which device?";
        device_hint:
            "Un nom pour la reconnaître ensuite\u{a0}: téléphone, ordinateur…",
            "A name to know it by later: phone, computer…";
        bad_device: "Donnez un nom de 1 à 60 caractères.", "Give a name of 1 to 60 characters.";
        phone: "téléphone", "phone";
        tablet: "tablette", "tablet";
        computer: "ordinateur", "computer";
        which: "Quels calendriers\u{a0}?", "Which calendars?";
        which_hint: "Sans choix, tous ceux que vous pouvez lire.", "None chosen means all that you may read.";
        no_cohort:
            "Aucune cohorte ne vous est attribuée\u{a0}: demandez à l’administrateur.",
            "You belong to no cohort: ask the administrator.";
        never_looked: "Aucun appareil ne l’a encore utilisée.", "No device has used it yet.";
        given:
            "Donnée par l’administrateur, qui peut aussi la remplacer.",
            "Given by the administrator, who can also replace it.";
        rotate: "Revoir l’adresse…", "See the address again…";
        rotate_title: "Revoir cette adresse\u{a0}?", "See this address again?";
        rotate_does:
            "Une adresse ne s’affiche qu’une fois. Une nouvelle va la remplacer et s’afficher\u{a0}: l’ancienne meurt aussitôt, et l’appareil qui l’utilise ne recevra plus rien tant qu’il n’a pas la nouvelle.",
            "An address is shown only once. A new one will take its place and be shown: the old one dies at once, and the device that uses it gets nothing more until it has the new one.";
        rotate_button: "Remplacer et afficher", "Replace it and show";
        revoke: "Révoquer", "Revoke";
        revoke_title: "Révoquer cette adresse\u{a0}?", "Revoke this address?";
        revoke_does:
            "L’appareil qui l’utilise ne recevra plus rien. Ce qu’il a déjà y reste jusqu’à ce que vous supprimiez l’abonnement. On ne peut pas revenir en arrière.",
            "The device that uses it gets nothing more. What it has already stays there until you delete the subscription. This cannot be undone.";
        each: "Chaque calendrier séparément", "Each calendar by itself";
        done: "C’est fait", "Done";
        account: "Mon compte", "My account";
        change_password: "Changer de mot de passe", "Change my password";
        password_text:
            "Vous resterez connecté ici\u{a0}; partout ailleurs il faudra se reconnecter. Les adresses de calendrier continuent.",
            "You stay signed in here; everywhere else you will have to sign in again. Calendar addresses go on working.";
        present_password: "Mot de passe actuel", "Present password";
        new_password: "Nouveau mot de passe", "New password";
        new_password_again: "Nouveau mot de passe, encore une fois", "New password, once more";
        wrong_password: "Ce n’est pas votre mot de passe actuel.", "This is not your present password.";
        not_the_same: "Les deux nouveaux mots de passe diffèrent.", "The two new passwords differ.";
        my_data: "Télécharger mes données", "Download my data";
        my_data_text:
            "Tout ce que cet appareil sait de vous, dans un fichier JSON\u{a0}: compte, adresses, sessions, journal.",
            "All that this appliance knows of you, as a JSON file: account, addresses, sessions, audit.";
    }
}
