//! The model in memory: loaded once in the life of a worker, with one context. Owned by one thread.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{KvCacheType, LlamaContextParams};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;

use super::constraint::{Constraint, Grammars};
use super::log::LastWords;
use super::states::{Found, States};
use crate::domain::limits::{MODEL_BATCH_TOKENS, MODEL_CANDIDATES_MAX};
use crate::model::wire::{CachedFrom, Facts, Load, Piece, Problem};

pub(super) struct Engine {
    pub(super) model: &'static LlamaModel,
    pub(super) context: LlamaContext<'static>,
    /// What the context's first sequence holds.
    pub(super) held: Vec<i32>,
    states: States,
    grammars: Option<Grammars>,
}

impl Engine {
    /// Loads a model; `progress` hears per mille and may say stop.
    pub(super) fn load(
        load: &Load,
        words: &LastWords,
        progress: impl FnMut(u64) -> bool + Send + 'static,
    ) -> Result<(Self, Facts), Problem> {
        let began = Instant::now();
        let problem = |reason: String| Problem::Load { reason };
        words.forget();
        let backend = LlamaBackend::init().map_err(|error| problem(error.to_string()))?;
        // One worker holds one model until its end, so both live as long as the process.
        let backend: &'static LlamaBackend = Box::leak(Box::new(backend));
        if !Path::new(&load.path).is_file() {
            return Err(problem("the file is gone".into()));
        }
        let progress = Arc::new(Mutex::new(progress));
        let params = LlamaModelParams::default().with_use_mmap(load.mmap).with_n_gpu_layers(gpu_layers());
        let params = params.with_progress_callback(move |share| {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress(per_mille(share))
        });
        let model = LlamaModel::load_from_file(backend, &load.path, &params);
        // The reason is only ever in the log.
        let model =
            model.map_err(|error| problem(words.of_an_error().unwrap_or_else(|| error.to_string())))?;
        let model: &'static LlamaModel = Box::leak(Box::new(model));
        let n_ctx = load.context.min(model.n_ctx_train().max(1));
        let threads = i32::try_from(load.threads).unwrap_or(1).max(1);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(n_ctx))
            .with_n_batch(MODEL_BATCH_TOKENS)
            .with_n_ubatch(MODEL_BATCH_TOKENS)
            .with_n_seq_max(MODEL_CANDIDATES_MAX)
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_type_k(KvCacheType::F16)
            .with_type_v(KvCacheType::F16)
            // Stated, because the layout of kept states depends on it.
            .with_flash_attention_policy(llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED)
            // Candidates share the cells of their prompt.
            .with_kv_unified(true)
            .with_swa_full(true);
        let context = model.new_context(backend, params);
        let mut context =
            context.map_err(|error| problem(words.of_an_error().unwrap_or_else(|| error.to_string())))?;
        // The first computation here, so that a processor that lacks something shows it now.
        decode_one(&mut context, model).map_err(problem)?;
        let facts = Facts {
            parameters: model.n_params(),
            bytes: model.size(),
            vocabulary: u32::try_from(model.n_vocab()).unwrap_or(0),
            context: context.n_ctx(),
            threads: load.threads,
            load_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        let states = States::new(load.states.as_ref().map(PathBuf::from), load.sha256.clone());
        Ok((Self { model, context, held: Vec::new(), states, grammars: None }, facts))
    }

    /// Tokens of a prompt. What a person wrote never becomes a control token.
    pub(super) fn tokenize(&self, pieces: &[Piece], add_bos: bool) -> Vec<i32> {
        let vocabulary = self.model.vocab();
        let mut tokens = Vec::new();
        if add_bos && vocabulary.should_add_bos() {
            tokens.push(vocabulary.bos().0);
        }
        for piece in pieces {
            let of = vocabulary.tokenize(piece.text.as_bytes(), false, piece.special);
            tokens.extend(of.iter().map(|token| token.0));
        }
        tokens
    }

    pub(super) fn constraint(&mut self, grammar: &str) -> Result<Constraint, Problem> {
        let model = self.model;
        self.grammars.get_or_insert_with(|| Grammars::new(model)).constraint(grammar)
    }

    /// Makes the context hold as much of the prompt as is known already, and nothing else. Returns how much, and from where.
    pub(super) fn resume(&mut self, prompt: &[i32], fixed: usize) -> (usize, CachedFrom) {
        let shared = self.held.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        // At least one token is decoded, for the logits behind it.
        let shared = shared.min(prompt.len().saturating_sub(1));
        let fixed_is_better = shared < fixed && fixed < prompt.len();
        if fixed_is_better {
            self.forget();
            match self.states.restore(&mut self.context, &prompt[..fixed]) {
                Some(found) => {
                    self.held = prompt[..fixed].to_vec();
                    let from = if found == Found::Disk { CachedFrom::Disk } else { CachedFrom::Memory };
                    return (fixed, from);
                }
                None => return (0, CachedFrom::Nowhere),
            }
        }
        if self.cut(shared) { (shared, CachedFrom::Context) } else { (0, CachedFrom::Nowhere) }
    }

    /// Drops everything behind the first `length` tokens; a model that cannot forget in parts forgets all.
    pub(super) fn cut(&mut self, length: usize) -> bool {
        let from = u32::try_from(length).ok();
        if length > 0 && self.context.kv_cache_seq_rm(0, from, None).is_ok() {
            self.held.truncate(length);
            return true;
        }
        self.forget();
        false
    }

    pub(super) fn forget(&mut self) {
        self.context.clear_kv_cache();
        self.held.clear();
    }

    /// Keeps the state of the fixed part, which the context holds and nothing more.
    pub(super) fn keep_state(&mut self) {
        self.states.store(&self.context, &self.held);
    }

    /// Forgets kept states, those on disk too when asked: for measuring.
    pub(super) fn forget_states(&mut self, on_disk: bool) {
        self.states.forget(on_disk);
    }

    pub(super) fn may_copy(&self) -> bool {
        // Rejected drafts are taken back, which recurrent models cannot do.
        !self.model.is_recurrent() && !self.model.is_hybrid()
    }
}

fn decode_one(context: &mut LlamaContext, model: &LlamaModel) -> Result<(), String> {
    let mut batch = LlamaBatch::new(1, 1);
    let token = model.vocab().eos();
    let token = if token.0 < 0 { LlamaToken(0) } else { token };
    batch.add(token, 0, &[0], true).map_err(|error| error.to_string())?;
    context.decode(&mut batch).map_err(|error| error.to_string())?;
    context.clear_kv_cache();
    Ok(())
}

/// All layers when this build can use a graphics card, none otherwise.
fn gpu_layers() -> u32 {
    if cfg!(any(feature = "cuda", feature = "vulkan")) { 999 } else { 0 }
}

fn per_mille(share: f32) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 1")]
    let per_mille = (share.clamp(0.0, 1.0) * 1000.0) as u64;
    per_mille
}
