//! Ties the numbers of a plan to the measures that the finished solid must show, by the table's `measure` keys: those that a sentence stated, or
//! all of them.

use std::collections::BTreeMap;

use super::assembly::Assembly;
use super::scene::Site;
use super::stand::{places, walk, whole};
use super::table::{Argument, Combine, Kind, Step, Type};
use super::{Catalog, outline};
use crate::domain::plan::{self, Join, Plan, Value};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef, Piece};

/// The words in which the numbers of one step were stated, by argument.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub own: BTreeMap<String, String>,
    pub place: BTreeMap<String, String>,
    pub count: Option<String>,
}

impl Said {
    /// Every number of the plan counts as stated.
    fn all(spec: &Step, site: &Site<'_>, pieces: f64) -> Said {
        let told = |spec: &Step, arguments: &plan::Arguments| {
            let numeric = spec.arguments.iter().filter(|argument| argument.is_numeric());
            let texts = numeric.filter_map(|argument| {
                let value = arguments.get(&argument.name)?;
                let unit = argument.unit();
                Some((argument.name.clone(), format!("{value} {unit}").trim_end().to_owned()))
            });
            texts.collect()
        };
        Said {
            own: told(spec, &site.arguments),
            place: site
                .place
                .as_ref()
                .map(|(place, _)| told(place, &site.place_arguments))
                .unwrap_or_default(),
            count: (pieces > 1.5).then(|| pieces.to_string()),
        }
    }
}

/// A step of a body, as expectations look at it.
pub(super) struct Stated<'a, 'c> {
    pub spec: &'c Step,
    pub step: &'a plan::Step,
    pub site: &'a Site<'c>,
    /// How many pieces it makes in all.
    pub pieces: f64,
    pub said: &'a Said,
    /// The body, when there are others.
    pub body: Option<&'a str>,
    /// Why the box of the body does not show the sizes of its base.
    pub boxless: Option<&'static str>,
    /// Why nothing of it is measured.
    pub unseen: Option<&'static str>,
}

/// Every number of a plan and the measure that must show it.
pub(super) fn of_plan(catalog: &Catalog, plan: &Plan) -> Vec<Expectation> {
    let mut all = Vec::new();
    let mut assembly = Assembly::new(catalog);
    for body in &plan.bodies {
        let Ok(walked) = walk(catalog, body, None) else { return Vec::new() };
        let name = (plan.bodies.len() > 1).then_some(body.name.as_str());
        for (step, stand) in body.steps.iter().zip(&walked.stands) {
            let Some(stand) = stand else { continue };
            let said = Said::all(stand.spec, &stand.site, stand.total);
            let turned = body.place.as_ref().is_some_and(|seat| seat.turn.is_some());
            let boxless = turned.then_some("the body was turned, so its box is another one");
            let apart = name.is_some() && extras_of(stand.spec, step) > 0;
            let unseen = apart.then_some("it is made of several bodies, which are measured one by one");
            let (spec, site, pieces) = (stand.spec, &stand.site, stand.total);
            expect(&mut all, &Stated { spec, step, site, pieces, said: &said, body: name, boxless, unseen });
        }
        let seated = body
            .place
            .as_ref()
            .and_then(|seat| assembly.seat(seat, &walked.scene, None, &BTreeMap::new()).ok());
        let copies = seated
            .as_ref()
            .and_then(|seated| seated.spots.as_ref())
            .map_or(1.0, |spots| places(catalog, spots.place, &spots.scope, &spots.arguments));
        if copies > 1.5 {
            copied(&mut all, &body.name, copies);
        }
        assembly.add(&body.name, walked.scene, seated.map(|seated| seated.origin));
    }
    all
}

/// Copies are told one by one, under names of their own: the first shows the sizes, and all are counted.
fn copied(all: &mut [Expectation], body: &str, copies: f64) {
    for expectation in all.iter_mut() {
        if expectation.body.as_deref() == Some(body) {
            expectation.body = Some(format!("{body} 1"));
        }
        if expectation.measure == MeasureRef::Solids {
            expectation.asked += copies - 1.0;
        }
    }
}

/// Adds the expectations of one step.
pub(super) fn expect(all: &mut Vec<Expectation>, stated: &Stated<'_, '_>) {
    let Stated { spec, site, said, .. } = *stated;
    let count = whole(stated.pieces);
    let made = Made { stated, spec, site, count };
    let joined = stated.step.combine.is_some();
    let title = if spec.combine.is_some() || joined { spec.title.as_str() } else { "" };
    for argument in &spec.arguments {
        let Some(value) = site.arguments.get(&argument.name) else { continue };
        match said.own.get(&argument.name) {
            Some(text) => made.expect(all, argument, value, text, title),
            // Nobody stated it, and the step must show it all the same.
            None if spec.combine.is_some() && argument.measure.is_some() => {
                made.expect(all, argument, value, "", title);
            }
            None => {}
        }
    }
    if let Some((place, _)) = &site.place {
        for argument in &place.arguments {
            let Some(value) = site.place_arguments.get(&argument.name) else { continue };
            // How many there are altogether is expected below, once for all steps that make the same.
            let counts = argument.type_ == Type::Count && argument.measure != Some(MeasureRef::HoleRows);
            if let Some(text) = said.place.get(&argument.name).filter(|_| !counts) {
                made.expect(all, argument, value, text, &spec.title);
            } else if let Type::Point | Type::Points = argument.type_ {
                // No rule supplies points: they are in a plan because they were stated.
                made.expect(all, argument, value, &value.to_string(), &spec.title);
            }
        }
    }
    if let (Some(text), Some(own)) = (&said.count, made.own_pieces()) {
        expect_count(all, stated, text, own, count);
    }
    let hidden = |e: &&mut Expectation| spec.hides.contains(&e.measure) && e.body.as_deref() == stated.body;
    for expectation in all.iter_mut().filter(hidden) {
        let title = spec.title.to_lowercase();
        expectation.measure = MeasureRef::NotChecked(format!("the {title} leaves nothing of it to measure"));
    }
    if spec.combine == Some(Combine::Add) || stated.step.combine == Some(Join::Add) {
        grown(all, site, stated.body);
    }
    if joined {
        widened(all, site, stated.body);
    }
    if spec.kind == Kind::Base && !joined {
        expect_solids(all, 1.0 + extras_of(spec, stated.step) as f64);
    }
}

/// How many further bodies the base makes: a lid.
fn extras_of(spec: &Step, step: &plan::Step) -> usize {
    spec.extras.iter().filter(|extra| extra.is_made(spec, &step.arguments)).count()
}

/// A step with the pieces that it makes.
struct Made<'a, 'c> {
    stated: &'a Stated<'a, 'c>,
    spec: &'c Step,
    site: &'a Site<'c>,
    count: u32,
}

impl Made<'_, '_> {
    fn expect(
        &self,
        all: &mut Vec<Expectation>,
        argument: &Argument,
        value: &Value,
        text: &str,
        title: &str,
    ) {
        if let (Kind::Base, Value::Points(points)) = (self.spec.kind, value) {
            return self.outline(all, argument, points, text);
        }
        let found = argument.measure.as_ref().and_then(|measure| self.pieces_of(argument, measure));
        let mut measure = self.seen(measure_of(argument, found.is_some()));
        if let Some(choice) = self.idle(argument) {
            measure = MeasureRef::NotChecked(format!("it means nothing with `{choice}`"));
        }
        let of_pieces = measure.is_of_pieces();
        let told_apart = of_pieces || measure == MeasureRef::CylinderLength;
        // A size of nought is a thing that is not there: a hub of no length.
        let there =
            |asked: &f64| *asked != 0.0 || matches!(argument.type_, Type::Point | Type::Points | Type::Angle);
        for asked in numbers(value).into_iter().filter(there) {
            all.push(Expectation {
                what: what(title, argument),
                asked,
                unit: unit_of(argument),
                text: text.to_owned(),
                measure: measure.clone(),
                count: self
                    .count_of(argument)
                    .filter(|_| of_pieces || measure == MeasureRef::CylinderDiameter),
                of_diameter: found.filter(|_| told_apart).map(|(_, size)| size),
                piece: found.filter(|_| of_pieces).map(|(piece, _)| piece).unwrap_or_default(),
                body: self.stated.body.map(str::to_owned),
            });
        }
    }

    /// Of an outline the box shows how large it is: lying flat, or turned about Z when its height is measured.
    fn outline(&self, all: &mut Vec<Expectation>, argument: &Argument, points: &[[f64; 2]], text: &str) {
        let [(_, x), (_, y), _, (_, far)] = outline::extent(points);
        let sizes = match argument.measure {
            Some(MeasureRef::BoxZ) => {
                [("diameter", 2.0 * far, MeasureRef::BoxX), ("height", y, MeasureRef::BoxZ)]
            }
            _ => [("width", x, MeasureRef::BoxX), ("depth", y, MeasureRef::BoxY)],
        };
        for (side, asked, measure) in sizes {
            all.push(Expectation {
                what: format!("{} {side}", self.spec.title.to_lowercase()),
                asked,
                unit: Unit::Mm,
                text: text.to_owned(),
                measure: self.seen(measure),
                count: None,
                of_diameter: None,
                piece: Piece::default(),
                body: self.stated.body.map(str::to_owned),
            });
        }
    }

    /// A choice of the same step leaves the argument without a meaning.
    fn idle<'a>(&self, argument: &'a Argument) -> Option<&'a str> {
        let chosen = |choice: &&String| {
            self.site.arguments.iter().any(|(_, value)| value.text() == Some(choice.as_str()))
        };
        argument.idle_with.iter().find(chosen).map(String::as_str)
    }

    /// What is left of a base's own box once it is turned, or one with another body.
    fn seen(&self, measure: MeasureRef) -> MeasureRef {
        let of_box = measure.is_of_box();
        // What of a joined base still shows depends on the body around it; that the two are one solid is checked.
        if self.stated.step.combine.is_some() {
            return MeasureRef::NotChecked("it is one with the body it was put on".to_owned());
        }
        let boxless = self.stated.boxless.filter(|_| of_box);
        let why = self.stated.unseen.or(boxless);
        why.map_or(measure, |why| MeasureRef::NotChecked(why.to_owned()))
    }

    /// What the step is about when only places and numbers of pieces are said.
    fn own_pieces(&self) -> Option<(Piece, f64)> {
        let mut arguments = self.spec.arguments.iter();
        arguments.find_map(|argument| Some((self.piece_sized_by(argument)?, self.number(argument)?)))
    }

    /// The pieces that a measure is about, and the size that tells them from others.
    fn pieces_of(&self, argument: &Argument, measure: &MeasureRef) -> Option<(Piece, f64)> {
        let piece = match measure {
            measure if measure.is_of_places() => None,
            MeasureRef::CylinderDiameter | MeasureRef::CylinderLength => Some(Piece::Boss),
            MeasureRef::SlotLength
            | MeasureRef::SlotWidth
            | MeasureRef::SlotDepth
            | MeasureRef::SlotCount => Some(Piece::Slot),
            measure if measure.is_of_pieces() => Some(Piece::Hole),
            _ => return None,
        };
        let sized = self.sizing(argument, piece)?;
        Some((self.piece_sized_by(sized)?, self.number(sized)?))
    }

    /// The argument that gives the pieces' size: itself, the last one before it in the step's file, or the first one there is.
    fn sizing(&self, argument: &Argument, piece: Option<Piece>) -> Option<&Argument> {
        let fits = |other: &&Argument| {
            self.piece_sized_by(other).is_some_and(|own| piece.is_none_or(|piece| piece == own))
        };
        let arguments = &self.spec.arguments;
        let upto = arguments.iter().position(|own| own.name == argument.name).map_or(0, |at| at + 1);
        arguments[..upto].iter().rev().find(fits).or_else(|| arguments.iter().find(fits))
    }

    fn piece_sized_by(&self, argument: &Argument) -> Option<Piece> {
        match (argument.measure.as_ref()?, self.spec.combine) {
            (MeasureRef::HoleDiameter, _) => Some(Piece::Hole),
            (MeasureRef::SlotWidth, _) => Some(Piece::Slot),
            (MeasureRef::CylinderDiameter, _) => Some(Piece::Boss),
            (MeasureRef::Gap, Some(Combine::Cut)) => Some(Piece::Pocket),
            _ => None,
        }
    }

    /// How many pieces must show it. A base may have as many as it likes, unless one of its arguments counts them.
    fn count_of(&self, argument: &Argument) -> Option<u32> {
        if argument.type_ == Type::Points {
            // Each point is that of one piece.
            return Some(1);
        }
        let counts = |other: &&Argument| {
            matches!(other.measure, Some(MeasureRef::HoleCount | MeasureRef::SlotCount))
                && self.sizing(other, None).is_some_and(|sized| sized.name == argument.name)
        };
        match self.spec.arguments.iter().find(counts).and_then(|counting| self.number(counting)) {
            Some(own) => Some(whole(own) * self.count),
            None => Some(self.count).filter(|_| self.spec.kind != Kind::Base),
        }
    }

    fn number(&self, argument: &Argument) -> Option<f64> {
        self.site.arguments.number(&argument.name)
    }
}

/// Pieces of one size are counted together, whichever step made them.
fn expect_count(
    all: &mut Vec<Expectation>,
    stated: &Stated<'_, '_>,
    text: &str,
    made: (Piece, f64),
    count: u32,
) {
    let body = stated.body;
    let (piece, size) = made;
    let same = |e: &&mut Expectation| {
        e.measure == MeasureRef::HoleCount
            && e.of_diameter == Some(size)
            && e.piece == piece
            && e.body.as_deref() == body
    };
    if let Some(earlier) = all.iter_mut().find(same) {
        earlier.asked += f64::from(count);
        earlier.count = earlier.count.map(|before| before + count);
        earlier.text = format!("{} + {text}", earlier.text);
        return;
    }
    let title = stated.spec.title.to_lowercase();
    let plural = if title.ends_with('s') { "es" } else { "s" };
    all.push(Expectation {
        what: format!("number of {title}{plural}"),
        asked: f64::from(count),
        unit: Unit::None,
        text: text.to_owned(),
        measure: MeasureRef::HoleCount,
        count: Some(count),
        of_diameter: Some(size),
        piece,
        body: body.map(str::to_owned),
    });
}

/// Each body is one solid: a cut must not part it, and what is joined to it must touch it.
fn expect_solids(all: &mut Vec<Expectation>, solids: f64) {
    if let Some(earlier) = all.iter_mut().find(|e| e.measure == MeasureRef::Solids) {
        earlier.asked += solids;
        return;
    }
    all.push(Expectation {
        what: "separate solids".to_owned(),
        asked: solids,
        unit: Unit::None,
        text: String::new(),
        measure: MeasureRef::Solids,
        count: None,
        of_diameter: None,
        piece: Piece::Hole,
        body: None,
    });
}

/// What stands on a face makes the body's box larger than the base. The base is as thick as it was between its own faces.
fn grown(all: &mut [Expectation], site: &Site<'_>, body: Option<&str>) {
    let Some(face) = &site.face else { return };
    let grown_size = match face.side.as_str() {
        "front" | "back" => MeasureRef::BoxY,
        "left" | "right" => MeasureRef::BoxX,
        _ => MeasureRef::BoxZ,
    };
    let same = |e: &&mut Expectation| e.measure == grown_size && e.body.as_deref() == body;
    for expectation in all.iter_mut().filter(same) {
        expectation.measure = MeasureRef::Wall;
    }
}

/// A base that is put on another one may be wider than the face it is on, and then so is the box.
fn widened(all: &mut [Expectation], site: &Site<'_>, body: Option<&str>) {
    let Some(face) = &site.face else { return };
    let across = |axis: &str| site.scope.get(&format!("footprint.{axis}")).map_or(0.0, |entry| entry.number);
    if across("x") < face.x.number && across("y") < face.y.number {
        return;
    }
    let of_box = [MeasureRef::BoxX, MeasureRef::BoxY, MeasureRef::BoxZ];
    let same = |e: &&mut Expectation| of_box.contains(&e.measure) && e.body.as_deref() == body;
    for expectation in all.iter_mut().filter(same) {
        expectation.measure = MeasureRef::NotChecked("what was put on it is wider".to_owned());
    }
}

fn measure_of(argument: &Argument, has_pieces: bool) -> MeasureRef {
    match &argument.measure {
        Some(measure) if measure.is_of_pieces() && !has_pieces => MeasureRef::NotChecked(
            "only holes, slots, bosses and pockets are measured by their places".to_owned(),
        ),
        Some(measure) => measure.clone(),
        None => MeasureRef::NotChecked(argument.not_checked.clone().unwrap_or_default()),
    }
}

fn what(title: &str, argument: &Argument) -> String {
    format!("{title} {}", argument.title.to_lowercase()).trim().to_lowercase()
}

fn unit_of(argument: &Argument) -> Unit {
    match argument.type_ {
        Type::Angle => Unit::Degree,
        Type::Count | Type::Choice | Type::Text | Type::Switch => Unit::None,
        Type::Length | Type::Point | Type::Pair | Type::Points => Unit::Mm,
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![*number],
        Value::List(list) => list.clone(),
        Value::Points(points) => points.iter().flatten().copied().collect(),
        _ => Vec::new(),
    }
}
