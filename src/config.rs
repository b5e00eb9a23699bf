//! Settings: typed sections read from `Rocket.toml` (table `[default.sundial]`) and `SUNDIAL_*` variables.
//!
//! A value that is wrong, or a name that is not known, stops the launch and is called by its name.
//! `Rocket.toml` in the repository lists every setting with its default and meaning.
//!
//! Over 500 lines because each setting is named here with its default and its check.

use std::path::PathBuf;

use rocket::figment::Figment;
use rocket::figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::domain::delivery::pace::MOST_PER_HOUR;

/// The longest window in which a letter can be taken back: a day.
pub const MOST_RECALL_MINUTES: u32 = 24 * 60;

/// All settings of one installation.
#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub mail: MailOut,
    /// Every mailbox that is polled; none where mail comes another way.
    pub mailboxes: Vec<Mailbox>,
    /// A folder into which other programs put messages.
    pub drop_folder: Option<PathBuf>,
    pub limits: Limits,
    pub sessions: Sessions,
    pub log_json: bool,
}

#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    /// Where people reach the site, without a trailing slash: links in mail start with it.
    pub url: String,
}

/// How letters and reminders leave.
#[derive(Clone, Debug)]
pub struct MailOut {
    pub way: MailWay,
    /// The address that reminders and invitations come from.
    pub from: String,
    /// The reply address of a request; `{token}` stands for the request's own secret part.
    pub reply_address: String,
    /// For how long a letter can be taken back before it leaves, where a campaign says nothing else.
    pub recall_minutes: u32,
    /// Letters in one hour to addresses of one mail domain.
    pub letters_per_domain_hour: u32,
    /// Files that go along with one letter, altogether.
    pub enclosure_bytes: u64,
    /// None where mail is not signed here.
    pub dkim: Option<Dkim>,
}

/// With what mail is signed (RFC 6376).
#[derive(Clone, Debug)]
pub struct Dkim {
    pub key_file: PathBuf,
    /// The name in DNS, before `._domainkey`.
    pub selector: String,
    pub domain: String,
}

#[derive(Clone, Debug)]
pub enum MailWay {
    /// Each message becomes an `.eml` file in this folder.
    Folder(PathBuf),
    Smtp {
        host: String,
        port: u16,
        security: Security,
        user: Option<String>,
        password: Option<Secret>,
    },
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Starttls,
    Tls,
    /// Only to this machine itself.
    None,
}

/// An IMAP mailbox to poll.
#[derive(Clone, Debug)]
pub struct Mailbox {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: String,
    pub password: Secret,
    pub folder: String,
    pub every_seconds: u64,
}

#[derive(Clone, Debug)]
pub struct Limits {
    pub upload_bytes: u64,
    pub message_bytes: u64,
    pub worker_memory_bytes: u64,
    pub worker_seconds: u64,
    pub workers: usize,
}

#[derive(Clone, Debug)]
pub struct Sessions {
    pub idle_hours: i64,
    pub absolute_days: i64,
}

/// A password that never shows itself in a log.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

/// What is wrong with the settings, in a sentence that names the setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The settings as they are written: flat names, so that `SUNDIAL_SMTP_HOST` and `smtp_host` are the same thing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    site_name: String,
    site_url: String,
    data_dir: PathBuf,
    #[serde(default)]
    database_url: Option<String>,
    mail_from: String,
    reply_address: String,
    recall_minutes: u32,
    letters_per_domain_hour: u32,
    enclosure_limit_mb: u64,
    #[serde(default)]
    dkim_key_file: Option<PathBuf>,
    #[serde(default)]
    dkim_selector: Option<String>,
    #[serde(default)]
    dkim_domain: Option<String>,
    #[serde(default)]
    mail_folder: Option<PathBuf>,
    #[serde(default)]
    smtp_host: Option<String>,
    smtp_port: u16,
    smtp_security: Security,
    #[serde(default)]
    smtp_user: Option<String>,
    #[serde(default)]
    smtp_password: Option<Secret>,
    #[serde(default)]
    imap_host: Option<String>,
    imap_port: u16,
    imap_security: Security,
    #[serde(default)]
    imap_user: Option<String>,
    #[serde(default)]
    imap_password: Option<Secret>,
    imap_folder: String,
    imap_every_seconds: u64,
    /// Further mailboxes.
    #[serde(default)]
    mailboxes: Vec<WrittenMailbox>,
    #[serde(default)]
    drop_folder: Option<PathBuf>,
    upload_limit_mb: u64,
    message_limit_mb: u64,
    worker_memory_mb: u64,
    worker_seconds: u64,
    workers: usize,
    session_idle_hours: i64,
    session_absolute_days: i64,
    log_json: bool,
}

/// One of several mailboxes as it is written; what is left out is as for the single one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMailbox {
    host: String,
    port: Option<u16>,
    security: Option<Security>,
    user: String,
    password: Secret,
    folder: Option<String>,
    every_seconds: Option<u64>,
}

/// What holds where nothing is said.
#[derive(Serialize)]
struct Defaults {
    site_name: &'static str,
    site_url: &'static str,
    data_dir: &'static str,
    mail_from: &'static str,
    reply_address: &'static str,
    recall_minutes: u32,
    letters_per_domain_hour: u32,
    enclosure_limit_mb: u64,
    smtp_port: u16,
    smtp_security: Security,
    imap_port: u16,
    imap_security: Security,
    imap_folder: &'static str,
    imap_every_seconds: u64,
    upload_limit_mb: u64,
    message_limit_mb: u64,
    worker_memory_mb: u64,
    worker_seconds: u64,
    workers: usize,
    session_idle_hours: i64,
    session_absolute_days: i64,
    log_json: bool,
}

const DEFAULTS: Defaults = Defaults {
    site_name: "Sundial",
    site_url: "http://127.0.0.1:8000",
    data_dir: "sundial-data",
    mail_from: "sundial@localhost.localdomain",
    reply_address: "requests+{token}@localhost.localdomain",
    recall_minutes: 30,
    letters_per_domain_hour: 20,
    enclosure_limit_mb: 18,
    smtp_port: 587,
    smtp_security: Security::Starttls,
    imap_port: 993,
    imap_security: Security::Tls,
    imap_folder: "INBOX",
    imap_every_seconds: 120,
    upload_limit_mb: 200,
    message_limit_mb: 60,
    worker_memory_mb: 2048,
    worker_seconds: 120,
    workers: 2,
    session_idle_hours: 12,
    session_absolute_days: 14,
    log_json: false,
};

impl Config {
    /// Reads `Rocket.toml` beside the working directory, where there is one, and the environment.
    pub fn load() -> Result<Config, ConfigError> {
        let file = Toml::file("Rocket.toml").nested();
        let ours: Figment = Figment::from(file).select("default").focus("sundial");
        let merged = Figment::from(Serialized::defaults(DEFAULTS))
            .merge(ours)
            .merge(
                Env::prefixed("SUNDIAL_")
                    .ignore(&["test_postgres", "log"])
                    .filter(|name| !name.starts_with("test_")),
            );
        Config::from_figment(merged)
    }

    /// The defaults with everything kept under `data_dir`: what `demo` and the tests run on.
    pub fn embedded(data_dir: PathBuf) -> Result<Config, ConfigError> {
        let place = Serialized::default("data_dir", data_dir);
        Config::from_figment(Figment::from(Serialized::defaults(DEFAULTS)).merge(place))
    }

    fn from_figment(figment: Figment) -> Result<Config, ConfigError> {
        let written: Written = figment
            .extract()
            .map_err(|error| ConfigError(explain(&error)))?;
        written.check()
    }
}

/// Puts a figment error into one sentence that names the setting and how to set it.
fn explain(error: &rocket::figment::Error) -> String {
    use rocket::figment::error::Kind;
    let name = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(field, known) => {
            let near = known
                .iter()
                .find(|known| known.starts_with(&field[..field.len().min(4)]));
            let hint = near
                .map(|near| format!(" Did you mean `{near}`?"))
                .unwrap_or_default();
            format!(
                "The setting `{field}` is not known to Sundial.{hint} Rocket.toml lists every setting."
            )
        }
        kind => format!(
            "The setting `{name}` cannot be used: {kind}. Correct it in Rocket.toml or in SUNDIAL_{}.",
            name.to_uppercase()
        ),
    }
}

impl Written {
    fn check(self) -> Result<Config, ConfigError> {
        let wrong = |name: &str, why: &str| {
            Err(ConfigError(format!(
                "The setting `{name}` cannot be used: {why}."
            )))
        };
        if !(self.site_url.starts_with("http://") || self.site_url.starts_with("https://")) {
            return wrong("site_url", "it must begin with http:// or https://");
        }
        if !self.reply_address.contains("{token}") || !self.reply_address.contains('@') {
            return wrong(
                "reply_address",
                "it must be an address with {token} in it, such as requests+{token}@example.org",
            );
        }
        if !self.mail_from.contains('@') {
            return wrong("mail_from", "it must be an e-mail address");
        }
        if self.recall_minutes > MOST_RECALL_MINUTES {
            return wrong("recall_minutes", "at most a day (1440 minutes) fits");
        }
        if !(1..=MOST_PER_HOUR).contains(&self.letters_per_domain_hour) {
            return wrong(
                "letters_per_domain_hour",
                "between 1 and 60 letters an hour go to one mail domain",
            );
        }
        if !(1..=100).contains(&self.enclosure_limit_mb) {
            return wrong("enclosure_limit_mb", "it must lie between 1 and 100");
        }
        let dkim = match (self.dkim_key_file, self.dkim_selector, self.dkim_domain) {
            (None, None, None) => None,
            (Some(key_file), Some(selector), Some(domain)) => Some(Dkim {
                key_file,
                selector,
                domain,
            }),
            (None, _, _) => {
                return wrong(
                    "dkim_key_file",
                    "dkim_key_file, dkim_selector and dkim_domain go together",
                );
            }
            (_, None, _) => {
                return wrong(
                    "dkim_selector",
                    "dkim_key_file, dkim_selector and dkim_domain go together",
                );
            }
            (_, _, None) => {
                return wrong(
                    "dkim_domain",
                    "dkim_key_file, dkim_selector and dkim_domain go together",
                );
            }
        };
        if self.workers == 0 {
            return wrong("workers", "at least one worker is needed to open documents");
        }
        if self.session_idle_hours < 1 || self.session_absolute_days < 1 {
            return wrong(
                "session_idle_hours",
                "sessions must last at least an hour and a day",
            );
        }
        let local = |host: &str| matches!(host, "127.0.0.1" | "localhost" | "::1");
        let way = match self.smtp_host {
            None => MailWay::Folder(
                self.mail_folder
                    .unwrap_or_else(|| self.data_dir.join("mail")),
            ),
            Some(host) => {
                if self.smtp_security == Security::None && !local(&host) {
                    return wrong(
                        "smtp_security",
                        "`none` is allowed only to a mail server on this machine",
                    );
                }
                if self.smtp_user.is_some() != self.smtp_password.is_some() {
                    return wrong("smtp_password", "smtp_user and smtp_password go together");
                }
                MailWay::Smtp {
                    host,
                    port: self.smtp_port,
                    security: self.smtp_security,
                    user: self.smtp_user,
                    password: self.smtp_password,
                }
            }
        };
        let mut mailboxes = match (self.imap_host, self.imap_user, self.imap_password) {
            (None, _, _) => Vec::new(),
            (Some(host), Some(user), Some(password)) => {
                if self.imap_security == Security::None && !local(&host) {
                    return wrong(
                        "imap_security",
                        "`none` is allowed only to a mail server on this machine",
                    );
                }
                vec![Mailbox {
                    host,
                    port: self.imap_port,
                    security: self.imap_security,
                    user,
                    password,
                    folder: self.imap_folder,
                    every_seconds: self.imap_every_seconds.max(10),
                }]
            }
            _ => return wrong("imap_user", "imap_host needs imap_user and imap_password"),
        };
        for more in self.mailboxes {
            let security = more.security.unwrap_or(Security::Tls);
            if security == Security::None && !local(&more.host) {
                return wrong(
                    "mailboxes",
                    "security `none` is allowed only to a mail server on this machine",
                );
            }
            mailboxes.push(Mailbox {
                host: more.host,
                port: more.port.unwrap_or(DEFAULTS.imap_port),
                security,
                user: more.user,
                password: more.password,
                folder: more
                    .folder
                    .unwrap_or_else(|| DEFAULTS.imap_folder.to_owned()),
                every_seconds: more
                    .every_seconds
                    .unwrap_or(DEFAULTS.imap_every_seconds)
                    .max(10),
            });
        }
        let database_url = self.database_url.unwrap_or_else(|| {
            format!(
                "sqlite://{}?mode=rwc",
                self.data_dir.join("sundial.sqlite").display()
            )
        });
        if !(database_url.starts_with("sqlite:") || database_url.starts_with("postgres")) {
            return wrong("database_url", "it must begin with sqlite: or postgres:");
        }
        const MB: u64 = 1024 * 1024;
        Ok(Config {
            site: Site {
                name: self.site_name,
                url: self.site_url.trim_end_matches('/').to_owned(),
            },
            data_dir: self.data_dir,
            database_url,
            mail: MailOut {
                way,
                from: self.mail_from,
                reply_address: self.reply_address,
                recall_minutes: self.recall_minutes,
                letters_per_domain_hour: self.letters_per_domain_hour,
                enclosure_bytes: self.enclosure_limit_mb * MB,
                dkim,
            },
            mailboxes,
            drop_folder: self.drop_folder,
            limits: Limits {
                upload_bytes: self.upload_limit_mb * MB,
                message_bytes: self.message_limit_mb * MB,
                worker_memory_bytes: self.worker_memory_mb * MB,
                worker_seconds: self.worker_seconds,
                workers: self.workers,
            },
            sessions: Sessions {
                idle_hours: self.session_idle_hours,
                absolute_days: self.session_absolute_days,
            },
            log_json: self.log_json,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: impl Serialize) -> Result<Config, ConfigError> {
        Config::from_figment(
            Figment::from(Serialized::defaults(DEFAULTS)).merge(Serialized::default(name, value)),
        )
    }

    #[test]
    fn defaults_are_embedded_and_private() {
        let config = Config::embedded(PathBuf::from("here")).expect("the defaults are right");
        assert_eq!(config.database_url, "sqlite://here/sundial.sqlite?mode=rwc");
        assert!(
            matches!(config.mail.way, MailWay::Folder(folder) if folder.ends_with("here/mail"))
        );
        assert!(config.mailboxes.is_empty() && config.drop_folder.is_none());
    }

    #[test]
    fn several_mailboxes_stand_beside_the_old_keys() {
        let more = serde_json::json!([{"host": "imap.two.example", "user": "two", "password": "x", "folder": "Replies"}]);
        let figment = Figment::from(Serialized::defaults(DEFAULTS))
            .merge(Serialized::default("imap_host", "imap.one.example"))
            .merge(Serialized::default("imap_user", "one"))
            .merge(Serialized::default("imap_password", "x"))
            .merge(Serialized::default("mailboxes", more));
        let config = Config::from_figment(figment).expect("both are right");
        let seen: Vec<_> = config
            .mailboxes
            .iter()
            .map(|each| (each.host.as_str(), each.folder.as_str(), each.port))
            .collect();
        assert_eq!(
            seen,
            [
                ("imap.one.example", "INBOX", 993),
                ("imap.two.example", "Replies", 993)
            ]
        );
        let clear = serde_json::json!([{"host": "imap.example.org", "user": "a", "password": "b", "security": "none"}]);
        let error = with("mailboxes", clear)
            .expect_err("not in the clear")
            .to_string();
        assert!(error.contains("mailboxes"), "{error}");
    }

    #[test]
    fn a_wrong_setting_is_called_by_its_name() {
        for (name, value, part) in [
            ("smtp_port", "often", "smtp_port"),
            ("site_url", "ftp://x", "site_url"),
            ("reply_address", "me@example.org", "reply_address"),
            ("smtp_hots", "mail.example.org", "smtp_hots"),
            ("database_url", "mysql://x", "database_url"),
            ("dkim_selector", "sundial", "dkim_key_file"),
            ("dkim_key_file", "key.pem", "dkim_selector"),
        ] {
            let error = with(name, value).expect_err("it is wrong").to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_number_out_of_range_is_called_by_its_name() {
        for (name, value) in [
            ("recall_minutes", 1441),
            ("letters_per_domain_hour", 0),
            ("letters_per_domain_hour", 61),
            ("enclosure_limit_mb", 0),
        ] {
            let error = with(name, value).expect_err("it is wrong").to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn plain_smtp_stays_on_this_machine() {
        let figment = Figment::from(Serialized::defaults(DEFAULTS))
            .merge(Serialized::default("smtp_host", "mail.example.org"))
            .merge(Serialized::default("smtp_security", "none"));
        assert!(
            Config::from_figment(figment)
                .expect_err("refused")
                .to_string()
                .contains("smtp_security")
        );
    }
}
