//! A part that was built, as the next turn of its conversation finds it.

use super::job::Lane;
use super::parameter::Declared;
use super::plan::Plan;
use super::program::{Parameters, Program};

#[derive(Clone, Debug)]
pub struct Before {
    pub lane: Lane,
    pub program: Program,
    /// With the values that sliders gave it.
    pub plan: Option<Plan>,
    /// Values it ran with that differ from what the program says.
    pub parameters: Parameters,
    pub declared: Vec<Declared>,
    /// What was asked so far, in the user's words; the program's first line.
    pub title: String,
    /// Nothing that was said on the way to this part was left unread.
    pub understood: bool,
    /// The part that taking back the last change leads to.
    pub earlier: Option<Box<Before>>,
}
