//! The certificate.

words! {
    /// The certificate.
    Certificate {
        title: "Certificat", "Certificate";
        off: "HTTPS est désactivé\u{a0}: il n’y a pas de certificat (tls.mode dans la configuration).", "HTTPS is off: there is no certificate (tls.mode in the configuration).";
        names: "Noms", "Names";
        made_by: "Origine", "Comes from";
        issuer: "Émis par", "Issued by";
        until: "Valable jusqu’à", "Good until";
        next: "La suite", "Next";
        last_error: "Le dernier essai a échoué", "The last try failed";
        notes: "À savoir", "To know";
        ledger: "Certificats émis", "Certificates issued";
        not_ours: "Ce certificat vient de fichiers\u{a0}: celui qui les écrit le renouvelle.", "This certificate comes from files: whoever writes them renews it.";
        renew: "Renouveler maintenant", "Renew now";
        renew_title: "Renouveler le certificat\u{a0}?", "Renew the certificate?";
        renew_does:
            "Un nouveau certificat est demandé tout de suite, ce qui peut prendre une minute. Aucune connexion n’est coupée\u{a0}; s’il n’arrive pas, l’actuel continue.",
            "A new certificate is ordered now, which may take a minute. No connection is dropped; if it does not come, the present one goes on.";
        renew_costs:
            "Une autorité n’en donne que quelques-uns par semaine, et Carillon renouvelle tout seul à temps\u{a0}: rarement utile.",
            "An authority gives only a few a week, and Carillon renews by itself in time: this is seldom needed.";
        failed: "Le certificat n’a pas été renouvelé.", "The certificate was not renewed.";
    }
}
