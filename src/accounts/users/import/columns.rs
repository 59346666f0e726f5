//! What the columns of a table of users mean, in French and in English, and what their cells say.

use crate::accounts::AccountError;
use crate::actor::Role;
use crate::cohorts::Directory;
use crate::error::FieldError;
use crate::id::fold;
use crate::sheets::{Cell, Row};

/// A column that an import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Login,
    Name,
    FirstName,
    Email,
    Roles,
    Cohorts,
}

/// How people head each column, without accents, spaces and capitals.
const HEADS: &[(Column, &[&str])] = &[
    (Column::Login, &["login", "identifiant", "utilisateur", "username", "user"]),
    (Column::Name, &["name", "nom", "fullname", "displayname", "lastname", "nomcomplet", "nomdefamille"]),
    (Column::FirstName, &["firstname", "prenom", "givenname"]),
    (Column::Email, &["email", "mail", "courriel", "adressemail", "adresseemail"]),
    (Column::Roles, &["role", "roles"]),
    (Column::Cohorts, &["cohort", "cohorts", "cohorte", "cohortes", "promo", "promos", "promotion", "groupe", "group"]),
];

/// How people call each role, folded.
const ROLES: &[(Role, &[&str])] = &[
    (Role::Admin, &["admin", "administrator", "administrateur", "administratrice"]),
    (Role::Planner, &["planner", "planificateur", "planificatrice"]),
    (Role::Teacher, &["teacher", "enseignant", "enseignante", "professeur", "prof"]),
    (Role::Student, &["student", "etudiant", "etudiante", "eleve"]),
];

/// Where each column stands.
#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<(Column, usize)>,
    heads: Vec<String>,
}

/// What a row says; an absent or empty cell says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub login: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub roles: Option<Vec<Role>>,
    pub cohorts: Option<Vec<String>>,
}

impl Columns {
    /// Finds the columns by their heads. Gives the heads that mean nothing here along: they are told, not refused.
    pub(super) fn find(header: &Row) -> Result<(Self, Vec<String>), AccountError> {
        let (mut places, mut strange) = (Vec::new(), Vec::new());
        let heads: Vec<_> = header.cells.iter().map(|head| head.to_text().trim().to_owned()).collect();
        for (place, head) in heads.iter().enumerate().filter(|(_, head)| !head.is_empty()) {
            match column_of(head) {
                Some(column) if places.iter().any(|(known, _)| *known == column) => {
                    return Err(bad_header(header, head, "another column says the same"));
                }
                Some(column) => places.push((column, place)),
                None => strange.push(head.clone()),
            }
        }
        let columns = Self { places, heads };
        match columns.place(Column::Login) {
            Some(_) => Ok((columns, strange)),
            None => Err(bad_header(header, "login", "a column with this head is missing")),
        }
    }

    /// What a row says, or each cell that cannot be read.
    pub(super) fn read(&self, row: &Row, directory: &Directory) -> Result<Told, Vec<FieldError>> {
        let mut bad = self.without_value(row);
        let mut told = Told { login: self.text(row, Column::Login).unwrap_or_default(), ..Told::default() };
        if told.login.is_empty() {
            bad.push(self.error(row, Column::Login, "is missing"));
        }
        let names = [self.text(row, Column::FirstName), self.text(row, Column::Name)];
        told.name = Some(names.into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
        told.email = self.text(row, Column::Email);
        let mut roles = |cell: String| words_of(&cell, |word| role_of(word).ok_or_else(|| unknown_role(word)));
        let mut cohorts = |cell: String| cohorts_of(&cell, directory);
        match self.text(row, Column::Roles).map(&mut roles).transpose() {
            Ok(found) => told.roles = found,
            Err(why) => bad.push(self.error(row, Column::Roles, &why)),
        }
        match self.text(row, Column::Cohorts).map(&mut cohorts).transpose() {
            Ok(found) => told.cohorts = found,
            Err(why) => bad.push(self.error(row, Column::Cohorts, &why)),
        }
        if bad.is_empty() { Ok(told) } else { Err(bad) }
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == column).map(|(_, place)| *place)
    }

    fn text(&self, row: &Row, column: Column) -> Option<String> {
        let text = row.cells.get(self.place(column)?)?.to_text();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The cells of which the spreadsheet itself shows an error.
    fn without_value(&self, row: &Row) -> Vec<FieldError> {
        let cells = self.places.iter().filter_map(|(column, place)| Some((*column, row.cells.get(*place)?)));
        let bad = cells.filter_map(|(column, cell)| match cell {
            Cell::Bad(shown) => Some(self.error(row, column, &format!("the cell holds the error {shown}"))),
            _ => None,
        });
        bad.collect()
    }

    /// Is a row of the sheet without anything that is read?
    pub(super) fn are_blank(&self, row: &Row) -> bool {
        let blank = |cell: &Cell| !matches!(cell, Cell::Bad(_)) && cell.to_text().trim().is_empty();
        self.places.iter().filter_map(|(_, place)| row.cells.get(*place)).all(blank)
    }

    fn error(&self, row: &Row, column: Column, message: &str) -> FieldError {
        let head = self.place(column).and_then(|place| self.heads.get(place)).map_or("login", String::as_str);
        FieldError { row: Some(row.number), ..FieldError::new(head, message) }
    }
}

fn bad_header(header: &Row, head: &str, message: &str) -> AccountError {
    AccountError::BadRows(vec![FieldError { row: Some(header.number), ..FieldError::new(head, message) }])
}

fn column_of(head: &str) -> Option<Column> {
    let folded = fold(head).replace('-', "");
    HEADS.iter().find(|(_, heads)| heads.contains(&folded.as_str())).map(|(column, _)| *column)
}

fn role_of(word: &str) -> Option<Role> {
    let folded = fold(word);
    ROLES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(role, _)| *role)
}

fn unknown_role(word: &str) -> String {
    format!("{word:?} is no role: admin, planner, teacher or student")
}

/// The whole cell may be one cohort's name, commas and all.
fn cohorts_of(cell: &str, directory: &Directory) -> Result<Vec<String>, String> {
    let find = |name: &str| {
        let named = || directory.all().iter().find(|cohort| fold(&cohort.name) == fold(name));
        directory.find(name).or_else(named).map(|cohort| cohort.id.clone())
    };
    match find(cell) {
        Some(id) => Ok(vec![id]),
        None => words_of(cell, |name| find(name).ok_or_else(|| format!("there is no cohort {name:?}"))),
    }
}

/// A cell of several words: `teacher, planner`, `teacher/planner`.
fn words_of<T: Ord>(cell: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let words = cell.split([',', ';', '|', '/', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let mut found = words.map(read).collect::<Result<Vec<_>, _>>()?;
    found.sort();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::{SentFile, Sheet, read_sheet};

    fn read_csv(text: &str) -> Sheet {
        read_sheet(&SentFile { bytes: text.as_bytes(), name: "", content_type: None }).unwrap()
    }

    fn told(text: &str) -> Result<Told, Vec<FieldError>> {
        let sheet = read_csv(text);
        let (columns, _) = Columns::find(&sheet.rows[0]).unwrap();
        columns.read(&sheet.rows[1], &Directory::default())
    }

    #[test]
    fn heads_are_read_in_french_and_in_english_in_any_order() {
        for text in [
            "login,name,email,role\nsam,Sam X,s@x.org,student",
            "Rôle(s);E-mail;Nom complet;Identifiant\nÉtudiant;s@x.org;Sam X;sam",
            "PRÉNOM\tnom\tCourriel\tUtilisateur\troles\nSam\tX\ts@x.org\tsam\tétudiante / student",
        ] {
            let told = told(text).unwrap();
            assert_eq!((told.login.as_str(), told.name.as_deref()), ("sam", Some("Sam X")), "{text}");
            assert_eq!((told.email.as_deref(), told.roles), (Some("s@x.org"), Some(vec![Role::Student])), "{text}");
        }
    }

    #[test]
    fn an_empty_cell_says_nothing() {
        let sam = Told { login: "sam".into(), ..Told::default() };
        assert_eq!(told("login,name,email,role,cohort\nsam,,,,\n"), Ok(sam));
    }

    #[test]
    fn each_bad_cell_is_told_by_its_row_and_the_head_of_its_column() {
        let bad = told("Identifiant,Rôle,Promo\n\n,king,none").unwrap_err();
        let told: Vec<_> = bad.iter().map(|error| (error.row, error.field.as_str())).collect();
        assert_eq!(told, [(Some(3), "Identifiant"), (Some(3), "Rôle"), (Some(3), "Promo")]);
    }

    #[test]
    fn a_header_without_logins_or_with_two_of_a_kind_is_refused_and_a_strange_head_is_told() {
        let find = |text: &str| Columns::find(&read_csv(text).rows[0]);
        assert!(matches!(find("name,email"), Err(AccountError::BadRows(_))));
        assert!(matches!(find("login,mail,email"), Err(AccountError::BadRows(_))));
        assert_eq!(find("login,Téléphone,").unwrap().1, ["Téléphone"]);
    }
}
