//! What the table and the plan say of a step together: its turn in the program, how it changes the body, where it may go.

use super::{Face, Fault, Names, Scene, USUAL_FACE};
use crate::catalog::Catalog;
use crate::catalog::table::{Combine, Kind, OneOrMore, Step, Surface};
use crate::domain::plan::{self, Arguments, Body, Join, Placement, Value};

/// The placement that a step has, if it may have it there. A base that is put on a body may go anywhere.
pub(in crate::catalog) fn place_on<'c>(
    catalog: &'c Catalog,
    spec: &Step,
    placement: &Placement,
    face: Option<&Face>,
) -> Result<&'c Step, Fault> {
    let is_place = |place: &&Step| matches!(place.kind, Kind::Placement | Kind::Pattern);
    let allowed = |place: &&Step| spec.kind == Kind::Base || spec.placements.contains(&place.name);
    let Some(place) = catalog.step(&placement.name).filter(is_place).filter(allowed) else {
        return Err(Fault::new(
            Some("at"),
            format!("A {} can't be placed by `{}`", spec.title.to_lowercase(), placement.name),
            format!("Its placements are {}", spec.placements.join(", ")),
        ));
    };
    if place.rectangular && face.is_some_and(|face| !face.rectangular) {
        return Err(Fault::new(
            Some("at"),
            format!("The face has no corners or straight edges, which `{}` needs", place.name),
            "Use a bolt circle, or positions from the centre",
        ));
    }
    Ok(place)
}

/// How a step changes its body; a base that is not the first step says it in the plan.
pub(in crate::catalog) fn combine_of(spec: &Step, step: &plan::Step) -> Option<Combine> {
    match step.combine {
        Some(Join::Add) => Some(Combine::Add),
        Some(Join::Cut) => Some(Combine::Cut),
        Some(Join::Common) => Some(Combine::Common),
        None => spec.combine,
    }
}

/// The top of a base that was added to a face, for steps that go on it.
pub(super) fn joined_surface(spec: &Step, step: &plan::Step) -> Option<Surface> {
    let size = spec.size.as_ref().filter(|_| step.combine == Some(Join::Add) && step.turn.is_none())?;
    let single = |side: &OneOrMore| side.as_slice().first().cloned();
    let top = spec.face_size.get(USUAL_FACE);
    let rise = match step.lift {
        Some(lift) => format!("{} + {lift}", single(&size.z)?),
        None => single(&size.z)?,
    };
    Some(Surface {
        x: top.cloned().or_else(|| single(&size.x))?,
        y: top.cloned().or_else(|| single(&size.y))?,
        rise,
    })
}

/// The steps in the order of the program: base, its rounded edges, then the rest as planned. Later cuts would leave edges that a fillet must
/// not touch.
pub(in crate::catalog) fn in_order<'c, 'b>(
    catalog: &'c Catalog,
    body: &'b Body,
) -> Vec<(usize, &'c Step, &'b plan::Step)> {
    let mut steps: Vec<_> = body
        .steps
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((at, catalog.step(&step.do_)?, step)))
        .collect();
    steps.sort_by_key(|(at, spec, step)| {
        let stage = match spec.kind {
            Kind::Base if step.combine.is_none() => 0,
            _ if spec.stages.is_empty() => u8::MAX,
            _ => chosen_edges(spec, &step.arguments)
                .and_then(|edges| spec.stages.get(edges).copied())
                .unwrap_or(u8::MAX),
        };
        (stage, *at)
    });
    steps
}

/// The edges that the step before made; known to the program only.
pub(in crate::catalog) const LAST_EDGES: &str = "last";

pub(in crate::catalog) fn chosen_edges<'a>(spec: &'a Step, arguments: &'a Arguments) -> Option<&'a str> {
    let given = arguments.get("edges").and_then(Value::text);
    given.or_else(|| spec.argument("edges").and_then(|argument| argument.default.as_deref()))
}

/// The box of a part by the table's sizes, as long as nothing but cuts and edges changes it.
pub(in crate::catalog) fn table_box(catalog: &Catalog, plan: &plan::Plan) -> Option<[f64; 3]> {
    let [body] = plan.bodies.as_slice() else { return None };
    let mut scene = Scene::new(catalog);
    for (_, spec, step) in in_order(catalog, body) {
        if scene.base.is_none() {
            if !spec.extras.is_empty() {
                return None;
            }
            let site = scene.site(spec, step, &Names::default()).ok()?;
            scene.take(spec, &site);
        } else if !matches!(combine_of(spec, step)?, Combine::Cut | Combine::Edges) {
            return None;
        }
    }
    let [x, y, z, _] = scene.extent()?;
    Some([x.number, y.number, z.number])
}
