//! What every form says.

words! {
    /// What every form says.
    Form {
        mistakes: "À corriger\u{a0}:", "To be put right:";
        optional: "facultatif", "optional";
        cancel: "Annuler", "Cancel";
    }
}
