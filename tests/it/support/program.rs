//! The program itself, as an operator runs it: its own process, its own folder, its settings in the environment.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long anything here may take on the slowest machine. It ends as soon as the thing has happened.
const PATIENCE: Duration = Duration::from_secs(180);

/// The program in `folder`, with nothing of this machine's settings.
fn program(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sundial"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("SUNDIAL_") || name.starts_with("ROCKET_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("SUNDIAL_DATA_DIR", folder.join("data"))
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// What a program may not have, as on a disk that is full.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    /// No file may grow beyond so many kilobytes: writing further fails, as on a full disk.
    file_kb: u32,
}

impl Limited {
    pub fn file_kb(kilobytes: u32) -> Limited {
        Limited { file_kb: kilobytes }
    }
}

/// The program under a limit. The shell sets it and ignores the signal that goes with it, so that writing fails with an
/// error as it does on a full disk.
fn limited(folder: &Path, settings: &[(&str, &str)], words: &[&str], limit: Limited) -> Command {
    let mut command = program(folder, settings);
    let mut shell = Command::new("/bin/bash");
    shell
        .arg("-c")
        .arg(format!(
            "trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"",
            limit.file_kb
        ))
        .arg(env!("CARGO_BIN_EXE_sundial"))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (name, value) in command.as_std_mut().get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// A program that was started and may be killed.
pub struct Running {
    child: Child,
}

fn spawned(mut command: Command) -> Running {
    let child = command
        .env("ROCKET_PORT", free_port().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    Running { child }
}

/// Starts the program and does not wait for anything.
pub fn start(folder: &Path, settings: &[(&str, &str)], words: &[&str]) -> Running {
    let mut command = program(folder, settings);
    command.args(words);
    spawned(command)
}

/// … under a limit.
pub fn start_limited(
    folder: &Path,
    settings: &[(&str, &str)],
    words: &[&str],
    limit: Limited,
) -> Running {
    spawned(limited(folder, settings, words, limit))
}

/// Runs a command to its end under a limit.
pub async fn run_limited(
    folder: &Path,
    settings: &[(&str, &str)],
    words: &[&str],
    input: &[u8],
    limit: Limited,
) -> Output {
    let mut stdin = tempfile::tempfile().expect("a file for the input");
    stdin.write_all(input).expect("the input is written");
    std::io::Seek::rewind(&mut stdin).expect("the input is read from its start");
    let output = limited(folder, settings, words, limit)
        .stdin(stdin)
        .output();
    tokio::time::timeout(PATIENCE, output)
        .await
        .unwrap_or_else(|_| panic!("sundial {words:?} does not end"))
        .unwrap_or_else(|error| panic!("sundial {words:?} cannot be run: {error}"))
}

impl Running {
    /// SIGKILL: it has no say in it.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// The same, where how it ends does not matter.
    pub async fn end(self) {
        self.kill().await;
    }

    /// What it has logged so far; it is killed for that.
    pub async fn log(&mut self) -> String {
        self.child.start_kill().expect("it is killed");
        let mut log = String::new();
        if let Some(stderr) = self.child.stderr.as_mut() {
            stderr
                .read_to_string(&mut log)
                .await
                .expect("its log can be read");
        }
        log
    }

    /// Its log until it says this, or until it ends.
    pub async fn ended_or_said(mut self, what: &str) -> String {
        let mut log = String::new();
        let reading = async {
            let stderr = self.child.stderr.as_mut().expect("its log is piped");
            let mut lines = BufReader::new(stderr).lines();
            while let Some(line) = lines.next_line().await.expect("its log can be read") {
                log.push_str(&line);
                log.push('\n');
                if line.contains(what) {
                    break;
                }
            }
        };
        assert!(
            tokio::time::timeout(PATIENCE, reading).await.is_ok(),
            "it neither ends nor says “{what}”: {log}"
        );
        self.kill().await;
        log
    }
}

/// Lets some time pass by the clock on the wall, for what has no event to wait for: a random moment to be killed in, a
/// server that stays away.
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until something holds, with a limit.
pub async fn until(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "it does not come true in time"
    );
}

/// Runs a command to its end, with `input` on its standard input.
pub async fn run(folder: &Path, settings: &[(&str, &str)], words: &[&str], input: &[u8]) -> Output {
    let mut stdin = tempfile::tempfile().expect("a file for the input");
    stdin.write_all(input).expect("the input is written");
    std::io::Seek::rewind(&mut stdin).expect("the input is read from its start");
    let output = program(folder, settings).args(words).stdin(stdin).output();
    tokio::time::timeout(PATIENCE, output)
        .await
        .unwrap_or_else(|_| panic!("sundial {words:?} does not end"))
        .unwrap_or_else(|error| panic!("sundial {words:?} cannot be run: {error}"))
}

/// What a program wrote, as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A site served by the program in its own process.
pub struct Serving {
    pub port: u16,
    /// What it has said on standard output until it was ready.
    pub said: String,
    /// Its standard error: a file, which holds however much it has to say.
    log: PathBuf,
    child: Child,
}

/// Starts `sundial serve` and waits until it answers.
pub async fn serve(folder: &Path, settings: &[(&str, &str)]) -> Serving {
    let port = free_port();
    let log = folder.join(format!("served-on-{port}.log"));
    let into = std::fs::File::create(&log).expect("a file for its log");
    let mut child = program(folder, settings)
        .arg("serve")
        .env("ROCKET_PORT", port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::from(into))
        .spawn()
        .expect("the program starts");
    let mut said = String::new();
    let ready = async {
        let mut lines = BufReader::new(child.stdout.as_mut().expect("its output is piped")).lines();
        while let Some(line) = lines.next_line().await.expect("its output can be read") {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Ctrl-C") {
                break;
            }
        }
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, ready).await.is_err() {
        let log = std::fs::read_to_string(&log).expect("its log can be read");
        panic!("the site does not answer. It said: {said}\n{log}");
    }
    Serving {
        port,
        said,
        log,
        child,
    }
}

impl Serving {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it still runs")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("its log can be read")
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }

    /// SIGKILL: it has no say in it.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// Sends it a signal, as `TERM`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it still runs").to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .await
            .expect("kill runs");
        assert!(sent.success(), "the signal is sent");
    }

    /// Waits for its end: its exit code and what it wrote to standard error.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends in time")
            .expect("it ends");
        let log = self.log();
        (status.code(), log)
    }

    /// Asks a page over the wire: the status and everything that came.
    pub async fn get(&self, path: &str) -> (u16, String) {
        self.get_as("", path).await
    }

    /// … as whoever these cookies belong to.
    pub async fn get_as(&self, cookies: &str, path: &str) -> (u16, String) {
        answer(over_the_wire(self.port, path, cookies, None).await)
    }

    /// Sends a form, already encoded.
    pub async fn post_as(&self, cookies: &str, path: &str, form: &str) -> (u16, String) {
        answer(over_the_wire(self.port, path, cookies, Some(form)).await)
    }
}

fn answer(came: Vec<u8>) -> (u16, String) {
    let came = text(&came);
    let status = came
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("this is no answer: {came}"));
    (status, came)
}

/// The body behind an address of a site on this machine, as whoever these cookies belong to.
pub async fn fetch(address: &str, cookies: &str) -> Vec<u8> {
    let rest = address
        .strip_prefix("http://127.0.0.1:")
        .unwrap_or_else(|| panic!("{address} is not on this machine"));
    let (port, path) = rest.split_once('/').expect("an address has a path");
    let port = port.parse().expect("an address has a port");
    let came = over_the_wire(port, &format!("/{path}"), cookies, None).await;
    let head = b"\r\n\r\n";
    let begins = came
        .windows(head.len())
        .position(|window| window == head)
        .unwrap_or_else(|| panic!("{address} is no answer"));
    let (headers, body) = came.split_at(begins + head.len());
    assert!(
        headers.starts_with(b"HTTP/1.1 200"),
        "{address}: {}",
        text(headers)
    );
    assert!(
        !text(headers)
            .to_lowercase()
            .contains("transfer-encoding: chunked"),
        "{address} comes in pieces, which this does not put together"
    );
    body.to_vec()
}

/// Asks for a page, or sends a form to it.
async fn over_the_wire(port: u16, path: &str, cookies: &str, form: Option<&str>) -> Vec<u8> {
    let asked = async {
        let mut wire = TcpStream::connect(("127.0.0.1", port)).await?;
        let cookies = match cookies {
            "" => String::new(),
            some => format!("Cookie: {some}\r\n"),
        };
        let (method, body) = match form {
            None => ("GET", String::new()),
            Some(form) => (
                "POST",
                format!(
                    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                    form.len()
                ),
            ),
        };
        let end = if form.is_none() { "\r\n" } else { "" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}Connection: close\r\n{body}{end}"
        );
        wire.write_all(request.as_bytes()).await?;
        let mut came = Vec::new();
        wire.read_to_end(&mut came).await?;
        std::io::Result::Ok(came)
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .expect("an answer comes in time")
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// As [`run`], on a disk that takes no file larger than `kilobytes`: the kernel refuses the write, as it does when the
/// disk is full.
pub async fn run_with_little_disk(
    folder: &Path,
    kilobytes: u64,
    words: &[&str],
    input: &[u8],
) -> Output {
    let mut stdin = tempfile::tempfile().expect("a file for the input");
    stdin.write_all(input).expect("the input is written");
    std::io::Seek::rewind(&mut stdin).expect("the input is read from its start");
    let mut command = Command::new("bash");
    // Ignored, the signal becomes an error of the write itself.
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
    command
        .arg("-c")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_sundial"))
        .args(words)
        .current_dir(folder)
        .env("SUNDIAL_DATA_DIR", folder.join("data"))
        .stdin(stdin)
        .kill_on_drop(true);
    tokio::time::timeout(PATIENCE, command.output())
        .await
        .unwrap_or_else(|_| panic!("sundial {words:?} does not end"))
        .unwrap_or_else(|error| panic!("sundial {words:?} cannot be run: {error}"))
}
