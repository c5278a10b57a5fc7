//! A finished body is brought to its place beside another one.

use super::body::Made;
use super::context::placement_text;
use super::{Draft, one_line, problem};
use crate::catalog::assembly::{Assembly, Seated};
use crate::catalog::parameters::name_placement;
use crate::catalog::scope::Entry;
use crate::catalog::{Catalog, Error};
use crate::domain::plan::{self, Body, Side};

/// Writes the lines that bring a body to its place, and tells where that is.
pub(super) fn seat_body<'c>(
    catalog: &'c Catalog,
    draft: &mut Draft,
    assembly: &Assembly<'c>,
    index: usize,
    body: &Body,
    seat: &plan::Seat,
    made: &Made<'c>,
) -> Result<Seated<'c>, Error> {
    let variable = &made.variable;
    let mut lines = vec![format!("# Its place: {}", one_line(&where_of(seat)))];
    let turned = seat.turn.map(|[x, y, z]| {
        let stands = draft.namer.unique(&format!("{variable}_box"));
        lines.push(format!("{variable} = Rot({x}, {y}, {z}) * {variable}"));
        lines.push(format!("{stands} = {variable}.bounding_box()"));
        lines.push(format!(
            "{variable} = Pos(-{stands}.center().X, -{stands}.center().Y, -{stands}.min.Z) * {variable}"
        ));
        ["X", "Y", "Z"].map(|axis| Entry { number: 0.0, python: format!("{stands}.size.{axis}") })
    });
    let names = seat.at.as_ref().and_then(|placement| {
        let place = catalog.step(&placement.name)?;
        Some(name_placement(draft, index, place, placement, &body.name))
    });
    let seated = assembly
        .seat(seat, &made.scene, turned, &names.unwrap_or_default())
        .map_err(|fault| problem(index, None, fault))?;
    let [x, y, z] = &seated.origin;
    let origin = format!("Pos({}, {}, {})", x.python, y.python, z.python);
    match &seated.spots {
        None => lines.push(format!("{variable} = {origin} * {variable}")),
        Some(spots) => {
            let text = placement_text(catalog, spots.place, &spots.scope, &spots.arguments, &spots.face)?;
            if spots.several() {
                lines.push(format!("{variable}s = [{origin} * spot * {variable} for spot in {text}]"));
            } else if text.is_empty() {
                lines.push(format!("{variable} = {origin} * {variable}"));
            } else {
                lines.push(format!("{variable} = {origin} * {text} * {variable}"));
            }
        }
    }
    draft.blocks.push(lines.join("\n"));
    Ok(seated)
}

fn where_of(seat: &plan::Seat) -> String {
    let where_ = match seat.side {
        Side::Top => "on top of the",
        Side::Bottom => "under the",
        Side::Front => "in front of the",
        Side::Back => "behind the",
        Side::Left => "left of the",
        Side::Right => "right of the",
        Side::Inside => "inside the",
    };
    format!("{where_} {}", seat.to)
}
