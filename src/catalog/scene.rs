//! A body as it grows step by step, without geometry: its size, its faces and what stands on them. The validator and the lowering both walk a
//! plan with it, so that they agree on what `face.x` or `on = "boss"` means.

use std::collections::BTreeMap;

use super::Catalog;
use super::scope::{Entry, Scope, grouped};
use super::table::{
    Argument, Combine, Footprint, Kind, OneOrMore, OwnFace, Sides, Size, Step, Surface, Type,
};
use crate::domain::plan::{self, Arguments, Body, Detail, Join, Placement, Value};

/// Where the sentence and the plan name no face.
pub(super) const USUAL_FACE: &str = "top";

/// What is wrong, before it is known which step of which body is meant.
#[derive(Debug)]
pub(super) struct Fault {
    pub argument: Option<String>,
    pub message: String,
    pub hint: String,
}

/// The Python names of a step's numbers, by argument; `inset.x` where a pair has two.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub own: BTreeMap<String, String>,
    pub place: BTreeMap<String, String>,
}

/// The face that a step is on.
#[derive(Debug, Clone)]
pub(super) struct Face {
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

/// A step with everything that its expressions may name.
pub(super) struct Site<'c> {
    pub face: Option<Face>,
    pub scope: Scope,
    pub place: Option<(&'c Step, Scope)>,
    /// The step's arguments with the defaults that the plan left out.
    pub arguments: Arguments,
    pub place_arguments: Arguments,
    /// The top of a base that was added here.
    pub joined: Option<Surface>,
}

pub(super) struct Scene<'c> {
    catalog: &'c Catalog,
    base: Option<&'c Step>,
    /// The base's own numbers, for the faces that it names itself.
    base_scope: Scope,
    sizes: Scope,
    /// What was added to a face, by its name.
    added: BTreeMap<String, Entry>,
    /// New faces, by the step that left them.
    surfaces: BTreeMap<String, Face>,
    /// Edges that are filleted or chamfered already.
    worked: Vec<String>,
}

impl<'c> Scene<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Scene<'c> {
        Scene {
            catalog,
            base: None,
            base_scope: Scope::default(),
            sizes: Scope::default(),
            added: BTreeMap::new(),
            surfaces: BTreeMap::new(),
            worked: Vec::new(),
        }
    }

    pub(super) fn base(&self) -> Option<&'c Step> {
        self.base
    }

    /// Looks at a step before it is taken; `take` lets it change the scene.
    pub(super) fn site(&self, spec: &'c Step, step: &plan::Step, names: &Names) -> Result<Site<'c>, Fault> {
        let how = combine_of(spec, step);
        let face = match how.filter(|how| how.is_placed()) {
            Some(how) => Some(self.face(spec, how, step.on.as_deref().unwrap_or(USUAL_FACE))?),
            None => None,
        };
        self.check_needs(spec)?;
        self.check_edges(spec, step)?;
        let mut scope = self.ambient(face.as_ref());
        let arguments = self.fill(&mut scope, spec, &step.arguments, &names.own);
        if let Some(footprint) = &spec.footprint {
            self.set_footprint(&mut scope, footprint, &arguments);
        } else if let (Some(_), Some(size)) = (step.combine, &spec.size) {
            self.set_size(&mut scope, size);
        }
        let mut place_arguments = Arguments::default();
        let place = match &step.at {
            Some(placement) => {
                let place = place_on(self.catalog, spec, placement, face.as_ref())?;
                let mut place_scope = self.ambient(face.as_ref());
                for name in ["footprint.x", "footprint.y", "keep.x", "keep.y"] {
                    if let Some(entry) = scope.get(name) {
                        place_scope.set(name, entry.number, &entry.python);
                    }
                }
                place_arguments =
                    self.fill(&mut place_scope, place, &arguments_of(place, &placement.detail), &names.place);
                Some((place, place_scope))
            }
            None => None,
        };
        Ok(Site { face, scope, place, arguments, place_arguments, joined: joined_surface(spec, step) })
    }

    /// The step is done: its size or new face counts from now on.
    pub(super) fn take(&mut self, spec: &'c Step, site: &Site<'c>) {
        if self.base.is_some() {
            self.work(spec, site);
            self.raise(spec, site);
        } else if let (Kind::Base, Some(size)) = (spec.kind, &spec.size) {
            self.base = Some(spec);
            self.base_scope = site.scope.clone();
            for (name, side) in [("base.x", &size.x), ("base.y", &size.y), ("base.z", &size.z)] {
                if let Some(entry) = site.scope.largest(&self.catalog.tera, side.as_slice()) {
                    self.sizes.set(name, entry.number, &entry.python);
                }
            }
            if let Some(rim) =
                spec.rim.as_ref().and_then(|rim| site.scope.smallest(&self.catalog.tera, rim.as_slice()))
            {
                self.sizes.set("base.rim", rim.number, &rim.python);
            }
            if let Some(hollow) = spec
                .hollow
                .as_ref()
                .and_then(|h| site.scope.largest(&self.catalog.tera, std::slice::from_ref(h)))
            {
                self.sizes.set("base.hollow", hollow.number, &hollow.python);
            }
            for (face, size) in &spec.face_size {
                if let (Some(number), Some(python)) =
                    (site.scope.number(&self.catalog.tera, size), site.scope.python(size))
                {
                    self.sizes.set(&format!("size of {face}"), number, &python);
                }
            }
            for (name, entry) in self.sizes.iter() {
                self.base_scope.set(name, entry.number, &entry.python);
            }
        }
    }

    /// The new face that a step leaves.
    fn raise(&mut self, spec: &Step, site: &Site<'c>) {
        let Some(face) = &site.face else { return };
        let surface = match (&spec.surface, &site.joined) {
            (Some(surface), _) => surface.clone(),
            (None, Some(surface)) => surface.clone(),
            (None, None) => return,
        };
        let entry = |expression: &str| {
            Some(Entry {
                number: site.scope.number(&self.catalog.tera, expression)?,
                python: site.scope.python(expression)?,
            })
        };
        // A pocket that goes through leaves no floor: its depth is unknown here.
        let (Some(x), Some(y), Some(rise)) = (entry(&surface.x), entry(&surface.y), entry(&surface.rise))
        else {
            self.surfaces.remove(&spec.name);
            return;
        };
        if rise.number > 0.0 {
            let sum = self.added.get(&face.side).map_or_else(|| rise.clone(), |before| plus(before, &rise));
            self.added.insert(face.side.clone(), sum);
        }
        let raised = Face {
            side: face.side.clone(),
            plane: face.plane.clone(),
            rectangular: surface.x != surface.y,
            x,
            y,
            reach: plus(&face.reach, &rise),
            through: if rise.number > 0.0 { plus(&face.through, &rise) } else { face.through.clone() },
        };
        self.surfaces.insert(spec.name.clone(), raised);
    }

    /// Edges can be rounded or bevelled once, and only those that the base has.
    fn check_edges(&self, spec: &Step, step: &plan::Step) -> Result<(), Fault> {
        let (Some(base), Some(edges)) = (self.base, chosen_edges(spec, &step.arguments)) else {
            return Ok(());
        };
        if edges == LAST_EDGES {
            return Ok(());
        }
        let name = base.title.to_lowercase();
        if !base.edges.contains_key(edges) {
            let known: Vec<&str> = base.edges.keys().map(String::as_str).collect();
            let hint = match known.as_slice() {
                [] => "It has no edges at all".to_owned(),
                known => format!("Its edges are {}", known.join(", ")),
            };
            return Err(Fault::new(Some("edges"), format!("A {name} has no {edges} edges to work on"), hint));
        }
        let works_on = spec.works_on.get(edges).map(Vec::as_slice).unwrap_or_default();
        if let Some(twice) = works_on.iter().find(|edges| self.worked.contains(edges)) {
            let message = format!("The {twice} edges of the {name} are rounded or chamfered already");
            return Err(Fault::new(Some("edges"), message, "Name each edge once"));
        }
        Ok(())
    }

    /// What is left of a rim for the next fillet, once the upright edges are worked on.
    fn work(&mut self, spec: &Step, site: &Site<'c>) {
        let Some(edges) = chosen_edges(spec, &site.arguments) else { return };
        let works_on = spec.works_on.get(edges).cloned().unwrap_or_default();
        let length = spec.arguments.iter().find(|argument| argument.type_ == Type::Length);
        if let Some(length) = length.and_then(|length| site.scope.get(&length.name))
            && works_on.iter().any(|edges| edges == "vertical")
        {
            self.sizes.set("base.rim", length.number, &length.python);
        }
        self.worked.extend(works_on);
    }

    /// A feature may need a base of a kind: a keyway needs a shaft.
    fn check_needs(&self, spec: &Step) -> Result<(), Fault> {
        let (Some(base), Some(tag)) = (self.base, &spec.needs) else { return Ok(()) };
        if base.tags.contains(tag) {
            return Ok(());
        }
        let fit: Vec<String> = self
            .catalog
            .steps
            .iter()
            .filter(|other| other.tags.contains(tag))
            .map(|other| other.title.to_lowercase())
            .collect();
        let (feature, base) = (spec.title.to_lowercase(), base.title.to_lowercase());
        let message = format!("A {feature} can't be made on a {base}");
        Err(Fault::new(None, message, format!("It goes on: {}", fit.join(", "))))
    }

    fn face(&self, spec: &Step, how: Combine, on: &str) -> Result<Face, Fault> {
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

    fn own_face(&self, own: &OwnFace) -> Result<Face, Fault> {
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
    pub(super) fn extent(&self) -> Option<[Entry; 4]> {
        let entry = |name: &str| self.sizes.get(name).cloned();
        let (x, y, z) = (entry("base.x")?, entry("base.y")?, entry("base.z")?);
        let z = self.added.get("top").map_or_else(|| z.clone(), |added| plus(&z, added));
        let under = self.added.get("bottom").cloned().unwrap_or_else(Entry::nought);
        Some([x, y, z, under])
    }

    /// The height at which the body rests on another one.
    pub(super) fn rest(&self) -> Entry {
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
    pub(super) fn base_sizes(&self) -> BTreeMap<&'static str, String> {
        let of = |axis: &'static str| Some((axis, grouped(&self.sizes.get(&format!("base.{axis}"))?.python)));
        ["x", "y", "z"].into_iter().filter_map(of).collect()
    }

    /// The face of the base on a side, for another body that goes there.
    pub(super) fn side(&self, side: &str) -> Result<Face, Fault> {
        let Some(base) = self.base else {
            return Err(Fault::new(Some("place"), "A body starts with a base".to_owned(), "Give it one"));
        };
        self.face(base, Combine::Common, side)
    }

    pub(super) fn ambient(&self, face: Option<&Face>) -> Scope {
        let mut scope = self.sizes.clone();
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

    /// A base that is put on a body covers its own box.
    fn set_size(&self, scope: &mut Scope, size: &Size) {
        for (axis, side) in [("x", &size.x), ("y", &size.y)] {
            if let Some(entry) = scope.largest(&self.catalog.tera, side.as_slice()) {
                scope.set(&format!("footprint.{axis}"), entry.number, &entry.python);
                scope.set(&format!("keep.{axis}"), 0.0, "0");
            }
        }
    }

    fn set_footprint(&self, scope: &mut Scope, footprint: &Footprint, arguments: &Arguments) {
        let chosen = |value: &String| arguments.iter().any(|(_, other)| other.text() == Some(value));
        let turned = footprint.turned_when.as_ref().is_some_and(chosen);
        let open = footprint.open_with.as_ref().is_some_and(|name| arguments.get(name).is_some());
        let (x, y) = if turned { (&footprint.y, &footprint.x) } else { (&footprint.x, &footprint.y) };
        for (axis, expression) in [("x", x), ("y", y)] {
            let (Some(number), Some(python)) =
                (scope.number(&self.catalog.tera, expression), scope.python(expression))
            else {
                continue;
            };
            scope.set(&format!("footprint.{axis}"), number, &python);
            let (number, python) = if open { (0.0, "0".to_owned()) } else { (number, python) };
            scope.set(&format!("keep.{axis}"), number, &python);
        }
    }

    /// Puts a step's numbers into its scope; what the plan leaves out and has a default is added.
    pub(super) fn fill(
        &self,
        scope: &mut Scope,
        spec: &Step,
        given: &Arguments,
        names: &BTreeMap<String, String>,
    ) -> Arguments {
        let mut all = given.clone();
        for argument in &spec.arguments {
            if let Some(value) = given.get(&argument.name) {
                set_value(scope, argument, value, names);
            }
        }
        for argument in &spec.arguments {
            let Some(default) = argument.default.as_ref().filter(|_| given.get(&argument.name).is_none())
            else {
                continue;
            };
            if matches!(argument.type_, Type::Choice | Type::Text) {
                all.set(&argument.name, Value::Text(default.clone()));
            } else if let (Some(number), Some(python)) =
                (scope.number(&self.catalog.tera, default), scope.python(default))
            {
                all.set(&argument.name, Value::Number(number));
                let python = grouped(&python);
                for name in entry_names(argument) {
                    scope.set(&name, number, &python);
                }
            }
        }
        all
    }
}

impl Fault {
    pub(super) fn new(argument: Option<&str>, message: String, hint: impl Into<String>) -> Fault {
        Fault { argument: argument.map(str::to_owned), message, hint: hint.into() }
    }
}

/// A placement's arguments under their names.
pub(super) fn arguments_of(place: &Step, detail: &Detail) -> Arguments {
    match detail {
        Detail::Nothing(()) => Arguments::default(),
        Detail::Arguments(arguments) => arguments.clone(),
        Detail::Value(value) => {
            let mut arguments = Arguments::default();
            if let Some(first) = place.arguments.first() {
                arguments.set(&first.name, value.clone());
            }
            arguments
        }
    }
}

/// The way back: a point stands alone, other arguments by name.
pub(super) fn placement_of(place: &Step, arguments: Arguments) -> Placement {
    let point = |first: &&Argument| matches!(first.type_, Type::Point | Type::Points);
    let alone = place.arguments.first().filter(|first| point(first) && place.arguments.len() == 1);
    let detail = match alone.and_then(|first| arguments.get(&first.name)) {
        Some(value) => Detail::Value(value.clone()),
        None if arguments.is_empty() => Detail::Nothing(()),
        None => Detail::Arguments(arguments),
    };
    Placement { name: place.name.clone(), detail }
}

/// The names under which an argument's numbers stand in a scope.
pub(super) fn entry_names(argument: &Argument) -> Vec<String> {
    let name = &argument.name;
    match argument.type_ {
        Type::Choice | Type::Points | Type::Text | Type::Switch => Vec::new(),
        Type::Point => vec![format!("{name}.x"), format!("{name}.y")],
        Type::Pair => vec![name.clone(), format!("{name}.x"), format!("{name}.y")],
        Type::Length | Type::Angle | Type::Count => vec![name.clone()],
    }
}

fn set_value(scope: &mut Scope, argument: &Argument, value: &Value, names: &BTreeMap<String, String>) {
    let python = |name: &str| {
        names.get(name).or_else(|| names.get(&argument.name)).cloned().unwrap_or_else(|| name.to_owned())
    };
    match (argument.type_, value) {
        (Type::Choice | Type::Points | Type::Text | Type::Switch, _) => {}
        (Type::Pair | Type::Point, value) => {
            let Some([x, y]) = value.pair() else { return };
            for (axis, number) in [("x", x), ("y", y)] {
                let name = format!("{}.{axis}", argument.name);
                scope.set(&name, number, &python(&name));
            }
            if let Value::Number(number) = value {
                scope.set(&argument.name, *number, &python(&argument.name));
            }
        }
        (_, value) => {
            if let Some(number) = value.number() {
                scope.set(&argument.name, number, &python(&argument.name));
            }
        }
    }
}

/// The placement that a step has, if it may have it there. A base that is put on a body may go anywhere.
pub(super) fn place_on<'c>(
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

/// The neighbours beyond a face's borders. A face of the base's own is seen like the top.
pub(super) fn sides<'c>(catalog: &'c Catalog, face: &Face) -> Option<&'c Sides> {
    catalog.face(&face.side).or_else(|| catalog.face(USUAL_FACE)).map(|row| &row.sides)
}

/// How a step changes its body; a base that is not the first step says it in the plan.
pub(super) fn combine_of(spec: &Step, step: &plan::Step) -> Option<Combine> {
    match step.combine {
        Some(Join::Add) => Some(Combine::Add),
        Some(Join::Cut) => Some(Combine::Cut),
        Some(Join::Common) => Some(Combine::Common),
        None => spec.combine,
    }
}

/// The top of a base that was added to a face, for steps that go on it.
fn joined_surface(spec: &Step, step: &plan::Step) -> Option<Surface> {
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

/// The sum; nought is not written out.
pub(super) fn plus(left: &Entry, right: &Entry) -> Entry {
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

/// The steps in the order of the program: base, its rounded edges, then the rest as planned. Later cuts would leave edges that a fillet must
/// not touch.
pub(super) fn in_order<'c, 'b>(
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
pub(super) const LAST_EDGES: &str = "last";

pub(super) fn chosen_edges<'a>(spec: &'a Step, arguments: &'a Arguments) -> Option<&'a str> {
    let given = arguments.get("edges").and_then(Value::text);
    given.or_else(|| spec.argument("edges").and_then(|argument| argument.default.as_deref()))
}

/// The box of a part by the table's sizes, as long as nothing but cuts and edges changes it.
pub(super) fn table_box(catalog: &Catalog, plan: &plan::Plan) -> Option<[f64; 3]> {
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
