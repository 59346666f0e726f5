//! Each name of `tls.domains`: whether the system's resolver knows it, and whether what it says leads here, IPv4 (A) and
//! IPv6 (AAAA) each by itself.
//!
//! An address that is not ours may be the router's, in front of us: that is somebody else's to know, so it is told and not
//! judged. Behind IPv6 stands no such router, and authorities try it first.

use std::net::IpAddr;

use super::LONGEST;
use super::finding::Finding;
use super::own_address::{Out, Realm, is_ours, realm};
use crate::config::{Config, TlsMode};

/// What is known beside the name.
#[derive(Clone, Copy, Debug)]
struct Place {
    out: Out,
    /// Must the internet find the way, because an authority there does?
    is_public: bool,
    /// Where HTTPS is listened on.
    port: u16,
    /// Does that take IPv6?
    takes_v6: bool,
}

/// An address that the resolver gave.
#[derive(Clone, Copy, Debug)]
struct Found {
    ip: IpAddr,
    is_ours: bool,
}

/// Looks each of them up, all at once.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let Some(https) = config.listen.https else { return Vec::new() };
    let is_public = config.tls.mode == TlsMode::Acme && config.tls.acme.ca_file.is_none();
    let place = Place { out: Out::find(), is_public, port: https.port(), takes_v6: https.is_ipv6() };
    let is_needed = config.tls.mode == TlsMode::Acme;
    let asked: Vec<_> = config.tls.domains.iter().map(|name| tokio::spawn(look_up(name.clone()))).collect();
    let mut findings = Vec::new();
    for (name, asked) in config.tls.domains.iter().zip(asked) {
        match asked.await.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(found) => findings.extend(judge(name, &found, &place)),
            Err(why) => findings.push(unknown(name, &why, place.out, is_needed)),
        }
    }
    findings
}

async fn look_up(name: String) -> Result<Vec<Found>, String> {
    let asked = tokio::time::timeout(LONGEST, tokio::net::lookup_host((name.as_str(), 443))).await;
    let found = asked.map_err(|_| format!("the resolver did not answer within {} seconds", LONGEST.as_secs()))?;
    let mut ips: Vec<IpAddr> = found.map_err(|error| error.to_string())?.map(|addr| addr.ip()).collect();
    ips.sort();
    ips.dedup();
    match ips.is_empty() {
        true => Err("it has no address".to_owned()),
        false => Ok(ips.into_iter().map(|ip| Found { ip, is_ours: is_ours(ip) }).collect()),
    }
}

/// Without an address no authority finds us; in a network of one's own a name may live elsewhere than in DNS.
fn unknown(name: &str, why: &str, out: Out, is_needed: bool) -> Finding {
    let detail = format!("this name does not resolve: {why}");
    let here = out.v4.map_or_else(
        || "the public address of this box".to_owned(),
        |v4| match realm(v4.into()) {
            Realm::Public => v4.to_string(),
            _ => "the public address of your router".to_owned(),
        },
    );
    let advice = format!("give {name} an A record with {here}");
    let finding = Finding::fail(name, detail.clone(), advice.clone());
    if is_needed { finding } else { Finding::warn(name, detail, advice) }
}

/// One finding for each family; an address that is wrong counts before those that are right.
fn judge(name: &str, found: &[Found], place: &Place) -> [Finding; 2] {
    let (v4, v6): (Vec<Found>, Vec<Found>) = found.iter().partition(|found| found.ip.is_ipv4());
    [judge_v4(name, &v4, place), judge_v6(name, &v6, place)]
}

fn judge_v4(name: &str, found: &[Found], place: &Place) -> Finding {
    let title = format!("{name} A");
    let Some(worst) = found.iter().max_by_key(|found| weight(found)) else {
        let detail = "no A record: whoever has IPv4 alone cannot reach it";
        return Finding::warn(title, detail, format!("give {name} an A record"));
    };
    let (ip, port) = (worst.ip, place.port);
    let here = place.out.v4.map_or_else(|| "this box".to_owned(), |v4| v4.to_string());
    let forward = format!("forward port 443 of your router to port {port} of {here}");
    match (realm(ip), worst.is_ours) {
        (Realm::Loopback, _) => loopback(title, name, ip),
        (Realm::Carrier, _) if place.is_public => {
            let detail =
                format!("{ip} lies in a provider's own network (100.64.0.0/10), which the internet cannot reach");
            Finding::warn(title, detail, "ask your provider for a public IPv4 address, or be reached by IPv6 (AAAA)")
        }
        (Realm::Private, _) if place.is_public => {
            let detail = format!("{ip} is a private address, which the authority cannot reach");
            Finding::warn(title, detail, format!("{forward}, and give {name} an A record with its public address"))
        }
        (_, true) => Finding::ok(title, format!("{ip} is an address of this box")),
        (Realm::Public, false) if place.out.v4.is_none_or(|v4| realm(v4.into()) != Realm::Public) => {
            let detail = format!("{ip} is no address of this box: right if it is your router's");
            Finding::warn(title, detail, format!("{forward}; or correct the A record of {name}"))
        }
        (_, false) => {
            let detail = format!("{ip} is no address of this box: another machine gets its visitors");
            Finding::warn(title, detail, format!("give {name} an A record with {here}"))
        }
    }
}

fn judge_v6(name: &str, found: &[Found], place: &Place) -> Finding {
    let title = format!("{name} AAAA");
    let Some(worst) = found.iter().max_by_key(|found| weight(found)) else {
        return Finding::ok(title, "none: it is reached by IPv4 alone");
    };
    let ip = worst.ip;
    let here = place.out.v6.filter(|v6| realm((*v6).into()) == Realm::Public);
    let replace = match here {
        Some(v6) => format!("give {name} an AAAA record with {v6}, or none"),
        None => format!("remove the AAAA record of {name}"),
    };
    match (realm(ip), worst.is_ours) {
        (Realm::Loopback, _) => loopback(title, name, ip),
        (_, false) => {
            let detail = format!("{ip} is no address of this box, and authorities try IPv6 first");
            Finding::warn(title, detail, replace)
        }
        (Realm::Public, true) if !place.takes_v6 => {
            let detail = format!("{ip} is an address of this box, but HTTPS is listened on by IPv4 alone");
            Finding::warn(title, detail, format!("[listen] https = \"[::]:{}\"", place.port))
        }
        (Realm::Private | Realm::Carrier, true) if place.is_public => {
            let detail = format!("{ip} is a private address, which the authority cannot reach");
            Finding::warn(title, detail, replace)
        }
        (_, true) => Finding::ok(title, format!("{ip} is an address of this box")),
    }
}

/// Debian writes a machine's own name into /etc/hosts with such an address, whatever DNS says.
fn loopback(title: String, name: &str, ip: IpAddr) -> Finding {
    let detail = format!("{ip} is this machine alone: nobody outside can reach it");
    let advice = format!("give {name} a public address in DNS; if it has one, take its line out of /etc/hosts");
    Finding::warn(title, detail, advice)
}

/// What is worse has more of it.
fn weight(found: &Found) -> u8 {
    match (realm(found.ip), found.is_ours) {
        (Realm::Public, true) => 0,
        (Realm::Private | Realm::Carrier, true) => 1,
        (Realm::Loopback, _) => 2,
        (_, false) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    const HOME: Place = Place {
        out: Out { v4: Some(std::net::Ipv4Addr::new(192, 168, 1, 10)), v6: None },
        is_public: true,
        port: 443,
        takes_v6: true,
    };

    fn found(addresses: &[(&str, bool)]) -> Vec<Found> {
        let each = addresses.iter().map(|(ip, is_ours)| Found { ip: ip.parse().unwrap(), is_ours: *is_ours });
        each.collect()
    }

    fn judged(addresses: &[(&str, bool)], place: Place) -> [Finding; 2] {
        judge("cafe.example.org", &found(addresses), &place)
    }

    #[test]
    fn an_a_record_is_judged_by_where_it_leads() {
        let server = Place { out: Out { v4: "8.8.4.4".parse().ok(), v6: None }, ..HOME };
        let private_authority = Place { is_public: false, ..HOME };
        type Row<'a> = (Place, &'a [(&'a str, bool)], State, &'a str);
        let rows: &[Row] = &[
            (server, &[("8.8.4.4", true)], State::Ok, "of this box"),
            (server, &[("8.8.8.8", false)], State::Warn, "another machine"),
            (server, &[("8.8.4.4", true), ("8.8.8.8", false)], State::Warn, "8.8.8.8"),
            (HOME, &[("8.8.8.8", false)], State::Warn, "if it is your router's"),
            (HOME, &[("192.168.1.10", true)], State::Warn, "private address"),
            (private_authority, &[("192.168.1.10", true)], State::Ok, "of this box"),
            (private_authority, &[("192.168.1.11", false)], State::Warn, "another machine"),
            (HOME, &[("100.64.0.9", false)], State::Warn, "100.64.0.0/10"),
            (HOME, &[("127.0.1.1", true)], State::Warn, "nobody outside"),
            (HOME, &[("2a01::1", true)], State::Warn, "no A record"),
        ];
        for (place, addresses, state, told) in rows {
            let [finding, _] = judged(addresses, *place);
            assert!(finding.state == *state && finding.detail.contains(told), "{addresses:?}: {finding:?}");
        }
    }

    #[test]
    fn a_router_in_front_is_told_what_to_forward() {
        let [finding, _] = judged(&[("8.8.8.8", false)], Place { port: 8443, ..HOME });
        let advice = finding.advice.unwrap();
        assert!(advice.starts_with("forward port 443 of your router to port 8443 of 192.168.1.10"), "{advice}");
    }

    #[test]
    fn an_aaaa_record_that_is_not_ours_is_a_warning_though_a_is_ours() {
        let [a, aaaa] = judged(&[("8.8.4.4", true), ("2a01::1", false)], HOME);
        assert_eq!((a.state, aaaa.state), (State::Ok, State::Warn));
        assert!(aaaa.detail.contains("try IPv6 first"), "{aaaa:?}");
        assert_eq!(aaaa.advice.as_deref(), Some("remove the AAAA record of cafe.example.org"));
    }

    #[test]
    fn an_aaaa_record_of_ours_needs_a_listener_that_takes_it() {
        let [_, aaaa] = judged(&[("2a01::1", true)], Place { takes_v6: false, ..HOME });
        assert_eq!(aaaa.advice.as_deref(), Some("[listen] https = \"[::]:443\""));
        assert_eq!(judged(&[("2a01::1", true)], HOME)[1].state, State::Ok);
        assert_eq!(judged(&[("8.8.4.4", true)], HOME)[1].state, State::Ok, "no AAAA record is needed");
    }

    #[test]
    fn a_name_without_an_address_fails_where_an_authority_looks_for_it() {
        for (is_needed, state) in [(true, State::Fail), (false, State::Warn)] {
            assert_eq!(unknown("x.test", "nothing", HOME.out, is_needed).state, state);
        }
    }
}
