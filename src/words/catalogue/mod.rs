//! The fixed texts, one file for each area of the pages, one line for each text: its name, French, English.
//!
//! A page says `words.edit.cancel_reason`. An area is a file beside this one and a line in the list below; a text without
//! its translation does not compile, and one that nobody says fails a test.

use crate::config::Language;

/// The texts of an area, in both languages.
macro_rules! words {
    ($(#[$about:meta])* $area:ident { $($key:ident: $fr:literal, $en:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $area { $(#[doc = $en] pub $key: &'static str,)* }

        impl $area {
            pub(super) const FRENCH: Self = Self { $($key: $fr,)* };
            pub(super) const ENGLISH: Self = Self { $($key: $en,)* };
            #[cfg(test)]
            pub(super) const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];
        }
    };
}

macro_rules! areas {
    ($($area:ident: $texts:ident;)*) => {
        $(mod $area; pub use $area::$texts;)*

        /// The fixed texts in one language.
        #[derive(Debug)]
        pub struct Words {
            /// Which language.
            pub language: Language,
            $(#[doc = concat!("The area `", stringify!($area), "`.")] pub $area: $texts,)*
        }

        pub(super) static FRENCH: Words = Words { language: Language::Fr, $($area: $texts::FRENCH,)* };
        pub(super) static ENGLISH: Words = Words { language: Language::En, $($area: $texts::ENGLISH,)* };

        /// The names of all texts, by area.
        #[cfg(test)]
        pub(super) const KEYS: &[(&str, &[&str])] = &[$((stringify!($area), $texts::KEYS)),*];
    };
}

// By the alphabet, so that two who add an area rarely meet.
areas! {
    audit: Audit;
    certificate: Certificate;
    changes: Changes;
    cohort: Cohort;
    cohorts_admin: CohortsAdmin;
    days: Days;
    edit: Edit;
    feed: Feed;
    form: Form;
    front: Front;
    import: Import;
    invitation: Invitation;
    keys: Keys;
    machine: Machine;
    me: Me;
    people: People;
    rollover: Rollover;
    rooms: Rooms;
    setup: Setup;
    shell: Shell;
    sign_in: SignIn;
    status: Status;
    subscribe: Subscribe;
    trouble: Trouble;
    views: Views;
}
