//! Problems as pages.

words! {
    /// Problems as pages.
    Trouble {
        to_front: "Page d’accueil", "Front page";
        not_found: "Page introuvable", "Page not found";
        not_found_text:
            "Il n’y a rien à cette adresse. Elle est peut-être mal recopiée, ou ce qu’elle montrait n’existe plus.",
            "There is nothing at this address. It may have been copied badly, or what it showed is gone.";
        no_key: "Cette adresse n’ouvre rien", "This address opens nothing";
        no_key_text:
            "Un calendrier fermé s’ouvre par une adresse personnelle, et celle-ci n’est pas ou plus valable. L’administrateur peut vous en donner une autre.",
            "A closed calendar opens by a personal address, and this one is not valid, or not any more. The administrator can give you another.";
        forbidden: "Accès refusé", "Not allowed";
        forbidden_text:
            "Votre compte n’ouvre pas cette page, ou la demande venait d’un autre site. Revenez à l’accueil et réessayez d’ici.",
            "Your account does not open this page, or another site sent this request. Go back to the front page and try again from here.";
        too_large: "Trop volumineux", "Too large";
        too_large_text:
            "Ce qui a été envoyé dépasse ce que cette page accepte. Revenez à la page précédente et envoyez un fichier plus petit.",
            "What was sent is more than this page takes. Go back to the page before and send a smaller file.";
        outdated: "Quelqu’un a été plus rapide", "Somebody was faster";
        outdated_text:
            "Ce que vous changiez a été modifié entre-temps. Revenez à la page précédente, actualisez-la et recommencez.",
            "What you were changing was changed meanwhile. Go back to the page before, load it again and start over.";
        gone: "C’est déjà fait", "This is done already";
        gone_text: "Ce Carillon a un administrateur\u{a0}: connectez-vous.", "This Carillon has an administrator: sign in.";
        busy: "Trop de monde à la fois", "Too many at once";
        busy_text:
            "Trop de personnes se connectent en ce moment. Réessayez dans quelques secondes.",
            "Too many people are signing in at this moment. Try again in a few seconds.";
        unavailable: "Pas encore prêt", "Not ready yet";
        unavailable_text:
            "Ce calendrier n’a pas encore été récupéré. Réessayez dans une minute.",
            "This calendar was not fetched yet. Try again in a minute.";
        failed: "Une erreur s’est produite", "Something went wrong";
        failed_text:
            "La faute est ici, pas chez vous. Réessayez dans un instant.",
            "The fault is here, not with you. Try again in a moment.";
        refused: "Demande incomprise", "Request not understood";
        refused_text:
            "Quelque chose manque dans cette demande. Revenez à la page précédente et réessayez.",
            "Something is missing in this request. Go back to the page before and try again.";
    }
}
