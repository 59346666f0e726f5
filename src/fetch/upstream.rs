//! For tests: a small HTTP server on loopback that records what it saw and answers what the test says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What to answer, and how badly.
#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    claimed_length: Option<usize>,
    delay: Duration,
    drip: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Reply { status, headers, body: body.into(), claimed_length: None, delay: Duration::ZERO, drip: false }
    }

    pub(crate) fn calendar() -> Reply {
        Reply::new(200, "text/calendar", CALENDAR)
    }

    pub(crate) fn html(body: &str) -> Reply {
        Reply::new(200, "text/html; charset=utf-8", body)
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Reply {
        Reply::new(status, "text/html", "").header("Location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn claiming(mut self, length: usize) -> Reply {
        self.claimed_length = Some(length);
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Reply {
        self.delay = delay;
        self
    }

    /// One byte every 50 ms.
    pub(crate) fn dripping(mut self) -> Reply {
        self.drip = true;
        self
    }
}

pub(crate) const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

/// The server; it lives as long as the test's runtime.
#[derive(Clone)]
pub(crate) struct Upstream {
    base: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Upstream {
    pub(crate) async fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Upstream {
        Upstream::start_on("127.0.0.1", handler).await
    }

    pub(crate) async fn start_on(ip: &str, handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let upstream = Upstream { base: base.parse().unwrap(), seen: Arc::default(), most_at_once: Arc::default() };
        tokio::spawn(upstream.clone().run(listener, Arc::new(handler)));
        upstream
    }

    pub(crate) fn url(&self, target: &str) -> Url {
        self.base.join(target).unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method).count()
    }

    /// The largest number of requests that were being answered at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    async fn run(self, listener: TcpListener, handler: Arc<impl Fn(&Seen) -> Reply + Send + Sync + 'static>) {
        let now = Arc::new(AtomicUsize::new(0));
        while let Ok((socket, _)) = listener.accept().await {
            let (upstream, handler, now) = (self.clone(), handler.clone(), now.clone());
            tokio::spawn(async move {
                let busy = now.fetch_add(1, Ordering::SeqCst) + 1;
                upstream.most_at_once.fetch_max(busy, Ordering::SeqCst);
                let _ = upstream.answer(socket, &*handler, &now).await;
            });
        }
    }

    async fn answer(
        &self,
        mut socket: TcpStream,
        handler: &(impl Fn(&Seen) -> Reply + Sync),
        now: &AtomicUsize,
    ) -> std::io::Result<()> {
        let seen = read_request(&mut socket).await?;
        let reply = handler(&seen);
        self.seen.lock().unwrap().push(seen);
        tokio::time::sleep(reply.delay).await;
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", reply.claimed_length.unwrap_or(reply.body.len()));
        now.fetch_sub(1, Ordering::SeqCst);
        socket.write_all(head.as_bytes()).await?;
        if reply.drip {
            for byte in &reply.body {
                tokio::time::sleep(Duration::from_millis(50)).await;
                socket.write_all(&[*byte]).await?;
            }
        } else {
            socket.write_all(&reply.body).await?;
        }
        socket.shutdown().await
    }
}

async fn read_request(socket: &mut TcpStream) -> std::io::Result<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |value| value.parse().unwrap());
    while bytes.len() < head_end + length {
        if socket.read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    Ok(Seen {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        headers,
        body: String::from_utf8_lossy(&bytes[head_end..]).into_owned(),
    })
}
