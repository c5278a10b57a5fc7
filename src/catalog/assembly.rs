//! Several bodies: where each one is, relative to an earlier one. The validator and the lowering both ask here, as they ask the scene about
//! one body.

use std::collections::BTreeMap;

use super::Catalog;
use super::scene::{Fault, Scene, arguments_of, place_on, plus};
use super::scope::{Entry, Scope, grouped};
use super::table::{Kind, Step};
use crate::domain::plan::{Arguments, Seat, Side};

/// A body that is in its place.
struct Placed<'c> {
    scene: Scene<'c>,
    origin: [Entry; 3],
}

/// The bodies so far, by name.
pub(super) struct Assembly<'c> {
    catalog: &'c Catalog,
    bodies: BTreeMap<String, Placed<'c>>,
}

/// Where a body goes: its middle and bottom, and the spots around there when it has copies.
pub(super) struct Seated<'c> {
    pub origin: [Entry; 3],
    pub spots: Option<Spots<'c>>,
}

/// A placement on the side of the other body.
pub(super) struct Spots<'c> {
    pub place: &'c Step,
    pub scope: Scope,
    pub arguments: Arguments,
    pub face: super::scene::Face,
}

impl Spots<'_> {
    pub(super) fn several(&self) -> bool {
        self.place.kind == Kind::Pattern
    }
}

impl<'c> Assembly<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Assembly<'c> {
        Assembly { catalog, bodies: BTreeMap::new() }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.bodies.contains_key(name)
    }

    /// Where a finished body goes. `turned` is the Python of its sizes after a turn, which then replaces the table's.
    pub(super) fn seat(
        &self,
        seat: &Seat,
        own: &Scene<'c>,
        turned: Option<[Entry; 3]>,
        names: &BTreeMap<String, String>,
    ) -> Result<Seated<'c>, Fault> {
        let Some(other) = self.bodies.get(&seat.to) else {
            let known: Vec<&str> = self.bodies.keys().map(String::as_str).collect();
            let hint = format!("Bodies before it are {}", known.join(", "));
            return Err(Fault::new(
                Some("place"),
                format!("There is no body `{}` before this one", seat.to),
                hint,
            ));
        };
        let nothing =
            || Fault::new(Some("place"), "A body without a base has no place".to_owned(), "Give it one");
        let [ox, oy, oz, under] = other.scene.extent().ok_or_else(nothing)?;
        let [x, y, z, own_under] = own.extent().ok_or_else(nothing)?;
        let rest = if turned.is_some() { Entry::nought() } else { own.rest() };
        let [x, y, z] = turned.unwrap_or([x, y, z]);
        let gap = number(seat.gap);
        let [at_x, at_y, at_z] = &other.origin;
        let beside = |other: &Entry, own: &Entry| plus(&halves(other, own), &gap);
        let [x, y, z] = match seat.side {
            Side::Top => {
                [at_x.clone(), at_y.clone(), minus(&plus(&plus(&plus(at_z, &oz), &gap), &own_under), &rest)]
            }
            Side::Bottom => [at_x.clone(), at_y.clone(), minus(&minus(&minus(at_z, &under), &gap), &z)],
            Side::Inside => [at_x.clone(), at_y.clone(), minus(&plus(at_z, &gap), &rest)],
            Side::Left => [minus(at_x, &beside(&ox, &x)), at_y.clone(), at_z.clone()],
            Side::Right => [plus(at_x, &beside(&ox, &x)), at_y.clone(), at_z.clone()],
            Side::Front => [at_x.clone(), minus(at_y, &beside(&oy, &y)), at_z.clone()],
            Side::Back => [at_x.clone(), plus(at_y, &beside(&oy, &y)), at_z.clone()],
        };
        Ok(Seated { origin: [x, y, z], spots: self.spots(seat, own, other, names)? })
    }

    fn spots(
        &self,
        seat: &Seat,
        own: &Scene<'c>,
        other: &Placed<'c>,
        names: &BTreeMap<String, String>,
    ) -> Result<Option<Spots<'c>>, Fault> {
        let (Some(placement), Some(base)) = (&seat.at, own.base()) else { return Ok(None) };
        if !matches!(seat.side, Side::Top | Side::Bottom | Side::Inside) {
            let hint = "Use the top, the bottom or the inside";
            return Err(Fault::new(
                Some("at"),
                "A body beside another one has no spot there".to_owned(),
                hint,
            ));
        }
        let face = other.scene.side("top")?;
        let place = place_on(self.catalog, base, placement, Some(&face))?;
        let mut scope = other.scene.ambient(Some(&face));
        for (name, size) in [("x", "base.x"), ("y", "base.y")] {
            if let Some(entry) = own.ambient(None).get(size) {
                scope.set(&format!("footprint.{name}"), entry.number, &entry.python);
                scope.set(&format!("keep.{name}"), entry.number, &entry.python);
            }
        }
        let arguments = other.scene.fill(&mut scope, place, &arguments_of(place, &placement.detail), names);
        Ok(Some(Spots { place, scope, arguments, face }))
    }

    /// The body is done and in its place.
    pub(super) fn add(&mut self, name: &str, scene: Scene<'c>, origin: Option<[Entry; 3]>) {
        let origin = origin.unwrap_or_else(|| [Entry::nought(), Entry::nought(), Entry::nought()]);
        self.bodies.insert(name.to_owned(), Placed { scene, origin });
    }
}

fn number(value: f64) -> Entry {
    Entry { number: value, python: value.to_string() }
}

/// Half the sum.
fn halves(one: &Entry, other: &Entry) -> Entry {
    Entry {
        number: f64::midpoint(one.number, other.number),
        python: format!("({} + {}) / 2", one.python, other.python),
    }
}

/// The difference; nought is not written out.
fn minus(left: &Entry, right: &Entry) -> Entry {
    let python = match (left.python.as_str(), right.python.as_str()) {
        (left, "0") => left.to_owned(),
        ("0", right) => format!("-{}", grouped(right)),
        (left, right) => format!("{left} - {}", grouped(right)),
    };
    Entry { number: left.number - right.number, python }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::domain::plan::Plan;

    const BOX_WITH_PINS: &str = r#"{"plan":1,"bodies":[
        {"name":"box","steps":[
            {"do":"box","length":60,"width":40,"height":10},
            {"do":"cone","bottom_diameter":20,"top_diameter":10,"height":8,"combine":"add","on":"top","at":"center"},
            {"do":"hole","diameter":5,"on":"cone","at":"center"},
            {"do":"sphere","diameter":6,"combine":"cut","lift":3,"on":"top","at":{"corners":{"inset":8}}},
            {"do":"fillet","edges":"last","radius":0.5}]},
        {"name":"lid","place":{"to":"box","side":"top","gap":1},"steps":[{"do":"box","length":60,"width":40,"height":3}]},
        {"name":"pin","place":{"to":"lid","side":"top","at":{"corners":{"inset":6}}},"steps":[{"do":"cylinder","diameter":4,"height":12}]},
        {"name":"bar","place":{"to":"box","side":"left","gap":5,"turn":[90,0,0]},"steps":[{"do":"cylinder","diameter":10,"height":30}]}]}"#;

    #[test]
    fn bodies_stand_on_and_beside_each_other_and_have_copies() {
        let catalog = Catalog::embedded().unwrap();
        let plan: Plan = serde_json::from_str(BOX_WITH_PINS).unwrap();
        assert_eq!(catalog.validate(&plan), []);
        insta::assert_snapshot!(
            catalog.lower(&plan, "A box with a lid, four pins and a bar").unwrap().source
        );
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        let plan: Plan = serde_json::from_str(&BOX_WITH_PINS.replacen(from, to, 1)).unwrap();
        let problems = Catalog::embedded().unwrap().validate(&plan);
        let found = problems.iter().any(|problem| problem.message.contains(expected));
        assert!(found, "{expected}: {problems:?}");
    }

    #[test]
    fn impossible_places_are_refused_by_name() {
        refused(r#""to":"box","side":"top""#, r#""to":"cup","side":"top""#, "no body `cup`");
        refused(r#""name":"lid","place""#, r#""name":"box","place""#, "Two bodies are called `box`");
        refused(r#""corners":{"inset":6}"#, r#""corners":{"inset":600}"#, "too large");
        refused(r#","combine":"add""#, "", "A body has one base");
        refused(
            r#""do":"box","length":60"#,
            r#""do":"box","combine":"add","length":60"#,
            "nothing yet to put it on",
        );
        refused(r#""do":"hole","diameter":5"#, r#""do":"hole","lift":2,"diameter":5"#, "has no `combine`");
    }
}
