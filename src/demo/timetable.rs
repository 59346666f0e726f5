//! The sample school's week, as tables: who teaches what to whom, when and where.
//!
//! Names of people are invented. A cohort is never in two places at once (a test of `school` holds that).

/// A group that shares a timetable, and the file that the planning site keeps for it.
pub struct Cohort {
    /// `[a-z0-9-]`, as Carillon would make it from the name that people use.
    pub slug: &'static str,
    /// The name that people use.
    pub name: &'static str,
    /// What the name stands for.
    pub title: &'static str,
    /// Its calendar on the planning site: `index.php?url=ics/<file>`.
    pub file: &'static str,
    /// Whether its calendar is open to everybody.
    pub public: bool,
    /// How badly the planning site writes this calendar.
    pub quirk: Quirk,
    pub(super) weekly: Slot,
    pub(super) slots: &'static [Slot],
}

/// What a planning site does wrong, or oddly, when it writes a calendar; each was seen in the wild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Windows-1252, and says so in its header.
    Windows1252,
    /// UTF-8 folded by octets: a fold may fall inside a character (RFC 5545, 3.1 warns of it).
    SplitsCharacters,
    /// UTF-8 with bare line feeds.
    BareLineFeeds,
}

/// A place in the week. `day` counts from Monday; `start` is hour and minute in Paris.
pub(super) struct Slot {
    pub(super) day: u64,
    pub(super) start: (u32, u32),
    pub(super) minutes: i64,
    pub(super) weeks: Weeks,
    pub(super) kind: &'static str,
    pub(super) subject: &'static str,
    pub(super) room: &'static str,
    pub(super) teacher: &'static str,
    pub(super) note: &'static str,
    /// Cancelled one week in four.
    pub(super) fragile: bool,
}

/// In which weeks a slot is used.
#[derive(Clone, Copy)]
pub(super) enum Weeks {
    Every,
    Even,
    Odd,
    Fourth,
}

const MON: u64 = 0;
const TUE: u64 = 1;
const WED: u64 = 2;
const THU: u64 = 3;
const FRI: u64 = 4;

const fn slot(day: u64, start: (u32, u32), minutes: i64, kind: &'static str, subject: &'static str) -> Slot {
    Slot { day, start, minutes, weeks: Weeks::Every, kind, subject, room: "", teacher: "", note: "", fragile: false }
}

impl Slot {
    const fn by(self, teacher: &'static str, room: &'static str) -> Self {
        Self { teacher, room, ..self }
    }

    const fn weeks(self, weeks: Weeks) -> Self {
        Self { weeks, ..self }
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    const fn fragile(self) -> Self {
        Self { fragile: true, ..self }
    }
}

pub(super) static COHORTS: [Cohort; 3] = [
    Cohort {
        slug: "2a-sr",
        name: "2A-SR",
        title: "Deuxième année, systèmes et réseaux",
        file: "2A_SR",
        public: false,
        quirk: Quirk::Windows1252,
        weekly: slot(TUE, (15, 15), 90, "TD", "Anglais").by("Mme Harding", "Salle B204"),
        slots: &SECOND_YEAR,
    },
    Cohort {
        slug: "m2-fesup",
        name: "M2 FESup",
        title: "Master 2, formation à l’enseignement supérieur",
        file: "M2_FESup",
        public: false,
        quirk: Quirk::SplitsCharacters,
        weekly: slot(WED, (9, 0), 120, "TD", "Séminaire d’agrégation").by("M. Lefèvre", "Salle Fonteneau"),
        slots: &MASTER,
    },
    Cohort {
        slug: "1a-tronc-commun",
        name: "1A Tronc commun",
        title: "Première année, tronc commun",
        file: "1A_TC",
        public: true,
        quirk: Quirk::BareLineFeeds,
        weekly: slot(FRI, (13, 30), 90, "TD", "Anglais").by("M. O’Brien", "Salle B101"),
        slots: &FIRST_YEAR,
    },
];

static SECOND_YEAR: [Slot; 12] = [
    slot(MON, (8, 30), 90, "CM", "Réseaux avancés").by("M. Nguyen", "Amphi Curie"),
    slot(MON, (10, 15), 90, "TD", "Réseaux avancés").by("M. Nguyen", "Salle B204").fragile(),
    slot(MON, (13, 30), 180, "TP", "Administration système")
        .by("Mme Kaddour", "Salle info C12")
        .note("Apporter une clé USB d’au moins 8 Go ; le sujet est sur l’espace de cours, rubrique « TP », à lire avant la séance."),
    slot(TUE, (8, 30), 90, "CM", "Systèmes d’exploitation").by("M. Garnier", "Amphi Curie"),
    slot(TUE, (10, 15), 90, "TD", "Systèmes d’exploitation").by("M. Garnier", "Salle B206"),
    slot(TUE, (13, 30), 90, "CM", "Droit du numérique").by("Mme Petit-Besson", "Amphi Lovelace").weeks(Weeks::Odd),
    slot(WED, (8, 30), 180, "TP", "Sécurité des réseaux").by("M. Nguyen, Mme Kaddour", "Salle info C14"),
    slot(WED, (13, 30), 120, "Projet", "Projet tuteuré")
        .by("Équipe pédagogique", "Salles C12, C14 et C16")
        .note("Répartition des groupes :\nA : C12\nB : C14\nC : C16"),
    slot(THU, (8, 30), 90, "CM", "Bases de données").by("Mme Rousseau", "Amphi Lovelace"),
    slot(THU, (10, 15), 90, "TD", "Bases de données").by("Mme Rousseau", "Salle B204").weeks(Weeks::Even),
    slot(FRI, (8, 30), 120, "DS", "Contrôle des connaissances")
        .by("M. Garnier", "Amphi Curie")
        .weeks(Weeks::Fourth)
        .note("Sans document ; tiers-temps : salle B101 à partir de 8 h 30."),
    slot(FRI, (13, 30), 180, "TP", "Bases de données").by("M. Adjani", "Salle info C12"),
];

static MASTER: [Slot; 9] = [
    slot(MON, (9, 0), 180, "CM", "Chimie organique").by("Mme Sauvage", "Amphi Fresnel"),
    slot(MON, (14, 0), 240, "TP", "Montages de chimie")
        .by("M. Lefèvre et Mme Bïlgin", "Labo 3")
        .note("Blouse en coton et lunettes obligatoires ; cheveux attachés, chaussures fermées. Préparer la fiche « sécurité »."),
    slot(TUE, (9, 0), 120, "CM", "Thermodynamique et cinétique").by("M. Château", "Amphi Fresnel"),
    slot(TUE, (13, 30), 150, "TD", "Leçons de physique").by("Mme Œuvrard", "Salle Fonteneau").fragile(),
    slot(WED, (13, 30), 180, "TP", "Montages de physique").by("M. Château", "Labo 1").weeks(Weeks::Even),
    slot(WED, (13, 30), 180, "TD", "Didactique").by("Mme Noël", "Salle 117").weeks(Weeks::Odd),
    slot(THU, (8, 30), 300, "DS", "Composition de physique")
        .by("Surveillance : secrétariat", "Amphi Fresnel")
        .weeks(Weeks::Fourth)
        .note("Épreuve de 5 h.\nCalculatrice autorisée ; pas de téléphone, même éteint."),
    slot(FRI, (9, 0), 120, "CM", "Spectroscopie").by("Mme Sauvage", "Salle Fonteneau"),
    slot(FRI, (11, 15), 60, "TD", "Spectroscopie").by("Mme Sauvage", "Salle Fonteneau"),
];

static FIRST_YEAR: [Slot; 11] = [
    slot(MON, (8, 15), 105, "CM", "Analyse").by("M. Étienne", "Amphi Lovelace"),
    slot(MON, (10, 15), 90, "TD", "Analyse").by("Mme Ferreira", "Salle B101"),
    slot(MON, (14, 0), 120, "TP", "Algorithmique").by("M. Adjani", "Salle info C16"),
    slot(TUE, (8, 15), 105, "CM", "Algorithmique").by("M. Adjani", "Amphi Lovelace"),
    slot(TUE, (10, 15), 90, "TD", "Algèbre linéaire").by("M. Étienne", "Salle B103").fragile(),
    slot(TUE, (13, 30), 90, "CM", "Physique : électricité").by("Mme Noël", "Amphi Curie"),
    slot(WED, (8, 30), 180, "TP", "Électronique").by("M. Château", "Labo 2").weeks(Weeks::Even),
    slot(WED, (8, 30), 90, "TD", "Projet professionnel").by("Mme Petit-Besson", "Salle B101").weeks(Weeks::Odd),
    slot(THU, (8, 15), 105, "CM", "Algèbre linéaire").by("M. Étienne", "Amphi Lovelace"),
    slot(THU, (10, 15), 90, "TD", "Expression écrite et orale")
        .by("Mme Faÿ", "Salle B103")
        .note("Exposés de dix minutes : l’ordre de passage est affiché à l’entrée de la salle."),
    slot(FRI, (8, 30), 120, "DS", "Devoir surveillé d’analyse")
        .by("M. Étienne", "Amphi Curie")
        .weeks(Weeks::Fourth)
        .note("Documents interdits, calculatrice « collège » autorisée."),
];
