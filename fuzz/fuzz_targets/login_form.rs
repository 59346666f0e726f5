//! Any page as a login page: a form or none, never a panic, never a field that the page does not have room for.

#![no_main]

use carillon::feeds::form::{has_password_field, read_login_form};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let form = read_login_form(data);
    assert_eq!(
        form,
        read_login_form(data),
        "the same page gives the same form"
    );
    if let Some(form) = form {
        assert!(has_password_field(data), "a login form has a password");
        assert!(form.fields.len() <= data.len());
    }
});
