//! Ties every stated number to the measure that the finished solid must show, by the table's `measure` keys.

use super::instance::{Context, Instance};
use crate::catalog::scene::Site;
use crate::catalog::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::Value;
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef, Piece};

/// Adds the expectations of one step, which makes so many pieces.
pub(super) fn expect(
    all: &mut Vec<Expectation>,
    ctx: &Context<'_>,
    instance: &Instance,
    site: &Site<'_>,
    pieces: f64,
) {
    let spec = instance.spec(ctx);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of pieces: whole, positive and small"
    )]
    let count = pieces as u32;
    let made = Made { spec, site, count };
    let title = if spec.combine.is_some() { spec.title.as_str() } else { "" };
    for argument in &spec.arguments {
        match instance.own.get(&argument.name).filter(|given| !given.text.is_empty()) {
            Some(given) => made.expect(all, argument, &given.value, &given.text, title),
            // Nobody stated it, and the step must show it all the same.
            None if spec.combine.is_some() && argument.measure.is_some() => {
                if let Some(value) = site.arguments.get(&argument.name) {
                    made.expect(all, argument, value, "", title);
                }
            }
            None => {}
        }
    }
    if let Some((place, _)) = &site.place {
        for argument in &place.arguments {
            // How many there are altogether is expected below, once for all steps that make the same.
            let counts = argument.type_ == Type::Count && argument.measure != Some(MeasureRef::HoleRows);
            let given = instance.place_given.get(&argument.name).filter(|given| !given.text.is_empty());
            if let Some(given) = given.filter(|_| !counts) {
                made.expect(all, argument, &given.value, &given.text, &spec.title);
            } else if let (Type::Point | Type::Points, Some(value)) =
                (argument.type_, site.place_arguments.get(&argument.name))
            {
                // No rule supplies points: they are in a plan because they were stated.
                made.expect(all, argument, value, &value.to_string(), &spec.title);
            }
        }
    }
    if let (Some((_, text)), Some(own)) = (&instance.count, made.own_pieces()) {
        expect_count(all, spec, text, own, count);
    }
    if spec.combine == Some(Combine::Add) {
        grown(all, site);
    }
    if spec.kind == Kind::Base {
        expect_solids(all);
    }
}

/// What pieces a step makes, and the size that tells them from others.
pub(super) fn pieces_made(spec: &Step, site: &Site<'_>) -> Option<(Piece, f64)> {
    Made { spec, site, count: 1 }.own_pieces()
}

/// A step with the pieces that it makes.
struct Made<'a, 'c> {
    spec: &'a Step,
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
        let found = argument.measure.as_ref().and_then(|measure| self.pieces_of(argument, measure));
        let measure = measure_of(argument, found.is_some());
        let of_pieces = measure.is_of_pieces();
        let told_apart = of_pieces || measure == MeasureRef::CylinderLength;
        for asked in numbers(value) {
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
                body: None,
            });
        }
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
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count of pieces: whole, positive and small"
            )]
            Some(own) => Some(own as u32 * self.count),
            None => Some(self.count).filter(|_| self.spec.kind != Kind::Base),
        }
    }

    fn number(&self, argument: &Argument) -> Option<f64> {
        self.site.arguments.number(&argument.name)
    }
}

/// Pieces of one size are counted together, whichever step made them.
fn expect_count(all: &mut Vec<Expectation>, spec: &Step, text: &str, made: (Piece, f64), count: u32) {
    let (piece, size) = made;
    let same = |e: &&mut Expectation| {
        e.measure == MeasureRef::HoleCount && e.of_diameter == Some(size) && e.piece == piece
    };
    if let Some(earlier) = all.iter_mut().find(same) {
        earlier.asked += f64::from(count);
        earlier.count = earlier.count.map(|before| before + count);
        earlier.text = format!("{} + {text}", earlier.text);
        return;
    }
    let title = spec.title.to_lowercase();
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
        body: None,
    });
}

/// Each body is one solid: a cut must not part it, and what is joined to it must touch it.
fn expect_solids(all: &mut Vec<Expectation>) {
    if let Some(earlier) = all.iter_mut().find(|e| e.measure == MeasureRef::Solids) {
        earlier.asked += 1.0;
        return;
    }
    all.push(Expectation {
        what: "separate solids".to_owned(),
        asked: 1.0,
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
fn grown(all: &mut [Expectation], site: &Site<'_>) {
    let Some(face) = &site.face else { return };
    let grown_size = match face.side.as_str() {
        "front" | "back" => MeasureRef::BoxY,
        "left" | "right" => MeasureRef::BoxX,
        _ => MeasureRef::BoxZ,
    };
    for expectation in all.iter_mut().filter(|expectation| expectation.measure == grown_size) {
        expectation.measure = MeasureRef::Wall;
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
