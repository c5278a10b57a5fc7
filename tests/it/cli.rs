//! The command line as a user meets it: text or one JSON object on stdout, exit codes, and a batch that resumes.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{json_line, naturalcad, text};

#[test]
fn make_builds_the_golden_part_and_leaves_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let prompt = "60x40x10 mm plate with four 5 mm holes 6 mm from the edges and 5 mm corner radius";
    let mut command = naturalcad(folder.path());
    let output =
        command.args(["make", prompt, "--json", "--format", "step,stl,glb,3mf,brep", "--out"]).arg(&out);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let item = json_line(&output);
    assert_eq!((item["status"].as_str(), item["sure"].as_bool()), (Some("built"), Some(true)), "{item:#}");
    assert_eq!(item["plan"]["plan"], 1);
    for name in [&item["step"], &item["stl"], &item["program"]] {
        assert!(out.join(name.as_str().unwrap()).is_file(), "{name}");
    }
    assert_eq!(item["files"].as_object().unwrap().len(), 6, "five formats and the scene of the GLB");
    assert_eq!(item["measures"]["holes"].as_array().unwrap().len(), 4);
}

#[test]
fn run_reads_standard_input_and_explains_a_failure_with_the_users_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = naturalcad(folder.path());
    command.args(["run", "-", "--out"]).arg(folder.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let program = b"from build123d import *\nthickness = 3\nresult = Box(10, 10, thicknes)\n";
    child.stdin.take().unwrap().write_all(program).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("NameError in line 3") && told.contains(">   3 result = Box"), "{told}");
    assert_eq!(text(&output.stdout), "");
    assert!(!folder.path().join("part.step").exists());
}

#[test]
fn wrong_usage_and_a_missing_runtime_have_exit_codes_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code) in [
        (&["make", " "][..], 2),
        (&["run", "/no/such/file.py"], 2),
        (&["make", "a box", "--format", "exe"], 2),
        (&["batch", "/no/such/file", "--out", "/tmp"], 2),
        (&["serve", "--port", "99999"], 2),
    ] {
        let output = naturalcad(folder.path()).args(arguments).output();
        let output = output.unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(!told.is_empty(), "{arguments:?}");
    }
    let mut broken = std::process::Command::new(env!("CARGO_BIN_EXE_naturalcad"));
    broken.args(["--runtime", "/no/such/folder", "make", "a box", "--data"]).arg(folder.path());
    let output = broken.output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("No Python runtime") && told.contains("make runtime"), "{told}");
}

#[test]
fn a_batch_writes_a_line_for_each_item_and_a_second_start_skips_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = folder.path().join("prompts.jsonl");
    let lines = [
        r#"{"id":"plate","prompt":"50x30x5 mm plate with a 10 mm hole in the centre"}"#,
        r#"{"id":"rod","prompt":"cylinder 20 mm diameter, 60 mm long"}"#,
        r#"{"id":"what","prompt":"something nice for my mother"}"#,
        r#"{"id":"talk","conversation":"k","turn":1,"prompt":"20 mm cube"}"#,
        r#"{"id":"talk","conversation":"k","turn":2,"prompt":"make it 30"}"#,
    ];
    fs::write(&prompts, lines[..2].join("\n")).unwrap();
    let out = folder.path().join("out");
    let start = || {
        let output =
            naturalcad(folder.path()).arg("batch").arg(&prompts).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let results = fs::read_to_string(out.join("results.jsonl")).unwrap();
        results.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    assert_eq!(start().len(), 2);
    fs::write(&prompts, lines.join("\n")).unwrap();
    let results = start();
    let found: Vec<(&str, Option<u64>, &str)> = results
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), item["turn"].as_u64(), item["status"].as_str().unwrap()))
        .collect();
    for wanted in [
        ("plate", None, "built"),
        ("rod", None, "built"),
        ("what", None, "question"),
        ("talk", Some(1), "built"),
        ("talk", Some(2), "question"),
    ] {
        assert_eq!(found.iter().filter(|&&item| item == wanted).count(), 1, "{wanted:?} in {found:?}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
    let plate = &results[0];
    assert!(out.join(plate["step"].as_str().unwrap()).is_file());
    assert!(results.iter().all(|item| item["status"] == "built" || !item["message"].is_null()));
}

#[test]
fn the_doctor_finds_everything_in_order_and_names_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let output = naturalcad(folder.path()).arg("doctor").output().unwrap();
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", text(&output.stderr));
    for what in ["runtime", "workers", "kernel", "part", "llama.cpp"] {
        assert!(told.contains(&format!("ok     {what}")), "{what}: {told}");
    }
    assert!(told.contains("right volume") && told.contains("CPU"), "{told}");
}
