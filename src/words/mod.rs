//! What the pages say, in French and in English, side by side: a text without its translation does not compile.
//!
//! `catalogue` has the fixed texts by area; `phrases` the sentences with something in them, by area too; `notices` what is
//! said once after a form; `dates` days and times the local way.

mod catalogue;
mod dates;
mod notices;
mod phrases;

pub use catalogue::*;
pub use notices::{Notice, Tone};

use crate::config::Language;
use catalogue::{ENGLISH, FRENCH};

impl Words {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FRENCH,
            Language::En => &ENGLISH,
        }
    }

    /// The one of two texts that is in this language.
    fn pick<T>(&self, fr: T, en: T) -> T {
        match self.language {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

/// The language that an `Accept-Language` (RFC 9110 12.5.4) likes best of those that we speak.
pub fn preferred(accept_language: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accept_language.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        let (Some(language), Ok(weight)) = (spoken(tag), weight) else { continue };
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

fn spoken(tag: &str) -> Option<Language> {
    let primary = tag.split('-').next().unwrap_or_default();
    let ours = [("fr", Language::Fr), ("en", Language::En)];
    ours.iter().find(|(code, _)| primary.eq_ignore_ascii_case(code)).map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::catalogue::KEYS;
    use super::*;

    #[test]
    fn the_browsers_best_language_is_spoken() {
        let cases = [
            ("fr-FR,fr;q=0.9,en;q=0.8", Some(Language::Fr)),
            ("de,en-GB;q=0.7,fr;q=0.8", Some(Language::Fr)),
            ("en", Some(Language::En)),
            ("FR;q=0, en;q=0.1", Some(Language::En)),
            ("de, *;q=0.5", None),
            ("fr;q=rubbish", None),
            ("", None),
        ];
        for (header, language) in cases {
            assert_eq!(preferred(header), language, "{header}");
        }
    }

    /// Every file of the source, joined.
    fn source(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => source(&path, text),
                Some(extension) if extension == "rs" => text.push_str(&std::fs::read_to_string(path).unwrap()),
                _ => {}
            }
        }
    }

    /// The source without white space: a long chain stands on several lines.
    fn squeezed() -> String {
        let mut text = String::new();
        source(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut text);
        text.retain(|c| !c.is_whitespace());
        text
    }

    #[test]
    fn no_text_is_there_for_nobody() {
        let text = squeezed();
        let all = KEYS.iter().flat_map(|(area, keys)| keys.iter().map(move |key| format!(".{area}.{key}")));
        let notices = Notice::ALL.iter().map(|notice| format!("Notice::{}", notice.name()));
        let unused: Vec<_> = all.chain(notices).filter(|name| !is_said(&text, name)).collect();
        assert_eq!(unused, Vec::<String>::new());
    }

    /// The name, with nothing of a longer one after it.
    fn is_said(text: &str, name: &str) -> bool {
        let goes_on = |c: char| c.is_alphanumeric() || c == '_';
        text.match_indices(name)
            .any(|(at, _)| text.get(at + name.len()..).is_some_and(|rest| !rest.starts_with(goes_on)))
    }
}
