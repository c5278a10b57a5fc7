//! Floor 6: the composition root. Builds every part once, from the bottom up, and runs the server until it is stopped.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::bundle::{self, Runtime};
use crate::catalog::{self, Catalog};
use crate::config::Config;
use crate::domain::limits::{RunLimits, SHUTDOWN_WAIT};
use crate::engine::Engine;
use crate::engine::remote::{self, Remote};
use crate::http::{self, Face};
use crate::jobs::Jobs;
use crate::model::{self, Model};
use crate::runner::{self, Launch, Runner};
use crate::store::{self, Store};

/// Something that must be there to start is not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    #[error("The catalog is broken")]
    Catalog(#[from] catalog::Error),
    #[error("The server `--remote` cannot be used")]
    Remote(#[from] remote::Error),
    #[error("The runner cannot start")]
    Runner(#[from] runner::Error),
    #[error("The data folder cannot be used")]
    Store(#[from] store::Error),
    #[error("The server failed")]
    Serve(#[from] std::io::Error),
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.hint(),
            Self::Catalog(_) => {
                "Mend the file, or leave out `--templates`; if it is none of yours, this program was built from a broken tree"
            }
            Self::Remote(error) => error.hint(),
            Self::Runner(_) | Self::Store(_) => "Name a folder that you may write to with `--data DIR`",
            Self::Serve(_) => "Run `naturalcad doctor`",
        }
    }
}

/// What every command works with. Dropping it ends the runner and its processes.
pub struct App {
    pub catalog: Arc<Catalog>,
    pub agent: Agent,
    pub runtime: Runtime,
    pub model: Model,
    config: Config,
}

impl App {
    /// Starts the runner in the background; returns long before it is warm.
    pub fn build(config: Config) -> Result<Self, Error> {
        Self::build_with(config, RunLimits::default())
    }

    /// As `build`, with lower limits for tests.
    pub fn build_with(config: Config, limits: RunLimits) -> Result<Self, Error> {
        let runtime = Runtime::find(&config.runtime)?;
        let catalog = Arc::new(catalog(config.templates.as_deref())?);
        let scripts = config.data.join("runner");
        bundle::unpack_scripts(&scripts)?;
        let scratch = config.data.join("scratch");
        let launch = launch(&runtime, &scripts);
        let settings = runner::Settings { launch, workers: config.workers, scratch, limits };
        let model = Model::start(model_settings(&config));
        let mut engine = Engine::new(catalog.clone()).with_model(model.clone()).with_code(config.model_code);
        if let Some(settings) = &config.remote {
            engine = engine.with_remote(Remote::new(settings.clone())?);
        }
        let agent = Agent::new(engine, Runner::start(settings)?);
        Ok(Self { catalog, agent, runtime, model, config })
    }

    /// Where the runner's Python package lies.
    pub fn scripts(&self) -> PathBuf {
        self.config.data.join("runner")
    }

    /// Loads the model that was named at the start, behind everything else.
    fn load_model(&self) {
        let (model, name) = (self.model.clone(), self.config.model.clone().unwrap_or_default());
        tokio::spawn(async move {
            if let Err(error) = model.load(&name, None, &CancellationToken::new()).await {
                tracing::warn!(%error, hint = %error.hint(), "the model cannot be loaded");
            }
        });
    }

    /// Serves the page and the API on a listener that is bound already, until `stop` resolves.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let port = listener.local_addr()?.port();
        let store = Store::open(&self.config.data.join("jobs"))?;
        let jobs = Jobs::start(self.agent.clone(), store, self.config.workers);
        if self.config.model.is_some() {
            self.load_model();
        }
        let remote = self.config.remote.as_ref().map(|remote| remote.url.clone());
        let face =
            Face { jobs: jobs.clone(), catalog: self.catalog.clone(), model: self.model.clone(), remote };
        let router = http::router(face, port);
        tokio::select! {
            served = std::future::IntoFuture::into_future(axum::serve(listener, router)) => served?,
            () = stop => {}
        }
        // Event streams would keep a graceful shutdown waiting for ever; ending the jobs ends the streams.
        let _ = tokio::time::timeout(SHUTDOWN_WAIT, jobs.shut_down()).await;
        Ok(())
    }
}

/// How the model is run, by the configuration.
pub fn model_settings(config: &Config) -> model::Settings {
    model::Settings {
        tiers: model::tier::tiers(&config.program),
        folder: config.models.clone(),
        cache: config.data.join("model"),
        model: config.model.clone(),
        threads: config.model_threads,
    }
}

/// The catalog that ships, with the user's own steps.
pub fn catalog(templates: Option<&Path>) -> Result<Catalog, Error> {
    Ok(templates.map_or_else(Catalog::embedded, Catalog::with_folder)?)
}

fn launch(runtime: &Runtime, scripts: &Path) -> Launch {
    let (program, mut arguments) = runtime.command();
    arguments.extend(["-m".into(), "naturalcad_runner.zygote".into()]);
    let environment = runtime.environment(scripts);
    Launch { program, arguments, environment }
}
