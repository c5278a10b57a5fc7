//! Measures: facts taken from the solid (design section 7.3). Millimetres, mm^2, mm^3, grams, degrees.

use serde::{Deserialize, Serialize};

/// A point or direction, in millimetres or as a unit vector.
pub type Vec3 = [f64; 3];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    pub min: Vec3,
    pub max: Vec3,
    pub size: Vec3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoleKind {
    Plain,
    Counterbore,
    Countersink,
}

/// A concave full cylinder, with the wider steps or cone that share its axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hole {
    pub diameter: f64,
    /// From the opening to the bottom, or to the other opening.
    pub depth: f64,
    pub through: bool,
    pub kind: HoleKind,
    pub axis: Vec3,
    /// Centre of the opening.
    pub centre: Vec3,
    #[serde(default)]
    pub head_diameter: Option<f64>,
    #[serde(default)]
    pub head_depth: Option<f64>,
    /// Included angle of a countersink.
    #[serde(default)]
    pub angle: Option<f64>,
    /// Which of several bodies; absent when there is one. So with every table of faces below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

/// Rounded edges and corners of one radius: partial cylinders and tori that meet their neighbours tangentially.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    pub radius: f64,
    pub count: u32,
}

/// A flat face. Coplanar faces stay apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// Out of the material.
    pub normal: Vec3,
    /// Distance of the plane from the origin, along the normal.
    pub offset: f64,
    pub area: f64,
    /// The face's own box.
    pub min: Vec3,
    pub max: Vec3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

/// All of a cylinder that is on one axis at one height, in one face or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cylinder {
    pub diameter: f64,
    pub length: f64,
    /// How much of a whole turn (360) there is, in degrees.
    pub turn: f64,
    /// The material is inside.
    pub convex: bool,
    pub axis: Vec3,
    /// On the axis, half way up.
    pub centre: Vec3,
    /// What a chamfer or a round adds to the length where the axis begins, and where it ends.
    pub ends: [f64; 2],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cone {
    pub half_angle: f64,
    /// Where it begins along the axis, and where it ends.
    pub diameters: [f64; 2],
    pub length: f64,
    pub turn: f64,
    pub convex: bool,
    pub axis: Vec3,
    pub centre: Vec3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sphere {
    pub diameter: f64,
    pub convex: bool,
    pub centre: Vec3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

/// A ring or a bend; the rounded rim of a disc is a `Round`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Torus {
    /// Diameter of the circle that the middle of the section runs on.
    pub major: f64,
    /// Diameter of the section.
    pub minor: f64,
    pub convex: bool,
    pub axis: Vec3,
    pub centre: Vec3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

/// Two half cylinders joined by flat sides, cut into the material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Over both round ends.
    pub length: f64,
    pub width: f64,
    pub depth: f64,
    pub through: bool,
    /// Into the material.
    pub axis: Vec3,
    /// From end to end.
    pub along: Vec3,
    /// Middle of the opening.
    pub centre: Vec3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

/// Flat strips between two flat faces that have the same legs, the shorter one first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chamfer {
    pub legs: [f64; 2],
    /// It takes an edge away; else it fills a corner.
    pub convex: bool,
    pub count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BodyMeasures {
    pub name: String,
    pub colour: Option<String>,
    pub volume: f64,
    pub area: f64,
    pub bounding_box: BoundingBox,
    pub centre_of_mass: Vec3,
    pub solids: u32,
    pub valid: bool,
    /// Its own rounds; only told when there are several bodies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Round>,
}

/// Every face that a stated number can be compared with; empty for sketches, curves and parts that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaceTables {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planes: Vec<Plane>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cylinders: Vec<Cylinder>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cones: Vec<Cone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spheres: Vec<Sphere>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tori: Vec<Torus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chamfers: Vec<Chamfer>,
    /// Entries that the tables of faces would have had beyond their bound: the smallest ones.
    #[serde(default)]
    pub faces_left_out: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub bounding_box: BoundingBox,
    pub volume: f64,
    pub area: f64,
    pub centre_of_mass: Vec3,
    pub solids: u32,
    pub faces: u32,
    pub edges: u32,
    pub valid: bool,
    pub manifold: bool,
    pub holes: Vec<Hole>,
    #[serde(default)]
    pub rounds: Vec<Round>,
    /// Boxed, as most values of this type only pass through.
    #[serde(flatten)]
    pub tables: Box<FaceTables>,
    pub bodies: Vec<BodyMeasures>,
    pub mass: Option<f64>,
    /// Length of a curve; absent for solids and sketches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<f64>,
}

impl Measures {
    /// Nothing that is measured tells the two solids apart. Lengths and places count as equal up to a ten-thousandth of the longest side.
    pub fn is_same_solid(&self, other: &Measures) -> bool {
        const SAME: f64 = 1e-4;
        let extent = self.bounding_box.size.iter().copied().fold(1.0, f64::max);
        let close = |a: f64, b: f64| (a - b).abs() <= a.abs().max(b.abs()) * SAME + 1e-6;
        let near = |a: &Vec3, b: &Vec3| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= extent * SAME);
        close(self.volume, other.volume)
            && close(self.area, other.area)
            && self.solids == other.solids
            && self.holes.len() == other.holes.len()
            && near(&self.bounding_box.size, &other.bounding_box.size)
            && near(&self.centre_of_mass, &other.centre_of_mass)
    }
}

/// What kind of thing `result` was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    Solid,
    Sketch,
    Curve,
}

/// Something a person should know about a part before using it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub code: String,
    pub message: String,
}

impl Warning {
    /// Not about the part but about a format that such a part does not have (`no_dxf`).
    pub fn is_about_a_format(&self) -> bool {
        self.code.strip_prefix("no_").is_some_and(|name| name.parse::<super::artifact::Format>().is_ok())
    }
}
