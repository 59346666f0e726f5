//! Reading a backup: each length is bounded, each part is named where it is wrong, and nothing is whole before the
//! checksum has matched.

use std::io::{self, BufRead, BufReader, Read};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::bufread::ZlibDecoder;

use super::{
    BackupError, DIGEST_BYTES, FORM, KEY_BYTES_MAX, MAGIC, MANIFEST_BYTES_MAX, Manifest, TableCount, VALUE_BYTES_MAX,
};
use crate::store::migrate;

/// A backup that is being read, part after part in their order.
pub(super) struct BackupReader<R> {
    pub(super) manifest: Manifest,
    records: ZlibDecoder<Hashed<R>>,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// Reads a backup from beginning to end, and says what is in it.
pub fn verify(from: impl Read) -> Result<Manifest, BackupError> {
    let mut reader = BackupReader::open(from)?;
    for table in reader.manifest.tables.clone() {
        reader.visit_table(&table, |_, _| Ok(()))?;
    }
    reader.read_files()?;
    reader.finish()
}

impl<R: Read> BackupReader<R> {
    /// Reads what it is, and the manifest.
    pub(super) fn open(from: R) -> Result<Self, BackupError> {
        let mut from = Hashed { from: BufReader::new(from), digest: Context::new(&SHA256) };
        check_form(&mut from)?;
        let place = "the manifest";
        let line = read_line(&mut from, MANIFEST_BYTES_MAX).map_err(|error| BackupError::reading(place, error))?;
        let manifest: Manifest =
            serde_json::from_slice(&line).map_err(|error| BackupError::damaged(place, error.to_string()))?;
        check_tables(&manifest.tables)?;
        Ok(Self { manifest, records: ZlibDecoder::new(from), key: Vec::new(), value: Vec::new() })
    }

    /// Shows each record of the next table.
    pub(super) fn visit_table(
        &mut self,
        table: &TableCount,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let place = format!("the table {}", table.name);
        let mut last: Option<Vec<u8>> = None;
        for _ in 0..table.records {
            self.read_record(&place)?;
            if last.as_ref().is_some_and(|last| *last >= self.key) {
                return Err(BackupError::damaged(&place, "its records are out of order"));
            }
            visit(&self.key, &self.value)?;
            last.get_or_insert_default().clone_from(&self.key);
        }
        Ok(())
    }

    /// The files, after the last table.
    pub(super) fn read_files(&mut self) -> Result<Vec<(String, Vec<u8>)>, BackupError> {
        let mut files = Vec::new();
        for name in self.manifest.files.clone() {
            let place = format!("the file {name}");
            self.read_record(&place)?;
            if self.key != name.as_bytes() {
                return Err(BackupError::damaged(&place, "another one stands in its place"));
            }
            files.push((name, std::mem::take(&mut self.value)));
        }
        Ok(files)
    }

    /// Sees that nothing follows, and that the checksum matches.
    pub(super) fn finish(mut self) -> Result<Manifest, BackupError> {
        let place = "its end";
        let more = self.records.read(&mut [0]).map_err(|error| BackupError::reading(place, error))?;
        if more > 0 {
            return Err(BackupError::damaged(place, "there are more records than the manifest says"));
        }
        let Hashed { mut from, digest } = self.records.into_inner();
        let mut written = [0; DIGEST_BYTES];
        from.read_exact(&mut written).map_err(|error| BackupError::reading(place, error))?;
        if digest.finish().as_ref() != written {
            return Err(BackupError::Checksum);
        }
        match from.fill_buf().map_err(BackupError::Io)?.is_empty() {
            true => Ok(self.manifest),
            false => Err(BackupError::damaged(place, "something else follows")),
        }
    }

    fn read_record(&mut self, place: &str) -> Result<(), BackupError> {
        let mut lengths = [0; 8];
        self.records.read_exact(&mut lengths).map_err(|error| BackupError::reading(place, error))?;
        let [a, b, c, d, e, f, g, h] = lengths;
        let (key, value) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        if key > KEY_BYTES_MAX || value > VALUE_BYTES_MAX {
            return Err(BackupError::damaged(place, "a record is larger than any can be"));
        }
        for (part, length) in [(&mut self.key, key), (&mut self.value, value)] {
            part.clear();
            // A length is not believed before the bytes are there.
            let read = (&mut self.records).take(length.into()).read_to_end(part);
            let read = read.map_err(|error| BackupError::reading(place, error))?;
            if read < length as usize {
                return Err(BackupError::CutShort(place.to_owned()));
            }
        }
        Ok(())
    }
}

fn check_form(from: &mut impl BufRead) -> Result<(), BackupError> {
    let mut magic = vec![0; MAGIC.len()];
    from.read_exact(&mut magic).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => BackupError::Foreign,
        _ => BackupError::Io(error),
    })?;
    if magic != MAGIC.as_bytes() {
        return Err(BackupError::Foreign);
    }
    let form = read_line(from, 12).map_err(|error| BackupError::reading("its first line", error))?;
    match String::from_utf8(form).ok().and_then(|form| form.parse().ok()) {
        Some(FORM) => Ok(()),
        Some(newer) if newer > FORM => Err(BackupError::NewerForm(newer)),
        _ => Err(BackupError::damaged("its first line", "it names no form")),
    }
}

/// Names that can be tables, each once, in the order in which they are written.
fn check_tables(tables: &[TableCount]) -> Result<(), BackupError> {
    let in_order = tables.windows(2).all(|pair| matches!(pair, [a, b] if a.name < b.name));
    let is_table = |table: &TableCount| !table.name.is_empty() && !migrate::is_meta(&table.name);
    match in_order && tables.iter().all(is_table) {
        true => Ok(()),
        false => Err(BackupError::damaged("the manifest", "its tables make no sense")),
    }
}

/// A line without its end; `UnexpectedEof` where there is none, `InvalidData` where it is too long.
fn read_line(from: &mut impl BufRead, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.by_ref().take(bytes_max).read_until(b'\n', &mut line)?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        _ if line.len() as u64 + 1 < bytes_max => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than any can be")),
    }
}

/// Keeps the sum of what is taken from it, and of nothing that only lies ready.
struct Hashed<R> {
    from: BufReader<R>,
    digest: Context,
}

impl<R: Read> BufRead for Hashed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.digest.update(self.from.buffer().get(..amount).unwrap_or_default());
        self.from.consume(amount);
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
