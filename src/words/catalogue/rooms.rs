//! Rooms, for staff.

words! {
    /// Rooms, for staff.
    Rooms {
        title: "Salles", "Rooms";
        add: "Ajouter une salle", "Add a room";
        change: "Modifier la salle", "Change the room";
        remove: "Supprimer la salle", "Remove the room";
        none: "Aucune salle pour l’instant.", "No rooms yet.";
        look: "Voir", "Look";
        free: "Disponibilité", "Availability";
        take: "Réserver", "Book";
        acts: "Actions", "Actions";
        name: "Nom", "Name";
        name_hint: "Comme sur la porte.", "As on the door.";
        capacity: "Places", "Seats";
        kind: "Type", "Kind";
        kind_hint: "Par exemple amphi, labo.", "For example lecture hall, lab.";
        aliases: "Autres noms", "Other names";
        aliases_hint: "Un par ligne\u{a0}: comment les plannings reliés l’écrivent.", "One on each line: as connected planning sites write it.";
        bad_name:
            "De 1 à 200 caractères, avec des lettres ou des chiffres, et pas un mot réservé comme «\u{a0}free\u{a0}».",
            "1 to 200 characters, with letters or digits, and no reserved word such as “free”.";
        name_taken: "Une autre salle porte déjà ce nom.", "Another room has this name already.";
        bad_capacity: "Un nombre de places, de 1 à 100 000.", "A number of seats, from 1 to 100,000.";
        bad_alias: "Un de ces noms n’a ni lettre ni chiffre, ou est trop long.", "One of these names has neither letters nor digits, or is too long.";
        alias_taken: "Un de ces noms est déjà celui d’une autre salle.", "One of these names is another room’s already.";
        nothing_hangs: "Aucun cours n’a lieu dans cette salle.", "No event is in this room.";
    }
}
