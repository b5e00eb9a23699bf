//! The two capital letters of a jurisdiction.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A jurisdiction's postal code, `US` for the federal law: always two capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code([u8; 2]);

/// Text that is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a jurisdiction; write two letters such as WA, DC or US")]
pub struct CodeError(pub String);

impl Code {
    /// "WA".
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }

    /// The stem of its file under `data/law/`: "wa".
    pub fn lower(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl FromStr for Code {
    type Err = CodeError;

    /// Takes either case and stray spaces, as people type it.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(CodeError(text.chars().take(40).collect())),
        }
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.as_str().to_owned()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_two_capital_letters() {
        for (text, code) in [("WA", "WA"), (" wa ", "WA"), ("us", "US")] {
            assert_eq!(text.parse::<Code>().expect(text).as_str(), code);
        }
        for text in ["", "W", "WAS", "W1", "É"] {
            let problem = text.parse::<Code>().expect_err(text).to_string();
            assert!(problem.contains("two letters"), "{problem}");
        }
        let json =
            serde_json::to_string(&"ca".parse::<Code>().expect("a code")).expect("plain data");
        assert_eq!(json, "\"CA\"");
    }
}
