//! The grammar of one candidate: which token may come next, and when the text is complete. Wraps llguidance's matcher, whose vocabulary
//! tables are built once for a model and whose grammar is compiled once for a text.

use std::collections::HashMap;
use std::sync::Arc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use toktrie::{SimpleVob, TokEnv};

use crate::model::wire::Problem;

/// Compiled grammars by their text; a handful at most, because they come from the catalog.
pub(super) struct Grammars {
    environment: TokEnv,
    compiled: HashMap<String, Matcher>,
    /// For each token of the vocabulary: it consists of closing brackets and quotes, or ends the text.
    closing: Arc<[bool]>,
}

/// Grammars kept compiled.
const KEPT: usize = 8;

impl Grammars {
    /// Reads the whole vocabulary: some hundred milliseconds for a large one.
    pub(super) fn new(model: &LlamaModel) -> Self {
        let closes = |(token, piece): (_, Vec<u8>)| {
            let brackets = !piece.is_empty() && piece.iter().all(|byte| b"\"}]".contains(byte));
            brackets || model.vocab().is_eog(token)
        };
        Self {
            environment: LlamaSampler::llguidance_tok_env(model),
            compiled: HashMap::new(),
            closing: model.tokens(false).map(closes).collect(),
        }
    }

    pub(super) fn constraint(&mut self, grammar: &str) -> Result<Constraint, Problem> {
        if !self.compiled.contains_key(grammar) {
            let matcher = self.compile(grammar).map_err(|reason| Problem::Grammar { reason })?;
            if self.compiled.len() >= KEPT {
                self.compiled.clear();
            }
            self.compiled.insert(grammar.to_owned(), matcher);
        }
        let matcher = self.compiled.get(grammar).map(Matcher::deep_clone);
        let matcher = matcher.ok_or_else(|| Problem::Grammar { reason: "it was not compiled".into() })?;
        Ok(Constraint { matcher, closing: self.closing.clone() })
    }

    fn compile(&self, grammar: &str) -> Result<Matcher, String> {
        let factory = ParserFactory::new_simple(&self.environment).map_err(|error| error.to_string())?;
        let parser = factory.create_parser(TopLevelGrammar::from_lark(grammar.to_owned()));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(reason) => Err(reason),
            None => Ok(matcher),
        }
    }
}

pub(super) struct Constraint {
    matcher: Matcher,
    closing: Arc<[bool]>,
}

impl Constraint {
    /// Takes the token when it fits; false when it does not.
    pub(super) fn take(&mut self, token: usize) -> Result<bool, Problem> {
        let Ok(id) = u32::try_from(token) else { return Ok(false) };
        let fitting = self.matcher.try_consume_tokens(&[id]).map_err(broken)?;
        Ok(fitting == 1)
    }

    /// The text so far is complete; more may follow.
    pub(super) fn is_complete(&mut self) -> Result<bool, Problem> {
        self.matcher.is_accepting().map_err(broken)
    }

    /// The text is complete and nothing can follow.
    pub(super) fn is_over(&self) -> bool {
        self.matcher.is_stopped()
    }

    /// Which tokens may come next.
    pub(super) fn mask(&mut self) -> Result<SimpleVob, Problem> {
        self.matcher.compute_mask_or_eos().map_err(broken)
    }

    pub(super) fn closes(&self, token: usize) -> bool {
        self.closing.get(token).copied().unwrap_or(false)
    }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    Problem::Grammar { reason: error.to_string() }
}
