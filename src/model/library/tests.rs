//! A folder with good, bad, linked and unreadable files, and the memory of hashes.

use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;
use crate::model::gguf::sample::Sample;

struct Shelf {
    models: TempDir,
    cache: TempDir,
}

impl Shelf {
    fn new() -> Self {
        Self { models: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() }
    }

    fn library(&self) -> Library {
        Library::new(self.models.path().to_owned()).with_cache(self.cache.path().join("data"))
    }

    fn put(&self, file: &str, bytes: &[u8]) -> PathBuf {
        let path = self.models.path().join(file);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.models.path().join(FILE)).unwrap_or_default()
    }

    fn verify(&self, name: &str) -> Result<Verified, Error> {
        self.library().verify(name, &CancellationToken::new(), |_, _| {})
    }

    fn sha256(&self, name: &str) -> Result<String, Error> {
        self.library().sha256(name, &CancellationToken::new(), |_, _| {})
    }
}

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The text of an error with its causes.
fn told(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!("; {cause}")).unwrap_or_default();
    assert!(!error.hint().is_empty());
    format!("{error}{cause}")
}

#[test]
fn the_folder_is_listed_by_name_with_the_reason_for_each_refusal() {
    let shelf = Shelf::new();
    let sound = Sample::sound().bytes();
    shelf.put("good.gguf", &sound);
    shelf.put("LOUD.GGUF", &sound);
    shelf.put("cut.gguf", &sound[..sound.len() - 9]);
    shelf.put("empty.gguf", b"");
    shelf.put("._good.gguf", b"left by macOS");
    shelf.put(".gguf", b"");
    shelf.put("notes.txt", b"");
    fs::create_dir(shelf.models.path().join("folder.gguf")).unwrap();
    let elsewhere = shelf.cache.path().join("there");
    fs::write(&elsewhere, &sound).unwrap();
    symlink(&elsewhere, shelf.models.path().join("linked.gguf")).unwrap();
    symlink("/no/such/file", shelf.models.path().join("dangling.gguf")).unwrap();
    symlink("loop.gguf", shelf.models.path().join("loop.gguf")).unwrap();
    let models = shelf.library().list();
    let found: Vec<(&str, Option<&str>)> =
        models.iter().map(|model| (model.name.as_str(), model.problem.as_deref())).collect();
    let (has, needs) = (sound.len() - 9, sound.len());
    let cut = format!(
        "The file ends inside its weights; it was not copied whole ({has} of at least {needs} bytes are there)"
    );
    let expected = [
        ("LOUD", None),
        ("cut", Some(cut.as_str())),
        ("dangling", Some("The file cannot be opened: No such file or directory (os error 2)")),
        ("empty", Some("The file is empty")),
        ("folder", Some("It is a folder, not a file")),
        ("good", None),
        ("linked", None),
        ("loop", Some("The file cannot be opened: Too many levels of symbolic links (os error 40)")),
    ];
    assert_eq!(found, expected);
    assert!(models.iter().all(|model| model.problem.is_some() == model.hint.is_some()));
    assert_eq!(models[6].size_bytes, sound.len() as u64, "of the file, not of the link");
    let listed = serde_json::to_value(models[5].listed()).unwrap();
    assert_eq!((&listed["architecture"], &listed["form"]), (&"llama".into(), &"chat".into()));
    assert_eq!((&listed["title"], &listed["sha256"]), (&"Sample 1".into(), &serde_json::Value::Null));
    assert_eq!(models[5].ram_needed_bytes(100), models[5].header.as_ref().map(|h| h.ram_needed_bytes(100)));
    assert_eq!(models[1].ram_needed_bytes(100), None);
}

#[test]
fn a_second_look_sees_what_has_changed() {
    let shelf = Shelf::new();
    let path = shelf.put("a.gguf", &Sample::sound().bytes());
    let library = shelf.library();
    let title = || library.list()[0].header.as_ref().and_then(|header| header.name.clone());
    assert_eq!((title(), title()), (Some("Sample 1".into()), Some("Sample 1".into())));
    fs::write(&path, Sample::sound().without("general.name").bytes()).unwrap();
    assert_eq!(title(), None);
    fs::write(&path, b"").unwrap();
    assert_eq!(library.list()[0].problem.as_deref(), Some("The file is empty"));
    fs::remove_file(&path).unwrap();
    assert!(library.list().is_empty());
}

#[test]
fn an_unreadable_file_and_an_unreadable_folder_are_told() {
    let shelf = Shelf::new();
    let path = shelf.put("secret.gguf", &Sample::sound().bytes());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_err() {
        let models = shelf.library().list();
        assert!(models[0].problem.as_deref().is_some_and(|problem| problem.contains("Permission denied")));
        assert!(models[0].hint.is_some_and(|hint| hint.contains("chmod")));
    }
    let library = Library::new(path);
    let error = library.scan().unwrap_err();
    assert!(told(&error).ends_with("cannot be read; Not a directory (os error 20)"), "{}", told(&error));
    assert!(library.list().is_empty());
    assert!(Library::new("/no/such/folder".into()).scan().unwrap().is_empty(), "no folder, no models");
}

#[test]
fn names_are_found_with_and_without_ending_and_never_lead_out() {
    let shelf = Shelf::new();
    let sound = Sample::sound().bytes();
    shelf.put("a.gguf", &sound);
    shelf.put("a.gguf.gguf", &sound);
    shelf.put("bad.gguf", b"GGML....");
    let library = shelf.library();
    let find = |name: &str| library.find(name).map(|model| model.file).map_err(|error| told(&error));
    assert_eq!(find("a").unwrap(), "a.gguf");
    assert_eq!(find("a.gguf").unwrap(), "a.gguf", "the file name goes before the stem");
    assert_eq!(find("a.gguf.gguf").unwrap(), "a.gguf.gguf");
    for name in ["", ".", "..", "../a", "/etc/passwd", "x/a", "a\0", "..\\a", ".a"] {
        assert_eq!(find(name), Err(format!("`{}` is no model's name", name.escape_debug())));
    }
    assert!(find("none").unwrap_err().starts_with("There is no model `none` in `/"));
    let bad = find("bad").unwrap_err();
    assert_eq!(
        bad,
        "`bad.gguf` cannot be used; It is not a GGUF file: it begins with `GGML` instead of `GGUF`"
    );
    assert_eq!(open(&shelf.models.path().join("a.gguf")).unwrap().name, "a");
    assert!(matches!(open(Path::new("/no/such.gguf")), Err(Error::Bad { .. })));
}

#[test]
fn a_hash_is_computed_once_for_each_state_of_the_file() {
    let shelf = Shelf::new();
    let sound = Sample::sound().bytes();
    let path = shelf.put("a.gguf", &sound);
    let mut steps = Vec::new();
    let first =
        shelf.library().sha256("a", &CancellationToken::new(), |done, total| steps.push((done, total)));
    assert_eq!(first.unwrap(), sha256(&sound));
    assert_eq!(steps, [(sound.len() as u64, sound.len() as u64)]);
    let silent = |_, _| panic!("it was read again");
    assert_eq!(shelf.library().sha256("a", &CancellationToken::new(), silent).unwrap(), sha256(&sound));
    assert_eq!(shelf.library().list()[0].sha256, Some(sha256(&sound)));
    assert_eq!(shelf.library().find("a").unwrap().sha256, Some(sha256(&sound)));
    let other = Sample::sound().without("general.name").bytes();
    fs::write(path, &other).unwrap();
    assert_eq!(shelf.library().list()[0].sha256, None, "another file under the same name");
    assert_eq!(shelf.sha256("a").unwrap(), sha256(&other));
    assert_eq!(shelf.manifest().matches("[[measured]]").count(), 1);
}

#[test]
fn hashing_can_be_cancelled_and_leaves_nothing() {
    let shelf = Shelf::new();
    shelf.put("big.gguf", &vec![7; 3 * MODEL_HASH_BLOCK_BYTES]);
    let cancel = CancellationToken::new();
    let mut steps = 0;
    let error = shelf.library().sha256("big", &cancel, |_, _| {
        steps += 1;
        cancel.cancel();
    });
    assert!(matches!(error, Err(Error::Cancelled { .. })), "{error:?}");
    assert_eq!((steps, shelf.manifest().as_str()), (1, ""));
}

#[test]
fn a_file_that_grows_while_it_is_read_gets_no_hash() {
    let shelf = Shelf::new();
    let path = shelf.put("a.gguf", &[7; 100]);
    let grow = |_, _| {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        io::Write::write_all(&mut file, b"more").unwrap();
    };
    let error = shelf.library().sha256("a", &CancellationToken::new(), grow).unwrap_err();
    assert_eq!(told(&error), "`a.gguf` was changed while it was read");
    assert_eq!(shelf.manifest(), "");
}

#[test]
fn verify_knows_first_sight_from_second_and_finds_flipped_bits() {
    let shelf = Shelf::new();
    let mut bytes = Sample::sound().bytes();
    let path = shelf.put("a.gguf", &bytes);
    let verified = |against| Verified { sha256: sha256(&bytes), against };
    assert_eq!(shelf.verify("a").unwrap(), verified(Against::Nothing));
    assert_eq!(shelf.verify("a").unwrap(), verified(Against::Seen));
    // The disk rots: other bytes, the same size and time.
    let (time, good) = (fs::metadata(&path).unwrap().modified().unwrap(), sha256(&bytes));
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    for _ in 0..2 {
        let error = shelf.verify("a").unwrap_err();
        let found = sha256(&bytes);
        let expected =
            format!("`a.gguf` is not the file that it should be: its SHA-256 is {found} instead of {good}");
        assert_eq!(told(&error), expected, "and it is not forgotten");
    }
    shelf.put("bad.gguf", b"");
    assert!(matches!(shelf.verify("bad"), Err(Error::Bad { source: BadFile::Empty, .. })));
}

#[test]
fn a_hash_that_came_with_the_model_is_held_against_the_file() {
    let shelf = Shelf::new();
    let bytes = Sample::sound().bytes();
    for file in ["good.gguf", "wrong.gguf", "new.gguf"] {
        shelf.put(file, &bytes);
    }
    let good = sha256(&bytes).to_ascii_uppercase();
    let wrong = "0".repeat(64);
    let text = format!(
        "note = \"kept\"\n[[model]]\nfile = \"good.gguf\"\nsha256 = \"{good}\"\nlicence = \"mit\"\n\
         [[model]]\nfile = \"wrong.gguf\"\nsha256 = \"{wrong}\"\n"
    );
    shelf.put(FILE, text.as_bytes());
    assert_eq!(shelf.verify("good").unwrap().against, Against::Shipped);
    assert_eq!(shelf.verify("new").unwrap().against, Against::Nothing);
    assert!(shelf.library().list().iter().all(|model| model.problem.is_none()), "not hashed yet");
    assert!(matches!(shelf.verify("wrong"), Err(Error::Mismatch { .. })));
    assert!(matches!(shelf.sha256("wrong"), Err(Error::Mismatch { .. })));
    assert!(matches!(shelf.library().find("wrong"), Err(Error::Mismatch { .. })), "it must not be loaded");
    let models = shelf.library().list();
    let problem = models.last().unwrap().problem.clone().unwrap();
    assert!(problem.contains("is not the file that it should be"), "{problem}");
    let manifest = shelf.manifest();
    assert!(manifest.contains("note = \"kept\"") && manifest.contains("licence = \"mit\""), "{manifest}");
    assert_eq!(manifest.matches("[[model]]").count(), 2);
}

#[test]
fn read_only_media_keep_their_hashes_in_the_cache() {
    let shelf = Shelf::new();
    let bytes = Sample::sound().bytes();
    shelf.put("a.gguf", &bytes);
    // Root writes into read-only folders too, so the manifest is made impossible instead.
    fs::create_dir_all(shelf.models.path().join(FILE)).unwrap();
    let library = shelf.library();
    let stamp = stamp("a.gguf", &shelf.models.path().join("a.gguf")).unwrap();
    library.keep(stamp.clone(), &sha256(&bytes));
    fs::remove_dir(shelf.models.path().join(FILE)).unwrap();
    assert_eq!(shelf.manifest(), "");
    assert_eq!(library.list()[0].sha256, Some(sha256(&bytes)), "found in the cache");
    assert_eq!(shelf.verify("a").unwrap().against, Against::Seen);
    // Without any place the hash is there all the same, only not kept.
    let nowhere = Library::new(shelf.models.path().to_owned()).with_cache("/proc/no/place".into());
    fs::create_dir_all(shelf.models.path().join(FILE).join("x")).unwrap();
    nowhere.keep(stamp, &sha256(&bytes));
    let left: Vec<_> = fs::read_dir(shelf.models.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "no halves are left: {left:?}");
}

#[test]
fn a_broken_manifest_is_told_hides_no_model_and_is_never_overwritten() {
    let shelf = Shelf::new();
    shelf.put("a.gguf", &Sample::sound().bytes());
    for (text, what) in [
        ("model = [", ""),
        ("model = 3", ""),
        (
            "[[model]]\nfile = \"a.gguf\"\nsha256 = \"12\"\n",
            "the sha256 of `a.gguf` has not 64 hexadecimal digits",
        ),
    ] {
        shelf.put(FILE, text.as_bytes());
        let error = shelf.verify("a").unwrap_err();
        assert!(matches!(&error, Error::Manifest { what: told, .. } if told.contains(what)), "{error}");
        assert!(matches!(shelf.library().find("a"), Err(Error::Manifest { .. })));
        assert_eq!(shelf.library().list().len(), 1);
        assert_eq!(shelf.manifest(), text);
    }
    shelf.put(FILE, &vec![b'#'; (1 << 20) + 1]);
    assert!(told(&shelf.verify("a").unwrap_err()).contains("larger than 1048576 bytes"));
}

#[test]
fn the_manifest_forgets_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut manifest = Manifest::default();
    for number in 0..MODELS_LISTED_MAX + 5 {
        let stamp = Stamp { file: format!("{number}.gguf"), size_bytes: 1, modified_ns: -1 };
        manifest.keep(Measured { stamp, sha256: "a".repeat(64) });
    }
    manifest.write(&path).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    let known = |number: usize| {
        let stamp = Stamp { file: format!("{number}.gguf"), size_bytes: 1, modified_ns: -1 };
        manifest.measured(&stamp).is_some()
    };
    assert!(!known(4) && known(5) && known(MODELS_LISTED_MAX + 4));
}
