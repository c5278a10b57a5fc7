//! Where a step or a body goes, as a model wrote it: faces, placements and their arguments, seats.

use serde_json::{Map, Value as Json};

use super::super::Catalog;
use super::super::read::lexer::words_of;
use super::super::scene::{Fault, placement_of};
use super::super::table::{Kind, Step, Type};
use super::super::words::Sense;
use super::amount::Want;
use super::grammar::face_names;
use super::value::{Reader, Told, number};
use crate::domain::plan::{Detail, Placement, Seat};

/// The face of this name, or that people call so. Other names stay: the validator tells which there are.
pub(super) fn face(catalog: &Catalog, json: &Json, told: &mut Told) -> Result<String, Fault> {
    let Some(said) = json.as_str() else {
        let message = format!("A face can't be `{json}`");
        return Err(Fault::new(Some("on"), message, "It is the name of a face, as \"top\""));
    };
    if face_names(catalog).contains(&said) {
        return Ok(said.to_owned());
    }
    let phrase = words_of(&said.replace(['_', '-'], " ")).join(" ");
    let senses = catalog.words.senses(&phrase).unwrap_or_default();
    let meant = senses.iter().find_map(|sense| match sense {
        Sense::Face(face) => Some(face.clone()),
        Sense::Step { step, .. } => Some(catalog.steps[*step].name.clone()),
        _ => None,
    });
    if let Some(meant) = meant {
        told.renamed.push((said.to_owned(), meant.clone()));
        return Ok(meant);
    }
    Ok(said.to_owned())
}

/// `"center"`, `{"at":[10,5]}`, `{"corners":{"inset":6}}`, and `[10,5]` for the point alone.
pub(super) fn placement(catalog: &Catalog, json: &Json, told: &mut Told) -> Result<Placement, Fault> {
    match json {
        Json::String(name) => {
            let spec = named(catalog, name, told)?;
            Ok(Placement::named(&spec.name))
        }
        Json::Object(object) if object.len() == 1 => match object.iter().next() {
            Some((name, detail)) => with_detail(catalog, named(catalog, name, told)?, detail, told),
            None => Err(wrong(json)),
        },
        Json::Array(_) => {
            let point = |spec: &&Step| {
                spec.kind == Kind::Placement
                    && matches!(spec.arguments.as_slice(), [only] if only.type_ == Type::Point)
            };
            match catalog.steps.iter().find(point) {
                Some(spec) => with_detail(catalog, spec, json, told),
                None => Err(wrong(json)),
            }
        }
        _ => Err(wrong(json)),
    }
}

fn wrong(json: &Json) -> Fault {
    let hint = "It is a name, as \"center\", or one name with its values, as {\"at\":[10,5]}";
    Fault::new(Some("at"), format!("A place can't be `{json}`"), hint)
}

fn with_detail(catalog: &Catalog, spec: &Step, detail: &Json, told: &mut Told) -> Result<Placement, Fault> {
    let mut reader = Reader { catalog, spec, told };
    // A point stands alone; so may any only value.
    let alone = match (detail, spec.arguments.first()) {
        (Json::Object(object), Some(first)) => {
            let point = matches!(first.type_, Type::Point | Type::Points);
            point && !object.contains_key(&first.name)
        }
        (Json::Null, _) => return Ok(Placement::named(&spec.name)),
        (_, first) => first.is_some(),
    };
    let members = match (detail, spec.arguments.first()) {
        (detail, Some(first)) if alone => Map::from_iter([(first.name.clone(), detail.clone())]),
        (Json::Object(object), _) => object.clone(),
        _ => {
            let message = format!("The place `{}` has no values", spec.name);
            return Err(Fault::new(Some("at"), message, format!("Write \"at\":\"{}\"", spec.name)));
        }
    };
    let arguments = reader.arguments(members.iter())?;
    let mut placement = placement_of(spec, arguments);
    if let Detail::Arguments(arguments) = &placement.detail
        && arguments.is_empty()
    {
        placement.detail = Detail::Nothing(());
    }
    Ok(placement)
}

fn named<'c>(catalog: &'c Catalog, name: &str, told: &mut Told) -> Result<&'c Step, Fault> {
    let is_place = |spec: &&Step| matches!(spec.kind, Kind::Placement | Kind::Pattern);
    if let Some(spec) = catalog.step(name).filter(is_place) {
        return Ok(spec);
    }
    let phrase = words_of(&name.replace(['_', '-'], " ")).join(" ");
    let senses = catalog.words.senses(&phrase).unwrap_or_default();
    let meant = senses.iter().find_map(|sense| match sense {
        Sense::Step { step, .. } => catalog.steps.get(*step).filter(is_place),
        _ => None,
    });
    if let Some(spec) = meant {
        told.renamed.push((name.to_owned(), spec.name.clone()));
        return Ok(spec);
    }
    let names: Vec<&str> = catalog.steps.iter().filter(is_place).map(|spec| spec.name.as_str()).collect();
    let hint = format!("Places are {}", names.join(", "));
    Err(Fault::new(Some("at"), format!("There is no place `{name}`"), hint))
}

/// Where a body is beside an earlier one.
pub(super) fn seat(catalog: &Catalog, json: &Json, told: &mut Told) -> Result<Seat, Fault> {
    let fault = |message: String, hint: &str| Fault::new(Some("place"), message, hint);
    let Json::Object(object) = json else {
        return Err(fault(
            format!("The place of a body can't be `{json}`"),
            "It is an object: {\"to\":\"plate\",\"side\":\"top\"}",
        ));
    };
    if let Some(other) =
        object.keys().find(|key| !["to", "side", "gap", "at", "turn"].contains(&key.as_str()))
    {
        return Err(fault(
            format!("The place of a body has no `{other}`"),
            "It has `to`, `side`, `gap`, `at` and `turn`",
        ));
    }
    let to = object.get("to").and_then(Json::as_str);
    let side = object.get("side").cloned().unwrap_or_default();
    let (Some(to), Ok(side)) = (to, serde_json::from_value(side)) else {
        return Err(fault(
            format!("The place of a body can't be `{json}`"),
            "`to` names an earlier body, `side` is top, bottom, front, back, left, right or inside",
        ));
    };
    let gap = match present(object, "gap") {
        None => 0.0,
        Some(gap) => number(catalog, gap, Want::Length, told)
            .ok_or_else(|| fault(format!("A gap can't be `{gap}`"), "It is a number of millimetres"))?,
    };
    let at = present(object, "at").map(|at| placement(catalog, at, told)).transpose()?;
    let turn = present(object, "turn").map(|turn| angles(catalog, turn, told)).transpose()?;
    Ok(Seat { to: to.to_owned(), side, gap, at, turn })
}

/// A member that is there and says something.
pub(super) fn present<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.get(name).filter(|json| !json.is_null())
}

/// Degrees about X, Y and Z.
pub(super) fn angles(catalog: &Catalog, json: &Json, told: &mut Told) -> Result<[f64; 3], Fault> {
    let list = json.as_array().map(Vec::as_slice).unwrap_or_default();
    let found: Option<Vec<f64>> =
        list.iter().map(|angle| number(catalog, angle, Want::Angle, told)).collect();
    found.and_then(|found| <[f64; 3]>::try_from(found).ok()).ok_or_else(|| {
        let message = format!("A turn can't be `{json}`");
        Fault::new(Some("turn"), message, "It is three angles about X, Y and Z: [0,0,90]")
    })
}
