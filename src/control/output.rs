//! What a command prints: JSON with `--json`, else a sentence or a table.

use std::io::Write;

use serde_json::Value;

use super::CommandError;

/// Where a command's data goes, and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// JSON instead of words.
    pub json: bool,
}

impl Output {
    /// One object: as JSON, or as a sentence with `{field}` filled in.
    pub fn object(&self, value: &Value, sentence: &str) -> Result<(), CommandError> {
        match self.json {
            true => print(&value.to_string()),
            false => print(&filled(sentence, value)),
        }
    }

    /// One object that may have `warnings`: each of them on a line of its own below the sentence.
    pub fn with_warnings(&self, value: &Value, sentence: &str) -> Result<(), CommandError> {
        self.object(value, sentence)?;
        let warnings = value.get("warnings").and_then(Value::as_array).filter(|_| !self.json);
        let mut lines = warnings.into_iter().flatten().filter_map(Value::as_str);
        lines.try_for_each(|warning| print(&format!("note: {warning}")))
    }

    /// One object with all that is known of it: as JSON, or a line for each field.
    pub fn fields(&self, value: &Value) -> Result<(), CommandError> {
        match self.json {
            true => print(&value.to_string()),
            false => print(&lines_of("", value).join("\n")),
        }
    }

    /// A list: as a JSON array, or as a table of these columns.
    pub fn table(&self, items: &[Value], columns: &[&str]) -> Result<(), CommandError> {
        match self.json {
            true => print(&Value::from(items.to_vec()).to_string()),
            false => print(&table(items, columns)),
        }
    }

    /// One object: as JSON, or in these words.
    pub fn in_words(&self, value: &Value, words: &str) -> Result<(), CommandError> {
        match self.json {
            true => print(&value.to_string()),
            false => print(words.trim_end()),
        }
    }

    /// One object that has no other form than JSON: indented for whoever reads it.
    pub fn document(&self, value: &Value) -> Result<(), CommandError> {
        match self.json {
            true => print(&value.to_string()),
            false => print(&format!("{value:#}")),
        }
    }

    /// A text of its own form, as it is.
    pub fn text(&self, text: &str) -> Result<(), CommandError> {
        print(text.trim_end_matches(['\r', '\n']))
    }

    /// A file that goes to standard output, to the byte.
    pub fn file(&self, text: &str) -> Result<(), CommandError> {
        print_exactly(text)
    }

    /// Something that has no data: an empty object with `--json`.
    pub fn done(&self, sentence: &str) -> Result<(), CommandError> {
        match self.json {
            true => print("{}"),
            false => print(sentence),
        }
    }
}

/// A closed pipe (`carillon … | head`) is the reader's wish, not an error.
fn print(text: &str) -> Result<(), CommandError> {
    print_exactly(&format!("{text}\n"))
}

fn print_exactly(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::Other(error.to_string())),
        _ => Ok(()),
    }
}

fn filled(sentence: &str, value: &Value) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, field, after)) = next_field(rest) {
        text.push_str(before);
        text.push_str(&cell(&at(value, field)));
        rest = after;
    }
    text + rest
}

fn next_field(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (field, after) = rest.split_once('}')?;
    Some((before, field, after))
}

/// A value by its path: `status.state`.
fn at(value: &Value, path: &str) -> Value {
    path.split('.').try_fold(value, |value, key| value.get(key)).cloned().unwrap_or(Value::Null)
}

fn lines_of(prefix: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| lines_of(&format!("{prefix}.{key}"), value)).collect()
        }
        other => vec![format!("{}: {}", prefix.trim_start_matches('.'), cell(other))],
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn table(items: &[Value], columns: &[&str]) -> String {
    let heads = columns.iter().map(|column| column.rsplit('.').next().unwrap_or(column).to_uppercase());
    let mut rows = vec![heads.collect::<Vec<_>>()];
    rows.extend(items.iter().map(|item| columns.iter().map(|column| cell(&at(item, column))).collect()));
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sentence_is_filled_from_the_object() {
        let value = json!({"slug": "a", "status": {"events": 3}});
        assert_eq!(filled("{slug}: {status.events} events, {gone}", &value), "a: 3 events, -");
    }

    #[test]
    fn columns_line_up() {
        let items = [json!({"slug": "a", "name": "Été"}), json!({"slug": "long", "name": "B"})];
        assert_eq!(table(&items, &["slug", "name"]), "SLUG  NAME\na     Été\nlong  B");
    }
}
