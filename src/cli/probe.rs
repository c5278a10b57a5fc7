//! `naturalcad models probe` and `bench model`: does a model answer here, and how fast? Neither starts the geometry kernel.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::BenchModelArgs;
use super::item::say;
use crate::catalog::Catalog;
use crate::domain::limits::MODEL_TOLD_QUEUE;
use crate::model::{Error, Generate, Model, Piece, Settings, Told};

/// Loads a model and lets it write a few words.
pub async fn probe(name: Option<&str>, settings: Settings) -> io::Result<ExitCode> {
    let model = Model::start(settings);
    let tried = tokio::select! {
        tried = try_model(&model, name) => tried,
        _ = tokio::signal::ctrl_c() => Err(Error::Cancelled),
    };
    match tried {
        Ok(text) => {
            writeln!(io::stdout().lock(), "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            say(&format!("error: {error}\nhint: {}", error.hint()))?;
            Ok(ExitCode::from(1))
        }
    }
}

async fn try_model(model: &Model, name: Option<&str>) -> Result<String, Error> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => model.chosen()?.name,
    };
    let (tell, mut told) = mpsc::channel(MODEL_TOLD_QUEUE);
    tokio::spawn(async move {
        while let Some(told) = told.recv().await {
            if let Told::Progress { what, done, total } = told {
                tracing::info!("{what}: {done} of {total}");
            }
        }
    });
    let cancel = CancellationToken::new();
    let facts = model.load(&name, Some(&tell), &cancel).await?;
    let ask = Generate {
        rest: vec![Piece { text: "A plate of 60 by 40 by 10 mm has four".into(), special: false }],
        add_bos: true,
        candidates: 1,
        max_tokens: 16,
        ..Generate::default()
    };
    let answer = model.generate(ask, &tell, &cancel).await?;
    let timings = answer.timings;
    Ok(format!(
        "{name}: {:.1} M parameters, {} tokens of context, {} threads, loaded in {} ms; read {} tokens in {:.0} ms, wrote {} in {:.0} ms",
        facts.parameters as f64 / 1e6,
        facts.context,
        facts.threads,
        facts.load_ms,
        timings.prompt_tokens,
        timings.prompt_ms,
        timings.tokens,
        timings.decode_ms
    ))
}

/// Measures a model in this very process.
#[cfg(feature = "llama")]
pub fn bench(args: &BenchModelArgs, settings: &Settings, catalog: &Catalog) -> io::Result<ExitCode> {
    use crate::domain::limits::MODEL_CONTEXT_TOKENS;
    use crate::model::worker::bench;

    let (path, threads) = match file(args, settings) {
        Ok(found) => found,
        Err(error) => {
            say(&format!("error: {error}\nhint: Name a GGUF file or a model of the folder"))?;
            return Ok(ExitCode::from(2));
        }
    };
    let threads = settings.threads.unwrap_or(threads);
    let states = settings.cache.join("bench-states");
    let bench = bench::Bench {
        path: &path,
        threads,
        context: MODEL_CONTEXT_TOKENS,
        rounds: args.rounds.max(1),
        states: &states,
        grammar: Some(catalog.plan_grammar().lark()),
    };
    match bench::run(&bench) {
        Ok(table) => {
            write!(io::stdout().lock(), "{table}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problem) => {
            say(&format!("error: {problem}\nhint: Check the file with `naturalcad models inspect`"))?;
            Ok(ExitCode::from(1))
        }
    }
}

/// A path, or a name of the folder; with the threads that suit it.
fn file(args: &BenchModelArgs, settings: &Settings) -> Result<(PathBuf, u32), crate::model::library::Error> {
    let library = crate::model::library::Library::new(settings.folder.clone());
    let file = match &args.model {
        Some(name) if name.contains('/') => crate::model::library::open(Path::new(name))?,
        Some(name) => library.find(name)?,
        None => {
            let names: Vec<String> = library.list().into_iter().map(|file| file.name).collect();
            library.find(names.first().map_or("", String::as_str))?
        }
    };
    let threads = file.header.as_ref().map_or(1, crate::model::threads);
    Ok((file.path, threads))
}
