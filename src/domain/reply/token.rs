//! Reply addresses: one unguessable address per request, readable aloud and mended when misread.
//!
//! Imports nothing of the project.

use std::fmt;
use std::str::FromStr;

/// Letters and digits that nobody confuses: no l or 1, no o or 0. Lower case, since mail servers fold case.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// 14 signs of 32: 70 bits.
const LENGTH: usize = 14;
/// How many misread signs are mended; 55 bits remain to guess.
const MENDED_AT_MOST: usize = 3;

/// The secret part of a request's reply address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplyToken(String);

impl ReplyToken {
    /// A token from 14 random bytes, of which five bits each are used.
    pub fn from_random(bytes: [u8; LENGTH]) -> ReplyToken {
        ReplyToken(
            bytes
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
                .collect(),
        )
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ReplyToken {
    type Err = NoToken;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte)) {
            Ok(ReplyToken(text.to_owned()))
        } else {
            Err(NoToken)
        }
    }
}

/// The text is no reply token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reply token has 14 signs, none of them l, 1, o or 0")]
pub struct NoToken;

/// A token as it stood in an address, perhaps retyped by a clerk from paper.
///
/// The signs l, 1, o and 0 never stand in a token, so where one is heard another was meant, and any sign may
/// stand there; at most three such slips are mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardToken(String);

impl HeardToken {
    /// `None` when the text cannot be a token, even with slips.
    pub fn hear(text: &str) -> Option<HeardToken> {
        let heard: String = text
            .trim()
            .chars()
            .map(|sign| match sign.to_ascii_lowercase() {
                'l' | '1' | 'o' | '0' => '_',
                other => other,
            })
            .collect();
        let slips = heard.matches('_').count();
        let fits = heard.len() == LENGTH
            && heard
                .bytes()
                .all(|byte| byte == b'_' || ALPHABET.contains(&byte));
        (fits && slips <= MENDED_AT_MOST && !text.contains('_')).then_some(HeardToken(heard))
    }

    /// Whether `token` may be the one that was meant.
    pub fn could_be(&self, token: &ReplyToken) -> bool {
        self.0
            .bytes()
            .zip(token.0.bytes())
            .all(|(heard, meant)| heard == b'_' || heard == meant)
    }

    /// Every token that may be meant, where at most two signs have to be mended.
    pub fn spelled_out(&self) -> Option<Vec<String>> {
        let mut all = vec![String::new()];
        if self.0.matches('_').count() > 2 {
            return None;
        }
        for heard in self.0.chars() {
            let signs: &[u8] = if heard == '_' { ALPHABET } else { &[] };
            all = all
                .into_iter()
                .flat_map(|begun| {
                    let fixed = (heard != '_').then(|| format!("{begun}{heard}"));
                    let mended: Vec<String> = signs
                        .iter()
                        .map(|sign| format!("{begun}{}", char::from(*sign)))
                        .collect();
                    fixed.into_iter().chain(mended)
                })
                .collect();
        }
        Some(all)
    }

    /// The token with `_` for each sign to be mended: a pattern for SQL's LIKE.
    pub fn as_pattern(&self) -> &str {
        &self.0
    }
}

/// How reply addresses look, for instance `records+{token}@example.org` or `{token}@replies.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyAddress {
    before: String,
    after: String,
}

const PLACE: &str = "{token}";

impl ReplyAddress {
    /// Reads the pattern from configuration.
    ///
    /// # Errors
    /// [`WrongReplyAddress`] when `{token}` does not stand exactly once before the `@`.
    pub fn from_pattern(pattern: &str) -> Result<ReplyAddress, WrongReplyAddress> {
        let wrong = || WrongReplyAddress {
            pattern: pattern.to_owned(),
        };
        let (before, after) = pattern.trim().split_once(PLACE).ok_or_else(wrong)?;
        let (local_rest, domain) = after.split_once('@').ok_or_else(wrong)?;
        let plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-_.=".contains(&b))
        };
        if after.contains(PLACE)
            || !plain(before)
            || !plain(local_rest)
            || before.starts_with('.')
            || domain.is_empty()
            || !domain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        {
            return Err(wrong());
        }
        Ok(ReplyAddress {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The reply address of the request with this token.
    pub fn with(&self, token: &ReplyToken) -> String {
        format!("{}{token}{}", self.before, self.after)
    }

    /// The token in `address`, if the address is one of ours. Case is ignored throughout.
    pub fn heard_in(&self, address: &str) -> Option<HeardToken> {
        let address = address.trim().to_ascii_lowercase();
        let rest = address.strip_prefix(&self.before.to_ascii_lowercase())?;
        let token = rest.strip_suffix(&self.after.to_ascii_lowercase())?;
        HeardToken::hear(token)
    }
}

/// The configured reply address cannot carry a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reply address \"{pattern}\" needs {{token}} once before the @, for instance records+{{token}}@example.org"
)]
pub struct WrongReplyAddress {
    pub pattern: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> ReplyToken {
        "abcdefghijkmn2".parse().unwrap()
    }

    #[test]
    fn the_alphabet_has_no_twins() {
        assert!(!ALPHABET.iter().any(|b| b"l1o0".contains(b)));
        let mut signs = ALPHABET.to_vec();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), 32);
        let token = ReplyToken::from_random([255; LENGTH]);
        assert_eq!(token.as_str().parse(), Ok(token.clone()));
        assert!("abc".parse::<ReplyToken>().is_err());
        assert!("abcdefghijklm2".parse::<ReplyToken>().is_err());
    }

    #[test]
    fn slips_are_mended_and_strangers_are_not() {
        for (heard, fits) in [
            ("abcdefghijkmn2", true),
            ("ABCDEFGHIJKMN2", true),
            ("abcdefgh1jkmn2", true),
            ("abcdefghljkmn2", true),
            ("abodefghijkmn2", true),
            ("ab0defghijkmn2", true),
            ("ab0o1fghijkmn2", true),
            ("ab0o10ghijkmn2", false),
            ("abddefghijkmn2", false),
            ("abcdefghijkmn", false),
            ("abcdefghijkmn22", false),
            ("______________", false),
            ("%bcdefghijkmn2", false),
        ] {
            let heard_token = HeardToken::hear(heard);
            assert_eq!(
                heard_token.is_some_and(|heard| heard.could_be(&token())),
                fits,
                "{heard}"
            );
        }
    }

    #[test]
    fn patterns() {
        for (pattern, address) in [
            (
                "records+{token}@example.org",
                "records+abcdefghijkmn2@example.org",
            ),
            (
                "{token}@replies.example.org",
                "abcdefghijkmn2@replies.example.org",
            ),
            ("r-{token}.s@example.org", "r-abcdefghijkmn2.s@example.org"),
        ] {
            let pattern = ReplyAddress::from_pattern(pattern).unwrap();
            assert_eq!(pattern.with(&token()), address);
            for variant in [
                address.to_owned(),
                address.to_uppercase(),
                format!(" {address} "),
            ] {
                assert!(pattern.heard_in(&variant).unwrap().could_be(&token()));
            }
            assert_eq!(pattern.heard_in("records@example.org"), None);
            assert_eq!(pattern.heard_in("records+abcdefghijkmn2@example.net"), None);
            assert_eq!(pattern.heard_in(""), None);
        }
        for wrong in [
            "records@example.org",
            "records+{token}",
            "records@{token}.example.org",
            "{token}{token}@example.org",
            "a b{token}@example.org",
            "{token}@",
            "{token}@exa mple.org",
            "<{token}@example.org>",
        ] {
            assert!(ReplyAddress::from_pattern(wrong).is_err(), "{wrong}");
        }
    }
}
