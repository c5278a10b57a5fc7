//! A part in several versions: parameters, edits in words, taking back, and writing values into the text.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{TestApp, json_of};

const PROGRAM: &str = "from build123d import *\n\nLENGTH = 60.0  # [10:0.5:200] mm | Length – Länge\nWALL = 2.0  # [1:0.1:5] mm | Wall thickness\nRIM = True\nif WALL * 4 > LENGTH:\n    raise ValueError(f'WALL must stay below a quarter of LENGTH, {LENGTH / 4:g} mm')\nresult = Box(LENGTH, 20, WALL)\n";

async fn record(app: &TestApp, job: &str) -> Value {
    json_of(app.get(&format!("/api/jobs/{job}")).await).await
}

/// Makes a version and returns its record.
async fn version(app: &TestApp, body: Value) -> Value {
    let job = app.submit(body).await;
    app.events(&job).await;
    record(app, &job).await
}

fn length(record: &Value) -> f64 {
    record["measures"]["bounding_box"]["size"][0].as_f64().unwrap_or(f64::NAN)
}

fn digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

#[tokio::test]
async fn a_program_tells_its_parameters_and_runs_again_with_other_values() {
    let app = TestApp::start().await;
    let job = app.submit(json!({ "program": PROGRAM })).await;
    let part = app.events(&job).await.into_iter().find(|event| event.name == "part").unwrap().data;
    let first = record(&app, &job).await;
    assert_eq!(part["parameters"], first["declared"]);
    assert_eq!((&first["conversation"], &first["version"]), (&first["id"], &json!(1)));
    let names: Vec<&str> =
        first["declared"].as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["LENGTH", "WALL", "RIM"]);
    let wall = &first["declared"][1];
    for (key, value) in [
        ("value", json!(2.0)),
        ("kind", json!("number")),
        ("min", json!(1.0)),
        ("max", json!(5.0)),
        ("step", json!(0.1)),
        ("unit", json!("mm")),
        ("label", json!("Wall thickness")),
        ("line", json!(4)),
    ] {
        assert_eq!(wall[key], value, "{key}");
    }

    let second = version(&app, json!({ "parent": job, "parameters": { "LENGTH": 80 } })).await;
    assert_eq!((length(&second), &second["program"]), (80.0, &json!(PROGRAM)), "the text stays as it is");
    assert_eq!(
        (&second["version"], &second["parent"], &second["lane"]),
        (&json!(2), &json!(job), &json!("code"))
    );
    assert_eq!(second["changes"], json!([{ "what": "length – länge", "from": "60 mm", "to": "80 mm" }]));
    assert_eq!(second["declared"][0]["value"], 80.0);
    let third = version(&app, json!({ "parent": second["id"], "parameters": { "WALL": 3 } })).await;
    assert_eq!(
        (length(&third), &third["measures"]["bounding_box"]["size"][2]),
        (80.0, &json!(3.0)),
        "both moved"
    );
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_value_names_its_limit_and_the_last_good_part_stays() {
    let app = TestApp::start().await;
    let first = version(&app, json!({ "program": PROGRAM })).await;
    for (values, words) in [
        (json!({ "LENGTH": 300 }), "Parameter `LENGTH` is at most 200 mm, not 300"),
        (json!({ "WALL": "thick" }), "Parameter `WALL` takes a number"),
        (json!({ "HEIGHT": 3 }), "no parameter `HEIGHT`; its parameters are: `LENGTH`, `WALL`, `RIM`"),
        (json!({ "LENGTH": 12, "WALL": 4 }), "WALL must stay below a quarter of LENGTH, 3 mm"),
    ] {
        let failed = version(&app, json!({ "parent": first["id"], "parameters": values })).await;
        assert_eq!((&failed["state"], &failed["measures"]), (&json!("failed"), &Value::Null), "{values}");
        let told = failed["message"].as_str().unwrap();
        assert!(told.contains(words), "{told}");
        // Going on from the failed version is going on from the last good one.
        let next = version(&app, json!({ "parent": failed["id"], "parameters": { "LENGTH": 70 } })).await;
        assert_eq!((length(&next), &next["measures"]["bounding_box"]["size"][2]), (70.0, &json!(2.0)));
    }
    let good = record(&app, first["id"].as_str().unwrap()).await;
    assert_eq!((good["state"].as_str(), length(&good)), (Some("built"), 60.0));
    app.stop().await;
}

#[tokio::test]
async fn a_sentence_changes_a_parameter_of_a_hand_written_program_and_nothing_else() {
    let app = TestApp::start().await;
    let first = version(&app, json!({ "program": PROGRAM })).await;
    let conversation = first["conversation"].clone();
    let moved = version(&app, json!({ "parent": first["id"], "parameters": { "LENGTH": 90 } })).await;
    let second = version(&app, json!({ "parent": moved["id"], "prompt": "make the wall thickness 3" })).await;
    assert_eq!(second["state"], "built", "{second:#}");
    let text = PROGRAM.replace("60.0", "90.0").replace("2.0 ", "3.0 ");
    assert_eq!(second["program"], json!(text), "what the slider moved is written too");
    assert_eq!(second["changes"], json!([{ "what": "wall thickness", "from": "2 mm", "to": "3 mm" }]));
    assert_eq!((&second["reading"]["changes"], &second["sure"]), (&second["changes"], &json!(true)));

    let unable = version(&app, json!({ "conversation": conversation, "prompt": "add a hole" })).await;
    assert_eq!(unable["state"], "question");
    assert!(unable["message"].as_str().unwrap().contains("needs the language model"), "{unable:#}");
    let back = version(&app, json!({ "parent": unable["id"], "prompt": "undo that" })).await;
    assert_eq!((length(&back), &back["program"]), (90.0, &json!(PROGRAM)), "{back:#}");
    let further = version(&app, json!({ "parent": back["id"], "prompt": "undo" })).await;
    assert_eq!(further["measures"]["bounding_box"]["size"][0], 60.0);
    let end = version(&app, json!({ "parent": further["id"], "prompt": "undo" })).await;
    assert_eq!(end["state"], "question", "{end:#}");
    app.stop().await;
}

#[tokio::test]
async fn values_are_written_into_the_text_that_was_seen_and_into_no_other() {
    let app = TestApp::start().await;
    let first = version(&app, json!({ "program": PROGRAM })).await;
    let path = format!("/api/jobs/{}/parameters", first["id"].as_str().unwrap());
    let values = json!({ "LENGTH": 75, "RIM": false });
    let stale = app.post(&path, &json!({ "parameters": values, "hash": sha256("another text") })).await;
    assert_eq!(stale.status(), 409);
    assert_eq!(json_of(stale).await["error"]["code"], "changed");
    let outside = json!({ "parameters": { "WALL": 9 }, "hash": sha256(PROGRAM) });
    let outside = app.post(&path, &outside).await;
    assert_eq!(outside.status(), 422);
    assert!(json_of(outside).await["error"]["message"].as_str().unwrap().contains("`WALL` is at most 5 mm"));
    let written = app.post(&path, &json!({ "parameters": values, "hash": sha256(PROGRAM) })).await;
    let written = json_of(written).await;
    let text = PROGRAM.replace("60.0", "75.0").replace("True", "False");
    assert_eq!((&written["program"], &written["hash"]), (&json!(text), &json!(sha256(&text))));
    let again = version(&app, json!({ "parent": first["id"], "program": written["program"] })).await;
    assert_eq!((length(&again), &again["version"]), (75.0, &json!(2)));
    app.stop().await;
}

#[tokio::test]
async fn sliders_and_the_plan_agree() {
    let app = TestApp::start().await;
    let first = version(&app, json!({ "prompt": "60x40x10 mm plate with a 5 mm hole in the centre" })).await;
    let moved =
        version(&app, json!({ "parent": first["id"], "parameters": { "LENGTH": 90, "HOLE_DIAMETER": 8 } }))
            .await;
    assert_eq!((length(&moved), &moved["lane"]), (90.0, &json!("template")), "{moved:#}");
    let steps = &moved["plan"]["bodies"][0]["steps"];
    assert_eq!((&steps[0]["length"], &steps[1]["diameter"]), (&json!(90), &json!(8)));
    assert!(moved["checks"].as_array().unwrap().iter().all(|check| check["status"] != "missed"), "{moved:#}");
    assert_eq!(moved["sure"], true);
    app.stop().await;
}

/// These need the catalog's edits.
#[tokio::test]
async fn a_planned_part_is_edited_in_words_and_keeps_what_a_slider_moved() {
    let app = TestApp::start().await;
    let first =
        version(&app, json!({ "prompt": "60x40x10 mm plate with four 5 mm holes 6 mm from the edges" }))
            .await;
    let moved = version(&app, json!({ "parent": first["id"], "parameters": { "WIDTH": 50 } })).await;
    let longer = version(&app, json!({ "parent": moved["id"], "prompt": "make it 80 long" })).await;
    assert_eq!(longer["measures"]["bounding_box"]["size"], json!([80.0, 50.0, 10.0]), "{longer:#}");
    assert_eq!(longer["measures"]["holes"].as_array().unwrap().len(), 4);
    assert!(!longer["changes"].as_array().unwrap().is_empty());
    assert!(
        longer["checks"].as_array().unwrap().iter().all(|check| check["status"] != "missed"),
        "{longer:#}"
    );
    let undone = version(&app, json!({ "parent": longer["id"], "prompt": "undo that" })).await;
    assert_eq!(undone["measures"]["bounding_box"]["size"], json!([60.0, 50.0, 10.0]), "{undone:#}");
    app.stop().await;
}

#[tokio::test]
async fn conversations_are_listed_newest_first_with_their_versions() {
    let app = TestApp::start().await;
    let plate = version(&app, json!({ "prompt": "60x40x10 mm plate" })).await;
    let rod = version(&app, json!({ "prompt": "cylinder 20 mm diameter, 60 mm long" })).await;
    version(&app, json!({ "parent": plate["id"], "parameters": { "LENGTH": 70 } })).await;
    let list = json_of(app.get("/api/conversations").await).await;
    let list = list["conversations"].as_array().unwrap();
    let ids: Vec<&Value> = list.iter().map(|each| &each["id"]).collect();
    assert_eq!(ids, [&plate["conversation"], &rod["conversation"]]);
    assert_eq!((&list[0]["title"], &list[0]["count"]), (&json!("60x40x10 mm plate"), &json!(2)));
    let one = format!("/api/conversations/{}", plate["conversation"].as_str().unwrap());
    let one = json_of(app.get(&one).await).await;
    let told: Vec<(u64, &str, &str)> = one["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            (v["version"].as_u64().unwrap(), v["origin"].as_str().unwrap(), v["state"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told, [(1, "prompt", "built"), (2, "parameters", "built")]);
    assert_eq!(one["versions"][1]["changes"], json!([{ "what": "length", "from": "60 mm", "to": "70 mm" }]));
    for (path, body) in [
        ("/api/conversations/nonsense", None),
        ("/api/conversations/01a20410-5f36-7643-a63d-db33d5986209", None),
        ("/api/jobs", Some(json!({ "prompt": "x", "parent": "01a20410-5f36-7643-a63d-db33d5986209" }))),
        ("/api/jobs", Some(json!({ "prompt": "x", "conversation": "01a20410-5f36-7643-a63d-db33d5986209" }))),
    ] {
        let response = match body {
            Some(body) => app.post(path, &body).await,
            None => app.get(path).await,
        };
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(json_of(response).await["error"]["code"], "not_found");
    }
    let mixed = json!({ "prompt": "x", "parent": plate["id"], "conversation": rod["conversation"] });
    assert_eq!(json_of(app.post("/api/jobs", &mixed).await).await["error"]["code"], "other_conversation");
    app.stop().await;
}

#[tokio::test]
async fn an_edit_of_a_part_that_is_still_on_its_way_is_refused() {
    let app = TestApp::start().await;
    let job = app.submit(json!({ "program": "while True: pass" })).await;
    let early = app.post("/api/jobs", &json!({ "parent": job, "prompt": "make it 3 long" })).await;
    assert_eq!(early.status(), 409);
    assert_eq!(json_of(early).await["error"]["code"], "unfinished");
    app.post(&format!("/api/jobs/{job}/cancel"), &json!({})).await;
    app.events(&job).await;
    let nothing = app.post("/api/jobs", &json!({ "parent": job, "parameters": { "A": 1 } })).await;
    assert_eq!(json_of(nothing).await["error"]["code"], "no_part");
    app.stop().await;
}
