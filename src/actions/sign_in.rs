//! Signing in and out, and the secrets that stand for a person: passwords and random tokens.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ActionError, App, Deed};
use crate::domain::ids::UserId;
use crate::store::{accounts, commit, sessions};

/// Shortest password taken. Length is what makes a password hard to guess.
pub const PASSWORD_MIN: usize = 12;
/// Longest password taken, so that hashing cannot be used to tire the machine.
pub const PASSWORD_MAX: usize = 200;

/// A fresh secret of 256 bits for a cookie or a link.
pub fn fresh_token() -> String {
    let mut bytes = [0u8; 32];
    rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a token: its SHA-256 in hex. A stolen database opens no session.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Refuses a password that is too short or too long, with the sentence to show.
pub fn check_password(password: &str) -> Result<(), String> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(format!(
            "Choose a password of at least {PASSWORD_MIN} characters; three or four unrelated words are easy to remember."
        ));
    }
    if length > PASSWORD_MAX {
        return Err(format!(
            "Choose a password of at most {PASSWORD_MAX} characters."
        ));
    }
    Ok(())
}

/// Hashes a password with argon2id on a thread of its own: it takes tens of milliseconds on purpose.
pub async fn hash_password(password: String) -> Deed<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    })
    .await
    .map_err(|error| ActionError::fault("hashing a password", error))?;
    hashed.map_err(|error| {
        ActionError::fault(
            "hashing a password",
            std::io::Error::other(error.to_string()),
        )
    })
}

async fn matches(password: String, hash: String) -> Deed<bool> {
    tokio::task::spawn_blocking(move || match PasswordHash::new(&hash) {
        Ok(parsed) => Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok(),
        Err(_) => false,
    })
    .await
    .map_err(|error| ActionError::fault("checking a password", error))
}

/// A hash that no password meets: checking against it takes as long as a real check, so that the time
/// taken does not tell whether an address has an account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3VuZGlhbC1ub2JvZHkhIQ$x2Qxn5V7B0S0mV1nZ0mQd0bq3H0n8Zs2q0m8c3oYxqE";

/// An open session: the token goes into the cookie, nowhere else.
#[derive(Debug)]
pub struct Opened {
    pub account: UserId,
    pub token: String,
}

/// Checks address and password and opens a session.
///
/// # Errors
/// Refused, in the same words, for an unknown address, a wrong password and an ended account.
pub async fn sign_in(app: &App, email: &str, password: &str, now: DateTime<Utc>) -> Deed<Opened> {
    let wrong = || {
        ActionError::refused(
            "That address and password do not go together. Check both and try again; if you forgot the password, ask \
             whoever runs this installation for a new link.",
        )
    };
    let found = accounts::find_for_sign_in(app.store.read(), email).await?;
    let (account, hash) = match found {
        Some((account, Some(hash))) => (Some(account), hash),
        _ => (None, NOBODY.to_owned()),
    };
    let right =
        password.chars().count() <= PASSWORD_MAX && matches(password.to_owned(), hash).await?;
    match account {
        Some(account) if right && !account.disabled => open_session(app, account.id, now).await,
        _ => Err(wrong()),
    }
}

/// Opens a session for a person who has just proved who they are.
pub async fn open_session(app: &App, account: UserId, now: DateTime<Utc>) -> Deed<Opened> {
    let token = fresh_token();
    let until = now + Duration::days(app.config.sessions.absolute_days);
    let tx = app.store.begin().await?;
    sessions::open(&tx, account, &token_hash(&token), now, until).await?;
    commit(tx).await?;
    Ok(Opened { account, token })
}

/// Ends one session.
pub async fn sign_out(app: &App, session: Uuid, now: DateTime<Utc>) -> Deed<()> {
    let tx = app.store.begin().await?;
    sessions::revoke(&tx, session, now).await?;
    commit(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (fresh_token(), fresh_token());
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
        assert_eq!(
            token_hash("a"),
            "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
        );
    }

    #[test]
    fn the_hash_of_nobody_is_well_formed() {
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "an unreadable hash would answer at once and tell on the account"
        );
    }

    #[tokio::test]
    async fn a_password_meets_its_own_hash_alone() {
        let hash = hash_password("three unrelated words".to_owned())
            .await
            .expect("hashed");
        assert!(hash.starts_with("$argon2id$"));
        assert!(
            matches("three unrelated words".to_owned(), hash.clone())
                .await
                .expect("checked")
        );
        assert!(
            !matches("three unrelated word".to_owned(), hash)
                .await
                .expect("checked")
        );
    }
}
