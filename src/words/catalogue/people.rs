//! Users, as the administrator sees them.

words! {
    /// Users, as the administrator sees them.
    People {
        title: "Comptes", "Users";
        add: "Ajouter un compte", "Add a user";
        none: "Aucun compte ne correspond.", "No user matches.";
        search: "Nom ou identifiant", "Name or login";
        any_role: "tous", "any";
        any_cohort: "toutes", "any";
        name: "Nom", "Name";
        email: "Adresse e-mail", "E-mail";
        email_hint: "Sert aussi à se connecter.", "Signs in too.";
        email_taken: "Un autre compte a cette adresse.", "Another user has this address.";
        role: "Rôle", "Role";
        roles: "Rôles", "Roles";
        roles_hint:
            "L’administrateur fait tout\u{a0}; le planificateur les cohortes, les salles et tout l’emploi du temps\u{a0}; l’enseignant ses propres cours\u{a0}; l’étudiant lit ses cohortes.",
            "Administrators do everything; planners run cohorts, rooms and the whole timetable; teachers their own events; students read their cohorts.";
        cohorts: "Cohortes", "Cohorts";
        admin: "administrateur", "administrator";
        planner: "planificateur", "planner";
        teacher: "enseignant", "teacher";
        student: "étudiant", "student";
        enabled: "actif", "active";
        disabled: "désactivé", "disabled";
        no_password: "sans mot de passe", "no password";
        erased: "(effacé)", "(erased)";
        first_password: "Mot de passe", "Password";
        first_password_hint:
            "Au moins 10 caractères, à lui transmettre. Sans mot de passe, personne ne peut encore se connecter avec ce compte.",
            "At least 10 characters, to be passed on. Without one nobody can sign in as them yet.";
        save: "Enregistrer", "Save";
        own_roles: "Personne ne change ses propres rôles\u{a0}: demandez à un autre administrateur.", "Nobody changes their own roles: ask another administrator.";
        last_admin: "C’est le dernier administrateur\u{a0}: donnez d’abord ce rôle à quelqu’un d’autre.", "This is the last administrator: give somebody else the role first.";
        overtaken:
            "Quelqu’un a modifié ce compte entre-temps\u{a0}: rouvrez la page, puis recommencez.",
            "Somebody has changed this user meanwhile: open the page again, then start over.";
        is_disabled: "Ce compte est désactivé\u{a0}: il ne peut pas se connecter, et ses adresses n’ouvrent rien.", "This user is disabled: they cannot sign in, and their addresses open nothing.";
        has_no_password: "Ce compte n’a pas encore de mot de passe.", "This user has no password yet.";
        more: "Autres actions", "More";
        reset: "Nouveau mot de passe", "New password";
        reset_does:
            "L’ancien mot de passe ne marchera plus, et la personne sera déconnectée partout. Ses adresses de calendrier continuent. Transmettez-lui le nouveau, elle le changera sur sa page.",
            "The old password stops working, and they are signed out everywhere. Their calendar addresses go on. Pass the new one on; they can change it on their own page.";
        data: "Télécharger ses données", "Download their data";
        enable: "Réactiver", "Enable";
        disable: "Désactiver", "Disable";
        disable_title: "Désactiver ce compte\u{a0}?", "Disable this user?";
        disable_does:
            "La personne est déconnectée partout, ne peut plus se connecter, et les adresses qu’elle a faites n’ouvrent plus rien. Rien n’est perdu\u{a0}: vous pourrez la réactiver.",
            "They are signed out everywhere, cannot sign in any more, and the addresses that they made open nothing. Nothing is lost: you can enable them again.";
        remove: "Supprimer…", "Remove…";
        remove_title: "Supprimer ce compte\u{a0}?", "Remove this user?";
        remove_does:
            "La personne est déconnectée, ne peut plus se connecter, et les adresses qu’elle a faites sont révoquées. On ne peut pas revenir en arrière.",
            "They are signed out, cannot sign in any more, and the addresses that they made are revoked. This cannot be undone.";
        remove_or_erase:
            "Le journal garde son nom\u{a0}; pour qu’il l’oublie aussi, effacez la personne.",
            "The audit keeps their name; to have it forgotten there too, erase the person.";
        remove_button: "Supprimer", "Remove";
        erase: "Effacer…", "Erase…";
        erase_title: "Effacer cette personne\u{a0}?", "Erase this person?";
        erase_does:
            "Son nom, son identifiant et son adresse disparaissent du compte, du journal et de l’emploi du temps\u{a0}; ses adresses de calendrier sont révoquées. On ne peut pas revenir en arrière.",
            "Their name, login and address vanish from the user, the audit and the timetable; their calendar addresses are revoked. This cannot be undone.";
        erase_keeps:
            "Ses cours et ce que le journal raconte restent, sous un nom qui ne dit rien. Ce que d’autres ont écrit dans les notes des cours n’est pas relu.",
            "Their events and what the audit tells stay, under a name that says nothing. What others have written in the notes of events is not looked through.";
        erase_again: "Recopiez exactement l’identifiant.", "Write exactly this login.";
        erase_button: "Effacer pour toujours", "Erase for good";
    }
}
