//! The vocabulary that a GGUF header carries, checked for what llama.cpp would abort on.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Seek};

use super::bad::{BadFile, shown};
use super::read::Bytes;
use super::table::{Kind, List, Table};
use crate::domain::limits::MODEL_TOKENS_MAX;

/// Tokenizers that llama.cpp builds from pairs of tokens; without the list of pairs it gives up.
const WITH_MERGES: [&str; 4] = ["gpt2", "gemma4", "hybriddna", "whitespace"];

/// A token with a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: u32,
    /// As it stands in the vocabulary. Never empty in a sound model.
    pub text: String,
}

#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) tokens: u32,
    pub(super) bos: Option<Token>,
    pub(super) eos: Option<Token>,
    pub(super) eot: Option<Token>,
}

impl Vocabulary {
    pub(super) fn read<R: Read + Seek>(bytes: &mut Bytes<R>, table: &Table) -> Result<Self, BadFile> {
        let missing = |what: &str| BadFile::Missing(what.to_owned());
        let tokenizer = table.text("tokenizer.ggml.model")?;
        let tokenizer =
            tokenizer.ok_or_else(|| missing("how it cuts text into tokens (`tokenizer.ggml.model`)"))?;
        match tokenizer.as_str() {
            "none" | "no_vocab" => {
                return Err(BadFile::Unsupported("The model has no vocabulary".to_owned()));
            }
            "bert" => {
                return Err(BadFile::Unsupported("The model only measures text; it cannot write".to_owned()));
            }
            _ => {}
        }
        let list = table.list("tokenizer.ggml.tokens", &[Kind::Text])?;
        let list = list.ok_or_else(|| missing("what its tokens are (`tokenizer.ggml.tokens`)"))?;
        let tokens = u32::try_from(list.count)
            .ok()
            .filter(|count| (1..=MODEL_TOKENS_MAX).contains(&u64::from(*count)));
        let tokens =
            tokens.ok_or_else(|| BadFile::Damaged(format!("its vocabulary has {} tokens", list.count)))?;
        companions(table, &tokenizer, list.count)?;
        // llama.cpp's own for the oldest kind of file.
        let usual = |id| (tokenizer == "llama").then_some(id);
        let id = |key: &str, usual: Option<u32>| {
            let id = table.u32(key)?.or(usual);
            // Some converters write -1 for "none", and llama.cpp ignores what lies outside.
            Ok::<_, BadFile>(id.filter(|id| *id < tokens))
        };
        let ids = [
            id("tokenizer.ggml.bos_token_id", usual(1))?,
            id("tokenizer.ggml.eos_token_id", usual(2))?,
            id("tokenizer.ggml.eot_token_id", None)?,
        ];
        let [bos, eos, eot] = walk(bytes, &list, ids)?;
        Ok(Self { tokens, bos, eos, eot })
    }
}

/// The lists that go with the tokens.
fn companions(table: &Table, tokenizer: &str, tokens: u64) -> Result<(), BadFile> {
    for (key, kinds) in
        [("tokenizer.ggml.scores", &[Kind::F32, Kind::I32][..]), ("tokenizer.ggml.token_type", &[Kind::I32])]
    {
        if let Some(list) = table.list(key, kinds)?
            && list.count < tokens
        {
            return Err(BadFile::Damaged(format!("`{key}` has {} entries for {tokens} tokens", list.count)));
        }
    }
    let merges = table.list("tokenizer.ggml.merges", &[Kind::Text])?;
    // This one is cut by rules alone.
    let ruled = table.text("tokenizer.ggml.pre")?.is_some_and(|pre| pre == "kimi-k2");
    if merges.is_none() && WITH_MERGES.contains(&tokenizer) && !ruled {
        return Err(BadFile::Missing("how its tokens are joined (`tokenizer.ggml.merges`)".to_owned()));
    }
    Ok(())
}

/// Reads every token once: two with the same text make llama.cpp abort. Only hashes are kept.
fn walk<R: Read + Seek>(
    bytes: &mut Bytes<R>,
    list: &List,
    ids: [Option<u32>; 3],
) -> Result<[Option<Token>; 3], BadFile> {
    let hasher = RandomState::new();
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let mut found = [None, None, None];
    let mut text = Vec::new();
    bytes.go_to(list.at)?;
    for place in 0..list.count {
        bytes.text_into(&mut text)?;
        if text.is_empty() {
            // So llama.cpp calls it.
            text.extend_from_slice(format!("[EMPTY_{place}]").as_bytes());
        }
        if let Some(before) = seen.insert(hasher.hash_one(&text), place) {
            let token = shown(&text);
            return Err(BadFile::Damaged(format!("its tokens {before} and {place} are both `{token}`")));
        }
        for (slot, id) in found.iter_mut().zip(ids) {
            if let Some(id) = id.filter(|id| u64::from(*id) == place) {
                *slot = Some(Token { id, text: String::from_utf8_lossy(&text).into_owned() });
            }
        }
    }
    Ok(found)
}
