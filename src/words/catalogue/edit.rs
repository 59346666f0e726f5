//! Making, changing, cancelling and removing events.

words! {
    /// Making, changing, cancelling and removing events.
    Edit {
        new_event: "Nouveau cours", "New event";
        change_event: "Modifier", "Change";
        move_event: "Déplacer", "Move";
        cancel_event: "Annuler ce cours", "Cancel this event";
        remove_event: "Supprimer", "Delete";
        make: "Ajouter", "Add it";
        save: "Enregistrer", "Save";
        move_it: "Déplacer", "Move it";
        keep_it: "Ne rien changer", "Leave it as it is";
        to_event: "Retour au cours", "Back to the event";
        // What an event has.
        when: "Quand", "When";
        subject: "Matière", "Subject";
        kind: "Type", "Kind";
        kinds: "CM, TD, TP, Examen, Projet, Réunion", "Lecture, Tutorial, Practical, Exam, Project, Meeting";
        date: "Jour", "Day";
        start: "Début", "Start";
        end: "Fin", "End";
        another_day: "Finit un autre jour", "Ends on another day";
        end_date: "Jour de la fin", "Day of the end";
        room: "Salle", "Room";
        no_room: "Sans salle", "No room";
        is_free: "libre", "free";
        is_not_free: "occupée", "taken";
        teacher: "Enseignant", "Teacher";
        no_teacher: "Sans enseignant", "No teacher";
        cohorts: "Promotions", "Cohorts";
        status: "État", "Status";
        confirmed: "confirmé", "confirmed";
        tentative: "à confirmer", "to be confirmed";
        cancelled: "annulé", "cancelled";
        notes: "Informations", "Notes";
        notes_hint: "Les étudiants les lisent dans leur calendrier.", "Students read them in their calendar.";
        gone: "(supprimé)", "(removed)";
        // Series.
        series: "Série", "Series";
        weekly: "Répéter chaque semaine", "Repeat each week";
        until: "Jusqu’au", "Until";
        except: "Sauf les jours", "Except on";
        except_hint: "Par exemple 24/12/2026, 31/12/2026.", "For example 24/12/2026, 31/12/2026.";
        scope: "Pour", "For";
        this_one: "ce cours seulement", "this event only";
        this_and_following: "celui-ci et les suivants", "this one and those after it";
        all_of_series: "toute la série", "the whole series";
        moves_this_one: "Seul ce cours de la série est déplacé.", "Only this event of the series is moved.";
        // Mistakes.
        no_subject: "Donnez une matière.", "Give a subject.";
        no_date: "Choisissez un jour.", "Choose a day.";
        no_start: "Donnez l’heure du début.", "Say when it starts.";
        no_end: "Donnez l’heure de la fin.", "Say when it ends.";
        bad_date: "Ce jour ne se lit pas\u{a0}: écrivez 23/11/2026.", "This is no day: write 23/11/2026.";
        bad_time: "Cette heure ne se lit pas\u{a0}: écrivez 08:15.", "This is no time: write 08:15.";
        end_before_start: "La fin doit venir après le début.", "The end must come after the start.";
        bad_length: "La fin doit venir après le début, au plus 7 jours après.", "The end must come after the start, at most 7 days after it.";
        skipped_time:
            "Cette heure n’existe pas ce jour-là, où l’on avance les montres.",
            "This time does not exist on that day, when the clocks go forward.";
        doubled_time:
            "Cette heure vient deux fois ce jour-là, où l’on recule les montres\u{a0}: prenez-en une autre.",
            "This time comes twice on that day, when the clocks go back: take another.";
        bad_subject: "De 1 à 10 000 caractères.", "1 to 10,000 characters.";
        bad_kind: "Au plus 40 caractères.", "At most 40 characters.";
        bad_notes: "Au plus 10 000 caractères.", "At most 10,000 characters.";
        room_is_gone: "Cette salle n’existe plus.", "This room is gone.";
        teacher_is_gone: "Cet enseignant n’existe plus.", "This teacher is gone.";
        cohort_is_gone: "Une de ces promotions n’existe plus.", "One of these cohorts is gone.";
        bad_until:
            "Un jour après le premier cours, pour 200 cours au plus.",
            "A day after the first event, for at most 200 events.";
        bad_except:
            "Des jours comme 24/12/2026, séparés par des virgules\u{a0}; il doit rester au moins un cours.",
            "Days such as 24/12/2026, with commas between them; at least one event must be left.";
        skipped_week:
            "Une semaine, cette heure n’existe pas ou vient deux fois (changement d’heure)\u{a0}: exceptez ce jour.",
            "In one week this time does not exist or comes twice (the clocks change): except that day.";
        // In the way.
        in_the_way: "Autre chose est déjà prévu", "Something else is on already";
        room_is_taken: "Cette salle est occupée à ce moment.", "This room is taken at that time.";
        room_is_small: "Cette salle est trop petite.", "This room is too small.";
        teacher_is_taken: "L’enseignant a déjà cours à ce moment.", "The teacher is busy at that time.";
        you_are_taken: "Vous avez déjà cours à ce moment.", "You are busy at that time.";
        cohort_is_taken: "Une promotion a déjà cours à ce moment.", "A cohort is busy at that time.";
        take_free_room: "Prendre une salle libre", "Take a free room";
        no_room_free: "Aucune salle assez grande n’est libre à ce moment.", "No room that is large enough is free at that time.";
        allow_conflicts: "Je l’ai vu, et je le veux ainsi", "I have seen it, and want it so";
        // Somebody was faster.
        overtaken:
            "Ce cours a été modifié depuis que vous avez ouvert ce formulaire. Rien n’est encore enregistré. Enregistrer maintenant met votre version à la place.",
            "This event was changed since you opened this form. Nothing is saved yet. To save now puts your version in its place.";
        overtaken_alike: "Les deux versions disent la même chose.", "Both versions say the same.";
        field: "Champ", "Field";
        theirs: "Maintenant", "Now";
        yours: "Votre version", "Your version";
        leave_theirs: "Garder ce qui est là", "Keep what is there";
        // To cancel, to remove, to take back.
        cancel_text:
            "Le cours reste visible deux semaines, marqué «\u{a0}annulé\u{a0}», et libère sa salle.",
            "The event stays in sight for two weeks, marked as cancelled, and leaves its room.";
        remove_text:
            "Le cours disparaît aussitôt de tous les calendriers, sans que personne ne soit prévenu. Pour prévenir, annulez-le plutôt.",
            "The event leaves all calendars at once, and nobody is told. To tell people, cancel it instead.";
        can_be_undone: "Vous pourrez revenir en arrière.", "You can take it back.";
        word: "Un mot aux étudiants", "A word to the students";
        word_hint: "Il s’affiche avec le cours annulé.", "It is shown with the cancelled event.";
        undo: "Revenir en arrière", "Undo";
        undo_last: "Annuler la dernière modification", "Undo the last change";
        undo_anyway: "Revenir quand même", "Undo anyway";
        undo_blocked: "L’ancien créneau n’est plus libre.", "The old place on the timetable is not free any more.";
        cannot_undo:
            "Ce n’est plus possible\u{a0}: quelque chose a changé depuis. Modifiez le cours à la main.",
            "This is not possible any more: something has changed since. Change the event by hand.";
        nothing_to_undo: "Il n’y a rien à annuler.", "There is nothing to undo.";
        // An event's page.
        of_feed:
            "Vient d’un planning relié\u{a0}: il se modifie à sa source.",
            "Comes from a connected planning site: it is changed where it comes from.";
        archived: "Dans les archives.", "In the archive.";
        history: "Historique", "History";
        older_changes: "Les modifications plus anciennes sont dans le journal.", "Older changes are in the audit.";
        was_made: "Créé", "Made";
        was_changed: "Modifié", "Changed";
        was_removed: "Supprimé", "Deleted";
        was_undone: "Annulation d’une modification", "A change taken back";
        command_line: "ligne de commande", "command line";
    }
}
