//! Imports of events.

words! {
    /// Imports of events.
    Import {
        title: "Importer", "Import";
        text:
            "Un tableau (.xlsx, .ods, .csv) ou un calendrier (.ics) devient des cours. Vous voyez d’abord ce qui se passera.",
            "A table (.xlsx, .ods, .csv) or a calendar (.ics) becomes events. You see first what will happen.";
        file: "Fichier", "File";
        file_hint:
            "Colonnes\u{a0}: start, end, subject, et si possible kind, notes, room, teacher, cohort. 8 Mio au plus.",
            "Columns: start, end, subject, and if possible kind, notes, room, teacher, cohort. At most 8 MiB.";
        no_file: "Choisissez un fichier.", "Choose a file.";
        cohort: "Promotion", "Cohort";
        cohort_of_file: "Comme le dit le fichier", "As the file says";
        bad_cohort:
            "Choisissez la promotion\u{a0}: le fichier ne la dit pas, ou elle n’existe pas.",
            "Choose the cohort: the file does not say it, or there is none of that name.";
        unknown: "Salles, enseignants et promotions inconnus", "Unknown rooms, teachers and cohorts";
        refuse: "signaler comme erreur", "report as a mistake";
        create: "créer", "make them";
        leave_out: "laisser vide", "leave empty";
        old_numbers: "Le fichier a des numéros de salle d’un ancien système", "The file has room numbers of an older system";
        map_rooms: "Numéros et salles", "Numbers and rooms";
        map_rooms_hint: "Par exemple 1:2Z34,2:B12.", "For example 1:2Z34,2:B12.";
        bad_map_rooms: "Écrivez NUMÉRO:SALLE, séparés par des virgules, comme 1:2Z34,2:B12.", "Write NUMBER:ROOM with commas between them, as in 1:2Z34,2:B12.";
        allow_conflicts: "Importer même ce qui se chevauche", "Import even what clashes";
        look: "Voir ce qui se passera", "See what will happen";
        look_again: "Essayer ainsi", "Try it so";
        nothing_yet: "Rien n’est encore écrit.", "Nothing is written yet.";
        preview: "Aperçu", "Preview";
        apply: "Importer", "Import it";
        another_file: "Un autre fichier", "Another file";
        look_at: "À regarder", "To be looked at";
        row: "Ligne", "Row";
        fate: "Effet", "Effect";
        created: "nouveau", "new";
        updated: "modifié", "changed";
        unchanged: "inchangé", "as it is";
        mistake: "Erreur", "Mistake";
        all_or_nothing:
            "Rien n’est importé tant qu’il en reste une\u{a0}: corrigez le fichier, ou essayez autrement ci-dessous.",
            "Nothing is imported while one is left: put the file right, or try it otherwise below.";
        otherwise: "Essayer autrement", "Try it otherwise";
        done: "Importé", "Imported";
    }
}
