//! A number that the finished solid has to show, and the closed set of measures that can show it. What step files write as
//! `measure = "..."` is a `MeasureRef`; what must be true of the solid for it to be met is said there, name by name.

use serde::{Deserialize, Serialize};

use super::quantity::Unit;

/// A stated number and the measure that must agree with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// `length`, `hole diameter` ...
    pub what: String,
    /// In millimetres, degrees or pieces.
    pub asked: f64,
    /// The unit of `asked`; `none` for counts.
    pub unit: Unit,
    /// As the user wrote it. Empty when nobody stated it, but the plan says so: such a check is told only when it is missed.
    pub text: String,
    pub measure: MeasureRef,
    /// How many pieces must show it, for the measures of pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The size that tells these pieces from others: a hole's or boss's diameter, a slot's width, a pocket's length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_diameter: Option<f64>,
    /// Which kind of pieces the measures of places and counts (`hole.spacing` ...) look at.
    #[serde(default, skip_serializing_if = "Piece::is_hole")]
    pub piece: Piece,
    /// The body of an assembly that must show it; the whole part when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl Expectation {
    /// Follows from the plan, not from the user's words.
    pub fn is_implied(&self) -> bool {
        self.text.is_empty()
    }
}

/// What can be found several times on one solid, counted and placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    #[default]
    Hole,
    Slot,
    Boss,
    Pocket,
}

impl Piece {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    fn is_hole(&self) -> bool {
        *self == Piece::Hole
    }
}

/// The closed set of measures that a stated number can be compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MeasureRef {
    /// Size of the bounding box along X.
    #[serde(rename = "box.x")]
    BoxX,
    #[serde(rename = "box.y")]
    BoxY,
    #[serde(rename = "box.z")]
    BoxZ,
    /// Any of the three sizes, for what may have been laid down.
    #[serde(rename = "box.any")]
    BoxAny,
    /// The smallest of the three sizes.
    #[serde(rename = "box.min")]
    BoxMin,
    /// The largest of the three sizes.
    #[serde(rename = "box.max")]
    BoxMax,
    /// As many holes as stated have the diameter: whole concave cylinders that are open at one end at least.
    #[serde(rename = "hole.diameter")]
    HoleDiameter,
    /// The holes reach so deep, or go through so much material.
    #[serde(rename = "hole.depth")]
    HoleDepth,
    /// So many holes (slots, bosses, pockets) there are, of the size if one is known.
    #[serde(rename = "hole.count")]
    HoleCount,
    /// Diameter of the counterbore or countersink.
    #[serde(rename = "hole.head_diameter")]
    HoleHeadDiameter,
    #[serde(rename = "hole.head_depth")]
    HoleHeadDepth,
    /// Included angle of the countersink.
    #[serde(rename = "hole.head_angle")]
    HoleHeadAngle,
    /// Diameter of the circle on which the pieces' centres lie.
    #[serde(rename = "hole.circle")]
    HoleCircle,
    /// Distance from one piece's centre to another one's.
    #[serde(rename = "hole.spacing")]
    HoleSpacing,
    /// Distance of the pieces' centres from a side of the box, or from a flat face along their axis.
    #[serde(rename = "hole.inset")]
    HoleInset,
    /// Distance of a piece's centre from the middle of the box or of a face square to its axis, along X, Y or Z.
    #[serde(rename = "hole.offset")]
    HoleOffset,
    /// The centres lie in so many rows (or columns): so many places along X, Y or Z.
    #[serde(rename = "hole.rows")]
    HoleRows,
    /// One of the pieces lies in this direction, seen from the middle of them all.
    #[serde(rename = "hole.start")]
    HoleStart,
    /// A slot is so long over both round ends.
    #[serde(rename = "slot.length")]
    SlotLength,
    /// As many slots as stated are so wide.
    #[serde(rename = "slot.width")]
    SlotWidth,
    #[serde(rename = "slot.depth")]
    SlotDepth,
    /// So many slots there are, of the width if one is known.
    #[serde(rename = "slot.count")]
    SlotCount,
    /// Radius of rounded edges or corners, inner ones too.
    #[serde(rename = "edge.radius")]
    EdgeRadius,
    /// A leg of a strip between two flat faces (gussets too), or of a cone.
    #[serde(rename = "chamfer")]
    Chamfer,
    /// Thickness: material between two parallel faces that look away from each other, or between coaxial cylinders or balls.
    #[serde(rename = "wall")]
    Wall,
    /// Air between two parallel faces that face each other, or between coaxial cylinders: a pocket's length, a channel's inside.
    #[serde(rename = "gap")]
    Gap,
    /// Two parallel faces of one body look the same way and are so far apart: a pocket's depth, a boss's height.
    #[serde(rename = "step")]
    Step,
    /// A convex cylinder of half a turn or more: boss, shaft, hub. With a count, so many of them or more.
    #[serde(rename = "cylinder.diameter")]
    CylinderDiameter,
    /// A convex cylinder is so long, with or without what a chamfer or round at its ends adds.
    #[serde(rename = "cylinder.length")]
    CylinderLength,
    /// A concave cylinder of more than a quarter turn: bore, counterbore, groove, cradle.
    #[serde(rename = "bore.diameter")]
    BoreDiameter,
    /// A cone has it at one end, or where a flat face would cut it square if the edge were not rounded.
    #[serde(rename = "cone.diameter")]
    ConeDiameter,
    #[serde(rename = "sphere.diameter")]
    SphereDiameter,
    /// Diameter of the circle that the middle of a ring's section runs on.
    #[serde(rename = "torus.major")]
    TorusMajor,
    /// Diameter of a ring's section.
    #[serde(rename = "torus.minor")]
    TorusMinor,
    /// The same as half of `torus.major`: the radius of a bent pipe's middle line.
    #[serde(rename = "torus.radius")]
    TorusRadius,
    /// Two flat faces, or a face and an axis, meet at this angle or at what it leaves of 180; half or whole angle of a cone.
    #[serde(rename = "angle")]
    Angle,
    /// Number of equal flat faces about one axis: the sides of a prism.
    #[serde(rename = "faces.flat")]
    FlatFaces,
    /// Number of separate solids.
    #[serde(rename = "solids")]
    Solids,
    #[serde(rename = "volume")]
    Volume,
    /// Area of the whole surface.
    #[serde(rename = "area")]
    Area,
    /// In grams; needs a material.
    #[serde(rename = "mass")]
    Mass,
    /// Said to the user as "not checked", with the reason.
    #[serde(rename = "not_checked")]
    NotChecked(String),
}

impl MeasureRef {
    /// Measures of pieces are compared with a table of pieces, not with one figure of the solid.
    pub fn is_of_pieces(&self) -> bool {
        self.is_of_places()
            || matches!(
                self,
                MeasureRef::HoleDiameter
                    | MeasureRef::HoleDepth
                    | MeasureRef::HoleHeadDiameter
                    | MeasureRef::HoleHeadDepth
                    | MeasureRef::HoleHeadAngle
                    | MeasureRef::SlotLength
                    | MeasureRef::SlotWidth
                    | MeasureRef::SlotDepth
                    | MeasureRef::SlotCount
            )
    }

    /// Sizes of the bounding box.
    pub fn is_of_box(&self) -> bool {
        matches!(
            self,
            MeasureRef::BoxX
                | MeasureRef::BoxY
                | MeasureRef::BoxZ
                | MeasureRef::BoxAny
                | MeasureRef::BoxMin
                | MeasureRef::BoxMax
        )
    }

    /// Where pieces are and how many: the same for holes and for other pieces.
    pub fn is_of_places(&self) -> bool {
        matches!(
            self,
            MeasureRef::HoleCount
                | MeasureRef::HoleCircle
                | MeasureRef::HoleSpacing
                | MeasureRef::HoleInset
                | MeasureRef::HoleOffset
                | MeasureRef::HoleRows
                | MeasureRef::HoleStart
        )
    }
}
