//! What must hold for a base that is put on a body: it has to meet the body, and a cut must leave one piece of it.

use super::Catalog;
use super::scene::{Fault, Site};
use super::table::Step;
use crate::domain::plan::{self, Join};

/// More than a touch: two solids that share less are two.
const MEET_MM: f64 = 1e-3;

pub(super) fn faults(catalog: &Catalog, spec: &Step, step: &plan::Step, site: &Site<'_>) -> Option<Fault> {
    let (Some(join), Some(face), Some(extent)) = (step.combine, &site.face, &spec.size) else { return None };
    // How a turned piece reaches is seen when it is built: each body has to be one solid.
    if step.turn.is_some() {
        return None;
    }
    let name = spec.title.to_lowercase();
    let height = site.scope.largest(&catalog.tera, extent.z.as_slice())?.number;
    let across = |axis: &str| site.scope.get(&format!("footprint.{axis}")).map_or(0.0, |entry| entry.number);
    let (x, y, lift) = (across("x"), across("y"), step.lift.unwrap_or(0.0));
    match join {
        Join::Add => {
            let stands = spec.flat_faces.iter().any(|flat| flat == "bottom");
            if lift > MEET_MM || (!stands && lift > -MEET_MM) {
                return Some(Fault::new(
                    Some("lift"),
                    format!("The {name} would not meet the face it is put on"),
                    format!("Sink it: `lift` below {}", if stands { "or at 0" } else { "0" }),
                ));
            }
            if -lift > height - MEET_MM {
                let hint = format!("`lift` has to be above -{height}");
                return Some(Fault::new(Some("lift"), format!("The {name} would vanish in the body"), hint));
            }
            if face.x.number.min(face.y.number) < 0.1 * x.min(y) {
                let hint = "Use a larger face, or make the piece smaller";
                return Some(Fault::new(Some("on"), format!("The face is too small for the {name}"), hint));
            }
            let hollow = site.scope.get("base.hollow").map_or(0.0, |entry| entry.number);
            (x.min(y) <= hollow).then(|| {
                let hint = format!("Make it wider than the opening of {hollow} mm");
                Fault::new(None, format!("The {name} would stand on nothing"), hint)
            })
        }
        Join::Cut => {
            let deep = height - lift;
            let through = deep > face.reach.number - MEET_MM;
            let wide = x > face.x.number - MEET_MM || y > face.y.number - MEET_MM;
            if deep < MEET_MM {
                let hint = format!("`lift` has to be below {height}");
                return Some(Fault::new(Some("lift"), format!("The {name} would miss the body"), hint));
            }
            (through && wide).then(|| {
                let message = format!("Cutting out the {name} would part the body or take all of it");
                Fault::new(None, message, "Make it smaller than the face, or less deep than the body")
            })
        }
        Join::Common => None,
    }
}
