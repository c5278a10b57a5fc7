//! The faces of a body as it grows: the six of its box, those that its base names itself, and how far it reaches.

use std::collections::BTreeMap;

use super::{Fault, Scene, USUAL_FACE};
use crate::catalog::Catalog;
use crate::catalog::scope::{Entry, Scope, grouped};
use crate::catalog::table::{Combine, OwnFace, Sides, Step};

/// The face that a step is on.
#[derive(Debug, Clone)]
pub(in crate::catalog) struct Face {
    /// One of the base's faces: this one, or the one that it lies above.
    pub side: String,
    /// Tera's name of the template that writes its plane.
    pub plane: String,
    pub x: Entry,
    pub y: Entry,
    /// From the face to the far side of the base.
    pub reach: Entry,
    /// The same, with all that stands on either face.
    pub through: Entry,
    /// It has four corners.
    pub rectangular: bool,
}

impl Scene<'_> {
    pub(super) fn face(&self, spec: &Step, how: Combine, on: &str) -> Result<Face, Fault> {
        if let Some(face) = self.surfaces.get(on) {
            return Ok(face.clone());
        }
        let Some(base) = self.base else {
            return Err(Fault::new(
                None,
                "A body starts with a base".to_owned(),
                "Put a box, a cylinder or another base first",
            ));
        };
        if let Some(own) = base.own_faces.iter().find(|face| face.name == on) {
            return self.own_face(own);
        }
        let Some(row) = self.catalog.face(on) else {
            let own = base.own_faces.iter().map(|face| face.name.as_str());
            let known: Vec<&str> =
                self.catalog.faces.iter().map(|face| face.name.as_str()).chain(own).collect();
            return Err(Fault::new(
                Some("on"),
                format!("`{on}` is no face of the body so far"),
                format!("Faces are {}, or the last boss or pocket", known.join(", ")),
            ));
        };
        if base.featureless {
            return Err(Fault::new(
                Some("on"),
                format!(
                    "A {} has no face to put a {} on",
                    base.title.to_lowercase(),
                    spec.title.to_lowercase()
                ),
                "Use a tube for a flat ring",
            ));
        }
        let flat = base.flat_faces.iter().any(|name| name == on);
        if how == Combine::Add && !flat {
            return Err(Fault::new(
                Some("on"),
                format!(
                    "The {on} of a {} is not flat, so nothing can stand on it",
                    base.title.to_lowercase()
                ),
                if base.flat_faces.is_empty() {
                    "This base has no flat face".to_owned()
                } else {
                    format!("Flat faces are {}", base.flat_faces.join(", "))
                },
            ));
        }
        let own = self.sizes.get(&format!("size of {on}"));
        let entry = |expression: &str| {
            self.sizes.get(expression).cloned().unwrap_or(Entry { number: 0.0, python: "0".to_owned() })
        };
        let reach = entry(&row.reach);
        let opposite =
            self.catalog.faces.iter().find(|other| other.reach == row.reach && other.name != row.name);
        let standing =
            [Some(row), opposite].into_iter().flatten().filter_map(|face| self.added.get(&face.name));
        let through = standing.fold(reach.clone(), |sum, added| plus(&sum, added));
        Ok(Face {
            side: on.to_owned(),
            plane: format!("face/{on}"),
            x: own.cloned().unwrap_or_else(|| entry(&row.x)),
            y: own.cloned().unwrap_or_else(|| entry(&row.y)),
            reach,
            through,
            rectangular: flat && !base.round,
        })
    }

    pub(super) fn own_face(&self, own: &OwnFace) -> Result<Face, Fault> {
        let entry = |expression: &str| {
            let scope = &self.base_scope;
            Some(Entry {
                number: scope.number(&self.catalog.tera, expression)?,
                python: scope.python(expression)?,
            })
        };
        let (Some(x), Some(y), Some(reach)) = (entry(&own.x), entry(&own.y), entry(&own.reach)) else {
            let message = format!("The base has no `{}` as it is", own.name);
            return Err(Fault::new(Some("on"), message, "Give the base what that face needs"));
        };
        let base = self.base.map_or("", |base| base.name.as_str());
        Ok(Face {
            side: own.name.clone(),
            plane: format!("face/{base}/{}", own.name),
            x,
            y,
            through: reach.clone(),
            reach,
            rectangular: !own.round,
        })
    }

    /// How far the body reaches: its base and what stands on it. `x`, `y` and `z`, then what hangs under it.
    pub(in crate::catalog) fn extent(&self) -> Option<[Entry; 4]> {
        let entry = |name: &str| self.sizes.get(name).cloned();
        let (x, y, z) = (entry("base.x")?, entry("base.y")?, entry("base.z")?);
        let z = self.added.get("top").map_or_else(|| z.clone(), |added| plus(&z, added));
        let under = self.added.get("bottom").cloned().unwrap_or_else(Entry::nought);
        Some([x, y, z, under])
    }

    /// The height at which the body rests on another one.
    pub(in crate::catalog) fn rest(&self) -> Entry {
        let scope = &self.base_scope;
        let entry = |expression: &String| {
            Some(Entry {
                number: scope.number(&self.catalog.tera, expression)?,
                python: scope.python(expression)?,
            })
        };
        self.base.and_then(|base| base.rest.as_ref()).and_then(entry).unwrap_or_else(Entry::nought)
    }

    /// The sizes of the base's box, by `x`, `y` and `z`, as Python.
    pub(in crate::catalog) fn base_sizes(&self) -> BTreeMap<&'static str, String> {
        let of = |axis: &'static str| Some((axis, grouped(&self.sizes.get(&format!("base.{axis}"))?.python)));
        ["x", "y", "z"].into_iter().filter_map(of).collect()
    }

    /// The face of the base on a side, for another body that goes there.
    pub(in crate::catalog) fn side(&self, side: &str) -> Result<Face, Fault> {
        let Some(base) = self.base else {
            return Err(Fault::new(Some("place"), "A body starts with a base".to_owned(), "Give it one"));
        };
        self.face(base, Combine::Common, side)
    }

    pub(in crate::catalog) fn ambient(&self, face: Option<&Face>) -> Scope {
        let mut scope = self.sizes.clone();
        if let Some(room) = &self.last_room {
            scope.set("last.room", room.number, &room.python);
        }
        if let Some(face) = face {
            for (name, entry) in [
                ("face.x", &face.x),
                ("face.y", &face.y),
                ("face.reach", &face.reach),
                ("face.through", &face.through),
            ] {
                scope.set(name, entry.number, &entry.python);
            }
            // How far it is across the face from the border that a neighbouring face names.
            if let Some(sides) = sides(self.catalog, face) {
                for (name, entry) in [
                    (&sides.x_low, &face.x),
                    (&sides.x_high, &face.x),
                    (&sides.y_low, &face.y),
                    (&sides.y_high, &face.y),
                ] {
                    scope.set(&format!("across.{name}"), entry.number, &entry.python);
                }
            }
        }
        scope
    }
}

/// The neighbours beyond a face's borders. A face of the base's own is seen like the top.
pub(in crate::catalog) fn sides<'c>(catalog: &'c Catalog, face: &Face) -> Option<&'c Sides> {
    catalog.face(&face.side).or_else(|| catalog.face(USUAL_FACE)).map(|row| &row.sides)
}

/// The sum; nought is not written out.
pub(in crate::catalog) fn plus(left: &Entry, right: &Entry) -> Entry {
    let python = match (left.python.as_str(), right.python.as_str()) {
        (left, "0") => left.to_owned(),
        ("0", right) => right.to_owned(),
        (left, right) => match right.strip_prefix('-').filter(|positive| !positive.contains(' ')) {
            Some(positive) => format!("{left} - {positive}"),
            None => format!("{left} + {right}"),
        },
    };
    Entry { number: left.number + right.number, python }
}
