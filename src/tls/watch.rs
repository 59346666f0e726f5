//! When the files of a certificate are worth another look: something about them has changed, and they are still again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A pair is written one file after the other, and each not at once.
const STILL: Duration = Duration::from_secs(2);

/// What tells one state of a file from another without reading it; `None` for a file that is not there. The time is that
/// of the last change of content, rights or owner: a key that becomes readable is a change too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(Option<State>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl Mark {
    /// Of the file at the end of all symbolic links.
    pub(super) fn of(path: &Path) -> Self {
        let state = |file: fs::Metadata| State {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            changed: (file.ctime(), file.ctime_nsec()),
        };
        Self(fs::metadata(path).ok().map(state))
    }
}

/// What was read, and what was seen since.
#[derive(Debug)]
pub(super) struct Watch {
    read: [Mark; 2],
    seen: [Mark; 2],
    since: Instant,
}

impl Watch {
    /// Begins with the marks taken before the files were read.
    pub(super) fn new(read: [Mark; 2], now: Instant) -> Self {
        Self { read, seen: read, since: now }
    }

    /// Says whether the files should be read now.
    pub(super) fn is_due(&mut self, marks: [Mark; 2], now: Instant) -> bool {
        if marks != self.seen {
            (self.seen, self.since) = (marks, now);
        }
        self.seen != self.read && now.duration_since(self.since) >= STILL
    }

    /// Takes the marks from before a reading, whatever came of it: the same files are not read again.
    pub(super) fn has_read(&mut self, marks: [Mark; 2], now: Instant) {
        *self = Self::new(marks, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(size: u64) -> Mark {
        Mark(Some(State { device: 1, inode: 1, size, changed: (0, 0) }))
    }

    #[test]
    fn a_change_is_due_once_both_files_are_still_for_two_seconds() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut watch = Watch::new([mark(1), mark(1)], start);
        let steps = [
            (60_000, [1, 1], false),
            (61_000, [2, 1], false),
            (62_000, [2, 1], false),
            (62_500, [2, 2], false),
            (64_000, [2, 2], false),
            (64_500, [2, 2], true),
        ];
        for (millis, [certificate, key], due) in steps {
            assert_eq!(watch.is_due([mark(certificate), mark(key)], at(millis)), due, "{millis}");
        }
        watch.has_read([mark(2), mark(2)], at(64_500));
        assert!(!watch.is_due([mark(2), mark(2)], at(90_000)));
    }

    #[test]
    fn a_change_that_is_taken_back_is_none() {
        let start = Instant::now();
        let mut watch = Watch::new([mark(1), mark(1)], start);
        assert!(!watch.is_due([Mark(None), mark(1)], start));
        assert!(!watch.is_due([mark(1), mark(1)], start + STILL * 2));
    }

    #[test]
    fn a_mark_follows_links_and_tells_content_and_rights() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [first, second, link] = ["first", "second", "link"].map(|name| folder.path().join(name));
        assert_eq!(Mark::of(&link), Mark(None));
        fs::write(&first, "1").unwrap();
        fs::write(&second, "2").unwrap();
        symlink(&first, &link).unwrap();
        let before = Mark::of(&link);
        assert_eq!(before, Mark::of(&first));
        fs::remove_file(&link).unwrap();
        symlink(&second, &link).unwrap();
        assert_ne!(Mark::of(&link), before);
        let open = Mark::of(&second);
        std::thread::sleep(Duration::from_millis(20)); // the kernel's clock for files ticks every few milliseconds
        fs::set_permissions(&second, fs::Permissions::from_mode(0o600)).unwrap();
        assert_ne!(Mark::of(&second), open);
    }
}
