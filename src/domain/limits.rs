//! Every bound in the program, named, with its unit last. A queue, buffer, retry or wait without a line here is a defect.

use std::time::Duration;

/// Longest prompt.
pub const PROMPT_CHARS_MAX: usize = 5_000;
/// Longest program.
pub const PROGRAM_BYTES_MAX: usize = 1 << 20;
/// Longest request body: a program, its parameters and the JSON around them.
pub const REQUEST_BYTES_MAX: usize = 2 << 20;

/// Wall clock of one run, from the worker taking the program to its result.
pub const RUN_WALL_SECONDS: u64 = 60;
/// Processor time of one run.
pub const RUN_CPU_SECONDS: u64 = 60;
/// Address space of a worker; the loaded kernel maps 0.6 GiB of it.
pub const RUN_ADDRESS_SPACE_BYTES: u64 = 4 << 30;
/// A program may print this much before it is stopped.
pub const RUN_OUTPUT_BYTES_MAX: u64 = 32 << 20;
/// Of what it prints, this much is kept from the beginning and this much from the end.
pub const RUN_OUTPUT_KEPT_BYTES: usize = 64 << 10;
/// And as many lines each.
pub const RUN_OUTPUT_KEPT_LINES: usize = 1_000;
/// A longer line is cut.
pub const LOG_LINE_CHARS_MAX: usize = 4_000;
/// Largest file a worker may write.
pub const RUN_FILE_BYTES_MAX: u64 = 256 << 20;
/// Largest message about a part (measures and their tables).
pub const RUN_RESULT_BYTES_MAX: u64 = 16 << 20;
/// Most faces of a result.
pub const RUN_FACES_MAX: u64 = 20_000;
/// Most bodies of a result.
pub const RUN_BODIES_MAX: u64 = 500;
/// Open descriptors of a worker.
pub const RUN_OPEN_FILES_MAX: u64 = 256;

/// Workers kept warm unless configured otherwise: at least this many, at most the next.
pub const WORKERS_MIN: usize = 1;
pub const WORKERS_MAX: usize = 32;
/// Importing build123d on a slow stick; after this the zygote is called broken.
pub const ZYGOTE_HELLO_WAIT: Duration = Duration::from_secs(120);
/// A fork that has not answered by then is a dead zygote.
pub const FORK_WAIT: Duration = Duration::from_secs(10);
/// Warming a worker.
pub const WORKER_READY_WAIT: Duration = Duration::from_secs(60);
/// Between a worker's last word and the kernel's report of its end.
pub const WORKER_EXIT_WAIT: Duration = Duration::from_secs(3);
/// A job waits this long for a warm worker, then is told so.
pub const WORKER_WAIT: Duration = Duration::from_secs(150);
/// A run whose worker dies with its zygote is tried again; idle workers of a dead zygote count too.
pub const RUN_ATTEMPTS_MAX: u32 = 4;
/// A worker that has built a part serves other values of the same program for this long.
pub const WORKER_LINGER: Duration = Duration::from_secs(120);
/// Attempts to start a runner that dies, before it is called broken.
pub const ZYGOTE_STARTS_MAX: u32 = 5;
/// Pause before the second attempt; doubles each time.
pub const ZYGOTE_RESTART_PAUSE: Duration = Duration::from_millis(500);
/// One message between host and zygote.
pub const ZYGOTE_MESSAGE_BYTES_MAX: usize = 64 << 10;
/// Lines of the zygote's stderr kept for the report of its death.
pub const ZYGOTE_STDERR_LINES: usize = 40;

/// Jobs waiting for their turn.
pub const QUEUE_JOBS_MAX: usize = 64;
/// Job records kept in memory; older ones stay on disk.
pub const RECORDS_MAX: usize = 1_000;
/// Jobs whose events can still be replayed one by one.
pub const FEEDS_MAX: usize = 200;
/// Events of one job. Logs are bounded by lines, the rest by the way of the data; this catches a mistake of ours.
pub const FEED_EVENTS_MAX: usize = 4 * RUN_OUTPUT_KEPT_LINES;
/// Messages between a run and its listener.
pub const RUN_EVENTS_QUEUE: usize = 256;
/// Jobs on one page of the list.
pub const JOBS_PAGE_MAX: usize = 100;
/// On shutdown, running jobs get this long to notice that they are cancelled.
pub const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);
/// A silent event stream sends a comment this often, so that proxies and laptops keep it.
pub const EVENTS_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Tokens of context a model is given; its own maximum and free memory are upper bounds.
pub const MODEL_CONTEXT_TOKENS: u32 = 8_192;
/// Threads of one model.
pub const MODEL_THREADS_MAX: u32 = 256;
/// Candidates of one question.
pub const MODEL_CANDIDATES_MAX: u32 = 9;
/// Tokens that one answer may have.
pub const MODEL_ANSWER_TOKENS_MAX: u32 = 2_048;
/// Rows of one batch.
pub const MODEL_BATCH_TOKENS: u32 = 512;
/// The prompt is read in pieces that take about this long, so that a cancel is heard between them.
pub const MODEL_PIECE_WAIT: Duration = Duration::from_millis(150);
/// The first piece, before its speed is known.
pub const MODEL_FIRST_PIECE_TOKENS: usize = 32;
/// Tokens proposed by prompt lookup in one batch, at most and after a miss. One less than a multiple of four rows.
pub const LOOKUP_DRAFT_MAX: usize = 15;
pub const LOOKUP_DRAFT_MIN: usize = 3;
/// When so few tokens are left, a grammar's answer is brought to an end.
pub const MODEL_WRAP_UP_TOKENS: usize = 192;
/// States of fixed prompts kept in memory.
pub const MODEL_STATES_KEPT: usize = 4;
/// Shorter prompts are read faster than a file.
pub const MODEL_STATE_TOKENS_MIN: usize = 64;
/// State files on disk, and their bytes together; the oldest go first.
pub const MODEL_STATE_FILES_MAX: usize = 16;
pub const MODEL_STATE_BYTES_MAX: u64 = 1 << 30;
/// What a model wrote is told this often.
pub const MODEL_TELL_EVERY: Duration = Duration::from_millis(60);
/// One message between host and model worker.
pub const MODEL_MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Starting the worker from a slow stick.
pub const MODEL_HELLO_WAIT: Duration = Duration::from_secs(20);
/// Between two signs of life while a model is loaded.
pub const MODEL_LOAD_SILENCE_WAIT: Duration = Duration::from_secs(180);
/// Between two signs of life while a model answers. A piece of a long prompt on a slow machine is the longest.
pub const MODEL_ANSWER_SILENCE_WAIT: Duration = Duration::from_secs(60);
/// A cancelled answer that has not ended by then is ended with its process.
pub const MODEL_CANCEL_WAIT: Duration = Duration::from_millis(350);
/// How often an idle worker is asked whether it is well, and how long it has to say so.
pub const MODEL_PING_EVERY: Duration = Duration::from_secs(10);
pub const MODEL_PING_WAIT: Duration = Duration::from_secs(5);
/// Pause after the first crash; doubles with each that follows.
pub const MODEL_RESTART_PAUSE: Duration = Duration::from_millis(500);
/// Crashes in a row after which the model is given up until it is loaded again by hand.
pub const MODEL_CRASHES_MAX: u32 = 4;
/// Messages between a model and its listener.
pub const MODEL_TOLD_QUEUE: usize = 256;
/// The part of a question that tells which steps fit it.
pub const LESSON_CHARS_MAX: usize = 2_500;
/// Tokens of a plan or a patch, and of a program.
pub const PLAN_ANSWER_TOKENS_MAX: u32 = 1_024;
pub const CODE_ANSWER_TOKENS_MAX: u32 = 1_600;
/// Drafts of one question that are run.
pub const DRAFTS_RUN_MAX: usize = 3;
/// Questions to a model about one prompt after the first.
pub const REPAIR_ROUNDS_MAX: u32 = 3;
/// Lines of the worker's stderr kept for the report of its death.
pub const MODEL_STDERR_LINES: usize = 60;
/// Of a model file, at most this much is read as its header; 260,000 tokens with their merges take 16 MiB.
pub const MODEL_HEADER_BYTES_MAX: u64 = 64 << 20;
/// Keys of a model file's header; real ones have 20 to 60.
pub const MODEL_KEYS_MAX: u64 = 4_096;
/// Weights of a model file; real ones have 200 to 2,000.
pub const MODEL_TENSORS_MAX: u64 = 65_536;
/// Tokens of a model's vocabulary; the largest known has 262,144.
pub const MODEL_TOKENS_MAX: u64 = 1 << 20;
/// Layers of a model; llama.cpp aborts above it (`LLAMA_MAX_LAYERS`).
pub const MODEL_LAYERS_MAX: u32 = 512;
/// One text of a header that is kept, the chat template being the longest.
pub const MODEL_TEXT_BYTES_MAX: u64 = 1 << 20;
/// Model files in one folder that are listed.
pub const MODELS_LISTED_MAX: usize = 200;
/// Working memory of llama.cpp beside weights and key/value cache.
pub const MODEL_RAM_OVERHEAD_BYTES: u64 = 512 << 20;
/// Largest `manifest.toml` beside the models.
pub const MODEL_MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// A model is hashed in pieces of this size; between two pieces it can be cancelled.
pub const MODEL_HASH_BLOCK_BYTES: usize = 1 << 20;
/// Longest chat template that is taken from a model's file; published ones stay below 32 KiB.
pub const CHAT_TEMPLATE_BYTES_MAX: usize = 64 << 10;
/// Calls and loops inside each other while a chat template is rendered.
pub const CHAT_TEMPLATE_DEPTH_MAX: usize = 100;
/// Instructions of one rendering; published templates need some thousands.
pub const CHAT_TEMPLATE_FUEL: u64 = 2_000_000;
/// Longest `range` in a chat template.
pub const CHAT_TEMPLATE_RANGE_MAX: usize = 1_000;
/// Most that a chat template may write around the contents.
pub const CHAT_MARKUP_BYTES_MAX: usize = 256 << 10;
/// Of a chat template's complaint, this much is shown.
pub const CHAT_COMPLAINT_CHARS_MAX: usize = 300;
/// Longest prompt of a chat, contents and markup; the model's context is far smaller.
pub const CHAT_PROMPT_BYTES_MAX: usize = 4 << 20;

/// Connecting to the remote server.
pub const REMOTE_CONNECT_WAIT: Duration = Duration::from_secs(10);
/// The remote server's list of models, whole.
pub const REMOTE_LIST_WAIT: Duration = Duration::from_secs(15);
/// Until the first byte of an answer: the server may read a long prompt, or serve others first.
pub const REMOTE_FIRST_WAIT: Duration = Duration::from_secs(300);
/// Between two pieces of an answer.
pub const REMOTE_IDLE_WAIT: Duration = Duration::from_secs(60);
/// An answer, whole.
pub const REMOTE_ANSWER_WAIT: Duration = Duration::from_secs(15 * 60);
/// Longest text of an answer: a program.
pub const REMOTE_ANSWER_BYTES_MAX: usize = PROGRAM_BYTES_MAX;
/// All bytes of an answer; the JSON around each token is some 200 times as long as the token.
pub const REMOTE_STREAM_BYTES_MAX: usize = 128 << 20;
/// One event of an answer.
pub const REMOTE_EVENT_BYTES_MAX: usize = 1 << 20;
/// The list of models, in bytes and in names, and each name.
pub const REMOTE_LIST_BYTES_MAX: usize = 1 << 20;
pub const REMOTE_MODELS_MAX: usize = 500;
pub const REMOTE_MODEL_CHARS_MAX: usize = 300;
/// Of a page that tells an error, this much is read, and this much of what it says is shown.
pub const REMOTE_COMPLAINT_BYTES_MAX: usize = 64 << 10;
pub const REMOTE_COMPLAINT_CHARS_MAX: usize = 300;
/// Bodies of a plan that a model writes; a person's plan may have more.
pub const ASKED_BODIES_MAX: u32 = 6;
/// Steps of one body in such a plan.
pub const ASKED_STEPS_MAX: u32 = 24;
/// Points of one list in it.
pub const ASKED_POINTS_MAX: u32 = 32;
/// Letters of a body's name in it.
pub const ASKED_NAME_CHARS_MAX: u32 = 24;
/// Letters of a text on a part in it.
pub const ASKED_TEXT_CHARS_MAX: u32 = 40;
/// Changes of one patch, and letters of the question that it may ask instead.
pub const ASKED_CHANGES_MAX: u32 = 8;
pub const ASKED_QUESTION_CHARS_MAX: u32 = 120;
/// Of a model's answer, this much is looked at.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Places where JSON may begin that are tried in it.
pub const ANSWER_STARTS_MAX: usize = 64;
/// Letters of the fixed text that teaches a model the format of plans.
pub const PRIMER_CHARS_MAX: usize = 6_000;
/// Examples of the catalog that are read for one prompt.
pub const WORKED_EXAMPLES_TRIED_MAX: usize = 40;
/// Runs that look for the largest fillet, chamfer or wall that can be built; enough for two digits of any size.
pub const SHRINK_TRIES_MAX: u32 = 10;
/// Of the asked size, less than this part is no longer what was asked for.
pub const SHRINK_FLOOR: f64 = 0.05;
/// Longer programs are not mended in their text; those of models are some thousand bytes long.
pub const REWRITE_BYTES_MAX: usize = 64 << 10;
/// Single changes that the static repairs make in one program.
pub const REWRITES_MAX: usize = 200;

/// The limits one run is held to. Tests lower them; nothing raises them.
#[derive(Clone, Debug)]
pub struct RunLimits {
    pub wall: Duration,
    pub cpu_seconds: u64,
    pub address_space_bytes: u64,
    pub output_bytes: u64,
    pub file_bytes: u64,
    pub result_bytes: u64,
    pub faces: u64,
    pub bodies: u64,
    pub open_files: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(RUN_WALL_SECONDS),
            cpu_seconds: RUN_CPU_SECONDS,
            address_space_bytes: RUN_ADDRESS_SPACE_BYTES,
            output_bytes: RUN_OUTPUT_BYTES_MAX,
            file_bytes: RUN_FILE_BYTES_MAX,
            result_bytes: RUN_RESULT_BYTES_MAX,
            faces: RUN_FACES_MAX,
            bodies: RUN_BODIES_MAX,
            open_files: RUN_OPEN_FILES_MAX,
        }
    }
}
