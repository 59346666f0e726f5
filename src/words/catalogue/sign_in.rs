//! Signing in.

words! {
    /// Signing in.
    SignIn {
        login_or_email: "Identifiant ou adresse e-mail", "Login or e-mail address";
        login: "Identifiant", "Login";
        password: "Mot de passe", "Password";
        bad_sign_in: "L’identifiant ou le mot de passe est faux.", "The login or the password is wrong.";
        session_over:
            "Votre session est terminée\u{a0}: connectez-vous de nouveau, et vous reviendrez où vous étiez.",
            "Your session has ended: sign in again, and you will be back where you were.";
        sign_in_for_page: "Cette page demande de se connecter.", "This page needs somebody who is signed in.";
        no_account:
            "Pas de compte, ou mot de passe oublié\u{a0}? Demandez à l’administrateur.",
            "No account, or a forgotten password? Ask the administrator.";
    }
}
