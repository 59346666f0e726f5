//! How a calendar comes onto a phone.

words! {
    /// How a calendar comes onto a phone.
    Subscribe {
        title: "S’abonner", "Subscribe";
        text:
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
            "Ce calendrier n’est pas public\u{a0}: chacun s’y abonne par une adresse personnelle.",
            "This calendar is not public: everybody subscribes by an address of their own.";
        all_mine: "Mes adresses", "My addresses";
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
            "Vous avez déjà beaucoup d’adresses personnelles. Révoquez d’abord celles qui ne servent plus.",
            "You have many personal addresses already. First revoke those that nobody uses any more.";
        to_calendar: "Retour au calendrier", "Back to the calendar";
    }
}
