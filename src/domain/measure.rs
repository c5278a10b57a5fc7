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
}

/// Rounded edges and corners of one radius: partial cylinders and tori that meet their neighbours tangentially.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    pub radius: f64,
    pub count: u32,
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
    pub bodies: Vec<BodyMeasures>,
    pub mass: Option<f64>,
    /// Length of a curve; absent for solids and sketches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<f64>,
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
