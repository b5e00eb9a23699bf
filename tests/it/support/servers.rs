//! The throw-away servers of a test run: PostgreSQL, mail and the browser's driver, each started once when first needed.
//!
//! The scripts in `tests/servers/` start and end them. We hold the pipe that keeps each alive, so that they go when
//! this process goes, however it goes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A running server script and the line by which it says how it is reached.
struct Server {
    line: String,
    /// Its standard input is the pipe that keeps the server alive.
    _script: Child,
}

impl Server {
    fn start(name: &str) -> Server {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/servers")
            .join(name);
        let mut script = Command::new(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", path.display()));
        let said = script.stdout.take().expect("its output is piped");
        let mut line = String::new();
        BufReader::new(said)
            .read_line(&mut line)
            .unwrap_or_else(|error| panic!("{name} said nothing: {error}"));
        let line = line.trim().to_owned();
        assert!(
            !line.is_empty(),
            "the server {name} did not start; why stands above. ./test installs what it needs."
        );
        Server {
            line,
            _script: script,
        }
    }
}

/// The URL of a PostgreSQL server on which databases may be made: the one that `./test` started, else our own.
pub fn postgres() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    static OWN: OnceLock<Server> = OnceLock::new();
    URL.get_or_init(|| match std::env::var("SUNDIAL_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => url,
        _ => OWN.get_or_init(|| Server::start("postgres")).line.clone(),
    })
}

/// The URL of Chromium's driver.
pub fn driver() -> &'static str {
    static DRIVER: OnceLock<Server> = OnceLock::new();
    &DRIVER.get_or_init(|| Server::start("browser")).line
}

/// A mail provider on this machine: SMTP in, IMAP out. `tests/servers/mail` says what its addresses do.
pub struct MailProvider {
    /// Ports on 127.0.0.1. SMTP and IMAP offer STARTTLS; `imaps` is TLS from the first byte.
    pub smtp: u16,
    pub imap: u16,
    pub imaps: u16,
    /// The certificate authority to trust, in PEM.
    pub authority: String,
}

impl MailProvider {
    /// The user that may send to `needs-sign-in.example`.
    pub const USER: &'static str = "sundial";
    /// The password of every mailbox and of that user.
    pub const PASSWORD: &'static str = "let-me-in";
}

/// The mail provider of this test run.
pub fn mail() -> &'static MailProvider {
    static MAIL: OnceLock<(Server, MailProvider)> = OnceLock::new();
    &MAIL
        .get_or_init(|| {
            let server = Server::start("mail");
            let said: BTreeMap<&str, &str> = server
                .line
                .split(' ')
                .filter_map(|word| word.split_once('='))
                .collect();
            let port = |name: &str| {
                said.get(name)
                    .and_then(|address| address.rsplit_once(':'))
                    .and_then(|(_, port)| port.parse().ok())
                    .unwrap_or_else(|| {
                        panic!("the mail server said no port for {name}: {}", server.line)
                    })
            };
            let provider = MailProvider {
                smtp: port("smtp"),
                imap: port("imap"),
                imaps: port("imaps"),
                authority: said
                    .get("ca")
                    .map(|path| path.to_string())
                    .unwrap_or_default(),
            };
            (server, provider)
        })
        .1
}

#[test]
fn the_mail_provider_answers_on_each_port() {
    use std::io::Read;
    let provider = mail();
    for (port, greeting) in [(provider.smtp, "220 mail.example"), (provider.imap, "* OK")] {
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", port))
            .unwrap_or_else(|error| panic!("port {port}: {error}"));
        let mut said = vec![0; greeting.len()];
        connection.read_exact(&mut said).expect("a greeting comes");
        assert_eq!(String::from_utf8_lossy(&said), greeting);
    }
    std::net::TcpStream::connect(("127.0.0.1", provider.imaps)).expect("IMAP over TLS listens");
    let authority =
        std::fs::read_to_string(&provider.authority).expect("the authority can be read");
    assert!(authority.starts_with("-----BEGIN CERTIFICATE-----"));
}
