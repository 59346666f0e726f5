//! A planning site on loopback that answers what the test says and remembers what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What to answer, and how badly.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    claimed_bytes: Option<usize>,
    delay: Duration,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), claimed_bytes: None, delay: Duration::ZERO }
    }

    pub fn ics(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/calendar; charset=utf-8", body)
    }

    pub fn html(body: &str) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says that more would come, and hangs up.
    pub fn claiming(self, bytes: usize) -> Self {
        Self { claimed_bytes: Some(bytes), ..self }
    }

    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

type Handler = dyn Fn(&Seen) -> Reply + Send + Sync;

/// The site. It lives as long as the process.
#[derive(Clone)]
pub struct Upstream {
    base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    handler: Arc<Mutex<Arc<Handler>>>,
}

impl Upstream {
    /// A site that has nothing yet.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let handler: Arc<Handler> = Arc::new(|_| Reply::new(404, "text/plain", "nothing"));
        let site = Self { base, seen: Arc::default(), handler: Arc::new(Mutex::new(handler)) };
        let running = site.clone();
        std::thread::spawn(move || running.run(&listener));
        site
    }

    /// Answers so from now on, whatever is asked.
    pub fn answers(&self, reply: Reply) {
        self.answers_by(move |_| reply.clone());
    }

    /// Answers by what is asked.
    pub fn answers_by(&self, handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        *self.handler.lock().unwrap() = Arc::new(handler);
    }

    pub fn url(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn run(&self, listener: &TcpListener) {
        for socket in listener.incoming().flatten() {
            let site = self.clone();
            // A client that goes away is its own affair.
            std::thread::spawn(move || drop(site.answer(socket)));
        }
    }

    fn answer(&self, mut socket: TcpStream) -> std::io::Result<()> {
        let seen = read_request(&socket)?;
        self.seen.lock().unwrap().push(seen.clone());
        let handler = Arc::clone(&self.handler.lock().unwrap());
        let reply = handler(&seen);
        std::thread::sleep(reply.delay);
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", reply.claimed_bytes.unwrap_or(reply.body.len()));
        socket.write_all(head.as_bytes())?;
        socket.write_all(&reply.body)
    }
}

fn read_request(socket: &TcpStream) -> std::io::Result<Seen> {
    let mut reader = BufReader::new(socket);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    Ok(Seen { method, target, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
