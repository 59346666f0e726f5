//! What a page says once, after a form has done something: one line for each, its tone, French, English.
//!
//! A browser carries the name of a notice from the form to the next page, never its text, so nobody can put a text of
//! their own into a page.

use super::Words;

/// How a notice, a badge or a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Gone wrong.
    Bad,
    /// Neither.
    Plain,
}

macro_rules! notices {
    ($($name:ident: $tone:ident, $fr:literal, $en:literal;)*) => {
        /// What is said once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Notice { $(#[doc = $en] $name,)* }

        impl Notice {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name that a browser carries.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// How it is meant.
            pub fn tone(self) -> Tone {
                match self { $(Self::$name => Tone::$tone,)* }
            }

            /// Its text.
            pub fn text(self, words: &Words) -> &'static str {
                match self { $(Self::$name => words.pick($fr, $en),)* }
            }
        }
    };
}

notices! {
    // Events of our own.
    EventMade: Good, "C’est ajouté à l’emploi du temps.", "It is on the timetable.";
    SeriesMade: Good, "La série est ajoutée à l’emploi du temps.", "The series is on the timetable.";
    EventSaved: Good, "C’est modifié.", "It is changed.";
    EventMoved: Good, "C’est déplacé.", "It is moved.";
    EventCancelled: Good, "C’est annulé, et les calendriers le disent.", "It is cancelled, and calendars say so.";
    EventRemoved: Good, "C’est supprimé.", "It is deleted.";
    Undone: Good, "L’état précédent est revenu.", "It is as it was before.";
    NothingChanged: Plain, "Rien n’a été modifié.", "Nothing was changed.";
    // Imports.
    FileImported: Good, "Le fichier est importé.", "The file is imported.";
    FileForgotten: Warn,
        "Le fichier n’est plus en mémoire\u{a0}: choisissez-le de nouveau. Rien n’a été importé.",
        "The file is not in memory any more: choose it again. Nothing was imported.";
    // Rooms.
    RoomAdded: Good, "la salle est ajoutée.", "the room is added.";
    RoomChanged: Good, "la salle est modifiée.", "the room is changed.";
    RoomRemoved: Good, "la salle est supprimée.", "the room is removed.";
    RoomInUse: Warn,
        "d’autres cours y ont été mis entre-temps\u{a0}: regardez de nouveau.",
        "more events were put there meanwhile: look again.";
    // Feeds.
    FeedPublished: Good, "récupéré, du nouveau est publié.", "fetched, and something new is published.";
    FeedUnchanged: Good, "récupéré, rien de nouveau.", "fetched, nothing is new.";
    FeedFailed: Bad, "la récupération a échoué, voyez ci-dessous.", "the fetch failed, see below.";
    FeedHeld: Warn,
        "récupéré, mais une décision est nécessaire, voyez ci-dessous.",
        "fetched, but somebody must decide, see below.";
    FeedPaused: Good,
        "en pause\u{a0}: plus rien n’est récupéré, ce qui est publié reste.",
        "paused: nothing more is fetched, what is published stays.";
    FeedResumed: Good, "suivi de nouveau.", "followed again.";
    FeedApproved: Good, "approuvé et publié.", "approved and published.";
    FeedOvertaken: Warn,
        "la situation a changé entre-temps\u{a0}: rien n’a été approuvé, regardez de nouveau.",
        "things have changed meanwhile: nothing was approved, look again.";
    FeedAdded: Good, "ajouté, en pause jusqu’à un essai réussi.", "added, paused until a test goes well.";
    FeedChanged: Good, "enregistré.", "saved.";
    FeedRemoved: Good, "n’est plus suivi.", "is followed no more.";
    // Somebody's own.
    PasswordChanged: Good,
        "Le mot de passe est changé\u{a0}: vous n’êtes plus connecté qu’ici.",
        "The password is changed: you are signed in here alone.";
    AddressRevoked: Good, "L’adresse est révoquée\u{a0}: elle n’ouvre plus rien.", "The address is revoked: it opens nothing any more.";
    // Users.
    UserAdded: Good, "compte ajouté.", "user added.";
    UserChanged: Good, "compte enregistré.", "user saved.";
    UserPassword: Good, "nouveau mot de passe enregistré, déconnecté partout.", "has a new password, and is signed out everywhere.";
    UserDisabled: Good, "désactivé, déconnecté partout.", "disabled, and signed out everywhere.";
    UserEnabled: Good, "réactivé.", "enabled again.";
    UserErased: Good, "La personne est effacée.", "The person is erased.";
    LastAdmin: Warn,
        "Le dernier administrateur ne peut pas partir\u{a0}: donnez d’abord ce rôle à quelqu’un d’autre.",
        "The last administrator cannot go: give somebody else the role first.";
    UserRemoved: Good, "compte supprimé.", "user removed.";
    // Cohorts.
    CohortAdded: Good, "cohorte ajoutée.", "cohort added.";
    CohortChanged: Good, "cohorte enregistrée.", "cohort saved.";
    CohortRemoved: Good, "cohorte supprimée.", "cohort removed.";
    RolledOver: Good, "C’est archivé.", "Archived.";
    RolledBack: Good, "Tout est revenu dans l’emploi du temps.", "All of it is on the timetable again.";
    // The certificate.
    CertificateRenewed: Good, "Le certificat est renouvelé.", "The certificate is renewed.";
    // Signing in and out.
    SignedOut: Good, "Vous êtes déconnecté.", "You are signed out.";
}

impl Notice {
    /// The notice of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|notice| notice.name() == name).copied()
    }
}
