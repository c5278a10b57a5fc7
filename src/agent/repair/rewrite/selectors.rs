//! String selectors of another library, and planes by their names.

use super::{Change, Seen};
use crate::engine::python::{Argument, Call, Kind, Scan};

const PARTS: [&str; 5] = ["edges", "faces", "vertices", "wires", "solids"];
const GEOMETRY: [&str; 12] = [
    "PLANE",
    "CYLINDER",
    "CONE",
    "SPHERE",
    "TORUS",
    "BEZIER",
    "BSPLINE",
    "LINE",
    "CIRCLE",
    "ELLIPSE",
    "EXTRUSION",
    "REVOLUTION",
];

/// The content of a plain string literal.
fn content<'a>(scan: &Scan<'a>, argument: &Argument) -> Option<&'a str> {
    let at = argument.words.start;
    let only = argument.key.is_none() && argument.words.len() == 1 && scan.tokens.get(at)?.kind == Kind::Text;
    let text = scan.word(at);
    only.then(|| text.trim_matches(|c| c == '"' || c == '\'')).filter(|inside| inside.len() + 2 == text.len())
}

/// `.faces(">Z")` and `.filter_by("|Z")`.
pub(super) fn by_text(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.calls.iter().copied().filter(Call::is_method).find_map(|call| {
        let name = scan.word(call.name);
        let arguments = scan.arguments(&call);
        let [argument] = arguments.as_slice() else { return None };
        let text = content(scan, argument)?;
        let told = format!("`{name}(\"{text}\")` is written with axes and types, not with a text");
        if PARTS.contains(&name) {
            let chain = chain(text, name, wants_one(scan, &call))?;
            return Change::one(scan.bytes(&(call.open..call.close + 1)), format!("(){chain}"), told);
        }
        let dotted = scan.tokens[call.name - 1].start..scan.tokens[call.close].end;
        match name {
            "filter_by" => {
                let text = if axis(text).is_some() { format!("|{}", text.trim()) } else { text.to_owned() };
                Change::one(dotted, chain(&text, "", false)?, told)
            }
            "sort_by" | "group_by" => {
                let axis = axis(text.trim_start_matches(['>', '<', '|']))?;
                Change::one(scan.bytes(&argument.words), axis, told)
            }
            _ => None,
        }
    })
}

/// Whether one face is wanted, not a list of them.
fn wants_one(scan: &Scan, call: &Call) -> bool {
    let within = call.first.checked_sub(2).map(|at| scan.word(at));
    scan.is(call.first.wrapping_sub(1), "(") && matches!(within, Some("Plane" | "BuildSketch" | "Axis"))
}

fn axis(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "X" | "x" => "Axis.X",
        "Y" | "y" => "Axis.Y",
        "Z" | "z" => "Axis.Z",
        _ => return None,
    })
}

fn chain(text: &str, part: &str, one: bool) -> Option<String> {
    text.split(" and ").map(|single| step(single.trim(), part, one)).collect()
}

fn step(text: &str, part: &str, one: bool) -> Option<String> {
    let mut chars = text.chars();
    let sign = chars.next()?;
    let rest = chars.as_str();
    if sign == '%' || GEOMETRY.contains(&text) {
        let kind = text.trim_start_matches('%').trim().to_uppercase();
        return GEOMETRY.contains(&kind.as_str()).then(|| format!(".filter_by(GeomType.{kind})"));
    }
    let axis = axis(rest)?;
    Some(match sign {
        '>' if one => format!(".sort_by({axis})[-1]"),
        '<' if one => format!(".sort_by({axis})[0]"),
        '>' => format!(".group_by({axis})[-1]"),
        '<' => format!(".group_by({axis})[0]"),
        '|' => format!(".filter_by({axis})"),
        // Edges across an axis lie in the plane that it pierces.
        '#' if part == "edges" => {
            let plane = match axis {
                "Axis.X" => "YZ",
                "Axis.Y" => "XZ",
                _ => "XY",
            };
            format!(".filter_by(Plane.{plane})")
        }
        _ => return None,
    })
}

/// `Plane("XY")` and `BuildSketch("XZ")`.
pub(super) fn plane_names(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.calls.iter().copied().filter(|call| !call.is_method()).find_map(|call| {
        let callee = scan.word(call.name);
        if !matches!(callee, "Plane" | "BuildPart" | "BuildSketch" | "BuildLine") {
            return None;
        }
        let arguments = scan.arguments(&call);
        let first = arguments.first()?;
        let name = content(scan, first)?.to_uppercase();
        if !matches!(name.as_str(), "XY" | "XZ" | "YZ" | "YX" | "ZX" | "ZY") {
            return None;
        }
        let whole = if callee == "Plane" && arguments.len() == 1 {
            call.first..call.close + 1
        } else {
            first.words.clone()
        };
        if callee == "Plane" && arguments.len() > 1 {
            return None;
        }
        Change::one(scan.bytes(&whole), format!("Plane.{name}"), format!("A plane is named `Plane.{name}`"))
    })
}
