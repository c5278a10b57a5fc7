//! The client of an OpenAI-compatible server (llama-server, vLLM, Ollama) inside the user's network.
//!
//! It contacts the one address that it was given and no other: no proxy, no redirect. It speaks plain HTTP; the program
//! holds no TLS. Nothing that a server says is believed further than its bounds.

mod answer;
mod events;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response, Url};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::domain::generation::{Turn, Usage};
use crate::domain::limits::{
    REMOTE_ANSWER_WAIT, REMOTE_COMPLAINT_BYTES_MAX, REMOTE_CONNECT_WAIT, REMOTE_FIRST_WAIT, REMOTE_IDLE_WAIT,
    REMOTE_LIST_BYTES_MAX, REMOTE_LIST_WAIT, REMOTE_MODEL_CHARS_MAX, REMOTE_MODELS_MAX,
    REMOTE_STREAM_BYTES_MAX,
};
use answer::Answer;
use events::Events;
use wire::{Additions, Complaint, Maker, ModelList, Question, StreamOptions, clipped, messages};

/// Which server, and how it is addressed.
#[derive(Clone)]
pub struct RemoteSettings {
    /// Such as `http://gpu.local:8080`, with or without `/v1`.
    pub url: String,
    /// Unset, the first model that the server lists.
    pub model: Option<String>,
    pub key: Option<String>,
}

impl fmt::Debug for RemoteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|_| "***");
        f.debug_struct("RemoteSettings")
            .field("url", &self.url)
            .field("model", &self.model)
            .field("key", &key)
            .finish()
    }
}

/// How long a server is waited for. Tests lower them.
#[derive(Clone, Debug)]
pub struct Waits {
    pub connect: Duration,
    pub list: Duration,
    pub first: Duration,
    pub idle: Duration,
    pub answer: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect: REMOTE_CONNECT_WAIT,
            list: REMOTE_LIST_WAIT,
            first: REMOTE_FIRST_WAIT,
            idle: REMOTE_IDLE_WAIT,
            answer: REMOTE_ANSWER_WAIT,
        }
    }
}

/// What the server is asked.
#[derive(Clone, Debug)]
pub struct RemoteAsk {
    pub turns: Vec<Turn>,
    /// The beginning of the answer. Servers differ in whether they go on after it or begin again.
    pub prefill: Option<String>,
    pub max_tokens: u32,
    pub temperature: f32,
    pub seed: u32,
    pub stop: Vec<String>,
    /// A GBNF grammar; only llama-server takes one.
    pub grammar: Option<String>,
}

/// What it wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteAnswer {
    /// Without the prefill.
    pub text: String,
    pub usage: Usage,
    pub end: End,
    /// The grammar was handed on, so the text should obey it.
    pub constrained: bool,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The model was done.
    Stopped,
    /// It was cut at the longest answer.
    Length,
    /// We cancelled it, or nobody listened any longer.
    Cancelled,
}

/// The server cannot be asked, or did not answer properly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{url}` is no address of a server: {why}")]
    Address { url: String, why: &'static str },
    #[error("`{0}` asks for TLS, which NaturalCAD does not speak")]
    Https(String),
    #[error("The key for the server is empty or holds characters that a header cannot carry")]
    Key,
    #[error("The server at {address} cannot be reached")]
    Unreachable {
        address: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("The server sent nothing for {0:?}")]
    Silent(Duration),
    #[error("The server's answer took longer than {0:?}")]
    Slow(Duration),
    #[error("The server refused with status {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("The server sends us elsewhere, to `{0}`; no other address is ever contacted")]
    Redirected(String),
    #[error("The server reports: {0}")]
    Reported(String),
    #[error("The server's answer cannot be read: {0}")]
    Unreadable(String),
    #[error("The server ended its answer too early")]
    Cut,
    #[error("The server's answer is larger than {0} bytes")]
    Large(usize),
    #[error("The server offers no model")]
    NoModel,
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => {
                "give an address such as `http://gpu.local:8080`; a key belongs in the key file"
            }
            Self::Https(_) => "use the server's http:// address, or put a tunnel (ssh -L) in between",
            Self::Key => "the key file holds the key alone, on one line",
            Self::Unreachable { .. } => "check that the server runs and that the address and port are right",
            Self::Silent(_) | Self::Slow(_) => {
                "the server may be overloaded or still loading its model; try again"
            }
            Self::Refused { status: 401 | 403, .. } => "give the server's key in a key file",
            Self::Refused { status: 404, .. } => "check the address and the name of the model",
            Self::Refused { .. } | Self::Reported(_) => "the server's own log tells more",
            Self::Redirected(_) => "give the address that the server itself answers at",
            Self::Unreadable(_) => "check that the address is that of an OpenAI-compatible server",
            Self::Cut => "the server may have been stopped or have run out of memory; its log tells more",
            Self::Large(_) => {
                "check that the address is that of an OpenAI-compatible server, or use another model"
            }
            Self::NoModel => "load a model in the server, or name one",
        }
    }
}

/// The client. Cheap to keep; share it in an `Arc`.
pub struct Remote {
    client: Client,
    list_url: Url,
    chat_url: Url,
    model: Option<String>,
    waits: Waits,
    /// What its list said, until a request fails.
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    model: String,
    maker: Maker,
}

impl Remote {
    pub fn new(settings: RemoteSettings) -> Result<Self, Error> {
        Self::with_waits(settings, Waits::default())
    }

    pub fn with_waits(settings: RemoteSettings, waits: Waits) -> Result<Self, Error> {
        let base = base(&settings.url)?;
        let address = |path: &str| {
            let parsed = Url::parse(&format!("{base}/v1/{path}"));
            parsed.map_err(|_| Error::Address { url: settings.url.clone(), why: "it cannot be read" })
        };
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(waits.connect)
            // Each request has its own connection, so that ending one ends the other.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("naturalcad/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .build();
        let client = client.map_err(|source| Error::Unreachable { address: base.clone(), source })?;
        let (list_url, chat_url) = (address("models")?, address("chat/completions")?);
        Ok(Self { client, list_url, chat_url, model: settings.model, waits, known: Mutex::new(None) })
    }

    /// The model that is asked, as far as it is known.
    pub fn name(&self) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = known.as_ref().map(|known| known.model.clone()).or_else(|| self.model.clone());
        name.unwrap_or_else(|| self.chat_url.host_str().unwrap_or("server").to_owned())
    }

    /// The names of the models that the server offers.
    pub async fn models(&self) -> Result<Vec<String>, Error> {
        Ok(self.list().await?.data.into_iter().map(|listed| listed.id).collect())
    }

    /// Asks, telling each piece of the answer as it comes. Cancelling drops the connection, which stops the server.
    pub async fn complete(
        &self,
        ask: &RemoteAsk,
        tell: &mpsc::Sender<String>,
        cancel: &CancellationToken,
    ) -> Result<RemoteAnswer, Error> {
        let mut answer = Answer::default();
        let finished = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            finished = timeout(self.waits.answer, self.ask(ask, tell, &mut answer)) => Some(finished),
        };
        match finished {
            None => Ok(answer.cancelled()),
            Some(Ok(Ok(()))) => answer.finished(),
            Some(Ok(Err(error))) => {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(error)
            }
            Some(Err(_)) => Err(Error::Slow(self.waits.answer)),
        }
    }

    async fn ask(
        &self,
        ask: &RemoteAsk,
        tell: &mpsc::Sender<String>,
        answer: &mut Answer,
    ) -> Result<(), Error> {
        let Known { model, maker } = self.server().await?;
        let response = match self.put(ask, &model, maker, answer).await {
            // vLLM refuses its own additions where a model brings its own tokenizer (Mistral).
            Err(Error::Refused { status: 400 | 422, .. }) if maker == Maker::Vllm => {
                self.put(ask, &model, Maker::Other, answer).await?
            }
            response => response?,
        };
        if !is_stream(&response) {
            let body = body(response, REMOTE_COMPLAINT_BYTES_MAX, self.waits.idle).await?;
            return Err(Error::Unreadable(format!("it is no stream but `{}`", Complaint::of_body(&body))));
        }
        self.read(response, tell, answer).await
    }

    /// Puts the question to the server.
    async fn put(
        &self,
        ask: &RemoteAsk,
        model: &str,
        maker: Maker,
        answer: &mut Answer,
    ) -> Result<Response, Error> {
        let prefill = ask.prefill.as_deref().filter(|prefill| !prefill.is_empty());
        let question = Question {
            model,
            messages: messages(&ask.turns, prefill),
            max_tokens: ask.max_tokens,
            temperature: ask.temperature,
            seed: ask.seed,
            stop: &ask.stop,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            more: Additions::of(maker, ask.grammar.as_deref(), prefill),
        };
        answer.begin(model, ask.grammar.is_some() && maker == Maker::LlamaServer);
        self.send(self.client.post(self.chat_url.clone()).json(&question), self.waits.first).await
    }

    /// Reads the stream to its end.
    async fn read(
        &self,
        mut response: Response,
        tell: &mpsc::Sender<String>,
        answer: &mut Answer,
    ) -> Result<(), Error> {
        let mut events = Events::default();
        let mut wait = self.waits.first;
        let mut bytes = 0;
        loop {
            let chunk = timeout(wait, response.chunk()).await.map_err(|_| Error::Silent(wait))?;
            // A server that is done may hang up rudely; `finished` tells whether it was.
            let Ok(Some(chunk)) = chunk else {
                if let Some(last) = events.end()? {
                    hand_on(answer.take(&last)?, tell, answer).await;
                }
                return Ok(());
            };
            wait = self.waits.idle;
            bytes += chunk.len();
            if bytes > REMOTE_STREAM_BYTES_MAX {
                return Err(Error::Large(REMOTE_STREAM_BYTES_MAX));
            }
            for event in events.take(&chunk)? {
                hand_on(answer.take(&event)?, tell, answer).await;
                if answer.is_over() {
                    return Ok(());
                }
            }
        }
    }

    /// The model to ask and whose server it is, from its list.
    async fn server(&self) -> Result<Known, Error> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(known);
        }
        let known = match (self.list().await, self.model.clone()) {
            (Ok(list), Some(model)) => Known { model, maker: list.maker() },
            (Ok(list), None) => Known {
                maker: list.maker(),
                model: list.data.into_iter().next().map(|first| first.id).ok_or(Error::NoModel)?,
            },
            // Not every server lists its models. One that is named can still be asked.
            (Err(Error::Refused { status: 404 | 405 | 501, .. }), Some(model)) => {
                Known { model, maker: Maker::Other }
            }
            (Err(error), _) => return Err(error),
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    async fn list(&self) -> Result<ModelList, Error> {
        let fetched = async {
            let response = self.send(self.client.get(self.list_url.clone()), self.waits.list).await?;
            body(response, REMOTE_LIST_BYTES_MAX, self.waits.list).await
        };
        let wait = self.waits.list;
        let body = timeout(wait, fetched).await.map_err(|_| Error::Silent(wait))??;
        let mut list: ModelList = serde_json::from_slice(&body)
            .map_err(|error| Error::Unreadable(format!("its list of models, {error}")))?;
        list.data.retain(|listed| (1..=REMOTE_MODEL_CHARS_MAX).contains(&listed.id.chars().count()));
        list.data.truncate(REMOTE_MODELS_MAX);
        Ok(list)
    }

    /// Sends a request and gives the answer of a server that accepts it.
    async fn send(&self, request: RequestBuilder, wait: Duration) -> Result<Response, Error> {
        let sent = timeout(wait, request.send()).await.map_err(|_| Error::Silent(wait))?;
        let response = sent.map_err(|source| Error::Unreachable {
            address: self.list_url.authority().to_owned(),
            source: source.without_url(),
        })?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()));
            return Err(Error::Redirected(clipped(&to.unwrap_or_default())));
        }
        if status.is_success() {
            return Ok(response);
        }
        let body = body(response, REMOTE_COMPLAINT_BYTES_MAX, self.waits.idle).await.unwrap_or_default();
        Err(Error::Refused { status: status.as_u16(), message: Complaint::of_body(&body) })
    }
}

/// Tells a piece of the answer. Where nobody listens, the answer is of no use any longer.
async fn hand_on(piece: Option<String>, tell: &mpsc::Sender<String>, answer: &mut Answer) {
    if let Some(piece) = piece
        && tell.send(piece).await.is_err()
    {
        answer.unheard();
    }
}

/// A server that does not know `stream`, or a page of something else altogether.
fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    !kind.contains("json") && !kind.contains("html")
}

/// A whole body that must not be longer than `most`.
async fn body(mut response: Response, most: usize, wait: Duration) -> Result<Vec<u8>, Error> {
    let mut whole = Vec::new();
    while let Some(chunk) =
        timeout(wait, response.chunk()).await.map_err(|_| Error::Silent(wait))?.map_err(|_| Error::Cut)?
    {
        if whole.len() + chunk.len() > most {
            return Err(Error::Large(most));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

fn bearer(key: &str) -> Result<HeaderValue, Error> {
    let key = key.trim();
    let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| Error::Key)?;
    value.set_sensitive(true);
    if key.is_empty() { Err(Error::Key) } else { Ok(value) }
}

/// The address without `/v1` and without a slash at its end.
fn base(url: &str) -> Result<String, Error> {
    let url = url.trim();
    let wrong = |why| Error::Address { url: clipped(url), why };
    let parsed = Url::parse(url).map_err(|_| wrong("it does not begin with `http://` and a name"))?;
    match parsed.scheme() {
        "http" => {}
        "https" => return Err(Error::Https(clipped(url))),
        _ => return Err(wrong("it does not begin with `http://`")),
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(Error::Address {
            url: parsed.authority().rsplit('@').next().unwrap_or_default().to_owned(),
            why: "it holds a name or password",
        });
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("it holds a `?` or `#`"));
    }
    let base = parsed.as_str().trim_end_matches('/');
    Ok(base.strip_suffix("/v1").unwrap_or(base).trim_end_matches('/').to_owned())
}
