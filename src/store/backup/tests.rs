use std::io::Read as _;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::store::{FILE_NAME, Store, StoreError, Table};

const NAMES: Table<String> = Table::new("names");
const KEYS: Table<Vec<u8>> = Table::new("keys");
const HEAD: usize = 18;

fn store() -> Store {
    let store = Store::in_memory().unwrap();
    let fill = |tx: &mut crate::store::WriteTx| {
        for n in 0..60_u8 {
            tx.put(&NAMES, &[n], &format!("name {n} {}", "x".repeat(usize::from(n) * 7)))?;
        }
        tx.put_body(&KEYS, b"master", b"sum")?;
        tx.put_body(&KEYS, b"private", b"secret")
    };
    store.write_now::<_, StoreError>(fill).unwrap();
    store
}

fn contents() -> Contents {
    let files = vec![("seal.key".to_owned(), vec![7; 32])];
    Contents { instance: "i".into(), files, ..Contents::default() }
}

fn dumped(contents: &Contents) -> (Manifest, Vec<u8>) {
    let mut bytes = Vec::new();
    let manifest = store().read_now::<_, BackupError>(|tx| tx.dump(contents, &mut bytes)).unwrap();
    (manifest, bytes)
}

static BACKUP: LazyLock<Vec<u8>> = LazyLock::new(|| dumped(&contents()).1);

fn refusal(bytes: &[u8]) -> String {
    verify(bytes).unwrap_err().to_string()
}

/// Written anew with another manifest, and a checksum that matches.
fn with_manifest(change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let end = HEAD + BACKUP[HEAD..].iter().position(|byte| *byte == b'\n').unwrap();
    let mut manifest: Manifest = serde_json::from_slice(&BACKUP[HEAD..end]).unwrap();
    change(&mut manifest);
    let mut bytes = BACKUP[..HEAD].to_vec();
    bytes.extend(serde_json::to_vec(&manifest).unwrap());
    bytes.extend(&BACKUP[end..BACKUP.len() - DIGEST_BYTES]);
    let sum = *crate::secret::Fingerprint::of_bytes(&bytes).as_bytes();
    bytes.extend(sum);
    bytes
}

#[test]
fn what_was_written_is_read_back() {
    let (manifest, bytes) = dumped(&contents());
    assert_eq!(verify(bytes.as_slice()).unwrap(), manifest);
    assert_eq!((manifest.count("names"), manifest.count("keys"), manifest.keys), (60, 2, true));
    let dir = tempfile::tempdir().unwrap();
    let loaded = load(bytes.as_slice(), &dir.path().join(FILE_NAME)).unwrap();
    assert_eq!((loaded.manifest, loaded.files), (manifest, contents().files));
    let again = Store::open(dir.path()).unwrap();
    let mut copy = Vec::new();
    again.read_now::<_, BackupError>(|tx| tx.dump(&contents(), &mut copy)).unwrap();
    assert_eq!(copy, bytes, "the same state is the same bytes");
}

#[test]
fn its_first_lines_tell_what_it_is() {
    let text = String::from_utf8_lossy(&BACKUP).into_owned();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("carillon backup 1"));
    assert!(lines.next().unwrap().starts_with(r#"{"program":"#));
}

#[test]
fn private_keys_can_be_left_out_and_the_rest_of_their_table_stays() {
    let left_out = vec![KeyMaterial { table: "keys", key: Some(b"private") }];
    let (manifest, bytes) = dumped(&Contents { left_out, ..Contents::default() });
    assert_eq!((manifest.keys, manifest.count("keys")), (false, 1));
    let mut plain = Vec::new();
    let start = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    flate2::read::ZlibDecoder::new(&bytes[start..]).read_to_end(&mut plain).unwrap();
    let has = |words: &[u8]| plain.windows(words.len()).any(|window| window == words);
    assert!(has(b"master") && !has(b"private") && !has(b"secret"));
    let all = vec![KeyMaterial { table: "keys", key: None }];
    assert_eq!(dumped(&Contents { left_out: all, ..Contents::default() }).0.count("keys"), 0);
}

#[test]
fn what_is_wrong_is_named() {
    let more = [BACKUP.as_slice(), b"x"].concat();
    let cases = [
        (b"".to_vec(), "no backup"),
        (b"SQLite format 3\0 and more".to_vec(), "no backup"),
        (b"carillon backup 2\n{}\n".to_vec(), "newer Carillon"),
        (b"carillon backup x\n{}\n".to_vec(), "its first line"),
        (b"carillon backup 1\n{}\n".to_vec(), "the manifest"),
        (b"carillon backup 1\n{".to_vec(), "cut short, in the manifest"),
        (BACKUP[..BACKUP.len() - 1].to_vec(), "cut short, in its end"),
        (BACKUP[..BACKUP.len() / 2].to_vec(), "cut short, in the table names"),
        (more, "something else follows"),
        (with_manifest(|manifest| manifest.tables[1].records = 59), "damaged"),
        (with_manifest(|manifest| manifest.tables[1].records = 61), "cut short, in the file"),
        (with_manifest(|manifest| manifest.tables.swap(0, 1)), "make no sense"),
        (with_manifest(|manifest| manifest.tables[0].name = "meta".into()), "make no sense"),
        (with_manifest(|manifest| manifest.files.clear()), "more records"),
        (with_manifest(|manifest| manifest.files.push("x".into())), "cut short, in the file x"),
        (with_manifest(|manifest| manifest.files[0] = "x".into()), "another one stands"),
    ];
    for (bytes, words) in cases {
        let told = refusal(&bytes);
        assert!(told.contains(words), "{told}: {words}");
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let newer = with_manifest(|manifest| manifest.schema = 99);
    let dir = tempfile::tempdir().unwrap();
    let refused = load(newer.as_slice(), &dir.path().join(FILE_NAME)).unwrap_err();
    assert!(matches!(refused, BackupError::NewerSchema { found: 99, .. }), "{refused}");
    assert!(!dir.path().join(FILE_NAME).exists());
}

#[test]
fn each_length_that_is_not_the_whole_is_refused() {
    for length in 0..BACKUP.len() {
        assert!(verify(&BACKUP[..length]).is_err(), "{length}");
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_anywhere_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = BACKUP.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(verify(bytes.as_slice()).is_err(), "byte {at}, bit {bit}");
    }

    #[test]
    fn rubbish_behind_a_good_beginning_is_refused(rubbish in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let kept = at.index(BACKUP.len() - DIGEST_BYTES);
        let bytes = [&BACKUP[..kept], rubbish.as_slice()].concat();
        prop_assert!(verify(bytes.as_slice()).is_err());
    }
}
