//! Calls in another form than build123d has: methods for functions, arguments in another order, what is missing.

use super::{Change, Seen, failing};
use crate::engine::python::{Argument, Call, Kind, Scan};

const SELECTS: [&str; 8] = [
    "edges",
    "vertices",
    "filter_by",
    "sort_by",
    "group_by",
    "filter_by_position",
    "sort_by_distance",
    "edge",
];
const PLACES: [&str; 4] = ["Pos", "Rot", "Location", "Rotation"];
const HOLES: [(&str, usize); 3] = [("Hole", 1), ("CounterBoreHole", 3), ("CounterSinkHole", 2)];
const MADE: [&str; 6] = ["make_box", "make_cylinder", "make_sphere", "make_cone", "make_torus", "make_wedge"];

/// Whether words end with a choice of edges or vertices.
fn selects(scan: &Scan, argument: &Argument) -> bool {
    argument.words.clone().any(|at| at > 0 && scan.is(at - 1, ".") && SELECTS.contains(&scan.word(at)))
}

fn is_number(scan: &Scan, argument: &Argument) -> bool {
    argument.words.len() == 1 && scan.tokens[argument.words.start].kind == Kind::Number
}

fn functions(scan: &Scan) -> impl Iterator<Item = (Call, Vec<Argument>)> {
    let plain = |call: &Call| !call.is_method() && !scan.defines(scan.word(call.name));
    scan.calls.iter().copied().filter(plain).map(|call| (call, scan.arguments(&call)))
}

/// `part.fillet(2)`, `part.edges().fillet(2)`, `part.fillet(edges, 2)`.
pub(super) fn methods(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.calls.iter().copied().filter(Call::is_method).find_map(|call| {
        let name = scan.word(call.name);
        if !matches!(name, "fillet" | "chamfer") || scan.defines(name) {
            return None;
        }
        let owner = call.first..call.name - 1;
        let arguments = scan.arguments(&call);
        let (edges, size) = match arguments.as_slice() {
            [size] if !selects(scan, size) => {
                let parts = ["edges", "vertices", "faces", "wires", "solids"];
                let part = owner.clone().rev().filter(|&at| at > 0 && scan.is(at - 1, "."));
                let last = part.map(|at| scan.word(at)).find(|word| parts.contains(word));
                let edges = if matches!(last, Some("edges" | "vertices")) { "" } else { ".edges()" };
                (format!("{}{edges}", scan.slice(&owner)), size)
            }
            [edges, size] if selects(scan, edges) => (scan.slice(&edges.words).to_owned(), size),
            [size, edges] if name == "chamfer" && selects(scan, edges) => {
                (scan.slice(&edges.words).to_owned(), size)
            }
            _ => return None,
        };
        let new = format!("{name}({edges}, {})", scan.slice(&size.words));
        let told = format!("`x.{name}(...)` is `{name}(edges, size)`");
        Change::one(scan.bytes(&(call.first..call.close + 1)), new, told)
    })
}

/// `fillet(part, edges, 2)` and `fillet(2, edges)`.
pub(super) fn order(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).find_map(|(call, arguments)| {
        let name = scan.word(call.name);
        if !matches!(name, "fillet" | "chamfer") {
            return None;
        }
        let told = format!("`{name}` takes the edges first, then the size, and no part");
        match arguments.as_slice() {
            [part, edges, _, ..] if part.key.is_none() && !selects(scan, part) && selects(scan, edges) => {
                let bytes = scan.bytes(&part.words).start..scan.bytes(&edges.words).start;
                let keyed = edges.key.map_or(bytes.end, |key| scan.tokens[key].start);
                Change::one(bytes.start..keyed, "", told)
            }
            [size, edges] if size.key.is_none() && is_number(scan, size) && selects(scan, edges) => {
                let new = format!("{}, {}", scan.slice(&edges.words), scan.slice(&size.words));
                Change::one(scan.bytes(&(call.open + 1..call.close)), new, told)
            }
            _ => None,
        }
    })
}

/// `fillet(part, 2)`, where the run found nothing to round in it.
pub(super) fn edges_of(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen)
        .filter(|_| seen.says(&["Nothing to fillet", "Nothing to chamfer", "topo_parent"]))?;
    functions(scan).find_map(|(call, arguments)| {
        let first = arguments.first().filter(|_| line.words.contains(&call.name))?;
        let sized = matches!(scan.word(call.name), "fillet" | "chamfer");
        if !sized || first.key.is_some() || selects(scan, first) || !scan.is_name(first.words.end - 1) {
            return None;
        }
        let end = scan.bytes(&first.words).end;
        let told = format!("`{}` takes edges, not the part", scan.word(call.name));
        Change::one(end..end, ".edges()", told)
    })
}

/// `shape * Pos(...)`: a place stands on the left.
pub(super) fn place_first(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen).filter(|_| seen.says(&["unsupported operand type(s) for *"]))?;
    let calls = &scan.calls;
    let place = |call: &&Call| {
        line.words.contains(&call.name) && !call.is_method() && PLACES.contains(&scan.word(call.name))
    };
    calls.iter().filter(place).find_map(|call| {
        let times = call.name.checked_sub(1).filter(|&at| scan.is(at, "*"))?;
        let shape = scan.chain(times)?..times;
        if shape.len() > 1 && PLACES.contains(&scan.word(shape.start)) {
            return None;
        }
        let place = call.name..call.close + 1;
        let new = format!("{} * {}", scan.slice(&place), scan.slice(&shape));
        Change::one(
            scan.bytes(&(shape.start..call.close + 1)),
            new,
            "A place stands left of what it moves: `Pos(...) * shape`",
        )
    })
}

/// A hole outside a builder does not know how deep it goes.
pub(super) fn hole_depth(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen).filter(|_| seen.says(&["No depth provided"]))?;
    functions(scan).find_map(|(call, arguments)| {
        let (_, position) =
            HOLES.iter().find(|(name, _)| line.words.contains(&call.name) && scan.is(call.name, name))?;
        let keyed = arguments.iter().any(|a| a.key.is_some_and(|key| scan.word(key) == "depth"));
        let given = arguments.iter().filter(|argument| argument.key.is_none()).count() > *position;
        let end = scan.tokens[call.close].start;
        let told = "A hole outside a builder has no depth of its own: it goes through (1000 mm)";
        (!keyed && !given).then(|| Change::one(end..end, ", depth=1000", told))?
    })
}

/// An open outline that has to be a face.
pub(super) fn closed(scan: &Scan, seen: &Seen) -> Option<Change> {
    if !seen.says(&["can only be created with closed wires"]) {
        return None;
    }
    let drawn: Vec<_> = functions(scan).filter(|(call, _)| scan.is(call.name, "Polyline")).collect();
    let [(call, arguments)] = drawn.as_slice() else { return None };
    let keyed = arguments.iter().any(|a| a.key.is_some_and(|key| scan.word(key) == "close"));
    let end = scan.tokens[call.close].start;
    let comma = if scan.is(call.close - 1, ",") { " " } else { ", " };
    (!keyed).then(|| {
        Change::one(end..end, format!("{comma}close=True"), "The outline is closed by `close=True`")
    })?
}

/// `extrude(outline, 3)`: lines enclose a face, but are none.
pub(super) fn face_of(scan: &Scan, seen: &Seen) -> Option<Change> {
    if seen.kind != "EmptyResult" {
        return None;
    }
    functions(scan).find_map(|(call, arguments)| {
        let first = arguments.first().filter(|_| matches!(scan.word(call.name), "extrude" | "revolve"))?;
        let name = scan.word(first.words.start);
        let line = scan.lines.iter().rfind(|line| {
            line.words.end <= call.name
                && scan.is_variable(line.words.start, name)
                && scan.is(line.words.start + 1, "=")
        })?;
        let drawn =
            matches!(scan.word(line.words.start + 2), "Polyline" | "Wire" | "Spline" | "FilletPolyline");
        if first.words.len() != 1 || !drawn {
            return None;
        }
        Change::one(
            scan.bytes(&first.words),
            format!("make_face({name})"),
            "Lines become a face by `make_face(lines)`",
        )
    })
}

/// `offset_3d(part, -2, openings=face)`, `shell(part, openings, 2)`: `offset`.
pub(super) fn shells(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).find_map(|(call, arguments)| {
        let name = scan.word(call.name);
        if !matches!(name, "offset_3d" | "shell" | "hollow") || arguments.len() != 3 {
            return None;
        }
        let keyed = |names: &[&str]| {
            arguments.iter().position(|a| a.key.is_some_and(|key| names.contains(&scan.word(key))))
        };
        let faces = |argument: &Argument| {
            argument.words.clone().any(|at| scan.is(at, "faces")) || scan.is(argument.words.start, "[")
        };
        let openings = keyed(&["openings", "faces", "face", "open_faces"])
            .or_else(|| (1..3).find(|&at| arguments[at].key.is_none() && faces(&arguments[at])))?;
        let amount = 3_usize.checked_sub(openings).filter(|amount| (1..3).contains(amount))?;
        let part = scan.slice(&arguments[0].words);
        let size = scan.slice(&arguments[amount].words);
        // A shell is told by its wall, which lies inside.
        let inward = match (name, size.strip_prefix('-')) {
            ("offset_3d", _) | (_, Some(_)) => size.to_owned(),
            _ if arguments[amount].words.len() == 1 => format!("-{size}"),
            _ => format!("-({size})"),
        };
        let new =
            format!("offset({part}, amount={inward}, openings={})", scan.slice(&arguments[openings].words));
        let told = format!("`{name}(...)` is `offset(part, amount=-wall, openings=faces)`");
        Change::one(scan.bytes(&(call.first..call.close + 1)), new, told)
    })
}

/// `Compound.make_compound([...])` and `Part.make_box(...)`.
pub(super) fn makers(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.calls.iter().copied().filter(|call| call.is_method() && call.first + 2 == call.name).find_map(
        |call| {
            let (class, name) = (scan.word(call.first), scan.word(call.name));
            let arguments = scan.arguments(&call);
            if class == "Compound"
                && name == "make_compound"
                && arguments.len() == 1
                && arguments[0].key.is_none()
            {
                let bytes = scan.tokens[call.first].start..scan.tokens[call.open].end;
                return Change::one(
                    bytes,
                    "Compound(children=",
                    "`Compound.make_compound([...])` is `Compound(children=[...])`",
                );
            }
            if class != "Part" || !MADE.contains(&name) {
                return None;
            }
            let bytes = scan.tokens[call.first].start..scan.tokens[call.first].end;
            Change::one(bytes, "Solid", format!("`Part.{name}` is `Solid.{name}`"))
        },
    )
}
