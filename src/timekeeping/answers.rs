//! What two hosts on the internet say: the `Date` of their answers to plain HTTP, asked ever more seldom.
//!
//! Plain HTTP, because a certificate cannot be judged by a clock that may be wrong. One host alone is not believed, nor
//! are two that say another time than the clock: the clock is checked, and not set.

use chrono::TimeDelta;
use url::{Host, Url};

use super::standing::agrees;
use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;

/// Asked beside the authority: of another house, answering by plain HTTP, and known to each Debian.
const OTHER: &str = "http://deb.debian.org/";

/// Between two askings: after the first, the second, and then each time.
const PAUSES: [TimeDelta; 3] = [TimeDelta::minutes(1), TimeDelta::minutes(10), TimeDelta::hours(1)];

/// What the hosts said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing, or not both of them anything.
    #[default]
    Nothing,
    /// Both say the clock's time.
    Same,
    /// One of them says another.
    Another,
}

/// How the asking goes.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) said: Said,
    asked: usize,
    /// On the time that only runs; at once at first.
    next: TimeDelta,
}

impl Answers {
    /// Is it time to ask? If so the next time is set.
    pub(super) fn take_turn(&mut self, monotonic: TimeDelta) -> bool {
        let due = monotonic >= self.next;
        if due {
            let [.., longest] = PAUSES;
            self.next = monotonic + PAUSES.get(self.asked).copied().unwrap_or(longest);
            self.asked += 1;
        }
        due
    }
}

/// Whom to ask: the authority's host and one more. Nobody, where the authority is this machine: its `Date` is our clock.
pub(super) fn hosts(config: &Config) -> Option<[Url; 2]> {
    let authority = &config.tls.acme.directory;
    let host = authority.host().filter(|host| !is_this_machine(host, config))?;
    let first = Url::parse(&format!("http://{host}/")).ok()?;
    let other = Url::parse(OTHER).ok()?;
    (first != other).then_some([first, other])
}

fn is_this_machine(host: &Host<&str>, config: &Config) -> bool {
    let own = |name: &str| name == "localhost" || config.tls.domains.iter().any(|domain| domain == name);
    let public = config.public_url.as_ref().and_then(Url::host);
    let ours = match host {
        Host::Domain(name) => own(name),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    ours || public.as_ref() == Some(host)
}

/// Asks both at once.
pub(super) async fn ask(fetcher: &Fetcher, clock: &Clock, [one, other]: &[Url; 2]) -> Said {
    let before = clock.reading();
    let (one, other) = tokio::join!(ask_one(fetcher, clock, one), ask_one(fetcher, clock, other));
    match (one, other) {
        // What was compared is not what the clock shows now.
        _ if clock.reading().jump_since(&before).is_some() => Said::Nothing,
        (Some(true), Some(true)) => Said::Same,
        (Some(false), _) | (_, Some(false)) => Said::Another,
        _ => Said::Nothing,
    }
}

/// Does this host say the clock's time? None where it says nothing.
async fn ask_one(fetcher: &Fetcher, clock: &Clock, host: &Url) -> Option<bool> {
    match fetcher.date_of(host.clone()).await {
        Ok(date) => Some(agrees(date?, clock.reading().wall)),
        Err(error) => {
            log::debug!(error:% = error; "a host was asked for the time");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_hosts_are_asked_at_once_then_ever_more_seldom() {
        let mut answers = Answers::default();
        let asked: Vec<i64> = (0..9_000).filter(|&s| answers.take_turn(TimeDelta::seconds(s))).collect();
        assert_eq!(asked, [0, 60, 660, 4_260, 7_860]);
    }

    #[test]
    fn the_authority_is_asked_by_plain_http_unless_it_is_this_machine() {
        let mut config = Config::built_in(Path::new("/nowhere")).unwrap();
        let [first, other] = hosts(&config).unwrap();
        assert_eq!((first.as_str(), other.as_str()), ("http://acme-v02.api.letsencrypt.org/", OTHER));
        config.public_url = Some("https://cafe.example.org".parse().unwrap());
        for (directory, asked) in [
            ("https://ca.example.org:14000/dir?key=1", Some("http://ca.example.org/")),
            ("https://10.0.0.7/dir", Some("http://10.0.0.7/")),
            ("https://cafe.example.org/dir", None),
            ("https://localhost:14000/dir", None),
            ("https://127.0.0.1/dir", None),
            ("https://[::1]:14000/dir", None),
            ("https://deb.debian.org/dir", None),
        ] {
            config.tls.acme.directory = directory.parse().unwrap();
            assert_eq!(hosts(&config).map(|[first, _]| first.to_string()).as_deref(), asked, "{directory}");
        }
    }
}
