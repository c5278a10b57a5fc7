//! The measures of one body of an assembly, as if it were the whole part.

use crate::domain::measure::Measures;

pub(super) fn of_body(measures: &Measures, name: &str) -> Option<Measures> {
    let at = measures.bodies.iter().position(|body| body.name == name)?;
    let body = &measures.bodies[at];
    if measures.bodies.len() == 1 {
        return Some(measures.clone());
    }
    let is_own = |of: Option<u32>| of.is_some_and(|number| number as usize == at);
    let mut own = Measures {
        bounding_box: body.bounding_box.clone(),
        volume: body.volume,
        area: body.area,
        centre_of_mass: body.centre_of_mass,
        solids: body.solids,
        valid: body.valid,
        rounds: body.rounds.clone(),
        bodies: vec![body.clone()],
        // Only the mass of the whole is told.
        mass: None,
        ..measures.clone()
    };
    own.holes.retain(|hole| is_own(hole.body));
    own.tables.planes.retain(|plane| is_own(plane.body));
    own.tables.cylinders.retain(|cylinder| is_own(cylinder.body));
    own.tables.cones.retain(|cone| is_own(cone.body));
    own.tables.spheres.retain(|sphere| is_own(sphere.body));
    own.tables.tori.retain(|torus| is_own(torus.body));
    own.tables.slots.retain(|slot| is_own(slot.body));
    own.tables.chamfers.retain(|chamfer| is_own(chamfer.body));
    Some(own)
}
