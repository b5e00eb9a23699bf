//! The hidden token of a form: made for one holder, good once and for a time. Knows nothing of what the form says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::actions::sign_in::fresh_token;
use crate::domain::ids::UserId;

/// How long a page may stay open before its form must be fetched anew.
const TOKEN_DAYS: i64 = 14;

/// Who a form's token is made for: an account, or a visitor's own random cookie before signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    Account(UserId),
    Visitor(String),
}

impl Holder {
    fn text(&self) -> String {
        match self {
            Holder::Account(id) => format!("account:{id}"),
            Holder::Visitor(cookie) => format!("visitor:{cookie}"),
        }
    }
}

/// Makes the hidden token of a form: a one-time mark, its time, and a signature over both and the holder.
pub fn make_token(secret: &[u8; 32], holder: &Holder, now: DateTime<Utc>) -> String {
    let nonce = fresh_token();
    let at = now.timestamp();
    let signed = signature(secret, &nonce, at, holder);
    format!("{nonce}.{at}.{signed}")
}

fn signature(secret: &[u8; 32], nonce: &str, at: i64, holder: &Holder) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(format!("form\n{nonce}\n{at}\n{}", holder.text()).as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Checks a token and gives its one-time mark.
pub fn check_token(
    secret: &[u8; 32],
    holder: &Holder,
    token: &str,
    now: DateTime<Utc>,
) -> Option<String> {
    use subtle::ConstantTimeEq;
    let mut parts = token.split('.');
    let (nonce, at, signed) = (parts.next()?, parts.next()?, parts.next()?);
    let at: i64 = at.parse().ok()?;
    let expected = signature(secret, nonce, at, holder);
    let same: bool = expected.as_bytes().ct_eq(signed.as_bytes()).into();
    let age = now.timestamp() - at;
    let fresh = (-300..Duration::days(TOKEN_DAYS).num_seconds()).contains(&age);
    (same && fresh && parts.next().is_none()).then(|| nonce.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_serves_its_holder_for_its_time() {
        let (secret, other) = ([7u8; 32], [8u8; 32]);
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let mine = Holder::Account(UserId::new());
        let token = make_token(&secret, &mine, now);
        assert!(check_token(&secret, &mine, &token, now + Duration::hours(30)).is_some());
        assert!(check_token(&secret, &mine, &token, now + Duration::days(15)).is_none());
        assert!(check_token(&secret, &Holder::Account(UserId::new()), &token, now).is_none());
        assert!(check_token(&secret, &Holder::Visitor("x".to_owned()), &token, now).is_none());
        assert!(check_token(&other, &mine, &token, now).is_none());
        assert!(check_token(&secret, &mine, &format!("{token}x"), now).is_none());
        assert!(check_token(&secret, &mine, "", now).is_none());
    }
}
