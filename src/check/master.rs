//! The master token of the replaced proxy: whoever has it makes tokens, so it should not outlive its use.

use super::appliance::Appliance;
use super::finding::Finding;

const NAME: &str = "master token";

/// Says so where there is one.
pub(super) fn look(appliance: &Appliance) -> Option<Finding> {
    let advice = "where no script of the old days needs it: carillon token master --withdraw";
    let detail = "the one of the replaced proxy still makes subscriber tokens";
    appliance.has_master_token().then(|| Finding::warn(NAME, detail, advice))
}
