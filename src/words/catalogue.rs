//! The fixed texts, one line for each: its name, French, English.

use crate::config::Language;

macro_rules! words {
    ($($key:ident: $fr:literal, $en:literal;)*) => {
        /// The fixed texts in one language.
        #[derive(Debug)]
        pub struct Words {
            /// Which language.
            pub language: Language,
            $(#[doc = $en] pub $key: &'static str,)*
        }

        pub(super) static FRENCH: Words = Words { language: Language::Fr, $($key: $fr,)* };
        pub(super) static ENGLISH: Words = Words { language: Language::En, $($key: $en,)* };

        /// The names of all texts.
        #[cfg(test)]
        pub(super) const KEYS: &[&str] = &[$(stringify!($key)),*];
    };
}

words! {
    // Shell.
    skip: "Aller au contenu", "Skip to content";
    navigation: "Navigation", "Navigation";
    sign_in: "Se connecter", "Sign in";
    sign_out: "Se déconnecter", "Sign out";
    administration: "Administration", "Administration";
    one_moment: "Un instant…", "One moment…";
    // Days.
    today: "aujourd’hui", "today";
    tomorrow: "demain", "tomorrow";
    now: "en ce moment", "now";
    just_now: "à l’instant", "just now";
    any_moment: "d’un instant à l’autre", "any moment now";
    never: "jamais", "never";
    all_day: "journée", "all day";
    // Front page.
    front: "L’emploi du temps, dans votre téléphone", "The timetable, on your phone";
    front_text:
        "Carillon suit les plannings de l’école et les donne à votre agenda, qui se met à jour tout seul. Choisissez votre groupe, abonnez-vous une fois, c’est tout.",
        "Carillon follows the school’s timetables and hands them to your calendar, which then updates by itself. Choose your group, subscribe once, and that is all.";
    calendars: "Calendriers", "Calendars";
    none_public: "Aucun calendrier n’est ouvert à tous.", "No calendar is open to everybody.";
    none_yours: "Aucun calendrier ne vous est ouvert pour l’instant.", "No calendar is open to you yet.";
    more_inside: "Votre groupe n’est pas dans la liste\u{a0}?", "Your group is not in the list?";
    closed: "adresse personnelle", "personal address";
    not_set_up:
        "Ce Carillon n’a pas encore d’administrateur\u{a0}: ouvrez le lien de mise en route qui est dans le journal du service (journalctl -u carillon).",
        "This Carillon has no administrator yet: open the set-up link that is in the service’s journal (journalctl -u carillon).";
    // A cohort's page.
    coming: "À venir", "Coming up";
    nothing_coming: "Rien de prévu dans les 60 prochains jours.", "Nothing planned for the next 60 days.";
    untitled: "(sans titre)", "(untitled)";
    cancelled: "annulé", "cancelled";
    more: "Détails", "Details";
    no_source:
        "Aucun planning n’est encore relié à ce calendrier",
        "No planning site is connected to this calendar yet";
    not_yet: "Pas encore récupéré", "Not fetched yet";
    // Subscribing.
    subscribe: "S’abonner", "Subscribe";
    subscribe_text:
        "Une seule fois\u{a0}: ensuite votre agenda suit les changements tout seul.",
        "Once is enough: your calendar then follows the changes by itself.";
    address: "Adresse du calendrier", "Address of the calendar";
    copy: "Copier", "Copy";
    copied: "Adresse copiée", "Address copied";
    open_in_calendar: "Ouvrir dans l’agenda", "Open in the calendar";
    qr_label: "Code QR de l’adresse du calendrier", "QR code of the calendar’s address";
    qr_text: "À scanner avec un téléphone", "Scan it with a phone";
    apple: "iPhone, iPad, Mac", "iPhone, iPad, Mac";
    apple_1:
        "Touchez «\u{a0}Ouvrir dans l’agenda\u{a0}», puis «\u{a0}S’abonner\u{a0}».",
        "Tap “Open in the calendar”, then “Subscribe”.";
    apple_2:
        "Si rien ne s’ouvre\u{a0}: Réglages > Apps > Calendrier > Comptes > Ajouter un compte > Autre > Ajouter un calendrier (abonnement), et collez l’adresse.",
        "If nothing opens: Settings > Apps > Calendar > Calendar Accounts > Add Account > Other > Add Subscribed Calendar, and paste the address.";
    android: "Android (ICSx⁵)", "Android (ICSx⁵)";
    android_1:
        "Installez ICSx⁵ (F-Droid ou Google Play) et copiez l’adresse ci-dessus.",
        "Install ICSx⁵ (F-Droid or Google Play) and copy the address above.";
    android_2: "Dans ICSx⁵, touchez +, collez l’adresse, validez.", "In ICSx⁵ tap +, paste the address, confirm.";
    android_3:
        "Les cours apparaissent dans l’agenda du téléphone, à l’intervalle réglé dans ICSx⁵.",
        "The events appear in the phone’s calendar, as often as ICSx⁵ is set to look.";
    google: "Google Agenda", "Google Calendar";
    google_1: "Copiez l’adresse ci-dessus.", "Copy the address above.";
    google_2:
        "Sur un ordinateur, ouvrez calendar.google.com, puis Paramètres > Ajouter un agenda > À partir de l’URL.",
        "On a computer open calendar.google.com, then Settings > Add calendar > From URL.";
    google_3:
        "Collez l’adresse et choisissez «\u{a0}Ajouter un agenda\u{a0}».",
        "Paste the address and choose “Add calendar”.";
    google_4:
        "Google ne regarde que toutes les 8 à 24 heures\u{a0}: pour les changements de dernière minute, préférez l’agenda du téléphone ou cette page.",
        "Google looks only every 8 to 24 hours: for last-minute changes prefer the phone’s own calendar, or this page.";
    outlook: "Outlook", "Outlook";
    outlook_1: "Copiez l’adresse ci-dessus.", "Copy the address above.";
    outlook_2:
        "Dans Outlook sur le web\u{a0}: Calendrier > Ajouter un calendrier > S’abonner à partir du web.",
        "In Outlook on the web: Calendar > Add calendar > Subscribe from web.";
    outlook_3:
        "Collez l’adresse, donnez un nom, importez. Outlook regarde toutes les 3 heures environ.",
        "Paste the address, give it a name, import. Outlook looks about every 3 hours.";
    thunderbird: "Thunderbird", "Thunderbird";
    thunderbird_1:
        "Choisissez «\u{a0}Ouvrir dans l’agenda\u{a0}», ou Fichier > Nouveau > Agenda > Sur le réseau.",
        "Choose “Open in the calendar”, or File > New > Calendar > On the Network.";
    thunderbird_2: "Collez l’adresse, sans nom d’utilisateur.", "Paste the address, without a user name.";
    thunderbird_3:
        "Choisissez iCalendar (ICS) si on vous le demande, puis abonnez-vous.",
        "Choose iCalendar (ICS) if you are asked, then subscribe.";
    download: "Télécharger le fichier .ics", "Download the .ics file";
    download_text: "(une copie d’aujourd’hui, qui ne se met pas à jour).", "(a copy of today that does not update).";
    personal_text:
        "Ce calendrier n’est pas public\u{a0}: chacun s’y abonne par une adresse personnelle. L’administrateur en donne une à qui doit en avoir.",
        "This calendar is not public: everybody subscribes by an address of their own. The administrator hands them out.";
    make_address: "Créer mon adresse", "Make my address";
    personal_once:
        "Elle ne s’affichera qu’une fois\u{a0}: ayez votre téléphone à portée de main.",
        "It is shown only once: have your phone at hand.";
    your_address: "Votre adresse personnelle", "Your personal address";
    address_once:
        "Elle ne s’affiche que cette fois. Qui la possède lit ce calendrier\u{a0}: ne la partagez pas.",
        "It is shown this once. Whoever has it can read this calendar: do not share it.";
    too_many: "Trop d’adresses", "Too many addresses";
    too_many_text:
        "Vous avez déjà beaucoup d’adresses personnelles. Demandez à l’administrateur d’en révoquer une.",
        "You have many personal addresses already. Ask the administrator to revoke one.";
    to_calendar: "Retour au calendrier", "Back to the calendar";
    // Signing in.
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
    // First start.
    setup: "Mise en route", "Set-up";
    setup_text: "Créez le premier administrateur de ce Carillon.", "Make the first administrator of this Carillon.";
    setup_do: "Créer l’administrateur", "Make the administrator";
    setup_key: "Clé de mise en route", "Set-up key";
    setup_key_hint: "Ce qui suit le # dans le lien de mise en route.", "What stands behind the # of the set-up link.";
    login_hint: "Lettres de a à z, chiffres, point, tiret.", "Letters a to z, digits, full stop, hyphen.";
    name: "Nom", "Name";
    name_hint: "Tel qu’on doit le lire.", "As people should read it.";
    email: "Adresse e-mail", "E-mail address";
    optional: "Facultative.", "Optional.";
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
    // A link to choose a password by.
    choose_password: "Choisir un mot de passe", "Choose a password";
    choose_password_text:
        "Ce lien vous laisse choisir votre mot de passe, une fois. Vous serez ensuite connecté ici, et déconnecté partout ailleurs.",
        "This link lets you choose your password, once. Then you are signed in here, and signed out everywhere else.";
    choose_password_do: "Enregistrer et se connecter", "Save and sign in";
    new_password: "Nouveau mot de passe", "New password";
    link_key: "Clé du lien", "Key of the link";
    link_key_hint: "Ce qui suit le # dans le lien reçu.", "What stands behind the # of the link that you were given.";
    bad_link:
        "Ce lien est faux, déjà utilisé ou trop ancien. Demandez-en un autre à l’administrateur.",
        "This link is wrong, used or too old. Ask the administrator for another.";
    // The status page.
    feeds: "Plannings suivis", "Planning sites";
    this_box: "Cet appareil", "This appliance";
    all_feeds_well: "Tout va bien.", "All is well.";
    no_feed:
        "Aucun planning n’est suivi. Ajoutez-en un en ligne de commande\u{a0}:",
        "No planning site is followed yet. Add one on the command line:";
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
    done_published: "récupéré, du nouveau est publié.", "fetched, and something new is published.";
    done_unchanged: "récupéré, rien de nouveau.", "fetched, nothing is new.";
    done_failed: "la récupération a échoué, voyez ci-dessous.", "the fetch failed, see below.";
    done_held:
        "récupéré, mais une décision est nécessaire, voyez ci-dessous.",
        "fetched, but somebody must decide, see below.";
    done_paused:
        "en pause\u{a0}: plus rien n’est récupéré, ce qui est publié reste.",
        "paused: nothing more is fetched, what is published stays.";
    done_resumed: "suivi de nouveau.", "followed again.";
    done_approved: "approuvé et publié.", "approved and published.";
    done_overtaken:
        "la situation a changé entre-temps\u{a0}: rien n’a été approuvé, regardez de nouveau.",
        "things have changed meanwhile: nothing was approved, look again.";
    subscribers: "Adresses personnelles en service", "Personal addresses in use";
    users: "Comptes", "Accounts";
    tls_off: "non", "no";
    tls_files: "certificat dans des fichiers", "certificate in files";
    // A clock that is not trusted.
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
    // Trouble.
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
