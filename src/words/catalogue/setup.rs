//! The first administrator.

words! {
    /// The first administrator.
    Setup {
        title: "Mise en route", "Set-up";
        text: "Créez le premier administrateur de ce Carillon.", "Make the first administrator of this Carillon.";
        submit: "Créer l’administrateur", "Make the administrator";
        key: "Clé de mise en route", "Set-up key";
        key_hint: "Ce qui suit le # dans le lien de mise en route.", "What stands behind the # of the set-up link.";
        login_hint: "Lettres de a à z, chiffres, point, tiret.", "Letters a to z, digits, full stop, hyphen.";
        name: "Nom", "Name";
        name_hint: "Tel qu’on doit le lire.", "As people should read it.";
        email: "Adresse e-mail", "E-mail address";
        password_hint: "Au moins 10 caractères.", "At least 10 characters.";
        bad_key:
            "Cette clé est fausse, déjà utilisée ou trop ancienne. Un redémarrage du service en donne une autre.",
            "This key is wrong, used or too old. A restart of the service makes another.";
        bad_login:
            "De 1 à 64 caractères\u{a0}: lettres de a à z, chiffres, point, tiret, souligné.",
            "1 to 64 characters: letters a to z, digits, full stop, hyphen, underscore.";
        login_taken: "Cet identifiant est déjà pris.", "This login is taken.";
        bad_name: "Donnez un nom, de 200 caractères au plus.", "Give a name of at most 200 characters.";
        bad_email: "Cette adresse ne semble pas complète.", "This address does not look complete.";
        bad_password: "Choisissez au moins 10 caractères.", "Choose at least 10 characters.";
    }
}
