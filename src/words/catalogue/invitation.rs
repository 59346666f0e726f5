//! A link to choose a password by.

words! {
    /// A link to choose a password by.
    Invitation {
        title: "Choisir un mot de passe", "Choose a password";
        text:
            "Ce lien vous laisse choisir votre mot de passe, une fois. Vous serez ensuite connecté ici, et déconnecté partout ailleurs.",
            "This link lets you choose your password, once. Then you are signed in here, and signed out everywhere else.";
        submit: "Enregistrer et se connecter", "Save and sign in";
        key: "Clé du lien", "Key of the link";
        key_hint: "Ce qui suit le # dans le lien reçu.", "What stands behind the # of the link that you were given.";
        password: "Nouveau mot de passe", "New password";
        bad_key:
            "Ce lien est faux, déjà utilisé ou trop ancien. Demandez-en un autre à l’administrateur.",
            "This link is wrong, used or too old. Ask the administrator for another.";
    }
}
