//! The whole catalog through the real runner: every example of every step, and random plans that the table allows.

use naturalcad::app::App;
use naturalcad::eval::{examples, plans};

const WORKERS: usize = 2;
/// What the issue asks of the catalog: fewer failures than one in two hundred.
const FAILED_SHARE_MAX: f64 = 0.005;

fn app() -> (App, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let config = crate::support::config(data.path(), WORKERS);
    (App::build(config).unwrap(), data)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_every_step_becomes_its_part() {
    let (app, _data) = app();
    app.agent.runner().ready().await.unwrap();
    let tried = examples::try_examples(&app.agent, &app.catalog, &[], WORKERS).await;
    assert!(tried.len() >= 200, "only {} examples", tried.len());
    let faulty: Vec<String> = tried
        .iter()
        .filter(|one| !one.faults.is_empty())
        .map(|one| format!("{} {:?}: {}", one.step, one.example, one.faults.join("; ")))
        .collect();
    assert!(faulty.is_empty(), "{} of {}:\n{}", faulty.len(), tried.len(), faulty.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn random_plans_become_valid_solids_that_show_their_numbers() {
    let (app, _data) = app();
    app.agent.runner().ready().await.unwrap();
    let settings = plans::Settings { plans: 300, seed: 1, step: None, workers: WORKERS };
    let mut report = plans::run(&app.agent, &app.catalog, &settings).await;
    assert!(report.tried >= 290, "only {} plans", report.tried);
    let share = report.failed.len() as f64 / report.tried as f64;
    assert!(share <= FAILED_SHARE_MAX, "{}", report.text());
}
