//! The data folder: whether it is there or can be made, whose it is, who else may look into it, and how much room is left.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{AccessFlags, Uid, User, access, geteuid};

use super::finding::{Finding, State};
use crate::config::Config;

const NAME: &str = "data folder";
/// Below that the next feeds or a backup may not fit.
const ROOM_LITTLE_BYTES: u64 = 200 * 1024 * 1024;
/// Below that a commit may fail.
const ROOM_NONE_BYTES: u64 = 20 * 1024 * 1024;

/// Looks at it.
pub(super) fn look(config: &Config, is_running: bool) -> Finding {
    let path = &config.data_dir;
    let finding = match fs::metadata(path) {
        Ok(found) if !found.is_dir() => {
            let detail = format!("{} is no folder", path.display());
            Finding::fail(NAME, detail, "data_dir = \"/var/lib/carillon\"")
        }
        Ok(found) => there(path, &found, is_running),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Finding::fail(NAME, format!("{}: {error}", path.display()), "sudo carillon check")
        }
        Err(_) => missing(path),
    };
    match (finding.state, room(path)) {
        (State::Fail, _) | (_, None) => finding,
        (_, Some(bytes)) if bytes < ROOM_NONE_BYTES => Finding::fail(NAME, left(path, bytes), "free some space there"),
        (State::Ok, Some(bytes)) if bytes < ROOM_LITTLE_BYTES => {
            Finding::warn(NAME, left(path, bytes), "free some space there")
        }
        (_, Some(bytes)) => Finding { detail: format!("{}, {} MiB free", finding.detail, mebibytes(bytes)), ..finding },
    }
}

fn left(path: &Path, bytes: u64) -> String {
    format!("{}: {} MiB are left on its disk", path.display(), mebibytes(bytes))
}

fn mebibytes(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}

fn there(path: &Path, found: &Metadata, is_running: bool) -> Finding {
    let (shown, owner) = (path.display(), Uid::from_raw(found.uid()));
    let mode = found.mode() & 0o777;
    let detail = format!("{shown} of {}, mode {mode:o}", name_of(owner));
    let is_usable = is_running || geteuid().is_root() || may_write(path);
    if !is_usable {
        let advice = format!("run this as {0}, as the service is: sudo -u {0} carillon check", name_of(owner));
        return Finding::fail(NAME, format!("{detail}: {} may not write there", name_of(geteuid())), advice);
    }
    if mode & 0o007 != 0 {
        let detail = format!("{detail}: everybody on this machine may look into it");
        return Finding::warn(NAME, detail, format!("chmod o-rwx {shown}"));
    }
    Finding::ok(NAME, detail)
}

fn missing(path: &Path) -> Finding {
    let shown = path.display();
    let Some(parent) = nearest(path) else { return Finding::fail(NAME, format!("{shown} is not there"), make(path)) };
    match may_write(parent) {
        true => Finding::ok(NAME, format!("{shown} is not there yet: the first start makes it")),
        false => {
            let (who, parent) = (name_of(geteuid()), parent.display());
            let detail = format!("{shown} is not there, and {who} may make nothing in {parent}");
            Finding::fail(NAME, detail, make(path))
        }
    }
}

fn make(path: &Path) -> String {
    format!("sudo install -d -m 750 -o {} {}", name_of(geteuid()), path.display())
}

/// The folder itself, or the nearest one above it that is there.
fn nearest(path: &Path) -> Option<&Path> {
    let above = path.ancestors().find(|above| above.is_dir());
    // A path of one name hangs on the present folder.
    above.or_else(|| path.is_relative().then(|| Path::new(".")))
}

fn may_write(path: &Path) -> bool {
    access(path, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
}

fn room(path: &Path) -> Option<u64> {
    let disk = nix::sys::statvfs::statvfs(nearest(path)?).ok()?;
    #[allow(clippy::useless_conversion)] // 32 bits wide on some boards
    Some(u64::from(disk.blocks_available()) * u64::from(disk.fragment_size()))
}

fn name_of(user: Uid) -> String {
    User::from_uid(user).ok().flatten().map_or_else(|| user.to_string(), |user| user.name)
}
