//! The measures of a model that its header states under the architecture's name.

use std::io::{Read, Seek};

use super::bad::{BadFile, shown};
use super::read::Bytes;
use super::table::{Kind, Table};
use crate::domain::limits::MODEL_LAYERS_MAX;

/// The cache holds 16-bit numbers.
const CACHE_NUMBER_BYTES: u64 = 2;

pub(super) struct Shape {
    pub(super) architecture: String,
    pub(super) context_length: u32,
    pub(super) block_count: u32,
    pub(super) embedding_length: u32,
    pub(super) head_count: u32,
    pub(super) head_count_kv: u32,
    pub(super) cache_bytes_per_token: u64,
}

impl Shape {
    pub(super) fn read<R: Read + Seek>(bytes: &mut Bytes<R>, table: &Table) -> Result<Self, BadFile> {
        let architecture = table.text("general.architecture")?;
        let architecture = architecture
            .ok_or_else(|| BadFile::Missing("its architecture (`general.architecture`)".to_owned()))?;
        if !is_name(&architecture) {
            let what = format!("its architecture is called `{}`", shown(architecture.as_bytes()));
            return Err(BadFile::Damaged(what));
        }
        let needed = |key: &str, most: u32| {
            let key = format!("{architecture}.{key}");
            let value = table.u32(&key)?.ok_or_else(|| BadFile::Missing(format!("its `{key}`")))?;
            if !(1..=most).contains(&value) {
                return Err(BadFile::Damaged(format!("`{key}` is {value}")));
            }
            Ok(value)
        };
        let context_length = needed("context_length", u32::MAX)?;
        let embedding_length = needed("embedding_length", u32::MAX)?;
        let block_count = needed("block_count", MODEL_LAYERS_MAX)?;
        let key = |name: &str| format!("{architecture}.attention.{name}");
        let heads = per_layer(bytes, table, &key("head_count"), block_count)?;
        let heads = heads.unwrap_or_else(|| vec![0]);
        let kv =
            per_layer(bytes, table, &key("head_count_kv"), block_count)?.unwrap_or_else(|| heads.clone());
        let most = |counts: &[u32]| counts.iter().copied().max().unwrap_or(0);
        let (head_count, head_count_kv) = (most(&heads), most(&kv));
        let usual = embedding_length.checked_div(head_count).unwrap_or(0);
        let lengths = [table.u32(&key("key_length"))?, table.u32(&key("value_length"))?];
        let pair: u64 = lengths.iter().map(|length| u64::from(length.unwrap_or(usual))).sum();
        let all: u64 = match kv.as_slice() {
            [each] => u64::from(*each) * u64::from(block_count),
            layers => layers.iter().map(|heads| u64::from(*heads)).sum(),
        };
        let cache_bytes_per_token = all.saturating_mul(pair).saturating_mul(CACHE_NUMBER_BYTES);
        Ok(Self {
            architecture,
            context_length,
            block_count,
            embedding_length,
            head_count,
            head_count_kv,
            cache_bytes_per_token,
        })
    }
}

/// It becomes a part of other keys and of messages, so it must look like a name.
fn is_name(architecture: &str) -> bool {
    const NAME_CHARS_MAX: usize = 64;
    let proper = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=NAME_CHARS_MAX).contains(&architecture.len()) && architecture.chars().all(proper)
}

/// A number for all layers, or a list with one for each.
fn per_layer<R: Read + Seek>(
    bytes: &mut Bytes<R>,
    table: &Table,
    key: &str,
    layers: u32,
) -> Result<Option<Vec<u32>>, BadFile> {
    if !table.is_list(key) {
        return Ok(table.u32(key)?.map(|count| vec![count]));
    }
    let Some(list) = table.list(key, &[Kind::U32, Kind::I32])? else { return Ok(None) };
    if list.count != u64::from(layers) {
        return Err(BadFile::Damaged(format!("`{key}` has {} entries for {layers} layers", list.count)));
    }
    bytes.go_to(list.at)?;
    let counts: Result<Vec<u32>, BadFile> = (0..list.count).map(|_| bytes.u32()).collect();
    let counts = counts?;
    match counts.iter().find(|count| count.cast_signed() < 0) {
        Some(count) => Err(BadFile::Damaged(format!("`{key}` holds {}", count.cast_signed()))),
        None => Ok(Some(counts)),
    }
}
