//! The closed set of files that a job can leave.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A file format the runner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Glb,
    /// The JSON sidecar of the GLB (design section 7.4); written with it.
    Scene,
    Step,
    Stl,
    #[serde(rename = "3mf")]
    ThreeMf,
    Brep,
    Dxf,
    Svg,
}

struct Facts {
    name: &'static str,
    extension: &'static str,
    file: &'static str,
    media_type: &'static str,
}

impl Format {
    pub const ALL: [Self; 8] =
        [Self::Glb, Self::Scene, Self::Step, Self::Stl, Self::ThreeMf, Self::Brep, Self::Dxf, Self::Svg];

    fn facts(self) -> Facts {
        let (name, extension, file, media_type) = match self {
            Self::Glb => ("glb", "glb", "part.glb", "model/gltf-binary"),
            Self::Scene => ("scene", "scene.json", "scene.json", "application/json"),
            Self::Step => ("step", "step", "part.step", "model/step"),
            Self::Stl => ("stl", "stl", "part.stl", "model/stl"),
            Self::ThreeMf => ("3mf", "3mf", "part.3mf", "model/3mf"),
            Self::Brep => ("brep", "brep", "part.brep", "application/octet-stream"),
            Self::Dxf => ("dxf", "dxf", "part.dxf", "image/vnd.dxf"),
            Self::Svg => ("svg", "svg", "part.svg", "image/svg+xml"),
        };
        Facts { name, extension, file, media_type }
    }

    /// The word used in requests and on the command line.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What follows the job's id in `/artifacts/`.
    pub fn extension(self) -> &'static str {
        self.facts().extension
    }

    /// The only name the host looks for in a worker's scratch folder.
    pub fn scratch_file(self) -> &'static str {
        self.facts().file
    }

    pub fn media_type(self) -> &'static str {
        self.facts().media_type
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which files a job is to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What fits the part: mesh, STEP and STL of a solid; DXF and SVG of a flat one.
    Usual,
    /// These, in this order; one that does not fit the part is told.
    These(Vec<Format>),
}

impl Wanted {
    /// In the order of writing: what the page shows comes first.
    pub fn formats(&self) -> Vec<Format> {
        match self {
            Self::Usual => vec![Format::Glb, Format::Step, Format::Stl, Format::Dxf, Format::Svg],
            Self::These(formats) => formats.clone(),
        }
    }
}

/// The word names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format; step, stl, 3mf, glb, brep, dxf and svg are")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let wanted = text.trim().to_ascii_lowercase();
        let wanted = if wanted == "stp" { "step" } else { wanted.as_str() };
        Self::ALL
            .into_iter()
            .find(|format| format.name() == wanted)
            .ok_or_else(|| UnknownFormat(text.chars().take(40).collect()))
    }
}

/// A short file name made of a prompt: ASCII letters and digits, words joined by dashes.
pub fn file_stem(prompt: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut stem = String::new();
    for word in prompt.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if stem.len() + word.len() >= CHARS_MAX {
            break;
        }
        if !stem.is_empty() {
            stem.push('-');
        }
        stem.push_str(&word.to_ascii_lowercase());
    }
    if stem.is_empty() { "part".into() } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_short_and_plain() {
        assert_eq!(file_stem("60x40x10 mm Plate, \"four\" holes"), "60x40x10-mm-plate-four-holes");
        assert_eq!(file_stem("../../Ø"), "part");
        assert!(file_stem(&"word ".repeat(50)).len() <= 40);
    }

    #[test]
    fn every_format_is_found_by_its_name_and_serialises_as_it() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>(), Ok(format));
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(json, format!("\"{}\"", format.name()));
        }
        assert!("exe".parse::<Format>().is_err());
    }
}
