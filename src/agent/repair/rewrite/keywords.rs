//! Keywords and enumerations under other names, and values in other units.

use super::{Change, Seen};
use crate::engine::python::{Argument, Call, Kind, Scan};

#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Same,
    /// A diameter that becomes a radius.
    Half,
}
use As::{Half, Same};

/// Callees, the keyword that was written, and the one that is there.
const KEYWORDS: &[(&[&str], &[&str], &str, As)] = &[
    (
        &["Cylinder", "Circle", "Sphere", "Hole", "CounterBoreHole", "CounterSinkHole"],
        &["diameter", "dia", "d"],
        "radius",
        Half,
    ),
    (
        &["Cylinder", "Circle", "Sphere", "Hole", "CounterBoreHole", "CounterSinkHole"],
        &["r", "rad", "hole_radius"],
        "radius",
        Same,
    ),
    (&["CounterBoreHole", "CounterSinkHole"], &["hole_diameter"], "radius", Half),
    (
        &["CounterBoreHole"],
        &["counter_bore_diameter", "counterbore_diameter", "cbore_diameter"],
        "counter_bore_radius",
        Half,
    ),
    (&["CounterBoreHole"], &["counterbore_radius", "cbore_radius"], "counter_bore_radius", Same),
    (&["CounterBoreHole"], &["counterbore_depth", "cbore_depth"], "counter_bore_depth", Same),
    (
        &["CounterSinkHole"],
        &["counter_sink_diameter", "countersink_diameter", "csk_diameter"],
        "counter_sink_radius",
        Half,
    ),
    (&["CounterSinkHole"], &["countersink_radius", "csk_radius"], "counter_sink_radius", Same),
    (&["CounterSinkHole"], &["countersink_angle", "csk_angle"], "counter_sink_angle", Same),
    (&["Cylinder", "Cone"], &["h", "length", "depth"], "height", Same),
    (&["Cone"], &["bottom_diameter"], "bottom_radius", Half),
    (&["Cone"], &["top_diameter"], "top_radius", Half),
    (&["Cone"], &["r1", "radius1"], "bottom_radius", Same),
    (&["Cone"], &["r2", "radius2"], "top_radius", Same),
    (&["Box"], &["x"], "length", Same),
    (&["Box"], &["y"], "width", Same),
    (&["Box"], &["z", "depth", "thickness"], "height", Same),
    (&["fillet"], &["r", "amount", "size", "length", "distance"], "radius", Same),
    (&["chamfer"], &["distance", "amount", "size", "width", "radius", "length1"], "length", Same),
    (&["fillet", "chamfer"], &["edges", "edge_list"], "objects", Same),
    (&["extrude"], &["height", "distance", "length", "depth"], "amount", Same),
    (&["extrude"], &["direction"], "dir", Same),
    (&["revolve"], &["angle", "degrees"], "revolution_arc", Same),
    (&["mirror"], &["plane", "mirror_plane"], "about", Same),
    (&["offset"], &["distance"], "amount", Same),
    (&["split"], &["plane"], "bisect_by", Same),
    (&["Text"], &["size", "fontsize", "height"], "font_size", Same),
    (&["Text"], &["text", "string"], "txt", Same),
    (&["PolarLocations"], &["n", "num"], "count", Same),
    (&["RegularPolygon"], &["sides", "n", "num_sides"], "side_count", Same),
    (&["Pos", "Rot"], &["x"], "X", Same),
    (&["Pos", "Rot"], &["y"], "Y", Same),
    (&["Pos", "Rot"], &["z"], "Z", Same),
];

/// Enumerations: class, what was written, what is there.
const ENUMS: &[(&str, &[&str], &str)] = &[
    ("Mode", &["CUT", "DIFFERENCE", "REMOVE"], "SUBTRACT"),
    ("Mode", &["UNION", "FUSE", "JOIN", "MERGE"], "ADD"),
    ("Mode", &["INTERSECTION", "COMMON"], "INTERSECT"),
    ("Align", &["CENTRE", "MIDDLE", "MID"], "CENTER"),
    ("Align", &["LEFT", "BOTTOM", "FRONT", "START"], "MIN"),
    ("Align", &["RIGHT", "TOP", "BACK", "END"], "MAX"),
    ("GeomType", &["PLANAR"], "PLANE"),
    ("GeomType", &["CYLINDRICAL"], "CYLINDER"),
    ("GeomType", &["CIRCULAR", "ARC"], "CIRCLE"),
    ("GeomType", &["LINEAR", "STRAIGHT"], "LINE"),
    ("Kind", &["ROUND"], "ARC"),
    ("Axis", &["x"], "X"),
    ("Axis", &["y"], "Y"),
    ("Axis", &["z"], "Z"),
    ("Plane", &["xy"], "XY"),
    ("Plane", &["xz"], "XZ"),
    ("Plane", &["yz"], "YZ"),
];
const FLAT: [&str; 4] = ["Rectangle", "RectangleRounded", "SlotOverall", "Ellipse"];
const CENTERED: [&str; 6] = ["Box", "Cylinder", "Cone", "Rectangle", "Circle", "Sphere"];

fn functions<'a>(scan: &Scan<'a>) -> Vec<(Call, Vec<Argument>, &'a str)> {
    let plain = |call: &Call| !call.is_method() && !scan.defines(scan.word(call.name));
    let told = |call: Call| (call, scan.arguments(&call), scan.word(call.name));
    scan.calls.iter().copied().filter(plain).map(told).collect()
}

fn key<'a>(scan: &Scan, arguments: &'a [Argument], names: &[&str]) -> Option<(usize, &'a Argument)> {
    arguments.iter().find_map(|argument| {
        let at = argument.key.filter(|&at| names.contains(&scan.word(at)))?;
        Some((at, argument))
    })
}

pub(super) fn keywords(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).iter().find_map(|(_, arguments, callee)| {
        KEYWORDS.iter().find_map(|(callees, written, new, how)| {
            if !callees.contains(callee) || key(scan, arguments, &[*new]).is_some() {
                return None;
            }
            let (at, argument) = key(scan, arguments, written)?;
            let mut edits = vec![(scan.tokens[at].start..scan.tokens[at].end, (*new).to_owned())];
            let mut told = format!("`{callee}` takes `{new}`, not `{}`", scan.word(at));
            if *how == Half {
                let value = scan.slice(&argument.words);
                let simple = argument.words.len() == 1;
                edits.push((
                    scan.bytes(&argument.words),
                    if simple { format!("{value} / 2") } else { format!("({value}) / 2") },
                ));
                told.push_str(", half of it");
            }
            Change::new(edits, told)
        })
    })
}

/// `Rectangle(length=.., width=..)`: its sides are `width` and `height`.
pub(super) fn flat_sides(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).iter().filter(|(_, _, callee)| FLAT.contains(callee)).find_map(
        |(_, arguments, callee)| {
            let (first, second, names) = if *callee == "Ellipse" {
                ("x_radius", "y_radius", (["major_radius", "a"], ["minor_radius", "b"]))
            } else {
                ("width", "height", (["length", "x"], ["width", "y"]))
            };
            let (length, _) = key(scan, arguments, &names.0)?;
            if key(scan, arguments, &[second]).is_some() {
                let replaced = scan.tokens[length].start..scan.tokens[length].end;
                let free = key(scan, arguments, &[first]).is_none();
                return free.then(|| {
                    Change::one(replaced, first, format!("`{callee}` takes `{first}` and `{second}`"))
                })?;
            }
            let (width, _) = key(scan, arguments, &names.1)?;
            let name = |at: usize, new: &str| (scan.tokens[at].start..scan.tokens[at].end, new.to_owned());
            let edits = vec![name(length, first), name(width, second)];
            Change::new(edits, format!("`{callee}` takes `{first}` and `{second}`"))
        },
    )
}

/// `EllipticalCenterArc(.., end_angle=..)` takes the size of the arc instead.
pub(super) fn arc_size(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).iter().filter(|(_, _, callee)| *callee == "EllipticalCenterArc").find_map(
        |(_, arguments, _)| {
            let (at, end) = key(scan, arguments, &["end_angle"])?;
            let value = scan.slice(&end.words);
            let positional = arguments.get(3).filter(|argument| argument.key.is_none());
            let start = key(scan, arguments, &["start_angle"]).map(|(_, start)| start).or(positional);
            let size = match start.map(|start| scan.slice(&start.words)) {
                None | Some("0" | "0.0") => value.to_owned(),
                Some(start) => format!("({value}) - ({start})"),
            };
            let whole = scan.tokens[at].start..scan.bytes(&end.words).end;
            Change::one(
                whole,
                format!("arc_size={size}"),
                "`EllipticalCenterArc` takes `arc_size`, not `end_angle`",
            )
        },
    )
}

/// `centered`, as CAD libraries without `align` have it.
pub(super) fn centered(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).iter().filter(|(_, _, callee)| CENTERED.contains(callee)).find_map(
        |(_, arguments, callee)| {
            let (at, argument) = key(scan, arguments, &["centered", "center", "centred"])?;
            let sides = |at: usize| match scan.word(at) {
                "True" => Some("Align.CENTER"),
                "False" => Some("Align.MIN"),
                _ => None,
            };
            let told: Vec<&str> = argument.words.clone().filter_map(sides).collect();
            let flat = matches!(*callee, "Rectangle" | "Circle");
            let align = match (told.len(), argument.words.len()) {
                (1, 1) => vec![told[0]; if flat { 2 } else { 3 }],
                (3, 7) if !flat => told,
                (2, 5) if flat => told,
                _ => return None,
            };
            let whole = scan.tokens[at].start..scan.bytes(&argument.words).end;
            Change::one(whole, format!("align=({})", align.join(", ")), "`centered` is `align`")
        },
    )
}

pub(super) fn enums(scan: &Scan, _: &Seen) -> Option<Change> {
    (2..scan.tokens.len()).find_map(|at| {
        if !scan.is(at - 1, ".") || scan.is(at + 1, "(") {
            return None;
        }
        let (class, _, new) = ENUMS.iter().find(|(class, written, _)| {
            scan.is_variable(at - 2, class) && written.contains(&scan.word(at))
        })?;
        let bytes = scan.tokens[at].start..scan.tokens[at].end;
        Change::one(bytes, *new, format!("`{class}.{}` is `{class}.{new}`", scan.word(at)))
    })
}

/// `Color(255, 0, 0)`: parts of a colour go from 0 to 1.
pub(super) fn colours(scan: &Scan, _: &Seen) -> Option<Change> {
    functions(scan).iter().filter(|(_, _, callee)| *callee == "Color").find_map(|(call, _, _)| {
        let inside = call.open + 1..call.close;
        let plain =
            |at: usize| scan.tokens[at].kind == Kind::Number || matches!(scan.word(at), "(" | ")" | ",");
        let numbers: Vec<usize> = inside.clone().filter(|&at| scan.tokens[at].kind == Kind::Number).collect();
        let values: Vec<f64> = numbers.iter().filter_map(|&at| scan.word(at).parse().ok()).collect();
        let bytes = values.len() == numbers.len() && values.iter().any(|value| *value > 1.0);
        if !inside.clone().all(plain) || !bytes || values.iter().any(|value| *value > 255.0) {
            return None;
        }
        let edit = |(at, value): (&usize, &f64)| {
            // The fourth part of a colour in bytes is often written as a share.
            let share = if *value <= 1.0 && value.fract() != 0.0 { *value } else { value / 255.0 };
            let rounded = (share * 1000.0).round() / 1000.0;
            (scan.tokens[*at].start..scan.tokens[*at].end, format!("{rounded:?}"))
        };
        let edits = numbers.iter().zip(&values).map(edit).collect();
        Change::new(edits, "The parts of a colour go from 0 to 1")
    })
}
