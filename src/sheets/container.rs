//! The ZIP file that a workbook is: its parts by name, unzipped one at a time within a budget.
//!
//! It reads the central directory and believes neither sizes nor counts in it: a part is what comes out of its bytes, up to
//! what is left of the budget, and its checksum must be right. Only what spreadsheets write is understood: stored and deflated
//! parts, no encryption, no parts over 4 GiB.

use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::SheetError;

/// All parts that are read of one file.
pub(super) const UNZIPPED_AT_MOST: usize = 32 * 1024 * 1024;
/// Parts of a workbook: sheets, drawings, pictures.
const PARTS_AT_MOST: usize = 5_000;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// The parts of a file.
pub(super) struct Container<'a> {
    bytes: &'a [u8],
    parts: Vec<Part<'a>>,
    left: usize,
}

struct Part<'a> {
    name: &'a [u8],
    method: u16,
    checksum: u32,
    compressed_bytes: usize,
    offset: usize,
}

impl<'a> Container<'a> {
    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, SheetError> {
        // The end record is 22 bytes and a comment of at most 65,535.
        let tail = bytes.get(bytes.len().saturating_sub(22 + 65_535)..).unwrap_or_default();
        let end = memchr::memmem::rfind(tail, END).and_then(|at| tail.get(at..)).ok_or_else(cut_off)?;
        let count = usize::from(u16_at(end, 10)?);
        if count > PARTS_AT_MOST {
            return Err(SheetError::broken(format!("{count} parts")));
        }
        let mut rest = bytes.get(usize_at(end, 16)?..).ok_or_else(cut_off)?;
        let mut parts = Vec::new();
        for _ in 0..count {
            let (part, after) = read_entry(rest)?;
            parts.push(part);
            rest = after;
        }
        Ok(Self { bytes, parts, left: UNZIPPED_AT_MOST })
    }

    /// Is there such a part?
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Names in a package differ in more than case (OPC 6.2.2.3 forbids equivalent ones), but writers mix the cases.
    fn find(&self, name: &str) -> Option<&Part<'a>> {
        self.parts.iter().find(|part| part.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The content of a part, if there is one of this name.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, SheetError> {
        let Some(part) = self.find(name) else { return Ok(None) };
        let content = self.unzip(part, name)?;
        self.left -= content.len();
        Ok(Some(content))
    }

    fn unzip(&self, part: &Part<'_>, name: &str) -> Result<Vec<u8>, SheetError> {
        let local = self.bytes.get(part.offset..).filter(|rest| rest.starts_with(LOCAL)).ok_or_else(cut_off)?;
        let skip = 30 + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
        let packed = local.get(skip..).and_then(|rest| rest.get(..part.compressed_bytes)).ok_or_else(cut_off)?;
        let limit = u64::try_from(self.left).unwrap_or(u64::MAX).saturating_add(1);
        let mut content = Vec::new();
        let read = match part.method {
            0 => packed.take(limit).read_to_end(&mut content),
            8 => DeflateDecoder::new(packed).take(limit).read_to_end(&mut content),
            other => return Err(SheetError::broken(format!("{name} is packed by method {other}"))),
        };
        read.map_err(|error| SheetError::broken(format!("{name}: {error}")))?;
        if content.len() > self.left {
            return Err(SheetError::Swells);
        }
        let mut sum = Crc::new();
        sum.update(&content);
        match sum.sum() == part.checksum {
            true => Ok(content),
            false => Err(SheetError::broken(format!("{name}: its checksum is wrong"))),
        }
    }
}

/// An entry of the directory (APPNOTE 4.3.12), and what follows it.
fn read_entry(bytes: &[u8]) -> Result<(Part<'_>, &[u8]), SheetError> {
    if !bytes.starts_with(ENTRY) {
        return Err(cut_off());
    }
    let length = |at| u16_at(bytes, at).map(usize::from);
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    let part = Part {
        name: bytes.get(46..46 + name).ok_or_else(cut_off)?,
        method: u16_at(bytes, 10)?,
        checksum: u32_at(bytes, 16)?,
        compressed_bytes: usize_at(bytes, 20)?,
        offset: usize_at(bytes, 42)?,
    };
    Ok((part, bytes.get(46 + name + extra + comment..).ok_or_else(cut_off)?))
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, SheetError> {
    let two = bytes.get(at..at + 2).and_then(|two| two.try_into().ok());
    two.map(u16::from_le_bytes).ok_or_else(cut_off)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, SheetError> {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map(u32::from_le_bytes).ok_or_else(cut_off)
}

fn usize_at(bytes: &[u8], at: usize) -> Result<usize, SheetError> {
    usize::try_from(u32_at(bytes, at)?).map_err(|_| cut_off())
}

fn cut_off() -> SheetError {
    SheetError::broken("its table of contents is cut off or wrong")
}
