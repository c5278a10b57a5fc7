//! One test for each reason to refuse a file, and that no damage whatever makes the reader panic.

use std::io::Cursor;

use proptest::prelude::*;

use super::sample::{Sample, list, number, text, texts};
use super::*;

fn parse(bytes: &[u8]) -> Result<Header, BadFile> {
    Header::parse(Cursor::new(bytes), bytes.len() as u64)
}

/// The message of a refusal; every one has a hint.
fn refused(bytes: &[u8]) -> String {
    let error = parse(bytes).unwrap_err();
    assert!(!error.hint().is_empty());
    error.to_string()
}

#[track_caller]
fn refuses(sample: &Sample, message: &str) {
    assert_eq!(refused(&sample.bytes()), message);
}

#[test]
fn a_sound_file_tells_its_facts() {
    let header = parse(&Sample::sound().bytes()).unwrap();
    let token = |id, text: &str| Some(Token { id, text: text.into() });
    let expected = Header {
        architecture: "llama".into(),
        name: Some("Sample 1".into()),
        parameters: 64 * 4 * 2 + 64,
        quantisation: "Q8_0".into(),
        context_length: 2048,
        licence: Some("mit".into()),
        chat_template: Some("{{ messages }}".into()),
        form: Form::Chat,
        block_count: 2,
        embedding_length: 64,
        head_count: 4,
        head_count_kv: 2,
        vocabulary: 4,
        bos: token(2, "<s>"),
        eos: token(3, "</s>"),
        eot: None,
        // 272 up to the next multiple of 32, then 256, then 272.
        weight_bytes: 288 + 256 + 272,
        // Two layers, two heads, a key and a value of 64 / 4 numbers of two bytes.
        cache_bytes_per_token: 2 * 2 * (16 + 16) * 2,
    };
    assert_eq!(header, expected);
    let need = |context| header.ram_needed_bytes(context) - MODEL_RAM_OVERHEAD_BYTES;
    assert_eq!(need(100), 816 + 100 * 256);
    assert_eq!(need(1 << 20), 816 + 2048 * 256, "a model has no more context than its own");
}

#[test]
fn version_2_other_heads_and_unnamed_kinds_are_understood() {
    let per_layer: Vec<u8> = [0_u32, 2].iter().flat_map(|heads| heads.to_le_bytes()).collect();
    let mut sample = Sample::sound()
        .with("llama.attention.head_count_kv", list(4, 2, &per_layer))
        .with("llama.attention.key_length", number(8))
        .with("llama.attention.value_length", number(24))
        .without("general.file_type")
        .without("tokenizer.chat_template");
    sample.version = 2;
    let header = parse(&sample.bytes()).unwrap();
    assert_eq!((header.head_count_kv, header.cache_bytes_per_token), (2, 2 * (8 + 24) * 2));
    assert_eq!((header.quantisation.as_str(), header.form), ("Q8_0", Form::Plain), "most weights are Q8_0");
}

#[test]
fn our_own_form_is_announced_by_a_key() {
    let sample = Sample::sound().with("naturalcad.prompt", text("plan-1"));
    assert_eq!(parse(&sample.bytes()).unwrap().form, Form::NaturalcadPlan { version: 1 });
    let sample = Sample::sound().with("naturalcad.prompt", text("poem"));
    refuses(&sample, "It wants to be asked in the form `poem`, which this program does not know");
}

#[test]
fn the_oldest_tokenizer_has_its_usual_ends_and_ids_outside_count_as_none() {
    let sample = Sample::sound()
        .with("tokenizer.ggml.model", text("llama"))
        .without("tokenizer.ggml.merges")
        .without("tokenizer.ggml.bos_token_id")
        .with("tokenizer.ggml.eos_token_id", number(u32::MAX));
    let header = parse(&sample.bytes()).unwrap();
    assert_eq!(header.bos, Some(Token { id: 1, text: "b".into() }));
    assert_eq!(header.eos, None);
}

#[test]
fn what_is_no_gguf_file_is_named() {
    assert_eq!(refused(b""), "The file is empty");
    assert_eq!(
        refused(b"GG"),
        "The file ends inside its header; it was not copied whole (2 bytes of at least 4 bytes are there)"
    );
    assert_eq!(
        refused(b"PK\x03\x04...."),
        "It is not a GGUF file: it begins with `PK\\x03\\x04` instead of `GGUF`"
    );
    let pointer = b"version https://git-lfs.github.com/spec/v1\n";
    assert_eq!(refused(pointer), "It is a Git LFS pointer, a short text that stands for the model");
    for (version, message) in [
        (1, "It has version 1 of the GGUF format; versions 2 and 3 can be read"),
        (0, "It has version 0 of the GGUF format; versions 2 and 3 can be read"),
        (9, "It has version 9 of the GGUF format; versions 2 and 3 can be read"),
        (3_u32.swap_bytes(), "It is a big-endian GGUF file, made for another kind of processor"),
    ] {
        let mut sample = Sample::sound();
        sample.version = version;
        refuses(&sample, message);
    }
}

#[test]
fn lying_counts_and_lengths_are_refused_without_believing_them() {
    let mut sample = Sample::sound();
    sample.key_count = Some(u64::MAX);
    refuses(&sample, "The file is damaged: it claims 18446744073709551615 keys; at most 4096 are believed");
    let mut sample = Sample::sound();
    sample.weight_count = Some(1 << 40);
    refuses(&sample, "The file is damaged: it claims 1099511627776 weights; at most 65536 are believed");
    // One key too many: the weights are then read as keys, or the file is at its end.
    let mut sample = Sample::sound();
    sample.key_count = Some(4_096);
    assert!(parse(&sample.bytes()).is_err());
    for lie in [u64::MAX, u64::MAX / 8, 1 << 40, (64 << 20) + 1] {
        for element in [0, 4, 8, 12] {
            let sample = Sample::sound().with("lie", list(element, lie, b""));
            let told = refused(&sample.bytes());
            assert!(told.ends_with("would make its header larger than 67.1 MB"), "{told}");
        }
    }
    let sample = Sample::sound().with("lie", list(8, 1, &u64::MAX.to_le_bytes()));
    assert!(refused(&sample.bytes()).contains("would make its header larger"));
    let sample = Sample::sound().with("lie", list(4, 12_000_000, b""));
    let told = refused(&sample.bytes());
    assert!(told.contains("kB of at least 48.0 MB are there"), "{told}");
}

#[test]
fn a_list_of_lists_and_an_unknown_kind_are_refused() {
    let sample = Sample::sound().with("odd", list(9, 1, &[0; 12]));
    refuses(&sample, "The file is damaged: `odd` is a list of lists, which no model has");
    let sample = Sample::sound().with("odd", 13_u32.to_le_bytes().to_vec());
    refuses(&sample, "The file is damaged: `odd` has a value of the unknown kind 13");
}

#[test]
fn keys_must_have_names_of_their_own() {
    let mut sample = Sample::sound();
    sample.keys.push(("general.name".into(), text("again")));
    refuses(&sample, "The file is damaged: it has the key `general.name` twice");
    refuses(&Sample::sound().with("", number(1)), "The file is damaged: key 16 of 16 has no proper name");
}

#[test]
fn weights_must_have_names_of_their_own() {
    let sample = Sample::sound().with_weights(|weights| weights[2].name = "token_embd.weight".into());
    refuses(&sample, "The file is damaged: it has the weights `token_embd.weight` twice");
    for name in [String::new(), "x".repeat(64)] {
        let sample = Sample::sound().with_weights(|weights| weights[0].name = name);
        refuses(&sample, "The file is damaged: weights 1 have no proper name");
    }
}

#[test]
fn weights_must_have_possible_dimensions() {
    for (dimensions, message) in [
        (vec![], "have 0 dimensions"),
        (vec![32; 5], "have 5 dimensions"),
        (vec![64, 0], "have a dimension of zero"),
        (vec![0], "have a dimension of zero"),
        (vec![1 << 32, 1 << 32], "have dimensions beyond all measure"),
        (vec![u64::MAX], "have dimensions beyond all measure"),
        (vec![33, 2], "have rows of 33, which Q8_0 cannot cut into blocks of 32"),
    ] {
        let sample = Sample::sound().with_weights(|weights| weights[0].dimensions = dimensions);
        refuses(&sample, &format!("The file is damaged: the weights `token_embd.weight` {message}"));
    }
    // Its size in bytes overflows although the number of weights does not.
    let sample = Sample::sound().with_weights(|weights| {
        weights[1].dimensions = vec![1 << 62];
        weights[1].kind = 28;
    });
    refuses(&sample, "The file is damaged: the weights `output_norm.weight` are larger than any file can be");
}

#[test]
fn kinds_that_ggml_removed_or_never_had_are_refused() {
    for kind in [4, 5, 31, 38, 43, u32::MAX] {
        let sample = Sample::sound().with_weights(|weights| weights[0].kind = kind);
        let what =
            format!("The weights `token_embd.weight` are of kind {kind}, which this llama.cpp cannot read");
        refuses(&sample, &what);
    }
}

#[test]
fn weights_must_lie_one_after_another_in_the_file() {
    let at = |offset| Sample::sound().with_weights(|weights| weights[1].offset = Some(offset));
    let name = "The file is damaged: the weights `output_norm.weight` do not begin";
    refuses(&at(289), &format!("{name} at a multiple of its alignment"));
    refuses(&at(256), &format!("{name} where the ones before them end"));
    refuses(&at(u64::MAX - 31), &format!("{name} where the ones before them end"));
    for alignment in [0, 24] {
        let sample = Sample::sound().with("general.alignment", number(alignment));
        let what = format!("The file is damaged: its alignment is {alignment}, which is no power of two");
        refuses(&sample, &what);
    }
}

#[test]
fn a_file_that_ends_early_is_told_from_a_damaged_one() {
    let whole = Sample::sound().bytes();
    let told = refused(&whole[..whole.len() - 1]);
    let (has, needs) = (whole.len() - 1, whole.len());
    let expected = "The file ends inside its weights; it was not copied whole";
    let short = format!("{expected} ({has} of at least {needs} bytes are there)");
    assert_eq!(told, short);
    let sample = Sample::sound().with_weights(|weights| {
        weights[2].dimensions = vec![64, 1_000_000];
    });
    let told = refused(&sample.bytes());
    assert!(told.starts_with(expected) && told.ends_with("kB of at least 68.0 MB are there)"), "{told}");
    let told = refused(&whole[..300]);
    assert!(
        told.starts_with("The file ends inside its header; it was not copied whole (300 bytes of"),
        "{told}"
    );
}

#[test]
fn a_file_without_weights_is_refused() {
    let bytes = Sample::sound().with_weights(Vec::clear).bytes();
    assert_eq!(refused(&bytes), "The file holds no weights, only a vocabulary");
    let padding = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    assert_eq!(refused(&bytes[..bytes.len() - padding]), "The file holds no weights, only a vocabulary");
}

#[test]
fn needed_keys_are_asked_for() {
    for (key, what) in [
        ("general.architecture", "its architecture (`general.architecture`)"),
        ("llama.context_length", "its `llama.context_length`"),
        ("llama.embedding_length", "its `llama.embedding_length`"),
        ("llama.block_count", "its `llama.block_count`"),
        ("tokenizer.ggml.model", "how it cuts text into tokens (`tokenizer.ggml.model`)"),
        ("tokenizer.ggml.tokens", "what its tokens are (`tokenizer.ggml.tokens`)"),
        ("tokenizer.ggml.merges", "how its tokens are joined (`tokenizer.ggml.merges`)"),
    ] {
        refuses(&Sample::sound().without(key), &format!("The file does not say {what}"));
    }
}

#[test]
fn known_keys_must_have_their_kind() {
    for (key, value, message) in [
        ("general.architecture", number(1), "a text but is u32"),
        ("general.name", texts(&["a"]), "a text but is a list"),
        ("general.file_type", text("Q4"), "u32 but is a text"),
        ("general.alignment", text("32"), "u32 but is a text"),
        ("llama.context_length", text("2048"), "u32 but is a text"),
        ("llama.attention.head_count", text("4"), "u32 but is a text"),
        ("llama.attention.head_count", texts(&["4", "4"]), "a list of u32 but is a list of a text"),
        ("tokenizer.ggml.model", number(1), "a text but is u32"),
        ("tokenizer.ggml.tokens", text("a b"), "a list of a text but is a text"),
        ("tokenizer.ggml.tokens", list(4, 1, &[0; 4]), "a list of a text but is a list of u32"),
        ("tokenizer.ggml.merges", list(4, 1, &[0; 4]), "a list of a text but is a list of u32"),
        ("tokenizer.ggml.scores", list(0, 4, &[0; 4]), "a list of f32 but is a list of u8"),
        ("tokenizer.ggml.token_type", list(4, 4, &[0; 16]), "a list of i32 but is a list of u32"),
        ("tokenizer.ggml.bos_token_id", text("<s>"), "u32 but is a text"),
        ("tokenizer.chat_template", number(1), "a text but is u32"),
        (
            "tokenizer.chat_template",
            text(&"x".repeat((1 << 20) + 1)),
            "a text but is a text of more than 1 MiB",
        ),
        ("naturalcad.prompt", number(1), "a text but is u32"),
        ("split.count", text("1"), "u16 but is a text"),
    ] {
        let sample = Sample::sound().with(key, value);
        refuses(&sample, &format!("The file is damaged: `{key}` should be {message}"));
    }
}

#[test]
fn impossible_shapes_are_refused() {
    for (key, value, message) in [
        ("llama.block_count", number(0), "`llama.block_count` is 0"),
        ("llama.block_count", number(513), "`llama.block_count` is 513"),
        ("llama.context_length", number(0), "`llama.context_length` is 0"),
        ("general.architecture", text("a\u{1b}[2Jb"), "its architecture is called `a\\u{1b}[2Jb`"),
        (
            "llama.attention.head_count_kv",
            list(4, 3, &[1; 12]),
            "`llama.attention.head_count_kv` has 3 entries for 2 layers",
        ),
        ("llama.attention.head_count", list(5, 2, &[255; 8]), "`llama.attention.head_count` holds -1"),
    ] {
        refuses(&Sample::sound().with(key, value), &format!("The file is damaged: {message}"));
    }
    let vast = Sample::sound()
        .with("llama.attention.head_count_kv", number(u32::MAX))
        .with("llama.attention.key_length", number(u32::MAX))
        .with("llama.attention.value_length", number(u32::MAX));
    assert_eq!(parse(&vast.bytes()).unwrap().ram_needed_bytes(4096), u64::MAX, "absurd, but no overflow");
}

#[test]
fn strangers_are_refused_by_what_they_are() {
    let two = [2_u32.to_le_bytes().to_vec(), 3_u16.to_le_bytes().to_vec()].concat();
    refuses(
        &Sample::sound().with("split.count", two),
        "It is one of the 3 parts of a split model; split models are not supported",
    );
    let one = [2_u32.to_le_bytes().to_vec(), 1_u16.to_le_bytes().to_vec()].concat();
    assert!(parse(&Sample::sound().with("split.count", one).bytes()).is_ok());
    refuses(
        &Sample::sound().with("general.type", text("adapter")),
        "It is of the type `adapter`, not a model by itself",
    );
    let tokenizer = |name| Sample::sound().with("tokenizer.ggml.model", text(name));
    refuses(&tokenizer("none"), "The model has no vocabulary");
    refuses(&tokenizer("bert"), "The model only measures text; it cannot write");
}

#[test]
fn a_vocabulary_must_hold_different_tokens_and_its_lists_one_entry_for_each() {
    let tokens = |tokens: &[&str]| Sample::sound().with("tokenizer.ggml.tokens", texts(tokens));
    refuses(&tokens(&["a", "b", "<s>", "b"]), "The file is damaged: its tokens 1 and 3 are both `b`");
    refuses(
        &tokens(&["[EMPTY_1]", "", "c", "d"]),
        "The file is damaged: its tokens 0 and 1 are both `[EMPTY_1]`",
    );
    assert!(parse(&tokens(&["", "", "", ""]).bytes()).is_ok(), "llama.cpp gives empty tokens names");
    refuses(&tokens(&[]), "The file is damaged: its vocabulary has 0 tokens");
    let many = (1_usize << 20) + 1;
    let sample = Sample::sound().with("tokenizer.ggml.tokens", list(8, many as u64, &vec![0; 8 * many]));
    refuses(&sample, "The file is damaged: its vocabulary has 1048577 tokens");
    let sample = Sample::sound().with("tokenizer.ggml.scores", list(6, 3, &[0; 12]));
    refuses(&sample, "The file is damaged: `tokenizer.ggml.scores` has 3 entries for 4 tokens");
}

#[test]
fn only_plain_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| Header::read(path).unwrap_err().to_string();
    assert_eq!(told(folder.path()), "It is a folder, not a file");
    assert_eq!(told(Path::new("/dev/zero")), "It is a pipe or a device, not a file");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    assert_eq!(told(&pipe), "It is a pipe or a device, not a file", "and it did not wait for a writer");
    let gone = Header::read(&folder.path().join("gone")).unwrap_err();
    assert!(gone.hint().contains("link"), "{gone}");
    let sound = folder.path().join("sound.gguf");
    std::fs::write(&sound, Sample::sound().bytes()).unwrap();
    assert_eq!(Header::read(&sound).unwrap().architecture, "llama");
}

#[test]
fn sizes_are_written_as_people_write_them() {
    let written = [0, 999, 1_000, 48_000_000, 999_960, 4_680_000_000, 120_000_000_000].map(size);
    assert_eq!(written, ["0 bytes", "999 bytes", "1.0 kB", "48.0 MB", "1.0 MB", "4.7 GB", "120 GB"]);
}

#[test]
fn packings_are_those_of_ggml() {
    // A file of each kind is sound at exactly ggml's size and cut off one byte below.
    for (kind, weights, bytes) in [(2, 32, 18), (12, 256, 144), (14, 256, 210), (39, 32, 17), (30, 1, 2)] {
        let sample = Sample::sound().with_weights(|all| {
            all.truncate(1);
            (all[0].kind, all[0].dimensions, all[0].bytes) = (kind, vec![weights * 5, 7], bytes * 35);
        });
        let whole = sample.bytes();
        assert_eq!(parse(&whole).unwrap().weight_bytes, bytes as u64 * 35);
        assert!(refused(&whole[..whole.len() - 1]).contains("ends inside its weights"));
    }
}

proptest! {
    #[test]
    fn no_damage_makes_the_reader_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 0..20),
        words in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = Sample::sound().bytes();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        for (at, word) in words {
            let at = at.index(bytes.len() - 8);
            bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        if let Err(error) = parse(&bytes) {
            prop_assert!(error.to_string().len() < 400, "{error}");
        }
    }

    #[test]
    fn every_cut_is_refused(kept in 0_usize..1_500) {
        let whole = Sample::sound().bytes();
        prop_assume!(kept < whole.len());
        prop_assert!(parse(&whole[..kept]).is_err());
    }
}
