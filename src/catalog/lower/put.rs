//! A step's tool is put on its face, and the face that it leaves is kept for later steps.

use std::collections::BTreeMap;

use tera::Context;

use super::context::placement_text;
use super::{Draft, render};
use crate::catalog::scene::{Face, Site};
use crate::catalog::table::{Combine, Kind, Step};
use crate::catalog::{Catalog, Error};

/// How a face is written: a variable for one plane, or for a list of them with the name of each.
pub(super) struct Written {
    pub(super) plane: String,
    pub(super) planes: Option<String>,
    /// The line that defines it, until it has been written.
    pub(super) line: Option<String>,
}

/// The lines that put a step's tool on its face, at all its places.
pub(super) fn put(
    catalog: &Catalog,
    context: &mut Context,
    how: Combine,
    face: &Face,
    site: &Site<'_>,
    written: &BTreeMap<String, Written>,
    on: &str,
) -> Result<String, Error> {
    if let Some(host) = written.get(on) {
        context.insert("plane", &host.plane);
        context.insert("planes", &host.planes);
    }
    context.insert("combine", &how);
    if let Some((place, scope)) = &site.place {
        let text = placement_text(catalog, place, scope, &site.place_arguments, face)?;
        if place.kind == Kind::Pattern {
            context.insert("spots", &text);
        } else if !text.is_empty() {
            context.insert("spot", &text);
        }
    }
    Ok(render(catalog, "feature.py.tera", context)?.trim().to_owned())
}

/// Notes how the new face of a step is written, and writes it; it is used when a later step is on it.
pub(super) fn remember_surface(
    draft: &mut Draft,
    written: &mut BTreeMap<String, Written>,
    spec: &Step,
    site: &Site<'_>,
    tool: &str,
    context: &Context,
) {
    let surface = spec.surface.as_ref().or(site.joined.as_ref());
    let Some(rise) = surface.and_then(|surface| site.scope.python(&surface.rise)) else {
        return;
    };
    let text = |key: &str| context.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let Some(plane) = text("plane") else { return };
    let face = draft.namer.unique(&format!("{tool}_face"));
    let lift = format!("Pos(0, 0, {rise})");
    let spot = text("spot").map(|spot| format!(" * {spot}")).unwrap_or_default();
    let (several, value) = match (text("planes"), text("spots")) {
        (None, None) => (false, format!("{plane}{spot} * {lift}")),
        (None, Some(_)) => (true, format!("[{plane} * spot * {lift} for spot in {tool}_spots]")),
        (Some(planes), None) => (true, format!("[{plane}{spot} * {lift} for {plane} in {planes}]")),
        (Some(planes), Some(_)) => {
            (true, format!("[{plane} * spot * {lift} for {plane} in {planes} for spot in {tool}_spots]"))
        }
    };
    let planes = several.then(|| format!("{face}s"));
    let line = Some(format!("{} = {value}", planes.as_ref().unwrap_or(&face)));
    written.insert(spec.name.clone(), Written { plane: face, planes, line });
}
