//! What a case file says of a finished solid, held against its measures.

use serde::Deserialize;
use serde_json::Value;

/// So many holes of one diameter, mm.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holes {
    pub(crate) diameter: f64,
    pub(crate) count: usize,
}

/// Where the solid differs from the box (mm), the volume (mm^3) and the holes of a case, in words.
pub(crate) fn differences(
    size: Option<[f64; 3]>,
    volume: Option<f64>,
    holes: Option<&[Holes]>,
    measures: &Value,
) -> Vec<String> {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-3 * b.abs().max(1.0);
    let mut wrong = Vec::new();
    if let Some(wanted) = size {
        let got: Vec<f64> = serde_json::from_value(measures["bounding_box"]["size"].clone()).unwrap();
        if !got.iter().zip(wanted).all(|(&got, wanted)| close(got, wanted)) {
            wrong.push(format!("box {got:?} instead of {wanted:?}"));
        }
    }
    if let Some(wanted) = volume {
        let got = measures["volume"].as_f64().unwrap();
        if !close(got, wanted) {
            wrong.push(format!("volume {got} instead of {wanted}"));
        }
    }
    if let Some(wanted) = holes {
        let all = measures["holes"].as_array().unwrap();
        for holes in wanted {
            let same = |hole: &&Value| close(hole["diameter"].as_f64().unwrap(), holes.diameter);
            let count = all.iter().filter(same).count();
            if count != holes.count {
                wrong.push(format!("{count} holes of {} instead of {}", holes.diameter, holes.count));
            }
        }
    }
    wrong
}
