//! The throw-away servers of a test run: PostgreSQL, mail and the browser's driver, each started once when first needed.
//!
//! The scripts in `tests/servers/` start and end them. We hold the pipe that keeps each alive, so that they go when
//! this process goes, however it goes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// A running server script and the line by which it says how it is reached.
struct Server {
    line: String,
    /// What else it says.
    said: BufReader<ChildStdout>,
    /// Its standard input is the pipe that keeps the server alive.
    script: Child,
}

impl Server {
    fn start(name: &str, words: &[&str]) -> Server {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/servers")
            .join(name);
        let mut script = Command::new(&path)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", path.display()));
        let mut said = BufReader::new(script.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        said.read_line(&mut line)
            .unwrap_or_else(|error| panic!("{name} said nothing: {error}"));
        let line = line.trim().to_owned();
        assert!(
            !line.is_empty(),
            "the server {name} did not start; why stands above. ./test installs what it needs."
        );
        Server { line, said, script }
    }
}

/// A PostgreSQL of one test's own, which can be stopped and started again. What was committed outlives it.
pub struct OwnPostgres(Server);

impl OwnPostgres {
    pub fn start() -> OwnPostgres {
        OwnPostgres(Server::start("postgres", &["durable"]))
    }

    /// The URL of its first database.
    pub fn url(&self) -> &str {
        &self.0.line
    }

    /// Stops it at once, as a crash does: whoever is connected is cut off.
    pub fn fall(&mut self) {
        self.order("stop");
    }

    /// Starts it again, on the same port and with the same data.
    pub fn rise(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        let stdin = self.0.script.stdin.as_mut().expect("its input is piped");
        writeln!(stdin, "{order}").expect("it takes orders");
        let mut done = String::new();
        self.0.said.read_line(&mut done).expect("it answers");
        assert_eq!(
            done.trim(),
            order,
            "PostgreSQL did not {order}; why stands above"
        );
    }
}

/// The URL of a PostgreSQL server on which databases may be made: the one that `./test` started, else our own.
pub fn postgres() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    static OWN: OnceLock<Server> = OnceLock::new();
    URL.get_or_init(|| match std::env::var("SUNDIAL_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => url,
        _ => OWN
            .get_or_init(|| Server::start("postgres", &[]))
            .line
            .clone(),
    })
}

/// The URL of Chromium's driver.
pub fn driver() -> &'static str {
    static DRIVER: OnceLock<Server> = OnceLock::new();
    &DRIVER.get_or_init(|| Server::start("browser", &[])).line
}

/// A mail provider on this machine: SMTP in, IMAP out. `tests/servers/mail` says what its addresses do.
pub struct MailProvider {
    /// Ports on 127.0.0.1. SMTP and IMAP offer STARTTLS; `imaps` is TLS from the first byte.
    pub smtp: u16,
    pub imap: u16,
    pub imaps: u16,
    /// The certificate authority to trust, in PEM.
    pub authority: String,
    /// Exim's log.
    log: String,
}

impl MailProvider {
    /// The user that may send to `needs-sign-in.example`.
    pub const USER: &'static str = "sundial";
    /// The password of every mailbox and of that user.
    pub const PASSWORD: &'static str = "let-me-in";

    /// How often Exim has taken each Message-ID over, by its own log.
    pub fn taken(&self) -> BTreeMap<String, usize> {
        let log = std::fs::read_to_string(&self.log).expect("Exim's log can be read");
        let mut taken = BTreeMap::new();
        // "2026-01-12 09:00:00 <= from@x H=… P=esmtp S=1234 id=letter.1@x"
        for line in log.lines().filter(|line| line.contains(" <= ")) {
            if let Some((_, id)) = line.rsplit_once(" id=") {
                let id = id.split(' ').next().unwrap_or_default();
                *taken.entry(id.to_owned()).or_default() += 1;
            }
        }
        taken
    }

    /// Hands Exim a message from outside, as another mail server would.
    pub async fn bring(&self, from: &str, to: &str, raw: &str) {
        let mut wire = BufStream::new(
            TcpStream::connect(("127.0.0.1", self.smtp))
                .await
                .expect("Exim listens"),
        );
        let text = raw.replace("\r\n.", "\r\n..");
        for (says, answer) in [
            (String::new(), "220"),
            ("HELO outside.example\r\n".to_owned(), "250"),
            (format!("MAIL FROM:<{from}>\r\n"), "250"),
            (format!("RCPT TO:<{to}>\r\n"), "250"),
            ("DATA\r\n".to_owned(), "354"),
            (format!("{text}\r\n.\r\n"), "250"),
            ("QUIT\r\n".to_owned(), "221"),
        ] {
            wire.write_all(says.as_bytes()).await.expect("Exim hears");
            wire.flush().await.expect("Exim hears");
            let mut said = String::new();
            wire.read_line(&mut said).await.expect("Exim answers");
            assert!(said.starts_with(answer), "{says:?}: {said}");
        }
    }
}

/// The mail provider of this test run.
pub fn mail() -> &'static MailProvider {
    static MAIL: OnceLock<(Server, MailProvider)> = OnceLock::new();
    &MAIL
        .get_or_init(|| {
            let server = Server::start("mail", &[]);
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
            let path = |name: &str| {
                said.get(name)
                    .map(|path| path.to_string())
                    .unwrap_or_default()
            };
            let provider = MailProvider {
                smtp: port("smtp"),
                imap: port("imap"),
                imaps: port("imaps"),
                authority: path("ca"),
                log: path("log"),
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
