//! Days and moments.

words! {
    /// Days and moments.
    Days {
        today: "aujourd’hui", "today";
        tomorrow: "demain", "tomorrow";
        now: "en ce moment", "now";
        just_now: "à l’instant", "just now";
        any_moment: "d’un instant à l’autre", "any moment now";
        never: "jamais", "never";
        all_day: "journée", "all day";
    }
}
