//! Attributes and methods under names that build123d 0.13 does not have, and brackets where they do not belong.

use super::{Change, Seen, failing};
use crate::engine::python::{Call, Scan};

/// `x.name()` is `function(x)`.
const CONVERTED: [(&str, &str, &str); 4] = [
    ("to_tuple", "tuple(", ")"),
    ("to_plane", "Plane(", ")"),
    ("to_axis", "Axis(", ")"),
    ("to_wire", "Wire([", "])"),
];
const PROPERTIES: [&str; 8] =
    ["is_valid", "is_null", "is_manifold", "is_closed", "shape_type", "geom_type", "volume", "area"];
/// Only where a run says that something is not callable: other things have methods of these names.
const SOMETIMES: [&str; 10] =
    ["length", "X", "Y", "Z", "radius", "size", "diagonal", "position", "orientation", "location"];
const METHODS: [&str; 10] =
    ["edges", "faces", "vertices", "wires", "solids", "edge", "face", "vertex", "bounding_box", "center"];
const RENAMED: [(&str, &str); 9] = [
    ("xlen", "size.X"),
    ("ylen", "size.Y"),
    ("zlen", "size.Z"),
    ("xmin", "min.X"),
    ("xmax", "max.X"),
    ("ymin", "min.Y"),
    ("ymax", "max.Y"),
    ("zmin", "min.Z"),
    ("zmax", "max.Z"),
];
/// Names of other libraries' methods, where a run says that they are not there.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("union", "fuse"),
    ("subtract", "cut"),
    ("difference", "cut"),
    ("intersection", "intersect"),
    ("make_from_wires", ""),
];

fn methods(scan: &Scan) -> impl Iterator<Item = Call> {
    scan.calls.iter().copied().filter(Call::is_method)
}

pub(super) fn converted(scan: &Scan, _: &Seen) -> Option<Change> {
    methods(scan).find_map(|call| {
        let (name, before, after) = CONVERTED.iter().find(|entry| entry.0 == scan.word(call.name))?;
        if call.close != call.open + 1 || scan.defines(name) {
            return None;
        }
        let owner = scan.slice(&(call.first..call.name - 1));
        let told = format!("`x.{name}()` is `{before}x{after}`");
        Change::one(scan.bytes(&(call.first..call.close + 1)), format!("{before}{owner}{after}"), told)
    })
}

fn without_brackets(scan: &Scan, call: &Call) -> Option<Change> {
    let name = scan.word(call.name);
    let empty = call.close == call.open + 1 && !scan.defines(name);
    let told = format!("`{name}` is a property, without brackets");
    empty.then(|| Change::one(scan.bytes(&(call.open..call.close + 1)), "", told))?
}

pub(super) fn properties(scan: &Scan, _: &Seen) -> Option<Change> {
    methods(scan)
        .filter(|call| PROPERTIES.contains(&scan.word(call.name)))
        .find_map(|call| without_brackets(scan, &call))
}

pub(super) fn called(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen).filter(|_| seen.says(&["object is not callable"]))?;
    let fits = |call: &Call| line.words.contains(&call.name) && SOMETIMES.contains(&scan.word(call.name));
    methods(scan).filter(fits).find_map(|call| without_brackets(scan, &call))
}

/// A method that is meant to be called.
pub(super) fn brackets(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen).filter(|_| seen.says(&["'function' object", "'method' object"]))?;
    let uncalled = |at: &usize| {
        *at > 0 && scan.is(at - 1, ".") && METHODS.contains(&scan.word(*at)) && !scan.is(at + 1, "(")
    };
    let at = line.words.clone().find(uncalled)?;
    let end = scan.tokens[at].end;
    Change::one(end..end, "()", format!("`{}` is a method and needs its brackets", scan.word(at)))
}

/// `v.x` is `v.X`.
pub(super) fn letters(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen)?;
    let name = seen.quoted("object has no attribute ").filter(|name| matches!(*name, "x" | "y" | "z"))?;
    let named = line.words.clone().filter(|&at| at > 0 && scan.is(at - 1, ".") && scan.is(at, name));
    let edits = named.map(|at| (scan.tokens[at].start..scan.tokens[at].end, name.to_uppercase())).collect();
    Change::new(edits, "Coordinates are `.X`, `.Y` and `.Z`")
}

/// Attributes that no class of build123d has under the old name.
pub(super) fn renamed(scan: &Scan, _: &Seen) -> Option<Change> {
    (1..scan.tokens.len()).find_map(|at| {
        let word = scan.word(at);
        let bytes = scan.tokens[at].start..scan.tokens[at].end;
        if scan.is_variable(at, "LocationEncoder") {
            return Change::one(bytes, "GeomEncoder", "`LocationEncoder` is `GeomEncoder`");
        }
        if !scan.is(at - 1, ".") || scan.is(at + 1, "=") {
            return None;
        }
        if word == "new_edges" && !scan.is(at + 1, "(") {
            return Change::one(
                bytes,
                "edges(Select.NEW)",
                "`builder.new_edges` is `builder.edges(Select.NEW)`",
            );
        }
        let boxed = at > 4 && scan.is(at - 2, ")") && scan.is(at - 3, "(") && scan.is(at - 4, "bounding_box");
        if word == "is_inside" && boxed {
            return Change::one(bytes, "within", "`BoundBox.is_inside` is `within`");
        }
        let (_, new) = RENAMED.iter().find(|(old, _)| *old == word && !scan.defines(old))?;
        Change::one(bytes, *new, format!("`.{word}` of a bounding box is `.{new}`"))
    })
}

pub(super) fn other_names(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen)?;
    let name = seen.quoted("has no attribute ")?;
    let (_, new) = OTHER_NAMES.iter().find(|(old, _)| *old == name)?;
    let call = methods(scan).find(|call| line.words.contains(&call.name) && scan.word(call.name) == name)?;
    if new.is_empty() {
        let dotted = scan.tokens[call.name - 1].start..scan.tokens[call.name].end;
        return Change::one(dotted, "", format!("`Face.{name}(wire)` is `Face(wire)`"));
    }
    let bytes = scan.tokens[call.name].start..scan.tokens[call.name].end;
    Change::one(bytes, *new, format!("`.{name}(...)` is `.{new}(...)`"))
}
