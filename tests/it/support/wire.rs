//! The line between the program and a real mail server: everything goes through as it is, and what was said is heard.
//!
//! So that a test knows how far a letter came when the program was killed, and can keep a letter in the middle of the
//! line for as long as it needs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How long a conversation may take that nobody keeps.
const PATIENCE: Duration = Duration::from_secs(180);

/// How far a conversation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody has spoken yet, or the last one took leave.
    Silent,
    /// From the greeting to the recipient.
    Envelope,
    /// The text is under way.
    Text,
    /// The text is through; the server has not answered.
    Whole,
    /// The server has taken it.
    Taken,
}

/// How far one conversation came.
type Conversation = Arc<Mutex<Stage>>;

fn came_to(one: &Conversation, stage: Stage) {
    *one.lock().expect("nobody panics here") = stage;
}

fn stage_of(one: &Conversation) -> Stage {
    *one.lock().expect("nobody panics here")
}

/// A port that leads to a mail server.
#[derive(Clone)]
pub struct Wire {
    pub port: u16,
    to: u16,
    /// The last conversation that began; the one before may still be taking leave.
    last: Arc<Mutex<Conversation>>,
    /// Texts that the server took, with a 250.
    taken: watch::Sender<usize>,
    /// Conversations that have begun.
    begun: watch::Sender<usize>,
    /// Conversations under way.
    open: watch::Sender<usize>,
    /// A recipient whose letter is kept in the middle of its text.
    keep: watch::Sender<Option<String>>,
    /// Whether such a letter is here.
    kept: watch::Sender<bool>,
}

impl Wire {
    /// Leads to a port of this machine.
    pub async fn to(port: u16) -> Wire {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let wire = Wire {
            port: listener.local_addr().expect("it has an address").port(),
            to: port,
            last: Arc::new(Mutex::new(Arc::new(Mutex::new(Stage::Silent)))),
            taken: watch::channel(0).0,
            begun: watch::channel(0).0,
            open: watch::channel(0).0,
            keep: watch::channel(None).0,
            kept: watch::channel(false).0,
        };
        let leading = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let one = leading.clone();
                one.open.send_modify(|open| *open += 1);
                one.begun.send_modify(|begun| *begun += 1);
                tokio::spawn(async move {
                    // A program that was killed breaks the line: that is what this is for.
                    one.lead(client).await.unwrap_or_default();
                    one.open.send_modify(|open| *open -= 1);
                });
            }
        });
        wire
    }

    /// How far the last conversation came.
    pub fn stage(&self) -> Stage {
        stage_of(&self.last.lock().expect("nobody panics here"))
    }

    /// How many texts the server has taken.
    pub fn taken(&self) -> usize {
        *self.taken.borrow()
    }

    /// Waits until the server has taken so many altogether. False where that does not come true.
    pub async fn has_taken(&self, so_many: usize) -> bool {
        let mut taken = self.taken.subscribe();
        let waiting = taken.wait_for(|so_far| *so_far >= so_many);
        tokio::time::timeout(PATIENCE, waiting).await.is_ok()
    }

    /// Waits until the next conversation begins. False where none does.
    pub async fn speaks(&self) -> bool {
        let mut begun = self.begun.subscribe();
        let so_far = *begun.borrow();
        let waiting = begun.wait_for(|begun| *begun > so_far);
        tokio::time::timeout(PATIENCE, waiting).await.is_ok()
    }

    /// Waits until nobody speaks any more: the server knows that the other end has gone.
    pub async fn quiet(&self) {
        let mut open = self.open.subscribe();
        let waiting = open.wait_for(|open| *open == 0);
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("the line becomes quiet in time")
            .expect("the line lives as long as this");
    }

    /// From now on the next letter to such a recipient is kept in the middle of its text; what this gives waits for it.
    pub fn keep_one(&self, recipient: &str) -> impl Future<Output = ()> {
        self.keep.send_replace(Some(recipient.to_owned()));
        let mut kept = self.kept.subscribe();
        async move {
            tokio::time::timeout(PATIENCE, kept.wait_for(|kept| *kept))
                .await
                .expect("such a letter comes in time")
                .expect("the line lives as long as this");
        }
    }

    /// Lets it go on.
    pub fn let_go(&self) {
        self.keep.send_replace(None);
        self.kept.send_replace(false);
    }

    async fn lead(&self, client: TcpStream) -> std::io::Result<()> {
        let one = Arc::new(Mutex::new(Stage::Envelope));
        *self.last.lock().expect("nobody panics here") = one.clone();
        let server = TcpStream::connect(("127.0.0.1", self.to)).await?;
        for one in [&client, &server] {
            one.set_nodelay(true)?;
        }
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let (there, back) = tokio::join!(
            self.there(&one, from_client, to_server),
            self.back(&one, from_server, to_client)
        );
        there.and(back)
    }

    /// What the program says.
    async fn there(
        &self,
        one: &Conversation,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let (mut chunk, mut line) = (vec![0; 16 * 1024], Vec::new());
        let mut recipient = String::new();
        loop {
            // An end by force is an end as well; the server learns of it by the line that is closed behind us.
            let read = from.read(&mut chunk).await.unwrap_or(0);
            if read == 0 {
                return to.shutdown().await;
            }
            let mut text_began = false;
            for byte in &chunk[..read] {
                line.push(*byte);
                if *byte != b'\n' {
                    continue;
                }
                let said = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                match stage_of(one) {
                    Stage::Text if said == "." => came_to(one, Stage::Whole),
                    Stage::Text if !text_began => {
                        text_began = true;
                    }
                    Stage::Text | Stage::Whole => {}
                    _ if said.starts_with("RCPT") => recipient = said,
                    _ if said == "DATA" => came_to(one, Stage::Text),
                    _ if said == "QUIT" => came_to(one, Stage::Silent),
                    _ => {}
                }
            }
            if text_began {
                self.keep_if_asked(&recipient, &mut from).await;
            }
            to.write_all(&chunk[..read]).await?;
        }
    }

    /// Holds the line where this recipient's letter is to be kept, until it is let go or the program is gone.
    async fn keep_if_asked(&self, recipient: &str, from: &mut OwnedReadHalf) {
        let mut keep = self.keep.subscribe();
        let asked = |keep: &Option<String>| {
            keep.as_ref()
                .is_some_and(|wanted| recipient.contains(wanted.as_str()))
        };
        if !asked(&keep.borrow()) {
            return;
        }
        self.kept.send_replace(true);
        let gone = async {
            // Without reading: what the program has yet to say stays in its order.
            let mut one = [0; 1];
            while from.peek(&mut one).await.is_ok_and(|read| read > 0) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            _ = keep.wait_for(|keep| !asked(keep)) => {}
            () = gone => {}
        }
    }

    /// What the server says.
    async fn back(
        &self,
        one: &Conversation,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let mut chunk = vec![0; 16 * 1024];
        let mut hears = true;
        loop {
            let read = from.read(&mut chunk).await?;
            if read == 0 {
                return if hears { to.shutdown().await } else { Ok(()) };
            }
            let last_word = stage_of(one) == Stage::Whole;
            if last_word {
                came_to(one, Stage::Taken);
            }
            // The program may be gone; the server is heard to its end all the same.
            hears = hears && to.write_all(&chunk[..read]).await.is_ok();
            if last_word && chunk.starts_with(b"250") {
                self.taken.send_modify(|taken| *taken += 1);
            }
        }
    }
}
