//! Floor 5: the command line. Types here; one file for each command that does work of its own.
//!
//! stdout carries data, stderr is for people. Exit codes: 0 built, 1 not built, 2 wrong usage, 3 broken installation.

pub mod batch;
pub mod bench;
pub mod catalog;
pub mod doctor;
pub mod eval;
mod item;
pub mod judge;
pub mod make;
pub mod models;
pub mod probe;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::artifact::Format;
use crate::domain::job::Choice;
use crate::domain::program::ParameterValue;

/// From a sentence to a measured solid, on a machine without any network.
#[derive(Debug, Parser)]
#[command(name = "naturalcad", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where things lie.
#[derive(Clone, Debug, Default, Args)]
pub struct Place {
    /// Folder for jobs and their files [default: ~/.local/share/naturalcad]
    #[arg(long, global = true, value_name = "DIR", env = "NATURALCAD_DATA")]
    pub data: Option<PathBuf>,
    /// Folder of the bundled Python runtime [default: `runtime` beside the program]
    #[arg(long, global = true, value_name = "DIR", env = "NATURALCAD_RUNTIME")]
    pub runtime: Option<PathBuf>,
    /// Folder with steps of your own, laid out like `templates/`; its files are added to the catalog or replace its own
    #[arg(long, global = true, value_name = "DIR", env = "NATURALCAD_TEMPLATES")]
    pub templates: Option<PathBuf>,
    /// Folder of language models, `*.gguf` [default: `models` beside the program]
    #[arg(long, global = true, value_name = "DIR", env = "NATURALCAD_MODELS")]
    pub models: Option<PathBuf>,
    /// The model that answers what the templates do not, by its name in that folder [default: the last one chosen]
    #[arg(long, global = true, value_name = "NAME", env = "NATURALCAD_MODEL")]
    pub model: Option<String>,
    /// Threads of the model [default: one for each core, at most 8; one for a very small model]
    #[arg(long, global = true, value_name = "N", env = "NATURALCAD_MODEL_THREADS")]
    pub model_threads: Option<u32>,
    /// An OpenAI-compatible server in your own network, such as `http://10.0.0.5:8080`; nothing else is ever contacted
    #[arg(long, global = true, value_name = "URL", env = "NATURALCAD_REMOTE")]
    pub remote: Option<String>,
    /// The model to ask for there [default: the first that it offers]
    #[arg(long, global = true, value_name = "NAME", requires = "remote")]
    pub remote_model: Option<String>,
    /// File with the key of that server
    #[arg(long, global = true, value_name = "FILE", requires = "remote")]
    pub remote_key: Option<PathBuf>,
    /// Let models write programs themselves, not only plans; they run without a cage by the kernel
    #[arg(long, global = true, env = "NATURALCAD_ALLOW_MODEL_CODE")]
    pub allow_model_code: bool,
    /// Python workers kept warm [default: one for each core]
    #[arg(long, global = true, value_name = "N", env = "NATURALCAD_WORKERS")]
    pub workers: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the appliance; prints the address of its page
    Serve(ServeArgs),
    /// Build a part from a sentence
    Make(MakeArgs),
    /// Run a build123d program that leaves `result`, or a plan (`.json`)
    Run(RunArgs),
    /// Build a part for each line of a JSONL file of prompts
    Batch(BatchArgs),
    /// The table of all steps: list it, see how a prompt is read, try its examples
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// The language models that are there: list, look into and check them
    Models(models::ModelsArgs),
    /// Check the installation and say what works
    Doctor,
    /// Measure the speed of the product on this machine
    #[command(subcommand)]
    Bench(Bench),
    /// Ask prompts with known plans, and say by lane, category and voice how many come out right
    Eval(EvalArgs),
    /// The child process that holds llama.cpp
    #[command(hide = true)]
    ModelWorker,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8123, env = "NATURALCAD_PORT")]
    pub port: u16,
    /// Open the page in the browser
    #[arg(long)]
    pub open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// The templates when they understand all of it, else whoever is checked best
    Auto,
    /// Only the deterministic templates
    Template,
    /// The local model, in the way that suits it
    Model,
    /// The local model, by the catalog's grammar
    ModelPlan,
    /// The local model, as free build123d code
    ModelCode,
    /// The server that `--remote` names
    Remote,
}

impl From<EngineChoice> for Choice {
    fn from(choice: EngineChoice) -> Self {
        match choice {
            EngineChoice::Auto => Self::Auto,
            EngineChoice::Template => Self::Template,
            EngineChoice::Model => Self::Model,
            EngineChoice::ModelPlan => Self::ModelPlan,
            EngineChoice::ModelCode => Self::ModelCode,
            EngineChoice::Remote => Self::Remote,
        }
    }
}

/// Where the files go and which.
#[derive(Clone, Debug, Args)]
pub struct OutArgs {
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Formats: step, stl, 3mf, glb, brep, dxf, svg
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "step,stl")]
    pub format: Vec<Format>,
    /// Print one JSON object (design section 7.2) instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct MakeArgs {
    /// What part, in plain English
    pub prompt: String,
    /// A parameter of its program, for example `--param LENGTH=80` (again for another one)
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub param: Vec<(String, ParameterValue)>,
    /// A change to the part, for example `--then "make it 80 long"` (again for the next one); the last part is the result
    #[arg(long, value_name = "EDIT")]
    pub then: Vec<String>,
    #[arg(long, value_enum, default_value = "auto")]
    pub engine: EngineChoice,
    #[command(flatten)]
    pub out: OutArgs,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The program, or the plan when it ends in `.json`; `-` reads a program from standard input
    pub file: PathBuf,
    /// A parameter of the program, for example `--param LENGTH=80` (again for another one)
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub param: Vec<(String, ParameterValue)>,
    #[command(flatten)]
    pub out: OutArgs,
}

/// `LENGTH=80`, `RIM=false`, `SCREW=M5`
fn parameter(text: &str) -> Result<(String, ParameterValue), String> {
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err("a parameter is written `NAME=VALUE`, for example `LENGTH=80`".to_owned());
    };
    let Ok(value) = value.trim().parse();
    Ok((name.trim().to_owned(), value))
}

#[derive(Debug, Args)]
pub struct BatchArgs {
    /// One JSON object a line: {"id", "prompt"} and optionally {"conversation", "turn"}
    pub prompts: PathBuf,
    /// Folder for results.jsonl and the files; a second start skips what is done
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[arg(long, value_enum, default_value = "auto")]
    pub engine: EngineChoice,
}

#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// All steps with their arguments, as text
    List {
        /// Only these steps
        steps: Vec<String>,
    },
    /// How a prompt is read: its plan, every word, and what was assumed, as JSON; nothing is built
    Read { prompt: String },
    /// The program that a prompt becomes; nothing is run
    Program { prompt: String },
    /// Random plans, one a line as JSON, the same for the same seed
    Sample {
        #[arg(long, default_value_t = 10)]
        count: u64,
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// What the catalog makes of answers as a model writes them: JSON lines in, JSON lines out
    ///
    /// A line has `answer`, a plan, or a patch of the plan in `before`, or neither; with a `prompt` it is told too what
    /// the reader understands.
    Judge,
    /// Build the example prompts and say what is wrong with each part
    Check {
        /// Only these steps
        steps: Vec<String>,
        /// Print the programs too
        #[arg(long)]
        programs: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Five fixed programs: through the server, in a warm Python process, and with a fresh Python each
    Run(BenchRunArgs),
    /// Random plans that the catalog allows: do they all become valid solids that show their numbers?
    Plans(BenchPlansArgs),
    /// A language model: prompt, decode, first token, edit turns, memory, beside a bare loop over llama.cpp
    Model(BenchModelArgs),
    /// Sentences of case files: time to read, time to a checked part, how much was understood
    Prompts {
        /// TOML files with `[[case]]` and `prompt`
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct BenchModelArgs {
    /// Its name in the models folder, or the path of a GGUF file [default: the first of them]
    // An id of its own: the global `--model NAME` has the plain one.
    #[arg(id = "measured", value_name = "MODEL")]
    pub model: Option<String>,
    /// Rounds of each figure; the median is told
    #[arg(long, default_value_t = 5)]
    pub rounds: u32,
}

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// JSONL files of cases, such as `tests/eval/dev.jsonl`
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Who answers
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// Print the cases that came out wrong, with what came out
    #[arg(long)]
    pub wrong: bool,
    /// Cases at a time; more than one makes the times longer
    #[arg(long, default_value_t = 1)]
    pub at_once: usize,
}

#[derive(Debug, Args)]
pub struct BenchPlansArgs {
    /// How many plans
    #[arg(default_value_t = 300)]
    pub plans: u64,
    /// The first plan's seed; the next ones follow
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only plans with this step
    #[arg(long)]
    pub step: Option<String>,
}

#[derive(Debug, Args)]
pub struct BenchRunArgs {
    /// Rounds for each program
    #[arg(long, default_value_t = 15)]
    pub rounds: usize,
    /// Rounds with a fresh Python, which take seconds each
    #[arg(long, default_value_t = 5)]
    pub cold_rounds: usize,
    /// Python for the third column, with build123d installed by pip as the seed has it [default: the bundled
    /// runtime, which imports about twice as fast]
    #[arg(long, value_name = "FILE")]
    pub fresh_python: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
