//! Tells cargo what the binary embeds, so that a new file in these folders is not missed.

fn main() {
    for folder in ["web/dist", "templates", "runner/naturalcad_runner"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
