//! Every word and phrase of the table with what it can mean. A word may mean several things; which one it means here is the reader's decision.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::deeds::{Deed, Deeds};
use super::load::joined;
use super::read::lexer::words_of;
use super::table::{Argument, Face, SizeTable, Step, Type};
use crate::domain::plan::Side;

/// `words.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub articles: Vec<String>,
    pub definite: Vec<String>,
    pub pronouns_body: Vec<String>,
    pub pronouns_feature: Vec<String>,
    pub links: Vec<String>,
    pub ties: Vec<String>,
    pub asides: Vec<String>,
    pub negations: Vec<String>,
    pub ignored: Vec<String>,
    pub materials: Vec<String>,
    /// Where one body is beside another.
    pub beside: BTreeMap<Side, Vec<String>>,
    /// Names of hollows that have the shape of a base, by its name.
    pub shapes: BTreeMap<String, Vec<String>>,
    pub apart: Vec<String>,
    pub taken: Vec<String>,
    pub gap: Vec<String>,
    /// Words for one corner, and the two sides that meet there.
    pub corners: BTreeMap<String, [String; 2]>,
    /// Words for a distance from the middle, and the way it goes.
    #[serde(rename = "shift")]
    pub shifts: Vec<Shift>,
    pub origin: Vec<String>,
    pub called: Vec<String>,
    pub such: Vec<String>,
    pub loose: Vec<String>,
    /// Words that are near to words of the catalog and mean something else.
    pub ordinary: Vec<String>,
    pub counts: BTreeMap<String, u32>,
    pub fractions: BTreeMap<String, f64>,
    pub colours: BTreeMap<String, String>,
    pub languages: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shift {
    pub by: [i8; 2],
    pub words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sense {
    /// Names a step or a placement, and which of its variants.
    Step {
        step: usize,
        variant: Option<usize>,
    },
    /// Names a number of a step.
    Argument(Naming),
    /// Chooses a value.
    Choice {
        step: usize,
        argument: usize,
        value: String,
    },
    /// Says that an argument is absent: "through".
    Absent {
        step: usize,
        argument: usize,
    },
    /// Chooses a column of a table of sizes: "close fit".
    Fit {
        step: usize,
        column: String,
    },
    Face(String),
    /// Several faces of one base, each of which gets the same: "each leg".
    Faces {
        step: usize,
        faces: Vec<String>,
    },
    /// Says a text of a step: "engraved with".
    Says {
        step: usize,
        argument: usize,
    },
    Colour(String),
    /// Where another body is: "on top of".
    Beside(Side),
    /// What follows is a body of its own: "a separate".
    Apart,
    /// What follows is taken away: "cut out".
    Taken,
    /// One corner, by the sides that meet there: "top left corner".
    Corner([String; 2]),
    /// So far that way from the middle: "to the right of the centre".
    Shift([i8; 2]),
    /// Positions are counted from the lower left corner.
    Origin,
    /// The air between two bodies.
    Gap,
    /// A name follows: "called".
    Called,
    /// "two such", "3 of them".
    Such,
    Count(u32),
    Fraction(f64),
    Material,
    /// Parts clauses.
    Link,
    /// Ties a number to the word before it: "of", "is".
    Tie,
    /// Begins a phrase of its own: "on", "for".
    Aside,
    /// A tolerance or a fit, kept as a note.
    Tolerance,
    Ignored,
    Definite,
    Negation,
    /// What a follow-up sentence wants done; only in the vocabulary of edits.
    Deed(Deed),
}

impl Sense {
    /// It only holds the sentence together and says nothing about the part.
    pub(super) fn is_idle(&self) -> bool {
        matches!(
            self,
            Sense::Ignored | Sense::Definite | Sense::Material | Sense::Tie | Sense::Aside | Sense::Link
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Naming {
    pub step: usize,
    /// More than one when one number sets several: "50 mm square".
    pub targets: Vec<usize>,
    /// The word stands after its number only.
    pub after_only: bool,
    pub factor: f64,
}

/// The choice that the words of a switch make.
pub(super) const SWITCHED_ON: &str = "yes";

#[derive(Clone)]
pub(super) struct Vocabulary {
    phrases: HashMap<String, Vec<Sense>>,
    /// Words in the longest phrase.
    longest: usize,
    articles: BTreeSet<String>,
    definite: BTreeSet<String>,
    /// Signs glued before a number: `ø`, `r`.
    prefixes: HashMap<String, Vec<Naming>>,
    languages: BTreeMap<String, BTreeSet<String>>,
    /// Every word of every phrase, and ordinary English words that are no misspelt ones.
    known: BTreeSet<String>,
    parts: BTreeSet<String>,
    /// Steps with a text.
    writers: BTreeSet<usize>,
    /// Names of things that are bodies of their own beside another: "lid", "screw".
    loose: BTreeSet<String>,
    /// Names of standard sizes beside M-threads, as `plain_size` writes them: `nema17`.
    sizes: HashMap<String, String>,
}

/// A size's name without spaces, dashes and capitals, so that "Nema 17" and "NEMA-17" are one.
pub(super) fn plain_size(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

impl Vocabulary {
    pub(super) fn build(
        steps: &[Step],
        faces: &[Face],
        words: &Words,
        sizes: &BTreeMap<String, SizeTable>,
    ) -> Result<Vocabulary, (String, String)> {
        let mut vocabulary = Vocabulary {
            phrases: HashMap::new(),
            known: words.ordinary.iter().chain(&words.articles).cloned().collect(),
            parts: BTreeSet::new(),
            writers: (0..steps.len())
                .filter(|step| steps[*step].arguments.iter().any(|argument| argument.type_ == Type::Text))
                .collect(),
            loose: words.loose.iter().cloned().collect(),
            longest: 1,
            articles: words.articles.iter().cloned().collect(),
            definite: words.definite.iter().cloned().collect(),
            prefixes: HashMap::new(),
            languages: words
                .languages
                .iter()
                .map(|(name, words)| (name.clone(), words.iter().cloned().collect()))
                .collect(),
            sizes: sizes
                .values()
                .flat_map(|table| table.sizes.keys())
                // A number alone is a size only for a step that has such a table; M5 is read as a number with its sign.
                .filter(|key| key.trim_start_matches('M').contains(|c: char| !c.is_ascii_digit() && c != '.'))
                .map(|key| (plain_size(key), key.clone()))
                .collect(),
        };
        for (index, step) in steps.iter().enumerate() {
            vocabulary
                .add_step(index, step)
                .map_err(|reason| (format!("steps/{}.toml", step.name), reason))?;
        }
        vocabulary.add_shapes(steps, words).map_err(|reason| ("words.toml".to_owned(), reason))?;
        vocabulary
            .add_common(faces, words)
            .map_err(|reason| ("words.toml or faces.toml".to_owned(), reason))?;
        Ok(vocabulary)
    }

    /// The same words, and those of follow-up sentences.
    pub(super) fn with_deeds(&self, deeds: &Deeds) -> Result<Vocabulary, String> {
        let mut vocabulary = self.clone();
        for (phrase, deed) in deeds.phrases() {
            vocabulary.add(phrase, Sense::Deed(deed))?;
        }
        Ok(vocabulary)
    }

    fn add(&mut self, phrase: &str, sense: Sense) -> Result<(), String> {
        let words: Vec<String> =
            words_of(phrase).into_iter().filter(|word| !self.articles.contains(word)).collect();
        if words.is_empty() {
            return Err(format!("the phrase `{phrase}` has no word"));
        }
        self.longest = self.longest.max(words.len());
        self.known.extend(words.iter().cloned());
        self.parts.extend(words.iter().cloned());
        let senses = self.phrases.entry(words.join(" ")).or_default();
        if !senses.contains(&sense) {
            senses.push(sense);
        }
        Ok(())
    }

    fn add_step(&mut self, step: usize, spec: &Step) -> Result<(), String> {
        // A variant's words say more than the step's own, so they come first.
        for (variant, words) in spec.variants.iter().enumerate() {
            for word in &words.words {
                self.add(word, Sense::Step { step, variant: Some(variant) })?;
            }
        }
        let variant_words: Vec<&String> = spec.variants.iter().flat_map(|variant| &variant.words).collect();
        for word in spec.words.iter().filter(|word| !variant_words.contains(word)) {
            self.add(word, Sense::Step { step, variant: None })?;
        }
        for (index, argument) in spec.arguments.iter().enumerate() {
            self.add_argument(step, index, argument)?;
        }
        for face in &spec.own_faces {
            for word in &face.words {
                self.add(word, Sense::Face(face.name.clone()))?;
            }
        }
        for together in &spec.together {
            for word in &together.words {
                self.add(word, Sense::Faces { step, faces: together.faces.clone() })?;
            }
        }
        for joint in &spec.joints {
            let targets: Vec<usize> = joined(&joint.to)
                .filter_map(|name| spec.arguments.iter().position(|a| a.name == name))
                .collect();
            for word in &joint.after {
                self.add(
                    word,
                    Sense::Argument(Naming { step, targets: targets.clone(), after_only: true, factor: 1.0 }),
                )?;
            }
        }
        let variant_sizes = spec.variants.iter().filter_map(|variant| variant.sizes.as_ref());
        for (column, words) in spec.sizes.iter().chain(variant_sizes).flat_map(|sizes| &sizes.fits) {
            for word in words {
                self.add(word, Sense::Fit { step, column: column.clone() })?;
            }
        }
        Ok(())
    }

    fn add_argument(&mut self, step: usize, index: usize, argument: &Argument) -> Result<(), String> {
        let naming =
            |after_only: bool, factor: f64| Naming { step, targets: vec![index], after_only, factor };
        if argument.type_ == Type::Switch {
            // Its words switch it on; no number belongs to them.
            for word in &argument.words {
                self.add(word, Sense::Choice { step, argument: index, value: SWITCHED_ON.to_owned() })?;
            }
            return Ok(());
        }
        if argument.type_ == Type::Text {
            for word in argument.words.iter().chain(&argument.after) {
                self.add(word, Sense::Says { step, argument: index })?;
            }
            return Ok(());
        }
        for word in &argument.words {
            self.add(word, Sense::Argument(naming(false, 1.0)))?;
        }
        for word in argument.after.iter().filter(|word| !argument.words.contains(word)) {
            self.add(word, Sense::Argument(naming(true, 1.0)))?;
        }
        for scaled in &argument.scaled {
            for word in &scaled.words {
                self.add(word, Sense::Argument(naming(false, scaled.factor)))?;
            }
            for sign in &scaled.before {
                self.prefixes.entry(sign.clone()).or_default().push(naming(false, scaled.factor));
            }
        }
        for sign in &argument.before {
            self.prefixes.entry(sign.clone()).or_default().push(naming(false, 1.0));
        }
        for (value, words) in &argument.choices {
            for word in words {
                self.add(word, Sense::Choice { step, argument: index, value: value.clone() })?;
            }
        }
        for word in &argument.absent_words {
            self.add(word, Sense::Absent { step, argument: index })?;
        }
        Ok(())
    }

    /// Shapes that are cut out, by the base they have: a base that is not in this catalog is passed over.
    fn add_shapes(&mut self, steps: &[Step], words: &Words) -> Result<(), String> {
        for (name, phrases) in &words.shapes {
            let Some(step) = steps.iter().position(|step| step.name == *name) else { continue };
            for phrase in phrases {
                self.add(phrase, Sense::Step { step, variant: None })?;
                self.add(phrase, Sense::Taken)?;
            }
        }
        Ok(())
    }

    fn add_common(&mut self, faces: &[Face], words: &Words) -> Result<(), String> {
        for face in faces {
            for word in &face.words {
                self.add(word, Sense::Face(face.name.clone()))?;
            }
        }
        for (word, count) in &words.counts {
            // "a dozen" would lose its article and become "dozen", which means the same.
            self.add(word, Sense::Count(*count))?;
        }
        for (word, value) in &words.fractions {
            self.add(word, Sense::Fraction(*value))?;
        }
        for (word, colour) in &words.colours {
            self.add(word, Sense::Colour(colour.clone()))?;
        }
        for (side, phrases) in &words.beside {
            for word in phrases {
                self.add(word, Sense::Beside(*side))?;
            }
        }
        for (word, sides) in &words.corners {
            self.add(word, Sense::Corner(sides.clone()))?;
        }
        for shift in &words.shifts {
            for word in &shift.words {
                self.add(word, Sense::Shift(shift.by))?;
            }
        }
        let lists = [
            (&words.origin, Sense::Origin),
            (&words.apart, Sense::Apart),
            (&words.taken, Sense::Taken),
            (&words.gap, Sense::Gap),
            (&words.called, Sense::Called),
            (&words.such, Sense::Such),
            (&words.materials, Sense::Material),
            (&words.links, Sense::Link),
            (&words.ties, Sense::Tie),
            (&words.asides, Sense::Aside),
            (&words.definite, Sense::Definite),
            (&words.negations, Sense::Negation),
            (&words.pronouns_body, Sense::Ignored),
            (&words.pronouns_feature, Sense::Ignored),
            (&words.ignored, Sense::Ignored),
        ];
        for (list, sense) in lists {
            for word in list {
                if self.articles.contains(word) {
                    continue;
                }
                self.add(word, sense.clone())?;
            }
        }
        Ok(())
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub(super) fn senses(&self, phrase: &str) -> Option<&[Sense]> {
        self.phrases.get(phrase).map(Vec::as_slice)
    }

    pub(super) fn prefix(&self, sign: &str) -> Option<&[Naming]> {
        self.prefixes.get(sign).map(Vec::as_slice)
    }

    /// The standard size that this text names.
    pub(super) fn size(&self, text: &str) -> Option<&str> {
        self.sizes.get(&plain_size(text)).map(String::as_str)
    }

    pub(super) fn is_article(&self, word: &str) -> bool {
        self.articles.contains(word)
    }

    pub(super) fn is_definite(&self, word: &str) -> bool {
        self.definite.contains(word)
    }

    /// A word of the catalog, or one that is none on purpose.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// The word is part of some phrase of the table.
    pub(super) fn in_phrase(&self, word: &str) -> bool {
        self.parts.contains(word)
    }

    /// The step has a text.
    pub(super) fn writes(&self, step: usize) -> bool {
        self.writers.contains(&step)
    }

    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// The thing is a body of its own when it is named beside another one.
    pub(super) fn is_loose(&self, noun: &str) -> bool {
        self.loose.contains(noun)
    }

    /// The language that most of these words belong to, when it isn't English.
    pub(super) fn foreign(&self, words: &[&str]) -> Option<&str> {
        const WORDS_MIN: usize = 3;
        let hits = |set: &BTreeSet<String>| words.iter().filter(|word| set.contains(**word)).count();
        let (name, count) =
            self.languages.iter().map(|(name, set)| (name, hits(set))).max_by_key(|(_, count)| *count)?;
        (count >= WORDS_MIN || (count == 2 && words.len() <= 6)).then_some(name.as_str())
    }
}
