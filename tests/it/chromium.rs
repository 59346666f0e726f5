//! A real browser: Chromium, headless, with an empty profile, told what to do through its driver (W3C WebDriver, and the
//! few commands of Chromium's own that WebDriver lacks). Where it is missing a test says so and ends, or fails if CI is true.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};

/// How long a page may take: this machine may be a small one with much to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// How WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// The screen that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Phone,
    Desktop,
}

/// The colours that the browser's owner likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    Light,
    Dark,
}

impl Screen {
    pub const ALL: [Self; 2] = [Self::Phone, Self::Desktop];

    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Desktop => (1280, 900),
        }
    }
}

impl Colours {
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];
}

/// A browser with one page open.
pub struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver ends its browser before it answers.
        drop(self.ask("DELETE", "", &Value::Null));
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

impl Chromium {
    /// A browser that speaks English, on a desktop in light colours; none where there is no Chromium.
    #[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
    pub fn start(scripts: Scripts) -> Option<Self> {
        let Some((driver, port)) = (0..3).find_map(|_| start_driver()) else {
            // Not by `eprintln`, which a test that passes keeps to itself.
            drop(writeln!(
                std::io::stderr(),
                "SKIPPED: chromedriver is missing; apt-get install chromium chromium-driver"
            ));
            assert!(std::env::var("CI").as_deref() != Ok("true"), "Chromium is missing, and CI is true");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let javascript = if scripts == Scripts::On { 1 } else { 2 };
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--hide-scrollbars", "--lang=en", "--no-proxy-server",
                    format!("--user-data-dir={}", browser._profile.path().display())],
                "prefs": {"intl.accept_languages": "en", "profile.default_content_setting_values.javascript": javascript},
            },
        }}});
        let made = request(port, "POST", "/session", &wanted).unwrap();
        browser.session = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        browser.look(Screen::Desktop, Colours::Light);
        Some(browser)
    }

    /// Opens an address, and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.must("POST", "/url", &json!({ "url": url }));
    }

    /// Where it is.
    pub fn url(&self) -> String {
        self.must("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// The path and the query of where it is.
    pub fn here(&self) -> String {
        let url = url::Url::parse(&self.url()).unwrap();
        url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Types into a field, in place of what is in it. For a date or a time: as it is typed in English (`11/23/2026`,
    /// `08:15AM`); for a file: its path.
    pub fn fill(&self, css: &str, text: &str) {
        let element = self.find(css);
        if !matches!(self.property(css, "type").as_str(), "file" | "date" | "time" | "datetime-local") {
            self.must("POST", &format!("/element/{element}/clear"), &json!({}));
        }
        self.must("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Clicks (an `option` of a select too), and where that leads to another page waits for it.
    pub fn click(&self, css: &str) {
        let element = self.find(css);
        self.must("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// The text of an element as it is seen.
    pub fn text(&self, css: &str) -> String {
        let element = self.find(css);
        self.must("GET", &format!("/element/{element}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// A property of an element: `value`, `checked`, `id` …
    pub fn property(&self, css: &str, name: &str) -> String {
        let element = self.find(css);
        match self.must("GET", &format!("/element/{element}/property/{name}"), &Value::Null) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// The id of the element that has the focus.
    pub fn focused(&self) -> String {
        let found = self.must("GET", "/element/active", &Value::Null);
        let element = found[ELEMENT].as_str().unwrap();
        self.must("GET", &format!("/element/{element}/property/id"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// How many elements there are.
    pub fn count(&self, css: &str) -> usize {
        let found = self.must("POST", "/elements", &json!({"using": "css selector", "value": css}));
        found.as_array().unwrap().len()
    }

    /// Can an element be seen?
    pub fn is_seen(&self, css: &str) -> bool {
        self.count(css) > 0 && {
            let element = self.find(css);
            self.must("GET", &format!("/element/{element}/displayed"), &Value::Null) == true
        }
    }

    /// Waits until something holds, such as what a script writes.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "it never came: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The value of a script's `return`.
    pub fn run(&self, script: &str) -> Value {
        self.must("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Signs in by the form, and waits for the page behind it.
    pub fn sign_in(&self, site: &str, login: &str, password: &str) {
        self.open(&format!("{site}/login"));
        self.fill("#login", login);
        self.fill("#password", password);
        self.click("main button[type=submit]");
        self.wait_until("the page behind the sign-in", |browser| !browser.here().starts_with("/login"));
    }

    /// Forgets who is signed in.
    pub fn forget_cookies(&self) {
        self.must("DELETE", "/cookie", &Value::Null);
    }

    /// Another screen, other colours.
    pub fn look(&self, screen: Screen, colours: Colours) {
        let (width, height) = screen.size();
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == Screen::Phone});
        self.own("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if colours == Colours::Dark { "dark" } else { "light" };
        // A page that still moves under a click is missed by it.
        let features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
        let features = features.map(|(name, value)| json!({"name": name, "value": value}));
        let media = json!({"media": "", "features": features});
        self.own("Emulation.setEmulatedMedia", &media);
    }

    /// Does the page need to be moved sideways to be read?
    pub fn overflows(&self) -> bool {
        self.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth") == true
    }

    /// Takes pictures of the whole page on both screens in both colours, into the folder that `CARILLON_SHOTS` names:
    /// `NAME-phone-dark.png`. Nothing where it names none.
    #[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
    pub fn shoot(&self, name: &str) {
        let Some(folder) = std::env::var_os("CARILLON_SHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).unwrap();
        for (screen, colours) in all_looks() {
            self.look(screen, colours);
            let file = format!("{name}-{screen:?}-{colours:?}.png").to_lowercase();
            self.keep_picture(&folder.join(file));
        }
        self.look(Screen::Desktop, Colours::Light);
    }

    fn keep_picture(&self, file: &std::path::Path) {
        let shot = self.own("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true}));
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// The sheets that are printed, as a PDF; kept as `NAME.pdf` where pictures are.
    #[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
    pub fn print(&self, name: &str) -> Vec<u8> {
        let printed = self.own("Page.printToPDF", &json!({"preferCSSPageSize": true, "printBackground": false}));
        let pdf = base64::engine::general_purpose::STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        if let Some(folder) = std::env::var_os("CARILLON_SHOTS").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}.pdf")), &pdf).unwrap();
            let sheet = json!({"width": 1054, "height": 725, "deviceScaleFactor": 1, "mobile": false});
            self.own("Emulation.setDeviceMetricsOverride", &sheet);
            self.own("Emulation.setEmulatedMedia", &json!({"media": "print"}));
            self.keep_picture(&folder.join(format!("{name}.png")));
            self.look(Screen::Desktop, Colours::Light);
        }
        pdf
    }

    /// What axe-core, at this path, calls serious or critical on the page, each in a line.
    pub fn axe(&self, source: &str) -> Vec<String> {
        self.own("Runtime.evaluate", &json!({ "expression": source }));
        let script = "const done = arguments[0]; axe.run().then(found => done(found.violations
            .filter(one => ['serious', 'critical'].includes(one.impact))
            .flatMap(one => one.nodes.map(node => `${one.id}: ${one.help}: ${node.target} ${node.html} ${node.any.map(any => any.message)}`))));";
        let found = self.must("POST", "/execute/async", &json!({"script": script, "args": []}));
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    /// An element, which may come with the page that a click has asked for.
    fn find(&self, css: &str) -> String {
        let begun = Instant::now();
        loop {
            match self.ask("POST", "/element", &json!({"using": "css selector", "value": css})) {
                Ok(found) => return found[ELEMENT].as_str().unwrap().to_owned(),
                Err(error) => assert!(begun.elapsed() < PATIENCE, "no {css} on {}: {error}", self.url()),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A command that WebDriver lacks.
    fn own(&self, command: &str, params: &Value) -> Value {
        self.must("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    fn must(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let answer = request(self.port, method, &format!("/session/{}{path}", self.session), body)?;
        match answer.get("error") {
            Some(error) => Err(format!("{error}: {}", answer["message"])),
            None => Ok(answer),
        }
    }
}

/// Every way to look at a page.
pub fn all_looks() -> impl Iterator<Item = (Screen, Colours)> {
    Screen::ALL.into_iter().flat_map(|screen| Colours::ALL.into_iter().map(move |colours| (screen, colours)))
}

/// The driver on a port of its own choice, which it prints once it has one; before, it repeats the 0 that it was given.
fn start_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver");
    let mut driver =
        driver.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut lines = BufReader::new(driver.stdout.take()?).lines();
    let port_of = |line: String| line.split("on port ").nth(1)?.trim_end_matches('.').parse().ok();
    let port = lines.by_ref().map_while(Result::ok).filter_map(port_of).find(|port| *port != 0)?;
    // Whoever prints into a closed pipe may end.
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}

/// Asks the driver; its answer's `value`.
fn request(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).map_err(|error| error.to_string())?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).map_err(|error| error.to_string())?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok(answer["value"].clone())
}
