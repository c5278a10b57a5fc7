//! A body as it grows step by step, without geometry: its size, its faces and what stands on them. The validator and the lowering both walk a
//! plan with it, so that they agree on what `face.x` or `on = "boss"` means.

mod face;
mod order;
mod values;

use std::collections::BTreeMap;

pub(in crate::catalog) use face::{Face, plus, sides};
use order::joined_surface;
pub(in crate::catalog) use order::{LAST_EDGES, chosen_edges, combine_of, in_order, place_on, table_box};
pub(in crate::catalog) use values::{arguments_of, placement_of};

use super::Catalog;
use super::scope::{Entry, Scope, grouped};
use super::table::{Kind, Step, Surface, Type};
use crate::domain::plan::{self, Arguments};

/// Where the sentence and the plan name no face.
pub(in crate::catalog) const USUAL_FACE: &str = "top";

/// What is wrong, before it is known which step of which body is meant.
#[derive(Debug)]
pub(in crate::catalog) struct Fault {
    pub argument: Option<String>,
    pub message: String,
    pub hint: String,
}

/// The Python names of a step's numbers, by argument; `inset.x` where a pair has two.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Names {
    pub own: BTreeMap<String, String>,
    pub place: BTreeMap<String, String>,
}

/// A step with everything that its expressions may name.
pub(in crate::catalog) struct Site<'c> {
    pub face: Option<Face>,
    pub scope: Scope,
    pub place: Option<(&'c Step, Scope)>,
    /// The step's arguments with the defaults that the plan left out.
    pub arguments: Arguments,
    pub place_arguments: Arguments,
    /// The top of a base that was added here.
    pub joined: Option<Surface>,
}

pub(in crate::catalog) struct Scene<'c> {
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
    /// How large a fillet on the edges of the last step may be; none when it made none.
    last_room: Option<Entry>,
}

impl<'c> Scene<'c> {
    pub(in crate::catalog) fn new(catalog: &'c Catalog) -> Scene<'c> {
        Scene {
            catalog,
            base: None,
            base_scope: Scope::default(),
            sizes: Scope::default(),
            added: BTreeMap::new(),
            surfaces: BTreeMap::new(),
            worked: Vec::new(),
            last_room: None,
        }
    }

    pub(in crate::catalog) fn base(&self) -> Option<&'c Step> {
        self.base
    }

    /// Looks at a step before it is taken; `take` lets it change the scene.
    pub(in crate::catalog) fn site(
        &self,
        spec: &'c Step,
        step: &plan::Step,
        names: &Names,
    ) -> Result<Site<'c>, Fault> {
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
    pub(in crate::catalog) fn take(&mut self, spec: &'c Step, site: &Site<'c>) {
        if self.base.is_some() {
            self.work(spec, site);
            self.raise(spec, site);
            self.remember(spec, site);
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
        let Some(surface) = spec.surface.as_ref().or(site.joined.as_ref()) else { return };
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

    /// What the next step may find of this one: the room that its new edges leave for a fillet.
    fn remember(&mut self, spec: &Step, site: &Site<'c>) {
        let lengths = spec.arguments.iter().filter(|argument| argument.type_ == Type::Length);
        let smallest = lengths
            .filter_map(|argument| site.scope.get(&argument.name))
            .min_by(|a, b| a.number.total_cmp(&b.number));
        self.last_room = smallest.filter(|_| site.face.is_some()).map(|entry| Entry {
            number: entry.number / 3.0,
            python: format!("{} / 3", grouped(&entry.python)),
        });
    }

    /// Edges can be rounded or bevelled once, and only those that the base has.
    fn check_edges(&self, spec: &Step, step: &plan::Step) -> Result<(), Fault> {
        let (Some(base), Some(edges)) = (self.base, chosen_edges(spec, &step.arguments)) else {
            return Ok(());
        };
        if edges == LAST_EDGES {
            return match self.last_room {
                Some(_) => Ok(()),
                None => Err(Fault::new(
                    Some("edges"),
                    "The step before made no new edges".to_owned(),
                    "Put it right after a hole, a pocket, a boss or another step on a face",
                )),
            };
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
}

impl Fault {
    pub(in crate::catalog) fn new(argument: Option<&str>, message: String, hint: impl Into<String>) -> Fault {
        Fault { argument: argument.map(str::to_owned), message, hint: hint.into() }
    }
}
