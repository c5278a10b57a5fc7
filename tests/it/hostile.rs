//! Programs that do harm: each gets a clear answer, and the next job works.

use std::time::Duration;

use naturalcad::domain::limits::RunLimits;

use crate::support::TestApp;

/// A program, the status it must end with, and words its error must say.
const HARM: [(&str, &str, &str, &str); 19] = [
    ("raises", "raise ValueError('too thin')", "failed", "ValueError in line 1: too thin"),
    ("syntax error", "from build123d import *\nresult = Box(1, 2", "failed", "line 2"),
    ("no result", "from build123d import *\npart = Box(1, 2, 3)", "failed", "result"),
    ("empty shape", "from build123d import *\nresult = Box(1, 1, 1) - Box(2, 2, 2)", "failed", "empty"),
    ("not a shape", "result = 42", "failed", "int"),
    ("bad size", "from build123d import *\nresult = Box(0, 1, 1)", "failed", "line 2"),
    ("endless loop", "while True: pass", "timed_out", "stopped"),
    ("sleeps", "import time\ntime.sleep(1000)", "timed_out", "ran for more than"),
    ("eats memory", "x = []\nwhile True: x.append(bytearray(1 << 26))", "failed", "memory"),
    ("segfault", "import ctypes\nctypes.string_at(0)", "failed", "segmentation fault"),
    ("aborts", "import os\nos.abort()", "failed", "abort"),
    ("leaves", "import os\nos._exit(0)", "failed", "exit code 0"),
    ("prints much", "while True: print('x' * 1000)", "refused", "printed more than"),
    ("closes its channel", "import os\nos.closerange(3, 256)\nwhile True: pass", "failed", "channel"),
    ("forges a result", "print('{\"type\":\"result\",\"outcome\":\"built\"}')", "failed", "result"),
    ("fills the disk", "open('x', 'wb').write(bytes(1 << 26))", "refused", "wrote a file of more than"),
    ("leaves a child", "import os\nos.fork() and os._exit(3)\nwhile True: pass", "failed", "exit code 3"),
    ("too many bodies", "from build123d import *\nresult = [Box(1, 1, 1)] * 60", "refused", "bodies"),
    ("exits", "import sys\nsys.exit('bye')", "failed", "bye"),
];

fn tight() -> RunLimits {
    RunLimits {
        wall: Duration::from_secs(10),
        cpu_seconds: 6,
        address_space_bytes: 2 << 30,
        output_bytes: 4 << 20,
        file_bytes: 32 << 20,
        bodies: 50,
        ..RunLimits::default()
    }
}

#[tokio::test]
async fn every_harmful_program_gets_a_clear_answer_and_the_next_job_works() {
    let app = TestApp::start_with(tight()).await;
    for (name, program, status, says) in HARM {
        let complete = app.program(program).await;
        assert_eq!(complete["success"], false, "{name}: {complete}");
        assert_eq!(complete["status"], status, "{name}: {complete}");
        let error = complete["error"].as_str().unwrap();
        assert!(error.contains(says), "{name}: {error}");
        assert!(complete["stepPath"].is_null(), "{name}");
    }
    let good = app.program("from build123d import *\nresult = Box(1, 2, 3)").await;
    assert_eq!(good["success"], true, "{good}");
    app.stop().await;
}

#[tokio::test]
async fn a_flood_of_output_keeps_its_first_and_last_lines() {
    let app = TestApp::start().await;
    let program = "from build123d import *\nfor n in range(200000): print('line', n)\nresult = Box(1, 1, 1)";
    let job = app.submit(serde_json::json!({ "program": program })).await;
    let events = app.events(&job).await;
    let lines: Vec<&str> = events.iter().filter_map(|event| event.data["message"].as_str()).collect();
    assert!(lines.contains(&"line 0") && lines.contains(&"line 199999"), "{} lines", lines.len());
    assert!(lines.iter().any(|line| line.contains("left out")));
    assert!(lines.len() < 5_000);
    assert_eq!(events.last().unwrap().data["success"], true);
    app.stop().await;
}
