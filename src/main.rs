//! Parse, dispatch, turn an error into text and an exit code; nothing else.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use clap::Parser;
use naturalcad::app::{self, App};
use naturalcad::cli::{self, Bench, BenchRunArgs, CatalogCommand, Cli, Command, ServeArgs};
use naturalcad::config::Config;
use naturalcad::eval;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ModelWorker) {
        return model_worker();
    }
    let filter = tracing_subscriber::EnvFilter::try_from_env("NATURALCAD_LOG");
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter.unwrap_or_else(|_| "warn".into()))
        .init();
    let config = match Config::new(&cli.place) {
        Ok(config) => config,
        Err(error) => return refuse(&error, error.hint(), 2),
    };
    if let Command::Catalog(command) = &cli.command
        && let Some(code) = look_up(command, config.templates.as_deref())
    {
        return code;
    }
    if let Command::Models(args) = &cli.command
        && let Some(done) = cli::models::look(args, &config.models, &config.data)
    {
        return finish(done);
    }
    #[cfg(feature = "llama")]
    if let Command::Bench(Bench::Model(args)) = &cli.command {
        return match app::catalog(config.templates.as_deref()) {
            Ok(catalog) => finish(cli::probe::bench(args, &app::model_settings(&config), &catalog)),
            Err(error) => refuse(&error, error.hint(), 3),
        };
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error, "The machine is out of threads or memory", 3),
    };
    runtime.block_on(start(cli.command, config))
}

async fn start(command: Command, config: Config) -> ExitCode {
    // The port is taken first: a second start must not cost the user a warm-up to learn that it cannot serve.
    let listener = match &command {
        Command::Serve(args) => match bind(args.port).await {
            Ok(listener) => Some(listener),
            Err(error) => {
                let what =
                    io::Error::other(format!("Port {} on 127.0.0.1 cannot be used: {error}", args.port));
                return refuse(&what, "Is it running already? Else choose another port with `--port N`", 2);
            }
        },
        _ => None,
    };
    let (data, workers) = (config.data.clone(), config.workers);
    if let Command::Models(args) = &command {
        return finish(cli::probe::probe(args.probed(), app::model_settings(&config)).await);
    }
    let app = match App::build(config) {
        Ok(app) => app,
        Err(error) => return refuse(&error, error.hint(), 3),
    };
    let done = match (command, listener) {
        (Command::Serve(args), Some(listener)) => return serve(app, listener, &args).await,
        (Command::Make(args), _) => cli::make::make(&app.agent, &args).await,
        (Command::Run(args), _) => cli::make::run(&app.agent, &args).await,
        (Command::Batch(args), _) => cli::batch::batch(&app.agent, &args, workers).await,
        (Command::Catalog(CatalogCommand::Check { steps, programs }), _) => {
            cli::catalog::check(&app.agent, &app.catalog, &steps, programs, workers).await
        }
        (Command::Doctor, _) => cli::doctor::doctor(&app.agent, &app.runtime, &app.model, &data).await,
        (Command::Eval(args), _) => cli::eval::eval(&app.agent, &app.catalog, &args).await,
        (Command::Bench(Bench::Run(args)), _) => return bench(app, args).await,
        (Command::Bench(Bench::Plans(args)), _) => {
            cli::bench::plans(&app.agent, &app.catalog, args, workers).await
        }
        (Command::Bench(Bench::Prompts { files }), _) => {
            cli::bench::prompts(&app.agent, &app.catalog, &files).await
        }
        (
            Command::Serve(_)
            | Command::ModelWorker
            | Command::Catalog(_)
            | Command::Models(_)
            | Command::Bench(Bench::Model(_)),
            _,
        ) => Ok(ExitCode::FAILURE),
    };
    finish(done)
}

fn finish(done: io::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => refuse(&error, "Check the output folder and the free space", 1),
    }
}

/// What the catalog answers by itself, without starting the geometry kernel.
fn look_up(command: &CatalogCommand, templates: Option<&Path>) -> Option<ExitCode> {
    if matches!(command, CatalogCommand::Check { .. }) {
        return None;
    }
    let catalog = match app::catalog(templates) {
        Ok(catalog) => catalog,
        Err(error) => return Some(refuse(&error, error.hint(), 3)),
    };
    let done = match command {
        CatalogCommand::List { steps } => cli::catalog::list(&catalog, steps),
        CatalogCommand::Read { prompt } => cli::catalog::read(&catalog, prompt),
        CatalogCommand::Program { prompt } => cli::catalog::program(&catalog, prompt),
        CatalogCommand::Sample { count, seed } => cli::judge::sample(&catalog, *count, *seed),
        CatalogCommand::Judge => cli::judge::judge(&catalog),
        CatalogCommand::Check { .. } => return None,
    };
    Some(finish(done))
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

async fn serve(app: App, listener: TcpListener, args: &ServeArgs) -> ExitCode {
    let address = match listener.local_addr() {
        Ok(address) => format!("http://{address}/"),
        Err(error) => return refuse(&error, "Try again", 3),
    };
    let stop = match stop() {
        Ok(stop) => stop,
        Err(error) => return refuse(&error, "The machine does not let us listen to signals", 3),
    };
    // Exactly one line; tests and scripts read it.
    let _ = writeln!(io::stdout().lock(), "NaturalCAD is at {address}  (Ctrl+C ends it)");
    if args.open {
        let opened = std::process::Command::new("xdg-open")
            .arg(&address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = opened {
            tracing::warn!(%error, "no browser could be opened; open the address by hand");
        }
    }
    match app.serve(listener, stop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error, error.hint(), 3),
    }
}

/// Resolves on Ctrl+C or SIGTERM. Listens from now on, not from the first poll: whoever reads the address may end us at once.
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

async fn bench(app: App, args: BenchRunArgs) -> ExitCode {
    let listener = match bind(0).await {
        Ok(listener) => listener,
        Err(error) => return refuse(&error, "127.0.0.1 must be there", 3),
    };
    let Ok(address) = listener.local_addr() else { return ExitCode::FAILURE };
    let bench = eval::bench::Bench {
        address,
        runtime: app.runtime.clone(),
        runner: app.agent.runner().clone(),
        packages: app.scripts(),
        rounds: args.rounds,
        cold_rounds: args.cold_rounds,
        fresh_python: args.fresh_python,
    };
    let serving = tokio::spawn(app.serve(listener, std::future::pending()));
    let report = bench.run().await;
    serving.abort();
    match report {
        Ok(table) => {
            let _ = writeln!(io::stdout().lock(), "{table}");
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error, "Run `naturalcad doctor`", 1),
    }
}

/// The hidden child that owns llama.cpp.
#[cfg(feature = "llama")]
fn model_worker() -> ExitCode {
    naturalcad::model::worker::main()
}

#[cfg(not(feature = "llama"))]
fn model_worker() -> ExitCode {
    ExitCode::FAILURE
}

/// Message, causes, hint, code.
fn refuse(error: &dyn std::error::Error, hint: &str, code: u8) -> ExitCode {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}\ncaused by: {error}");
        cause = error.source();
    }
    let _ = writeln!(io::stderr().lock(), "{text}\nhint: {hint}");
    ExitCode::from(code)
}
