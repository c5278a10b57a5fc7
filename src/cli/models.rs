//! `naturalcad models`: what lies in the models folder, what a file says of itself, and whether it is whole.
//!
//! Starts neither the geometry kernel nor llama.cpp. Exit codes: 0 all is well, 1 a model is not, 2 wrong usage.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::domain::limits::MODEL_CONTEXT_TOKENS;
use crate::model::gguf::{Header, Token, size};
use crate::model::library::{Against, Error, Library, ModelFile, Verified, open};
use crate::model::memory;

#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Every model in the folder, and the memory that it needs (the default)
    List,
    /// All that a model's file says of itself
    Inspect {
        /// Its name as listed, or the path of any file (with a slash)
        #[arg(id = "inspected", value_name = "MODEL")]
        model: String,
    },
    /// Read models to their end and compare their SHA-256 with `manifest.toml`
    Verify {
        /// Only these
        // An id of its own: the global `--models DIR` has the plain one.
        #[arg(id = "names", value_name = "MODEL")]
        models: Vec<String>,
    },
    /// Load a model and let it write a few words
    Probe {
        /// Its name as listed [default: the one that answers]
        #[arg(id = "probed", value_name = "MODEL")]
        model: Option<String>,
    },
}

impl ModelsArgs {
    /// The model that is to be probed.
    pub fn probed(&self) -> Option<&str> {
        match &self.command {
            Some(ModelsCommand::Probe { model }) => model.as_deref(),
            _ => None,
        }
    }
}

/// What the folder answers by itself. Nothing for a probe, which needs llama.cpp.
pub fn look(args: &ModelsArgs, folder: &Path, data: &Path) -> Option<io::Result<ExitCode>> {
    let library = Library::new(folder.to_owned()).with_cache(data.to_owned());
    match &args.command {
        None | Some(ModelsCommand::List) => Some(list(&library, args.json)),
        Some(ModelsCommand::Inspect { model }) => Some(inspect(&library, model, args.json)),
        Some(ModelsCommand::Verify { models }) => Some(verify(&library, models, args.json)),
        Some(ModelsCommand::Probe { .. }) => None,
    }
}

/// The table of all models.
pub fn list(library: &Library, json: bool) -> io::Result<ExitCode> {
    let models = match library.scan() {
        Ok(models) => models,
        Err(error) => return refuse(&error),
    };
    let free = memory::free_bytes();
    if json {
        let listed: Vec<_> = models.iter().map(ModelFile::listed).collect();
        let all = json!({ "folder": library.folder(), "ram_free_bytes": free, "models": listed });
        writeln!(io::stdout().lock(), "{all:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    if models.is_empty() {
        none(library)?;
        return Ok(ExitCode::SUCCESS);
    }
    write!(io::stdout().lock(), "{}", table(&models))?;
    let mut err = io::stderr().lock();
    for model in &models {
        if let (Some(problem), Some(hint)) = (&model.problem, model.hint) {
            writeln!(err, "\n{}: {problem}\nhint: {hint}", plain(&model.file))?;
        }
    }
    let free = free.map_or_else(|| "unknown".to_owned(), size);
    writeln!(
        err,
        "\nRAM free: {free}; needed is for {MODEL_CONTEXT_TOKENS} tokens of context or all that a model has"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn none(library: &Library) -> io::Result<()> {
    let folder = library.folder().display();
    writeln!(
        io::stderr().lock(),
        "There are no models in `{folder}`; templates answer\nhint: Copy a `.gguf` file there, or name a folder with `--models DIR`"
    )
}

const HEADINGS: [&str; 8] =
    ["NAME", "ARCHITECTURE", "PARAMETERS", "WEIGHTS", "CONTEXT", "FORM", "SIZE", "RAM NEEDED"];

/// In columns as wide as their longest entry.
fn table(models: &[ModelFile]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(models.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 8] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

fn row(model: &ModelFile) -> [String; 8] {
    let name = plain(&model.name);
    let bytes = size(model.size_bytes);
    let Some(header) = model.header.as_ref().filter(|_| model.problem.is_none()) else {
        let [a, b, c, d] = std::array::from_fn(|_| "-".to_owned());
        return [name, "REFUSED".to_owned(), a, b, c, d, bytes, "-".to_owned()];
    };
    [
        name,
        header.architecture.clone(),
        count(header.parameters),
        header.quantisation.clone(),
        header.context_length.to_string(),
        header.form.name().to_owned(),
        bytes,
        size(header.ram_needed_bytes(MODEL_CONTEXT_TOKENS)),
    ]
}

/// `494 M`, `7.6 B`
fn count(parameters: u64) -> String {
    let number = parameters as f64;
    match number {
        _ if number < 999_500.0 => format!("{:.0} k", number / 1e3),
        _ if number < 9.995e8 => format!("{:.0} M", number / 1e6),
        _ => format!("{:.1} B", number / 1e9),
    }
}

/// File names may hold anything; the terminal gets none of it.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// What one file says of itself.
pub fn inspect(library: &Library, model: &str, json: bool) -> io::Result<ExitCode> {
    let found = if model.contains('/') { open(Path::new(model)) } else { library.find(model) };
    let found = match found {
        Ok(found) => found,
        Err(error) => return refuse(&error),
    };
    let Some(header) = &found.header else { return Ok(ExitCode::FAILURE) };
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&Inspected::new(&found, header))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (what, facts) in facts(&found, header) {
        writeln!(out, "{what:<13} {facts}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn facts(model: &ModelFile, header: &Header) -> Vec<(&'static str, String)> {
    let unsaid = || "not said".to_owned();
    let token = |token: &Option<Token>| match token {
        Some(Token { id, text }) => format!("{id} `{}`", plain(text)),
        None => unsaid(),
    };
    let heads = format!("{} heads, {} for keys and values", header.head_count, header.head_count_kv);
    let per_token = size(header.cache_bytes_per_token);
    let need =
        |context: u32| format!("{} with {context} tokens of context", size(header.ram_needed_bytes(context)));
    let short = header.context_length.min(MODEL_CONTEXT_TOKENS);
    let mut needed = need(short);
    if header.context_length > short {
        let _ = write!(needed, ", {}", need(header.context_length));
    }
    let template =
        header.chat_template.as_ref().map(|template| format!("{} characters", template.chars().count()));
    vec![
        ("file", plain(&model.path.to_string_lossy())),
        ("title", header.name.clone().unwrap_or_else(unsaid)),
        ("architecture", header.architecture.clone()),
        ("parameters", format!("{} ({})", count(header.parameters), header.parameters)),
        ("weights", format!("{}, {}", header.quantisation, size(header.weight_bytes))),
        ("layers", format!("{} of {} numbers, {heads}", header.block_count, header.embedding_length)),
        ("context", format!("{} tokens of {per_token} each", header.context_length)),
        ("vocabulary", format!("{} tokens", header.vocabulary)),
        ("begin", token(&header.bos)),
        ("end", token(&header.eos)),
        ("end of turn", token(&header.eot)),
        ("form", header.form.name().to_owned()),
        ("template", template.unwrap_or_else(|| "none".to_owned())),
        ("licence", header.licence.clone().unwrap_or_else(unsaid)),
        ("size", size(model.size_bytes)),
        ("RAM needed", needed),
        ("RAM free", memory::free_bytes().map_or_else(|| "unknown".to_owned(), size)),
        (
            "SHA-256",
            model
                .sha256
                .clone()
                .unwrap_or_else(|| "not computed; `naturalcad models verify` does".to_owned()),
        ),
    ]
}

/// What a listed model does not show.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    listed: crate::model::library::Listed,
    block_count: u32,
    embedding_length: u32,
    head_count: u32,
    head_count_kv: u32,
    vocabulary: u32,
    bos: Option<&'a str>,
    eos: Option<&'a str>,
    eot: Option<&'a str>,
    weight_bytes: u64,
    cache_bytes_per_token: u64,
    chat_template: Option<&'a str>,
}

impl<'a> Inspected<'a> {
    fn new(model: &ModelFile, header: &'a Header) -> Self {
        let text = |token: &'a Option<Token>| token.as_ref().map(|token| token.text.as_str());
        Self {
            listed: model.listed(),
            block_count: header.block_count,
            embedding_length: header.embedding_length,
            head_count: header.head_count,
            head_count_kv: header.head_count_kv,
            vocabulary: header.vocabulary,
            bos: text(&header.bos),
            eos: text(&header.eos),
            eot: text(&header.eot),
            weight_bytes: header.weight_bytes,
            cache_bytes_per_token: header.cache_bytes_per_token,
            chat_template: header.chat_template.as_deref(),
        }
    }
}

/// Reads the models, or those named, to their end. The worst one decides the exit code.
pub fn verify(library: &Library, names: &[String], json: bool) -> io::Result<ExitCode> {
    let names: Vec<String> = match library.scan() {
        Ok(models) if names.is_empty() => models.into_iter().map(|model| model.file).collect(),
        Ok(_) => names.to_vec(),
        Err(error) => return refuse(&error),
    };
    if names.is_empty() {
        none(library)?;
        return Ok(ExitCode::from(1));
    }
    let mut worst = 0;
    let mut all = Vec::new();
    for name in names {
        let bar = Bar::new(&name);
        let verified = library.verify(&name, &CancellationToken::new(), |done, total| bar.show(done, total));
        bar.clear()?;
        worst = worst.max(verified.as_ref().map_or_else(code, |_| 0));
        if json {
            all.push(as_json(&name, &verified));
        } else {
            tell(&name, &verified)?;
        }
    }
    if json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&all)?)?;
    }
    Ok(ExitCode::from(worst))
}

fn tell(name: &str, verified: &Result<Verified, Error>) -> io::Result<()> {
    match verified {
        Ok(Verified { sha256, against }) => {
            writeln!(io::stdout().lock(), "ok     {:<24} {sha256}  {}", plain(name), said(*against))
        }
        Err(error) => {
            writeln!(io::stdout().lock(), "FAULT  {:<24} {}", plain(name), chain(error))?;
            writeln!(io::stderr().lock(), "hint: {}", error.hint())
        }
    }
}

fn as_json(name: &str, verified: &Result<Verified, Error>) -> serde_json::Value {
    match verified {
        Ok(Verified { sha256, against }) => {
            let against = match against {
                Against::Shipped => "shipped",
                Against::Seen => "seen",
                Against::Nothing => "nothing",
            };
            json!({ "model": name, "ok": true, "sha256": sha256, "against": against })
        }
        Err(error) => json!({ "model": name, "ok": false, "problem": chain(error), "hint": error.hint() }),
    }
}

fn said(against: Against) -> &'static str {
    match against {
        Against::Shipped => "as it was shipped",
        Against::Seen => "as it was before",
        Against::Nothing => "seen for the first time",
    }
}

/// Message and cause in one line.
fn chain(error: &Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn refuse(error: &Error) -> io::Result<ExitCode> {
    writeln!(io::stderr().lock(), "error: {}\nhint: {}", chain(error), error.hint())?;
    Ok(ExitCode::from(code(error)))
}

fn code(error: &Error) -> u8 {
    match error {
        Error::Folder { .. } | Error::Name { .. } | Error::Unknown { .. } => 2,
        Error::Bad { .. }
        | Error::Read { .. }
        | Error::Changed { .. }
        | Error::Cancelled { .. }
        | Error::Manifest { .. }
        | Error::Mismatch { .. } => 1,
    }
}

/// How far a file is read, for a person who waits.
struct Bar {
    name: String,
    shown: bool,
}

impl Bar {
    fn new(name: &str) -> Self {
        Self { name: plain(name), shown: io::stderr().is_terminal() }
    }

    fn show(&self, done: u64, total: u64) {
        if self.shown {
            let percent = done.saturating_mul(100).checked_div(total).unwrap_or(100);
            // A line that cannot be shown is no reason to stop.
            let _ = write!(io::stderr().lock(), "\r{}: {percent} % of {}", self.name, size(total));
        }
    }

    fn clear(&self) -> io::Result<()> {
        if self.shown { write!(io::stderr().lock(), "\r\x1b[K") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gguf::sample::Sample;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("good.gguf"), Sample::sound().bytes()).unwrap();
        std::fs::write(folder.path().join("bad\u{1b}[2J.gguf"), b"").unwrap();
        folder
    }

    #[test]
    fn the_table_has_aligned_columns_and_no_control_characters() {
        let folder = folder();
        let models = Library::new(folder.path().to_owned()).list();
        let text = table(&models);
        let expected = "\
NAME     ARCHITECTURE  PARAMETERS  WEIGHTS  CONTEXT  FORM  SIZE     RAM NEEDED
bad\u{FFFD}[2J  REFUSED       -           -        -        -     0 bytes  -
good     llama         1 k         Q8_0     2048     chat  1.7 kB   537 MB
";
        assert_eq!(text, expected);
    }

    #[test]
    fn parameters_are_counted_as_people_do() {
        let written = [576, 18_400_000, 494_032_768, 7_615_616_512].map(count);
        assert_eq!(written, ["1 k", "18 M", "494 M", "7.6 B"]);
    }

    #[test]
    fn the_worst_model_decides_the_exit_code() {
        let code = |code: io::Result<ExitCode>| format!("{:?}", code.unwrap());
        let is = |number: u8| format!("{:?}", ExitCode::from(number));
        let folder = folder();
        let library = Library::new(folder.path().to_owned());
        assert_eq!(code(list(&library, false)), is(0));
        assert_eq!(code(list(&library, true)), is(0));
        assert_eq!(code(inspect(&library, "good", false)), is(0));
        assert_eq!(code(inspect(&library, "good", true)), is(0));
        assert_eq!(code(inspect(&library, "bad\u{1b}[2J", false)), is(1));
        assert_eq!(code(inspect(&library, "none", false)), is(2));
        assert_eq!(code(inspect(&library, "/no/such/file.gguf", false)), is(1));
        assert_eq!(code(verify(&library, &["good".into()], false)), is(0));
        assert_eq!(code(verify(&library, &[], true)), is(1));
        assert_eq!(code(verify(&library, &["none".into(), "good".into()], false)), is(2));
        let empty = Library::new("/no/such/folder".into());
        assert_eq!((code(list(&empty, false)), code(verify(&empty, &[], false))), (is(0), is(1)));
        assert_eq!(code(list(&Library::new("/dev/null".into()), false)), is(2));
    }
}
