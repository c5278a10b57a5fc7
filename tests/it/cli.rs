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
fn models_are_listed_and_checked_without_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cut.gguf"), b"GGUF\x03\0\0\0").unwrap();
    fs::write(folder.path().join("notes.txt"), b"").unwrap();
    let models = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_naturalcad"));
        command.args(["--runtime", "/no/such/folder", "--data"]).arg(folder.path().join("data"));
        command.arg("--models").arg(folder.path()).arg("models").args(arguments).output().unwrap()
    };
    let listed = models(&[]);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed.stderr));
    assert!(text(&listed.stdout).contains("cut   REFUSED"), "{}", text(&listed.stdout));
    assert!(text(&listed.stderr).contains("hint: Copy it again"), "{}", text(&listed.stderr));
    let json: Value = serde_json::from_slice(&models(&["list", "--json"]).stdout).unwrap();
    assert_eq!(
        (&json["models"][0]["file"], json["models"].as_array().unwrap().len()),
        (&"cut.gguf".into(), 1)
    );
    assert!(json["ram_free_bytes"].as_u64().is_some());
    for (arguments, code, told) in [
        (&["inspect", "cut"][..], 1, "ends inside its header"),
        (&["verify"], 1, "hint: Copy it again"),
        (&["inspect", "../cut"], 1, "cannot be opened"),
        (&["inspect", "other"], 2, "There is no model `other`"),
        (&["verify", "other"], 2, "lists those that are there"),
    ] {
        let output = models(arguments);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(err.contains(told), "{arguments:?}: {err}");
    }
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
        r#"{"id":"talk","conversation":"k","turn":2,"prompt":"make it nicer for my mother"}"#,
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
fn parameters_are_given_on_the_command_line_and_the_programs_text_follows_where_it_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.py");
    let program = "from build123d import *\nLENGTH = 60.0  # [10:200] mm\nRIM = True\nresult = Box(LENGTH, 5, 9 if RIM else 4)\n";
    fs::write(&file, program).unwrap();
    let out = folder.path().join("out");
    let run = |values: &[&str]| {
        let mut command = naturalcad(folder.path());
        command.arg("run").arg(&file).args(["--json", "--out"]).arg(&out);
        for value in values {
            command.args(["--param", value]);
        }
        command.output().unwrap()
    };
    let item = json_line(&run(&["LENGTH=25.5", "RIM=false"]));
    assert_eq!(item["measures"]["bounding_box"]["size"], serde_json::json!([25.5, 5.0, 4.0]), "{item:#}");
    assert_eq!(fs::read_to_string(out.join("mine.py")).unwrap(), program, "the user's own text stays");
    let outside = run(&["LENGTH=500"]);
    assert_eq!(outside.status.code(), Some(1));
    let told = json_line(&outside)["message"].as_str().unwrap().to_owned();
    assert!(told.contains("`LENGTH` is at most 200 mm"), "{told}");
    assert_eq!(run(&["LENGTH"]).status.code(), Some(2));

    let mut command = naturalcad(folder.path());
    command.args(["make", "60x40x10 mm plate", "--param", "LENGTH=75", "--json", "--out"]).arg(&out);
    let item = json_line(&command.output().unwrap());
    assert_eq!(item["measures"]["bounding_box"]["size"][0], 75.0, "{item:#}");
    assert_eq!(item["plan"]["bodies"][0]["steps"][0]["length"], 75);
    let text = fs::read_to_string(out.join(item["program"].as_str().unwrap())).unwrap();
    assert!(text.contains("LENGTH = 75.0  # ["), "{text}");
}

/// Needs the catalog's edits.
#[test]
fn a_part_is_changed_step_by_step_and_only_the_last_ones_files_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let make = |edits: &[&str]| {
        let mut command = naturalcad(folder.path());
        command.args(["make", "60x40x10 mm plate", "--json", "--out"]).arg(&out);
        for edit in edits {
            command.args(["--then", edit]);
        }
        command.output().unwrap()
    };
    let nothing = make(&["make it 80 long", "turn it into a teapot"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert_eq!(json_line(&nothing)["status"], "question");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "nothing looks as if it were the result");
    let item = json_line(&make(&["make it 80 long", "make it 100 long", "undo that"]));
    assert_eq!(item["measures"]["bounding_box"]["size"][0], 80.0, "{item:#}");
    assert!(item["notes"].as_array().unwrap().len() >= 2, "each change is told: {item:#}");
    assert!(out.join(item["step"].as_str().unwrap()).is_file());
}

/// Needs the catalog's edits.
#[test]
fn later_turns_of_a_batch_edit_the_last_part_that_was_built_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = folder.path().join("prompts.jsonl");
    let turns =
        ["60x40x10 mm plate", "make it 80 long", "turn it into a teapot", "make it 100 long", "undo that"];
    let line = |(turn, prompt): (usize, &&str)| {
        serde_json::json!({ "id": "talk", "conversation": "k", "turn": turn + 1, "prompt": prompt })
            .to_string()
    };
    let lines: Vec<String> = turns.iter().enumerate().map(line).collect();
    let out = folder.path().join("out");
    let start = |count: usize| {
        fs::write(&prompts, lines[..count].join("\n")).unwrap();
        let output =
            naturalcad(folder.path()).arg("batch").arg(&prompts).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let results = fs::read_to_string(out.join("results.jsonl")).unwrap();
        results.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    start(3);
    let results = start(5);
    let told: Vec<(&str, Option<f64>)> = results
        .iter()
        .map(|item| (item["status"].as_str().unwrap(), item["measures"]["bounding_box"]["size"][0].as_f64()))
        .collect();
    let built = |length: f64| ("built", Some(length));
    assert_eq!(told, [built(60.0), built(80.0), ("question", None), built(100.0), built(80.0)]);
    let notes = results[1]["notes"].to_string();
    assert!(notes.contains("60 -> 80 mm"), "{notes}");
    let program = fs::read_to_string(out.join(results[3]["program"].as_str().unwrap())).unwrap();
    assert!(program.contains("LENGTH = 100.0") && program.contains("then make it 100 long"), "{program}");
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
