//! The weights that a GGUF header announces: their kinds, and that each lies where it must inside the file.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek};

use super::bad::{BadFile, shown};
use super::read::Bytes;

/// How numbers are packed: a row is cut into blocks of so many weights, each of so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packing {
    code: u32,
    name: &'static str,
    weights: u64,
    bytes: u64,
}

const fn packing(code: u32, name: &'static str, weights: u64, bytes: u64) -> Packing {
    Packing { code, name, weights, bytes }
}

/// All kinds of ggml 0.26: numbers and names from `enum ggml_type` (`ggml.h`), sizes from the block structs of
/// `ggml-common.h`, both in llama-cpp-sys-2 0.1.160. The gaps are kinds that ggml has removed.
const PACKINGS: [Packing; 35] = [
    packing(0, "F32", 1, 4),
    packing(1, "F16", 1, 2),
    packing(2, "Q4_0", 32, 18),
    packing(3, "Q4_1", 32, 20),
    packing(6, "Q5_0", 32, 22),
    packing(7, "Q5_1", 32, 24),
    packing(8, "Q8_0", 32, 34),
    packing(9, "Q8_1", 32, 36),
    packing(10, "Q2_K", 256, 84),
    packing(11, "Q3_K", 256, 110),
    packing(12, "Q4_K", 256, 144),
    packing(13, "Q5_K", 256, 176),
    packing(14, "Q6_K", 256, 210),
    packing(15, "Q8_K", 256, 292),
    packing(16, "IQ2_XXS", 256, 66),
    packing(17, "IQ2_XS", 256, 74),
    packing(18, "IQ3_XXS", 256, 98),
    packing(19, "IQ1_S", 256, 50),
    packing(20, "IQ4_NL", 32, 18),
    packing(21, "IQ3_S", 256, 110),
    packing(22, "IQ2_S", 256, 82),
    packing(23, "IQ4_XS", 256, 136),
    packing(24, "I8", 1, 1),
    packing(25, "I16", 1, 2),
    packing(26, "I32", 1, 4),
    packing(27, "I64", 1, 8),
    packing(28, "F64", 1, 8),
    packing(29, "IQ1_M", 256, 56),
    packing(30, "BF16", 1, 2),
    packing(34, "TQ1_0", 256, 54),
    packing(35, "TQ2_0", 256, 66),
    packing(39, "MXFP4", 32, 17),
    packing(40, "NVFP4", 64, 36),
    packing(41, "Q1_0", 128, 18),
    packing(42, "Q2_0", 64, 18),
];

/// `GGML_MAX_DIMS`
const DIMENSIONS_MAX: u32 = 4;
/// `GGML_MAX_NAME`, with the zero at its end
const NAME_BYTES_MAX: usize = 64;

/// What is known of all weights together.
#[derive(Debug)]
pub(super) struct Tensors {
    /// Weights, that is numbers.
    pub(super) parameters: u64,
    /// The bytes they take in the file, with the gaps between them.
    pub(super) bytes: u64,
    /// The packing that holds most weights.
    pub(super) commonest: &'static str,
}

impl Tensors {
    pub(super) fn read<R: Read + Seek>(
        bytes: &mut Bytes<R>,
        count: u64,
        alignment: u64,
    ) -> Result<Self, BadFile> {
        let mut names = HashSet::new();
        let mut weights_of: BTreeMap<&'static str, u64> = BTreeMap::new();
        let (mut parameters, mut next, mut end) = (0_u64, 0_u64, 0_u64);
        for place in 1..=count {
            let tensor = Tensor::read(bytes, place)?;
            let Tensor { name, .. } = &tensor;
            let damaged = |what: &str| BadFile::Damaged(format!("the weights `{name}` {what}"));
            if tensor.offset % alignment != 0 {
                return Err(damaged("do not begin at a multiple of its alignment"));
            }
            // llama.cpp takes only files whose weights follow each other without overlap or gap.
            if tensor.offset != next {
                return Err(damaged("do not begin where the ones before them end"));
            }
            let after =
                tensor.offset.checked_add(tensor.bytes).filter(|after| *after <= i64::MAX.cast_unsigned());
            end = after.ok_or_else(|| damaged("are larger than any file can be"))?;
            next = end.next_multiple_of(alignment);
            parameters = parameters.saturating_add(tensor.weights);
            let of_kind = weights_of.entry(tensor.packing.name).or_default();
            *of_kind = of_kind.saturating_add(tensor.weights);
            if !names.insert(tensor.name.clone()) {
                return Err(BadFile::Damaged(format!("it has the weights `{name}` twice")));
            }
        }
        let commonest = weights_of.into_iter().max_by_key(|(_, weights)| *weights).map(|(name, _)| name);
        let none = || BadFile::Unsupported("The file holds no weights, only a vocabulary".to_owned());
        let commonest = commonest.ok_or_else(none)?;
        let begin = bytes.at().next_multiple_of(alignment);
        let (has, needs) = (bytes.file_bytes(), begin.saturating_add(end));
        if needs > has {
            return Err(BadFile::CutOff { part: "weights", has, needs });
        }
        Ok(Self { parameters, bytes: end, commonest })
    }
}

struct Tensor {
    /// Made harmless for messages.
    name: String,
    packing: Packing,
    weights: u64,
    bytes: u64,
    offset: u64,
}

impl Tensor {
    fn read<R: Read + Seek>(bytes: &mut Bytes<R>, place: u64) -> Result<Self, BadFile> {
        let name = bytes.text()?.filter(|name| !name.is_empty() && name.len() < NAME_BYTES_MAX);
        let name = name.ok_or_else(|| BadFile::Damaged(format!("weights {place} have no proper name")))?;
        let name = name.escape_ascii().to_string();
        let damaged =
            |what: String| BadFile::Damaged(format!("the weights `{}` {what}", shown(name.as_bytes())));
        let dimensions = bytes.u32()?;
        if !(1..=DIMENSIONS_MAX).contains(&dimensions) {
            return Err(damaged(format!("have {dimensions} dimensions")));
        }
        let (mut weights, mut row) = (1_u64, 0);
        for dimension in 0..dimensions {
            let length = bytes.u64()?;
            if length == 0 {
                return Err(damaged("have a dimension of zero".to_owned()));
            }
            if dimension == 0 {
                row = length;
            }
            let product = weights.checked_mul(length).filter(|product| *product <= i64::MAX.cast_unsigned());
            weights = product.ok_or_else(|| damaged("have dimensions beyond all measure".to_owned()))?;
        }
        let code = bytes.u32()?;
        let packing = PACKINGS.iter().find(|packing| packing.code == code).copied();
        let packing = packing.ok_or_else(|| {
            let name = shown(name.as_bytes());
            BadFile::Unsupported(format!(
                "The weights `{name}` are of kind {code}, which this llama.cpp cannot read"
            ))
        })?;
        if row % packing.weights != 0 {
            let Packing { name, weights, .. } = packing;
            return Err(damaged(format!(
                "have rows of {row}, which {name} cannot cut into blocks of {weights}"
            )));
        }
        let size = (weights / packing.weights).checked_mul(packing.bytes);
        let size = size.ok_or_else(|| damaged("are larger than any file can be".to_owned()))?;
        let offset = bytes.u64()?;
        Ok(Self { name, packing, weights, bytes: size, offset })
    }
}

/// The name of `general.file_type`, as `enum llama_ftype` of `llama.h` (llama-cpp-sys-2 0.1.160) has it.
pub(super) fn file_type(code: u32) -> Option<&'static str> {
    /// Set when the type was guessed from the weights.
    const GUESSED: u32 = 1024;
    Some(match code & !GUESSED {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        39 => "NVFP4",
        40 => "Q1_0",
        41 => "Q2_0",
        _ => return None,
    })
}
