//! Certificates that we make ourselves: the temporary one, an authority of our own, and what it signs. ECDSA P-256 only,
//! for a board must not spend seconds on a key.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::error::TlsError;
use super::pair::Pair;
use crate::secret::Secret;

/// So long lives what the authority signs.
pub(super) const LEAF_LIFE: TimeDelta = TimeDelta::days(90);
/// So long lives the authority: whoever installs it on a device does it once.
const AUTHORITY_LIFE: TimeDelta = TimeDelta::days(3653);
/// So long before now it begins: made by a clock that is ahead, it must not begin later than devices' clocks say.
const AUTHORITY_BEFORE: TimeDelta = TimeDelta::days(3653);
const TEMPORARY_LIFE: TimeDelta = TimeDelta::days(366);
/// A device's clock may be behind ours.
const BEFORE: TimeDelta = TimeDelta::hours(1);
/// The longest common name (RFC 5280, appendix A.1).
const NAME_MAX: usize = 64;

/// A certificate that was just made, and its key.
pub(super) struct Made {
    /// In PEM.
    pub certificate: String,
    /// In DER (PKCS #8).
    pub key: Secret<Vec<u8>>,
}

/// A certificate that signs itself: better than no answer, and trusted by nobody.
pub(super) fn make_temporary(domains: &[String], now: DateTime<Utc>) -> Result<Pair, TlsError> {
    let key = KeyPair::generate()?;
    let certificate = leaf_params(domains, now, now + TEMPORARY_LIFE)?.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Pair::new(vec![certificate.der().clone()], key).map_err(|error| TlsError::Make(error.to_string()))
}

/// An authority that can sign these names, what lies below them, and nothing else.
pub(super) fn make_authority(domains: &[String], now: DateTime<Utc>) -> Result<Made, TlsError> {
    let key = KeyPair::generate()?;
    let mut params = authority_params(domains);
    live(&mut params, now - AUTHORITY_BEFORE, now + AUTHORITY_LIFE);
    Ok(made(&params.self_signed(&key)?, &key))
}

/// A certificate for the names, signed by the authority that was made for `authority_domains` with `authority_key`.
/// Lives [`LEAF_LIFE`], and no longer than the authority.
pub(super) fn make_leaf(
    domains: &[String],
    now: DateTime<Utc>,
    (authority_domains, authority_key): (&[String], &Secret<Vec<u8>>),
    authority_ends: DateTime<Utc>,
) -> Result<Made, TlsError> {
    let signer = KeyPair::try_from(authority_key.expose().as_slice())?;
    let issuer = Issuer::new(authority_params(authority_domains), signer);
    let key = KeyPair::generate()?;
    let mut params = leaf_params(domains, now, authority_ends.min(now + LEAF_LIFE))?;
    params.use_authority_key_identifier_extension = true;
    Ok(made(&params.signed_by(&key, &issuer)?, &key))
}

fn made(certificate: &Certificate, key: &KeyPair) -> Made {
    Made { certificate: certificate.pem(), key: Secret::new(key.serialize_der()) }
}

/// The same for the same names: the issuer's name in a leaf must be the authority's own, letter by letter.
fn authority_params(domains: &[String]) -> CertificateParams {
    let name = format!("Carillon {}", domains.first().map_or("", String::as_str));
    let names = domains.iter().cloned().map(GeneralSubtree::DnsName).collect();
    let every_address = [
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::UNSPECIFIED.into(), 0)),
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::UNSPECIFIED.into(), 0)),
    ];
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: names, excluded_subtrees: every_address.into() });
    params
}

fn leaf_params(domains: &[String], now: DateTime<Utc>, until: DateTime<Utc>) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(domains)?;
    let name = domains.first().filter(|name| name.len() <= NAME_MAX);
    params.distinguished_name = common_name(name.map_or("Carillon", String::as_str));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    live(&mut params, now - BEFORE, until);
    Ok(params)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name.chars().take(NAME_MAX).collect::<String>());
    distinguished
}

/// The library has a type of its own for instants, and none of them here lies before 1970.
fn live(params: &mut CertificateParams, from: DateTime<Utc>, until: DateTime<Utc>) {
    let instant = |at: DateTime<Utc>| {
        let secs = u64::try_from(at.timestamp()).unwrap_or(0);
        date_time_ymd(1970, 1, 1) + Duration::from_secs(secs)
    };
    (params.not_before, params.not_after) = (instant(from), instant(until));
}
