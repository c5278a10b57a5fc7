//! A tiny writer of GGUF files for tests: sound by default, and wrong in any place a test wants.

/// A value with its kind before it.
pub(crate) fn text(value: &str) -> Vec<u8> {
    [8_u32.to_le_bytes().to_vec(), plain(value.as_bytes())].concat()
}

pub(crate) fn number(value: u32) -> Vec<u8> {
    [4_u32.to_le_bytes(), value.to_le_bytes()].concat()
}

pub(crate) fn texts(values: &[&str]) -> Vec<u8> {
    let items: Vec<u8> = values.iter().flat_map(|value| plain(value.as_bytes())).collect();
    list(8, values.len() as u64, &items)
}

/// A list of the kind `element`, whose length may lie.
pub(crate) fn list(element: u32, count: u64, items: &[u8]) -> Vec<u8> {
    let mut bytes = 9_u32.to_le_bytes().to_vec();
    bytes.extend(element.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(items);
    bytes
}

/// A text with its length before it.
fn plain(value: &[u8]) -> Vec<u8> {
    [&(value.len() as u64).to_le_bytes(), value].concat()
}

#[derive(Clone)]
pub(crate) struct Weights {
    pub(crate) name: String,
    pub(crate) dimensions: Vec<u64>,
    pub(crate) kind: u32,
    /// Where they are said to begin; `None` says the truth.
    pub(crate) offset: Option<u64>,
    /// How many bytes they take in the file.
    pub(crate) bytes: usize,
}

#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) version: u32,
    pub(crate) keys: Vec<(String, Vec<u8>)>,
    pub(crate) weights: Vec<Weights>,
    /// What the header says; `None` says the truth.
    pub(crate) key_count: Option<u64>,
    pub(crate) weight_count: Option<u64>,
}

impl Sample {
    /// A chat model with two layers, four tokens and `Q8_0` weights.
    pub(crate) fn sound() -> Self {
        let weights = |name: &str, dimensions: &[u64], kind, bytes| Weights {
            name: name.into(),
            dimensions: dimensions.into(),
            kind,
            offset: None,
            bytes,
        };
        let weights = vec![
            weights("token_embd.weight", &[64, 4], 8, 64 * 4 / 32 * 34),
            weights("output_norm.weight", &[64], 0, 64 * 4),
            weights("output.weight", &[64, 4], 8, 64 * 4 / 32 * 34),
        ];
        let sample = Self { version: 3, keys: Vec::new(), weights, key_count: None, weight_count: None };
        sample
            .with("general.architecture", text("llama"))
            .with("general.name", text("Sample\n1"))
            .with("general.license", text("mit"))
            .with("general.file_type", number(7))
            .with("llama.context_length", number(2048))
            .with("llama.embedding_length", number(64))
            .with("llama.block_count", number(2))
            .with("llama.attention.head_count", number(4))
            .with("llama.attention.head_count_kv", number(2))
            .with("tokenizer.ggml.model", text("gpt2"))
            .with("tokenizer.ggml.tokens", texts(&["a", "b", "<s>", "</s>"]))
            .with("tokenizer.ggml.merges", texts(&["a b"]))
            .with("tokenizer.ggml.bos_token_id", number(2))
            .with("tokenizer.ggml.eos_token_id", number(3))
            .with("tokenizer.chat_template", text("{{ messages }}"))
    }

    /// Sets a key, in its old place if it was there.
    pub(crate) fn with(mut self, key: &str, value: Vec<u8>) -> Self {
        match self.keys.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.keys.push((key.into(), value)),
        }
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Self {
        self.keys.retain(|(name, _)| name != key);
        self
    }

    pub(crate) fn with_weights(mut self, change: impl FnOnce(&mut Vec<Weights>)) -> Self {
        change(&mut self.weights);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut header = b"GGUF".to_vec();
        header.extend(self.version.to_le_bytes());
        header.extend(self.weight_count.unwrap_or(self.weights.len() as u64).to_le_bytes());
        header.extend(self.key_count.unwrap_or(self.keys.len() as u64).to_le_bytes());
        for (name, value) in &self.keys {
            header.extend(plain(name.as_bytes()));
            header.extend(value);
        }
        let mut body: Vec<u8> = Vec::new();
        for weights in &self.weights {
            body.resize(body.len().next_multiple_of(32), 0);
            header.extend(plain(weights.name.as_bytes()));
            header.extend(u32::try_from(weights.dimensions.len()).unwrap().to_le_bytes());
            weights.dimensions.iter().for_each(|length| header.extend(length.to_le_bytes()));
            header.extend(weights.kind.to_le_bytes());
            header.extend(weights.offset.unwrap_or(body.len() as u64).to_le_bytes());
            body.resize(body.len() + weights.bytes, 1);
        }
        header.resize(header.len().next_multiple_of(32), 0);
        header.extend(body);
        header
    }
}
