//! The catalog's files as they are written: one TOML table per step or placement, strict, so that a misspelt key is an error and not a
//! silently missing rule. What the types can't hold is checked in `load`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use super::argument::Argument;
pub use super::argument::Type;
use crate::domain::plan::{Arguments, Value};
use crate::domain::reading::MeasureRef;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Makes a body.
    Base,
    /// Changes it.
    Feature,
    /// One place.
    Placement,
    /// Several places.
    Pattern,
}

/// What the template of a feature leaves to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Combine {
    /// It makes a tool that is taken from the body at every place.
    Cut,
    /// It makes a piece that is joined to the body at every place.
    Add,
    /// What both have stays; only for a base that is put on a body.
    Common,
    /// It works on edges of the body itself, and writes the whole line.
    Edges,
    /// It works on the body as it is so far (a mirror image, a shell), and writes the whole lines.
    Whole,
}

impl Combine {
    /// It makes a piece of its own that goes to places on a face.
    pub(super) fn is_placed(self) -> bool {
        matches!(self, Combine::Cut | Combine::Add | Combine::Common)
    }
}

/// One expression, or several of which a limit takes the smallest and a size the largest.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            OneOrMore::One(one) => std::slice::from_ref(one),
            OneOrMore::More(more) => more,
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file, and none excludes another")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub name: String,
    pub title: String,
    pub kind: Kind,
    pub words: Vec<String>,
    pub examples: Vec<String>,
    #[serde(default, rename = "argument")]
    pub arguments: Vec<Argument>,
    /// How bare numbers bind, by how many there are: `3 = ["length", "width", "height"]`; `a=b` gives both the same number.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    #[serde(default, rename = "variant")]
    pub variants: Vec<Variant>,
    /// Words that set several arguments to one number: "50 mm square".
    #[serde(default, rename = "joint")]
    pub joints: Vec<Joint>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    #[serde(default, rename = "derive")]
    pub derivations: Vec<Derivation>,
    #[serde(default)]
    pub sizes: Option<Sizes>,
    /// The comment above the step's lines in a program; Tera.
    #[serde(default)]
    pub comment: String,
    /// Lines that a program with this step needs on top: `from math import tan`.
    #[serde(default)]
    pub imports: Vec<String>,

    // Bases.
    #[serde(default)]
    pub size: Option<Size>,
    #[serde(default)]
    pub flat_faces: Vec<String>,
    /// Faces that are smaller than the box: a cone's ends.
    #[serde(default)]
    pub face_size: BTreeMap<String, String>,
    #[serde(default)]
    pub round: bool,
    /// Nothing can be put on it.
    #[serde(default)]
    pub featureless: bool,
    /// The largest fillet of a rim, as far as its own face goes.
    #[serde(default)]
    pub rim: Option<OneOrMore>,
    /// The width of what is empty in the middle.
    #[serde(default)]
    pub hollow: Option<String>,
    /// What to call the body when its sizes are given without a noun. Only the step that has it may be implied.
    #[serde(default)]
    pub implied: Option<String>,
    /// The feature that this base becomes when the body has a base already.
    #[serde(default)]
    pub as_feature: Option<String>,
    /// Python for the edges that fillets and chamfers may work on, by name; Tera.
    #[serde(default)]
    pub edges: BTreeMap<String, String>,

    /// Faces that the base has beside the six of its box, or in their place.
    #[serde(default, rename = "face")]
    pub own_faces: Vec<OwnFace>,
    /// Words for several faces at once: "each leg".
    #[serde(default, rename = "together")]
    pub together: Vec<Together>,
    /// Bodies that the template makes beside the base: a lid.
    #[serde(default, rename = "extra")]
    pub extras: Vec<Extra>,
    /// What features may ask for by `needs`: `shaft`, `open`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// How high above its own bottom it rests on another body: a screw by the underside of its head. An expression.
    #[serde(default)]
    pub rest: Option<String>,

    // Features.
    /// A tag that the base must have.
    #[serde(default)]
    pub needs: Option<String>,
    #[serde(default)]
    pub combine: Option<Combine>,
    #[serde(default)]
    pub placements: Vec<String>,
    #[serde(default)]
    pub footprint: Option<Footprint>,
    /// It is meant by a count and a size without a noun: "4x M5". Only one step may have it.
    #[serde(default)]
    pub unnamed: bool,
    /// Measures of the base that the solid no longer shows under it: a knurl leaves no full cylinder.
    #[serde(default)]
    pub hides: Vec<MeasureRef>,
    /// The new face that it leaves, for steps that go on it.
    #[serde(default)]
    pub surface: Option<Surface>,
    /// Fillets and chamfers: their turn right after the base, by the edges they work on.
    #[serde(default)]
    pub stages: BTreeMap<String, u8>,
    /// The edges that each choice uses up: none can be worked on twice.
    #[serde(default)]
    pub works_on: BTreeMap<String, Vec<String>>,
    /// Edges that are round afterwards.
    #[serde(default)]
    pub rounds: Vec<String>,

    // Placements and patterns.
    /// Said in comments: " in the corners".
    #[serde(default, rename = "where")]
    pub where_: String,
    /// How many pieces a pattern makes; an expression.
    #[serde(default)]
    pub pieces: Option<String>,
    /// Needs a face with four corners.
    #[serde(default)]
    pub rectangular: bool,
    /// The number of pieces for which this pattern is meant when none is named.
    #[serde(default)]
    pub unsaid_for: Option<u32>,
    /// The same on round bases, for so many pieces or more.
    #[serde(default)]
    pub unsaid_for_round: Option<u32>,
    /// Values of the arguments named in `groups.2`, by the number of pieces.
    #[serde(default)]
    pub layouts: BTreeMap<String, [u32; 2]>,
}

/// Words for the step that say more than its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variant {
    pub words: Vec<String>,
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Choices that the word makes; the value of `absent` stands for absence.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    #[serde(default)]
    pub require: Vec<String>,
    #[serde(default)]
    pub ask: BTreeMap<String, String>,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub sizes: Option<Sizes>,
    /// The word usually means another step; it is this one when a word ("30 mm diameter") says so, bare numbers don't.
    #[serde(default)]
    pub second_choice: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Joint {
    pub after: Vec<String>,
    pub to: String,
}

/// A limit that depends on other numbers. It is checked in the plan and, by the same expressions, in the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub argument: String,
    /// What is compared, when it is not the argument itself.
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub below: Option<OneOrMore>,
    #[serde(default)]
    pub above: Option<OneOrMore>,
    #[serde(default)]
    pub at_least: Option<String>,
    #[serde(default)]
    pub differs: Option<String>,
    /// Values of the step's choice for which it holds, parted by commas.
    #[serde(default)]
    pub when: Option<String>,
    pub why: String,
}

/// An argument that follows from others when it was not given itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Derivation {
    pub argument: String,
    pub from: String,
}

/// Arguments that a standard size ("M5") sets, and the column of the table each is read from.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Sizes {
    pub table: String,
    /// Words that choose another column than the first one named.
    #[serde(default)]
    pub fits: BTreeMap<String, Vec<String>>,
    #[serde(flatten)]
    pub columns: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub x: OneOrMore,
    pub y: OneOrMore,
    pub z: OneOrMore,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Footprint {
    pub x: String,
    pub y: String,
    /// The choice with which x and y change places.
    #[serde(default)]
    pub turned_when: Option<String>,
    /// The argument with which only the centre must lie on the face: a blind slot may be open at the border, a through one would part
    /// the body.
    #[serde(default)]
    pub open_with: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Surface {
    pub x: String,
    pub y: String,
    /// How far it lies above the face that the feature is on.
    pub rise: String,
}

/// A face of one base only. Expressions and the plane name the base's arguments; a plane is seen from outside, x to the right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnFace {
    /// `upright`; or one of the six, which it then replaces.
    pub name: String,
    #[serde(default)]
    pub words: Vec<String>,
    pub x: String,
    pub y: String,
    /// From the face through the material behind it.
    pub reach: String,
    /// Python of its plane, centred on the face; Tera.
    pub plane: String,
    /// It has no corners.
    #[serde(default)]
    pub round: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Together {
    pub words: Vec<String>,
    pub faces: Vec<String>,
}

/// The template leaves it in a variable named after the body and this: `box_lid`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extra {
    pub name: String,
    /// The switch or choice that must be given for it to be there; none when it always is.
    #[serde(default)]
    pub when: Option<String>,
}

/// The choice that leaves a further body out.
const NOTHING: &str = "none";

impl Extra {
    /// Whether a base with these arguments makes it.
    pub(super) fn is_made(&self, spec: &Step, arguments: &Arguments) -> bool {
        let Some(when) = &self.when else { return true };
        match arguments.get(when) {
            Some(Value::Switch(on)) => *on,
            Some(Value::Text(choice)) => choice != NOTHING,
            Some(_) => true,
            None => {
                let default = spec.argument(when).and_then(|argument| argument.default.as_deref());
                default.is_some_and(|choice| choice != NOTHING)
            }
        }
    }
}

/// `faces.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Faces {
    #[serde(rename = "face")]
    pub faces: Vec<Face>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Face {
    pub name: String,
    pub words: Vec<String>,
    pub x: String,
    pub y: String,
    pub reach: String,
    pub plane: String,
    pub sides: Sides,
    /// Other names for its borders.
    #[serde(default)]
    pub also: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sides {
    pub x_low: String,
    pub x_high: String,
    pub y_low: String,
    pub y_high: String,
}

/// `tables/*.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizeTable {
    pub name: String,
    pub source: String,
    pub columns: BTreeMap<String, String>,
    pub sizes: BTreeMap<String, BTreeMap<String, f64>>,
}
