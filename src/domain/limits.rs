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
