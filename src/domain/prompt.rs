//! What the user wrote: not empty, bounded, free of control characters. Parsed once, at the edge.

use super::limits::PROMPT_CHARS_MAX;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt(String);

/// Why a text is no prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPrompt {
    #[error("The prompt is empty")]
    Empty,
    #[error("The prompt has {chars} characters; {PROMPT_CHARS_MAX} is the most")]
    TooLong { chars: usize },
}

impl Prompt {
    pub fn parse(text: &str) -> Result<Self, BadPrompt> {
        let clean: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
        let clean = clean.trim();
        if clean.is_empty() {
            return Err(BadPrompt::Empty);
        }
        let chars = clean.chars().count();
        if chars > PROMPT_CHARS_MAX {
            return Err(BadPrompt::TooLong { chars });
        }
        Ok(Self(clean.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_and_endless_prompts_are_refused() {
        assert_eq!(Prompt::parse(" \n\t "), Err(BadPrompt::Empty));
        let long = "x".repeat(PROMPT_CHARS_MAX + 1);
        assert!(matches!(Prompt::parse(&long), Err(BadPrompt::TooLong { .. })));
        assert_eq!(Prompt::parse(" a\u{7}b ").unwrap().as_str(), "a b");
    }
}
