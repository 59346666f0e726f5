//! The hash of a password that another system made.
//!
//! Whoever signs in makes us compute it, so what it asks for is bounded before it is taken.

use argon2::password_hash::phc;

use crate::secret::Secret;

/// What checking one password may cost: memory in KiB, passes, lanes.
const MEMORY_AT_MOST_KIB: u32 = 64 * 1024;
const PASSES_AT_MOST: u32 = 10;
const LANES_AT_MOST: u32 = 4;

/// A hash that can be read, and whose check costs no more than it may.
pub(super) fn check_hash(text: &str) -> Result<Secret<String>, String> {
    if text.is_empty() {
        return Err("there is no hash".to_owned());
    }
    let hash = phc::PasswordHash::new(text).map_err(|_| "the hash is not one of argon2".to_owned())?;
    let params = argon2::Params::try_from(&hash).map_err(|_| "the hash is not one of argon2".to_owned())?;
    if !hash.algorithm.as_str().starts_with("argon2") || hash.salt.is_none() || hash.hash.is_none() {
        return Err("the hash is not one of argon2".to_owned());
    }
    let dear =
        params.m_cost() > MEMORY_AT_MOST_KIB || params.t_cost() > PASSES_AT_MOST || params.p_cost() > LANES_AT_MOST;
    match dear {
        true => Err(format!(
            "to check the hash takes {} KiB, {} passes and {} lanes: at most {MEMORY_AT_MOST_KIB}, {PASSES_AT_MOST} and {LANES_AT_MOST}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        )),
        false => Ok(Secret::new(text.to_owned())),
    }
}
