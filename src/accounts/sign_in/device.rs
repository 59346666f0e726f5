//! Devices that somebody has signed in with before: a cookie that opens nothing, and lets its holder try a password
//! whatever others have tried.

use std::net::IpAddr;
use std::sync::Arc;

use super::throttle::Source;
use crate::accounts::{AccountError, Accounts, Login, User};
use crate::secret::{Fingerprint, random_text};

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The address; none within this machine, where nobody is slowed down.
    pub ip: Option<IpAddr>,
    /// The device's cookie, as the browser sent it.
    pub device: Option<String>,
}

impl Origin {
    /// From an address, by no device that we know.
    pub fn address(ip: Option<IpAddr>) -> Self {
        Self { ip, device: None }
    }
}

impl Accounts {
    /// What a device keeps once this login has signed in with it.
    pub fn mark_device(&self, login: &Login) -> Result<String, AccountError> {
        let device = random_text::<9>()?;
        let mark = self.keys.load().mark(&device, login);
        Ok(format!("{device}.{mark}"))
    }

    /// Has this login signed in with this device?
    pub fn knows_device(&self, cookie: &str, login: &Login) -> bool {
        let halves = cookie.split_once('.');
        halves.is_some_and(|(device, mark)| self.keys.load().is_mark(mark, device, login))
    }

    /// Whose failures count together with those of this origin; none where nothing counts.
    pub(super) fn source_of(&self, user: Option<&Arc<User>>, origin: &Origin) -> Option<Source> {
        let known = origin.device.as_deref().filter(|cookie| user.is_some_and(|u| self.knows_device(cookie, &u.login)));
        match known {
            Some(cookie) => Some(Source::Device(Fingerprint::of(cookie))),
            None => origin.ip.map(Source::network),
        }
    }
}
