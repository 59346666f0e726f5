//! Which column of a sheet says what, by its header: French or English, whatever its case, accents and blanks.

use super::{Headers, ImportError};
use crate::id::fold;
use crate::sheets::{Cell, Row, Sheet};

/// A header stands in one of the first rows: a title may stand above it.
const HEADER_WITHIN: usize = 10;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    EventId,
    Start,
    End,
    Date,
    StartTime,
    EndDate,
    EndTime,
    Duration,
    Subject,
    Kind,
    Notes,
    Room,
    RoomId,
    Teacher,
    TeacherId,
    Cohort,
    CohortId,
    Source,
}

/// Folded, without what stands between words.
const NAMES: &[(Column, &[&str])] = &[
    (Column::EventId, &["eventid", "id", "idevenement", "evenementid"]),
    (Column::Start, &["start", "debut", "begin", "dtstart", "startsat", "startdatetime"]),
    (Column::End, &["end", "fin", "dtend", "endsat", "enddatetime"]),
    (Column::Date, &["date", "jour", "day", "startdate", "datedebut", "datededebut"]),
    (Column::StartTime, &["starttime", "heuredebut", "heurededebut", "heure", "time", "horaire"]),
    (Column::EndDate, &["enddate", "datefin", "datedefin"]),
    (Column::EndTime, &["endtime", "heurefin", "heuredefin"]),
    (Column::Duration, &["duree", "duration", "length"]),
    (Column::Subject, &["matiere", "subject", "cours", "course", "module", "intitule", "title", "titre", "summary"]),
    (Column::Kind, &["typecours", "typedecours", "type", "kind", "nature", "category", "categorie"]),
    (
        Column::Notes,
        &[
            "infossup",
            "infos",
            "info",
            "notes",
            "note",
            "remarques",
            "remarque",
            "commentaire",
            "commentaires",
            "comments",
            "description",
            "details",
        ],
    ),
    (Column::Room, &["classroom", "salle", "salles", "room", "lieu", "location"]),
    (Column::RoomId, &["classroomid", "roomid", "salleid", "idsalle"]),
    (Column::Teacher, &["teacher", "user", "enseignant", "professeur", "prof", "intervenant", "formateur", "lecturer"]),
    (Column::TeacherId, &["userid", "teacherid", "enseignantid", "idenseignant"]),
    (
        Column::Cohort,
        &["promo", "promos", "cohort", "cohorts", "groupe", "groupes", "group", "groups", "promotion", "classe"],
    ),
    (Column::CohortId, &["promoid", "cohortid", "groupid", "idpromo"]),
    (Column::Source, &["source", "feed", "flux"]),
];

/// Our fields, and the columns that say them.
const FIELDS: &[(&str, &[Column])] = &[
    ("start", &[Column::Start, Column::Date, Column::StartTime]),
    ("end", &[Column::End, Column::EndTime, Column::EndDate, Column::Duration]),
    ("subject", &[Column::Subject]),
    ("kind", &[Column::Kind]),
    ("notes", &[Column::Notes]),
    ("room", &[Column::Room, Column::RoomId]),
    ("teacher", &[Column::Teacher, Column::TeacherId]),
    ("cohort", &[Column::Cohort, Column::CohortId]),
];

impl Column {
    fn of(header: &str) -> Option<Self> {
        let folded = fold(header).replace('-', "");
        NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(column, _)| *column)
    }
}

/// The columns of a sheet.
#[derive(Debug, Default)]
pub(super) struct Columns {
    known: Vec<Known>,
    unknown: Vec<String>,
}

#[derive(Debug)]
struct Known {
    column: Column,
    at: usize,
    header: String,
}

impl Columns {
    /// Finds the header: the first row with all columns that are needed. Gives the rows below it, or what is missing of
    /// the row that is most like a header.
    pub(super) fn find<'s>(sheet: &'s Sheet, cohort: Option<&str>) -> Result<(Self, &'s [Row]), ImportError> {
        let mut nearest = Self::default();
        for (at, row) in sheet.rows.iter().enumerate().take(HEADER_WITHIN) {
            let columns = Self::of_header(row);
            if columns.check(cohort).is_ok() {
                return Ok((columns, sheet.rows.get(at + 1..).unwrap_or_default()));
            }
            if at == 0 || columns.known.len() > nearest.known.len() {
                nearest = columns;
            }
        }
        nearest.check(cohort).map(|()| (nearest, [].as_slice()))
    }

    /// Columns that stand in an order which is known, under names that are known.
    pub(super) fn in_order(order: &[(Column, &str)]) -> Self {
        let known = order.iter().enumerate();
        let known = known.map(|(at, (column, name))| Known { column: *column, at, header: (*name).to_owned() });
        Self { known: known.collect(), unknown: Vec::new() }
    }

    fn of_header(row: &Row) -> Self {
        let mut columns = Self::default();
        for (at, cell) in row.cells.iter().enumerate() {
            let Cell::Text(header) = cell else { continue };
            let header: String = header.trim().chars().take(60).collect();
            match Column::of(&header) {
                Some(column) if !columns.has(column) => columns.known.push(Known { column, at, header }),
                _ if header.is_empty() => {}
                _ => columns.unknown.push(header),
            }
        }
        columns
    }

    fn check(&self, cohort: Option<&str>) -> Result<(), ImportError> {
        let has = |columns: &[Column]| columns.iter().any(|column| self.has(*column));
        let needed = [
            (has(&[Column::Subject]), "what the events are (`matiere` or `subject`)"),
            (
                has(&[Column::Start, Column::Date]),
                "when they begin (`start` or `debut`; or `date` with `heure_debut` or `start_time`)",
            ),
            (
                has(&[Column::End, Column::EndTime, Column::Duration]),
                "when they end (`end` or `fin`; or `heure_fin`, `end_time`, `duree` or `duration`)",
            ),
            (
                cohort.is_some() || has(&[Column::Cohort, Column::CohortId]),
                "whose they are (`promo`, `groupe` or `cohort`; or name one cohort for all)",
            ),
        ];
        let missing: Vec<_> = needed.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => {
                let found =
                    self.known.iter().map(|known| known.header.clone()).chain(self.unknown.iter().cloned()).collect();
                Err(ImportError::Columns { missing, found })
            }
        }
    }

    /// Is there such a column?
    pub(super) fn has(&self, column: Column) -> bool {
        self.known.iter().any(|known| known.column == column)
    }

    /// A column's cell of a row, and what the file calls the column. None where either is empty.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: Column) -> Option<(&'r Cell, &str)> {
        let known = self.known.iter().find(|known| known.column == column)?;
        let cell = row.cells.get(known.at).filter(|cell| !is_blank(cell))?;
        Some((cell, &known.header))
    }

    /// What the file calls the first of these columns that it has.
    pub(super) fn header(&self, columns: &[Column]) -> &str {
        let mut found = columns.iter().filter_map(|column| self.known.iter().find(|known| known.column == *column));
        found.next().map_or("row", |known| &known.header)
    }

    /// What the file calls our fields, as far as it has them.
    pub(super) fn headers(&self) -> Headers {
        let has = |columns: &[Column]| columns.iter().any(|column| self.has(*column));
        let fields = FIELDS.iter().filter(|(_, columns)| has(columns));
        Headers(fields.map(|(field, columns)| (*field, self.header(columns).to_owned())).collect())
    }

    /// Is there nothing in the columns that are known?
    pub(super) fn are_blank(&self, row: &Row) -> bool {
        self.known.iter().all(|known| row.cells.get(known.at).is_none_or(is_blank))
    }

    /// Says once which columns are not read.
    pub(super) fn warning(&self) -> Option<String> {
        let names: Vec<_> = self.unknown.iter().take(30).map(|name| format!("{name:?}")).collect();
        (!names.is_empty())
            .then(|| format!("these columns are not read, since they are unknown or there twice: {}", names.join(", ")))
    }
}

fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&str]) -> Sheet {
        let cells = |row: &str| row.split(',').map(|cell| Cell::Text(cell.to_owned())).collect();
        let rows = rows.iter().zip(1..).map(|(row, number)| Row { number, cells: cells(row) });
        Sheet { rows: rows.collect() }
    }

    #[test]
    fn headers_are_known_in_both_languages_and_any_dress() {
        let cases = [
            ("Début", Column::Start),
            ("HEURE DE DÉBUT", Column::StartTime),
            ("heure_fin", Column::EndTime),
            (" Type de cours ", Column::Kind),
            ("infos_sup", Column::Notes),
            ("Matière", Column::Subject),
            ("classroom_id", Column::RoomId),
            ("Professeur", Column::Teacher),
            ("promo-id", Column::CohortId),
            ("Durée", Column::Duration),
        ];
        for (header, column) in cases {
            assert_eq!(Column::of(header), Some(column), "{header}");
        }
        assert_eq!(Column::of("couleur"), None);
    }

    #[test]
    fn no_name_means_two_columns() {
        let mut names: Vec<_> = NAMES.iter().flat_map(|(_, names)| names.iter()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_title_may_stand_above_the_header() {
        let sheet = sheet(&["Emploi du temps", "matiere,debut,fin,promo,couleur,matière", "Algèbre,a,b,2a,red"]);
        let (columns, rows) = Columns::find(&sheet, None).unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3]);
        assert_eq!(columns.cell(&rows[0], Column::Cohort), Some((&Cell::Text("2a".into()), "promo")));
        assert!(columns.warning().unwrap().ends_with("there twice: \"couleur\", \"matière\""));
    }

    #[test]
    fn a_title_that_has_words_of_a_header_is_none() {
        let sheet = sheet(&["cours,salle,Planning", "matiere,debut,fin,promo", "Algèbre,a,b,2a"]);
        let (_, rows) = Columns::find(&sheet, None).unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn what_is_missing_is_named_with_what_was_found() {
        let error = Columns::find(&sheet(&["salle,debut,x", "a,b,c"]), None).unwrap_err().to_string();
        assert!(error.starts_with("missing: what the events are (`matiere` or `subject`), when they end"), "{error}");
        assert!(error.contains("whose they are"), "{error}");
        assert!(error.ends_with("the columns found are \"salle\", \"debut\", \"x\""), "{error}");
        assert!(Columns::find(&sheet(&["matiere,debut,fin"]), Some("2a")).is_ok());
        assert!(Columns::find(&sheet(&["nonsense"]), Some("2a")).unwrap_err().to_string().ends_with("\"nonsense\""));
    }
}
