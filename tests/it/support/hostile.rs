//! A mail server that misbehaves on purpose, as no real one can be made to: it cuts the line, forgets, is full.
//!
//! What it does stands in the local part of the address that a letter goes to; everybody else's letters it takes. It
//! counts every message that it took, by Message-ID, and everything it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What it has seen.
#[derive(Default)]
struct Seen {
    /// How often each Message-ID was taken.
    taken: BTreeMap<String, usize>,
    /// Whole texts of which the server never said a word.
    swallowed: BTreeMap<String, usize>,
    /// Recipients that were asked to come again once.
    greylisted: BTreeSet<String>,
    connections: usize,
}

/// The server; it ends with its runtime.
#[derive(Clone)]
pub struct Hostile {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    lines: watch::Sender<usize>,
    /// Messages taken so far; told after the word was spoken.
    took: watch::Sender<usize>,
}

impl Hostile {
    pub async fn start() -> Hostile {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let server = Hostile {
            port,
            seen: Arc::default(),
            lines: watch::channel(0).0,
            took: watch::channel(0).0,
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let one = serving.clone();
                one.seen(|seen| seen.connections += 1);
                // A client that was killed breaks the line: that is what this is for.
                tokio::spawn(async move { one.converse(stream).await.unwrap_or_default() });
            }
        });
        server
    }

    /// As if it were away: nobody listens on that port.
    pub fn nowhere(self) -> Hostile {
        Hostile { port: 1, ..self }
    }

    fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().expect("nobody panics here"))
    }

    /// How often each Message-ID was taken, with a 250.
    pub fn taken(&self) -> BTreeMap<String, usize> {
        self.seen(|seen| seen.taken.clone())
    }

    /// Messages that came whole and were answered by silence.
    pub fn swallowed(&self) -> BTreeMap<String, usize> {
        self.seen(|seen| seen.swallowed.clone())
    }

    pub fn connections(&self) -> usize {
        self.seen(|seen| seen.connections)
    }

    /// Waits until it has been told this many lines altogether.
    pub async fn heard(&self, lines: usize) {
        let mut heard = self.lines.subscribe();
        heard
            .wait_for(|so_far| *so_far >= lines)
            .await
            .expect("the server lives as long as this");
    }

    pub fn lines(&self) -> usize {
        *self.lines.borrow()
    }

    /// Waits until so many messages were taken altogether, the last word on the last of them spoken.
    pub async fn spoke(&self, messages: usize) {
        let mut took = self.took.subscribe();
        took.wait_for(|so_far| *so_far >= messages)
            .await
            .expect("the server lives as long as this");
    }

    pub fn messages(&self) -> usize {
        *self.took.borrow()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut wire = BufReader::new(stream);
        let mut to = String::new();
        wire.write_all(b"220 hostile.example\r\n").await?;
        loop {
            let Some(line) = self.line(&mut wire).await? else {
                return Ok(());
            };
            let command = String::from_utf8_lossy(&line).trim().to_owned();
            let upper = command.to_ascii_uppercase();
            let answer: &[u8] = if upper.starts_with("EHLO") {
                b"250-hostile.example\r\n250 8BITMIME\r\n"
            } else if upper.starts_with("RCPT") {
                to = command
                    .split(['<', '>'])
                    .nth(1)
                    .unwrap_or_default()
                    .to_owned();
                match self.about(&to) {
                    Some(answer) => answer,
                    None => b"250 ok\r\n",
                }
            } else if upper == "DATA" {
                wire.write_all(b"354 go on\r\n").await?;
                if !self.take(&mut wire, &to).await? {
                    return Ok(());
                }
                continue;
            } else if upper == "QUIT" {
                wire.write_all(b"221 bye\r\n").await?;
                return Ok(());
            } else {
                b"250 ok\r\n"
            };
            if answer.is_empty() {
                // Mute: it keeps the line and says nothing.
                while self.line(&mut wire).await?.is_some() {}
                return Ok(());
            }
            wire.write_all(answer).await?;
        }
    }

    /// What it answers to a recipient, if not "ok".
    fn about(&self, to: &str) -> Option<&'static [u8]> {
        match to.split('@').next().unwrap_or_default() {
            "refused" => Some(b"550 5.1.1 no such mailbox\r\n"),
            "full" => Some(b"452 4.3.1 insufficient system storage\r\n"),
            "mute" => Some(b""),
            "greylisted" if self.seen(|seen| seen.greylisted.insert(to.to_owned())) => {
                Some(b"451 4.7.1 greylisted, come again\r\n")
            }
            _ => None,
        }
    }

    /// Takes the text, as far as its manners go. False where the line is cut.
    async fn take(&self, wire: &mut BufReader<TcpStream>, to: &str) -> std::io::Result<bool> {
        let manners = to.split('@').next().unwrap_or_default();
        let mut id = String::new();
        let mut lines = 0;
        loop {
            let Some(line) = self.line(wire).await? else {
                return Ok(false);
            };
            lines += 1;
            let text = String::from_utf8_lossy(&line);
            if let Some(found) = text.strip_prefix("Message-ID: <") {
                id = found.trim().trim_end_matches('>').to_owned();
            }
            if manners == "cut-in-data" && lines == 3 {
                return Ok(false);
            }
            if text.trim_end() == "." {
                break;
            }
        }
        match manners {
            "cut-after-data" => {
                self.seen(|seen| *seen.swallowed.entry(id).or_default() += 1);
                return Ok(false);
            }
            "refused-at-last" => wire.write_all(b"554 5.7.1 we do not want this\r\n").await?,
            "full-at-last" => wire.write_all(b"452 4.3.1 no room for it\r\n").await?,
            _ => {
                // Taken before the word is spoken: a client that dies now does not know it.
                self.seen(|seen| *seen.taken.entry(id).or_default() += 1);
                wire.write_all(b"250 2.0.0 taken\r\n").await?;
                self.took.send_modify(|took| *took += 1);
            }
        }
        Ok(true)
    }

    async fn line(&self, wire: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = wire.read_until(b'\n', &mut line).await?;
        self.lines.send_modify(|lines| *lines += 1);
        Ok((read > 0).then_some(line))
    }
}
