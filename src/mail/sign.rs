//! Signing what goes out (DKIM, RFC 6376), by lettre: whoever takes our mail can see that it is ours and whole.
//!
//! Here: reading the key, and one signature over the headers that matter and the whole body. The key is read at launch;
//! one that cannot be used stops it. Not here: the DNS record, which the operator publishes (`docs/operations.md`).

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Message;
use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm,
    DkimSigningKey,
};
use lettre::message::header::HeaderName;

/// Signs messages for one domain.
#[derive(Debug)]
pub struct Signer {
    config: DkimConfig,
    /// As in the signature: `rsa-sha256` or `ed25519-sha256`.
    algorithm: &'static str,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CannotSign {
    #[error("{0} cannot be read ({1})")]
    File(String, std::io::Error),
    #[error(
        "it holds no private key in PEM form: an RSA key or an Ed25519 key, as `openssl genpkey` writes it"
    )]
    NoKey,
    #[error("it is a key of another kind than RSA and Ed25519")]
    OtherKind,
    #[error("its {0} key is damaged")]
    Damaged(&'static str),
}

/// What is signed, besides the whole body. One that a message does not have is signed as absent, so that nobody can add
/// it on the way. Not the content's type: lettre keeps it with the body, apart from the headers that it signs.
const SIGNED: [&str; 9] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
];

impl Signer {
    /// A signer with the key in a PEM file.
    ///
    /// # Errors
    /// Why the key cannot be used.
    pub fn open(key_file: &Path, selector: &str, domain: &str) -> Result<Signer, CannotSign> {
        let pem = std::fs::read_to_string(key_file)
            .map_err(|error| CannotSign::File(key_file.display().to_string(), error))?;
        Signer::with_key(&pem, selector, domain)
    }

    /// A signer with a key in PEM form: PKCS#8 of either kind, or PKCS#1 of RSA.
    ///
    /// # Errors
    /// Why the key cannot be used.
    pub fn with_key(pem: &str, selector: &str, domain: &str) -> Result<Signer, CannotSign> {
        let (key, algorithm) = match key_of(pem)? {
            Key::Rsa(der) => (
                DkimSigningKey::new(&as_pkcs1_pem(&der), DkimSigningAlgorithm::Rsa)
                    .map_err(|_| CannotSign::Damaged("RSA"))?,
                "rsa-sha256",
            ),
            Key::Ed25519(seed) => (
                DkimSigningKey::new(&STANDARD.encode(seed), DkimSigningAlgorithm::Ed25519)
                    .map_err(|_| CannotSign::Damaged("Ed25519"))?,
                "ed25519-sha256",
            ),
        };
        let headers = SIGNED
            .iter()
            .map(|name| HeaderName::new_from_ascii_str(name))
            .collect();
        let relaxed = DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        };
        Ok(Signer {
            config: DkimConfig::new(
                selector.to_owned(),
                domain.to_owned(),
                key,
                headers,
                relaxed,
            ),
            algorithm,
        })
    }

    /// As the signature names it.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// Adds the signature.
    pub(super) fn sign(&self, message: &mut Message) {
        message.sign(&self.config);
    }
}

enum Key {
    /// PKCS#1, in DER.
    Rsa(Vec<u8>),
    /// The 32 bytes.
    Ed25519(Vec<u8>),
}

/// 1.2.840.113549.1.1.1 and 1.3.101.112, as DER writes them.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

fn key_of(pem: &str) -> Result<Key, CannotSign> {
    if let Some(der) = between(pem, "RSA PRIVATE KEY") {
        return Ok(Key::Rsa(der));
    }
    let der = between(pem, "PRIVATE KEY").ok_or(CannotSign::NoKey)?;
    // PKCS#8 (RFC 5208): a sequence of version, algorithm (a sequence that begins with its name) and the key as octets.
    let damaged = || CannotSign::Damaged("private");
    let (0x30, inside, _) = element(&der).ok_or_else(damaged)? else {
        return Err(damaged());
    };
    let (0x02, _, rest) = element(inside).ok_or_else(damaged)? else {
        return Err(damaged());
    };
    let (0x30, algorithm, rest) = element(rest).ok_or_else(damaged)? else {
        return Err(damaged());
    };
    let (0x04, key, _) = element(rest).ok_or_else(damaged)? else {
        return Err(damaged());
    };
    match element(algorithm).ok_or_else(damaged)? {
        (0x06, name, _) if name == RSA => Ok(Key::Rsa(key.to_vec())),
        (0x06, name, _) if name == ED25519 => match element(key).ok_or_else(damaged)? {
            // The key itself is octets within the octets (RFC 8410).
            (0x04, seed, _) if seed.len() == 32 => Ok(Key::Ed25519(seed.to_vec())),
            _ => Err(CannotSign::Damaged("Ed25519")),
        },
        _ => Err(CannotSign::OtherKind),
    }
}

/// The first element of DER: its tag, what is inside, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(*short), rest),
        0x81..=0x84 => {
            let bytes = usize::from(first & 0x7f);
            let (length, rest) = rest.split_at_checked(bytes)?;
            let length = length
                .iter()
                .fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    let (inside, after) = rest.split_at_checked(length)?;
    Some((*tag, inside, after))
}

/// The bytes of a PEM block of that name.
fn between(pem: &str, name: &str) -> Option<Vec<u8>> {
    let begin = format!("-----BEGIN {name}-----");
    let end = format!("-----END {name}-----");
    let (_, after) = pem.split_once(&begin)?;
    let (inside, _) = after.split_once(&end)?;
    let text: String = inside.split_whitespace().collect();
    STANDARD.decode(text).ok()
}

fn as_pkcs1_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = "-----BEGIN RSA PRIVATE KEY-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END RSA PRIVATE KEY-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made for this test by `openssl genpkey -algorithm ed25519`; signs nothing anywhere.
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn a_key_is_read_or_its_fault_is_said() {
        let signer = Signer::with_key(KEY, "s1", "campaign.example").expect("it is a key");
        assert_eq!(signer.algorithm(), "ed25519-sha256");
        let other_kind = KEY.replace("AwBQYDK2Vw", "AwBQYDK2Vx");
        for (pem, says) in [
            ("", "no private key"),
            (
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                "no private key",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----",
                "damaged",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
                "no private key",
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMC4C\n-----END RSA PRIVATE KEY-----",
                "RSA key is damaged",
            ),
            (other_kind.as_str(), "another kind"),
        ] {
            let fault = Signer::with_key(pem, "s1", "campaign.example")
                .expect_err(pem)
                .to_string();
            assert!(fault.contains(says), "{pem}: {fault}");
        }
        let missing = Signer::open(Path::new("/nowhere/key.pem"), "s1", "campaign.example");
        assert!(matches!(missing, Err(CannotSign::File(_, _))));
    }
}
