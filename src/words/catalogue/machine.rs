//! A clock that is not trusted, and certificates.

words! {
    /// A clock that is not trusted, and certificates.
    Machine {
        clock_never:
            "La configuration dit de ne pas s’y fier ([clock] trust = \"never\").",
            "The configuration says not to trust it ([clock] trust = \"never\").";
        clock_unvouched:
            "Aucun serveur de temps ni aucun site d’Internet ne la confirme\u{a0}: ouvrez NTP vers l’extérieur, ou écrivez [clock] trust = \"always\" si vous la réglez vous-même.",
            "No time server and no site on the internet confirms it: let NTP out, or write [clock] trust = \"always\" if you set it yourself.";
        clock_contradicted:
            "Des sites d’Internet donnent une autre heure\u{a0}: ouvrez NTP vers l’extérieur, ou réglez-la.",
            "Sites on the internet say another time: let NTP out, or set it.";
        clock_behind:
            "Ce moment est déjà passé\u{a0}: ouvrez NTP vers l’extérieur, ou réglez-la\u{a0}; si elle est juste, [clock] trust = \"always\" fait oublier l’heure retenue.",
            "That moment has passed: let NTP out, or set it; if it is right, [clock] trust = \"always\" forgets the time on record.";
        clock_until_then:
            "En attendant, tout est servi et suivi\u{a0}; aucun certificat n’est demandé, aucune adresse n’expire.",
            "Until then everything is served and followed; no certificate is ordered and no address expires.";
        tls_acme: "certificat d’une autorité reconnue, renouvelé tout seul", "certificate of a known authority, renewed by itself";
        tls_own: "certificat de notre propre autorité", "certificate of our own authority";
        tls_temporary: "certificat provisoire", "temporary certificate";
        certificate_temporary:
            "Aucun appareil ne reconnaît ce certificat\u{a0}: le premier vrai n’est pas encore là.",
            "No device trusts this certificate: the first real one is not there yet.";
        certificate_expired: "Le certificat a expiré\u{a0}: les appareils refusent de se connecter.", "The certificate has expired: devices refuse to connect.";
        certificate_lapsing:
            "Le certificat expire bientôt, et son renouvellement échoue.",
            "The certificate ends soon, and its renewal fails.";
        certificate_late: "Le certificat devrait déjà être renouvelé.", "The certificate should have been renewed by now.";
        certificate_failed:
            "Le dernier renouvellement a échoué\u{a0}; le certificat actuel reste bon.",
            "The last renewal failed; the present certificate is still good.";
        certificate_not_yet:
            "Le certificat commence plus tard, d’après l’horloge de cette machine.",
            "The certificate begins later, by this machine’s clock.";
    }
}
