//! Sign-in forms as real sites write them, and as nobody should.

use proptest::prelude::*;

use super::*;

/// A form in one line: `METHOD action | name=value&… | username_field/password_field`.
fn read(html: &str) -> String {
    let Some(form) = read_login_form(html.as_bytes()) else {
        return "none".to_owned();
    };
    let fields: Vec<String> = form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let method = if form.method_post { "POST" } else { "GET" };
    let name = |field: Option<String>| field.unwrap_or_else(|| "-".to_owned());
    format!(
        "{method} {} | {} | {}/{}",
        name(form.action),
        fields.join("&"),
        name(form.username_field),
        name(form.password_field)
    )
}

#[test]
fn forms_of_real_sites_are_read() {
    let table = [
        (
            "IPP",
            r#"<!DOCTYPE html><html><head><title>Planning</title></head><body>
            <form action="index.php" method="post" id="form_login"><input type="hidden" name="url" value="" />
            <label>Identifiant <input type="text" name="Username" id="u"/></label>
            <label>Mot de passe <input type="password" name="Password"/></label>
            <button type="submit" name="login" value="">Se connecter</button></form></body></html>"#,
            "POST index.php | url=&Username=&login= | Username/Password",
        ),
        (
            "CAS 6",
            r#"<form method="post" id="fm1"><input class="required" id="username" size="25" tabindex="1" type="text" autocomplete="username" name="username" value="">
            <input class="required" type="password" id="password" name="password" autocomplete="off" value="">
            <input type="checkbox" name="rememberMe" id="rememberMe" value="true" tabindex="5"/>
            <input type="hidden" name="execution" value="e1s1_ZXlKaGJHY2lPaUpJVXpVeE1pSX0="/><input type="hidden" name="_eventId" value="submit"/>
            <input type="hidden" name="geolocation"/><button class="btn" name="submitBtn" accesskey="l" type="submit">Login</button></form>"#,
            "POST - | username=&execution=e1s1_ZXlKaGJHY2lPaUpJVXpVeE1pSX0=&_eventId=submit&geolocation=&submitBtn= | username/password",
        ),
        (
            "CAS 3",
            r#"<form id="fm1" action="/cas/login;jsessionid=0A?service=https%3A%2F%2Fedt.example.org%2F&amp;a=b" method="post">
            <input name="username" type="text"><input name="password" type="password">
            <input type="hidden" name="lt" value="LT-1-abc&quot;d" /><input type="hidden" name="execution" value="e1s1" />
            <input name="submit" value="SE CONNECTER" type="submit" /><input name="reset" value="EFFACER" type="reset" /></form>"#,
            "POST /cas/login;jsessionid=0A?service=https%3A%2F%2Fedt.example.org%2F&a=b | username=&lt=LT-1-abc\"d&execution=e1s1&submit=SE CONNECTER | username/password",
        ),
        (
            "Moodle",
            r#"<form class="login-form" action="https://moodle.example.org/login/index.php" method="post" id="login">
            <input type="hidden" name="logintoken" value="lKzr6EUaVLrHnJUlnaXS6wcmDoEZ4ovN"><input type="text" name="username" id="username" class="form-control" value="" placeholder="Username" autocomplete="username">
            <input type="password" name="password" id="password" value="" class="form-control" autocomplete="current-password">
            <button class="btn btn-primary" type="submit" id="loginbtn">Log in</button></form>
            <form action="https://moodle.example.org/login/index.php" method="post" id="guestlogin"><input type="hidden" name="username" value="guest" /><input type="hidden" name="password" value="guest" /></form>"#,
            "POST https://moodle.example.org/login/index.php | logintoken=lKzr6EUaVLrHnJUlnaXS6wcmDoEZ4ovN&username= | username/password",
        ),
        (
            "ASP.NET",
            r##"<form method="post" action="./Login.aspx?ReturnUrl=%2f" id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="/wEPDw==" />
            <input name="ctl00$User" type="text" /><select name="ctl00$Domain"><option value="A">A</option><option selected="selected" value="B">B</option></select>
            <input name="ctl00$Pass" type="password" /><input type="submit" name="ctl00$Go" value="OK" /><input type="submit" name="ctl00$Forgot" value="?" /></form>"##,
            "POST ./Login.aspx?ReturnUrl=%2f | __VIEWSTATE=/wEPDw==&ctl00$User=&ctl00$Domain=B&ctl00$Go=OK | ctl00$User/ctl00$Pass",
        ),
    ];
    for (site, html, expected) in table {
        assert_eq!(read(html), expected, "{site}");
    }
}

#[test]
fn sloppy_html_is_read_as_browsers_do() {
    let table = [
        (
            "upper case",
            "<FORM METHOD=POST ACTION=/In><INPUT NAME=U><INPUT TYPE=PASSWORD NAME=P></FORM>",
            "POST /In | U= | U/P",
        ),
        (
            "unquoted and single quotes",
            "<form method=post action='/a b'><input name=u value=x><input type=password name='p'>",
            "POST /a b | u=x | u/p",
        ),
        (
            "no closing tags",
            "<form method=post><p>User<input name=u><p>Pass<input type=password name=p>",
            "POST - | u= | u/p",
        ),
        (
            "search form first",
            "<form action=/search><input name=q></form><form action=/in method=post><input name=u><input type=password name=p></form>",
            "POST /in | u= | u/p",
        ),
        (
            "a form in a form is none",
            "<form action=/in method=post><form action=/no><input name=u><input type=password name=p></form>",
            "POST /in | u= | u/p",
        ),
        ("empty action", "<form action='' method=post><input type=password name=p></form>", "POST  |  | -/p"),
        ("white space in action", "<form action=' /in\n'><input type=password name=p></form>", "GET /in |  | -/p"),
        ("a method that is none", "<form method=put><input type=password name=p>", "GET - |  | -/p"),
        (
            "forms in comments and scripts",
            "<!-- <form><input type=password name=x></form> --><script>'<form><input type=password name=y>'</script><form><input type=password name=p></form>",
            "GET - |  | -/p",
        ),
        ("password without a name", "<form><input name=u><input type=password></form>", "GET - | u= | u/-"),
        ("password outside of a form", "<input type=password name=p><form><input name=q></form>", "none"),
        ("no form", "<p>Hello", "none"),
        ("nothing", "", "none"),
        (
            "name after the password",
            "<form><input type=password name=p><input type=email name=mail><input name=z>",
            "GET - | mail=&z= | mail/p",
        ),
        (
            "a marked name wins",
            "<form><input name=a autocomplete='section-x username'><input name=b><input type=password name=p>",
            "GET - | a=&b= | a/p",
        ),
        (
            "disabled controls",
            "<form><input name=a disabled><input name=u><input type=hidden name=h value=1 disabled><input type=password name=p>",
            "GET - | u= | u/p",
        ),
        (
            "boxes and radios",
            "<form><input type=checkbox name=a><input type=checkbox name=b checked><input type=radio name=c value=1><input type=radio name=c value=2 checked><input type=password name=p>",
            "GET - | b=on&c=2 | -/p",
        ),
        (
            "images, files and resets",
            "<form><input type=image name=i><input type=file name=f><input type=reset name=r value=r><input type=button name=b value=b><button type=button name=c>c</button><input type=password name=p>",
            "GET - |  | -/p",
        ),
        (
            "only the first named submit",
            "<form><input type=password name=p><input type=submit value=Go><button name=one value=1>1</button><input type=submit name=two value=2>",
            "GET - | one=1 | -/p",
        ),
        (
            "select without a selected option",
            "<form><select name=s><option disabled value=0>Choose<option>First &amp; best<option value=2>Second</select><input type=password name=p>",
            "GET - | s=First & best | -/p",
        ),
        (
            "select multiple",
            "<form><select name=s multiple><option value=1>1</select><input type=password name=p>",
            "GET - |  | -/p",
        ),
        (
            "an open select at the end",
            "<form><input type=password name=p><select name=s><option>a<option selected>b",
            "GET - | s=b | -/p",
        ),
        (
            "textarea",
            "<form><textarea name=t>a <input name=no> b</textarea><input type=password name=p>",
            "GET - | t=a <input name=no> b | -/p",
        ),
        ("two passwords", "<form><input type=password name=p><input type=password name=again>", "GET - | again= | -/p"),
        (
            "entities and Latin-1",
            "<form action='?a=1&amp;b=2'><input type=hidden name=h value='caf&eacute;'><input type=password name=p>",
            "GET ?a=1&b=2 | h=café | -/p",
        ),
    ];
    for (case, html, expected) in table {
        assert_eq!(read(html), expected, "{case}");
    }
}

#[test]
fn the_first_base_of_the_page_is_kept() {
    let form =
        read_login_form(b"<base target=x><base href=/a/><base href=/b/><form action=c><input type=password name=p>")
            .unwrap();
    assert_eq!((form.base.as_deref(), form.action.as_deref()), (Some("/a/"), Some("c")));
}

#[test]
fn a_page_is_told_from_a_calendar() {
    let table: [(&str, Option<&str>, bool); 12] = [
        ("<!DOCTYPE html><p>x", Some("text/calendar"), true),
        ("\u{feff}\r\n <html>", None, true),
        ("<?xml version='1.0'?><html>", None, true),
        ("Session expired", Some("text/html; charset=utf-8"), true),
        ("Session expired", Some("Application/XHTML+xml"), true),
        ("Session expired", Some("text/plain"), false),
        ("", Some("text/html"), true),
        ("", None, false),
        ("BEGIN:VCALENDAR\r\n", Some("text/html"), false),
        ("\u{feff}\u{feff}\n\n begin:vcalendar\n", Some("text/html"), false),
        ("BEGIN:VCARD", Some("text/html"), true),
        ("< 5", None, false),
    ];
    for (body, content_type, expected) in table {
        assert_eq!(looks_like_html(body.as_bytes(), content_type), expected, "{body:?} {content_type:?}");
    }
}

#[test]
fn a_password_control_is_seen_only_where_it_is_one() {
    assert!(has_password_field(b"<div><INPUT id=x TYPE='Password'></div>"));
    for html in [
        "<p>password",
        "<!-- <input type=password> -->",
        "<script>'<input type=password>'</script>",
        "<input type=text name=password>",
        "<textarea><input type=password></textarea>",
    ] {
        assert!(!has_password_field(html.as_bytes()), "{html}");
    }
}

#[test]
fn a_large_page_is_read_in_little_time() {
    let patterns = [
        "<form><input name=a>",
        "<form><select name=s><option>",
        "<input a=1 ",
        "<textarea>",
        "<!--",
        "</form",
        "<a b c d e f g h i j k l m n o p>",
    ];
    for pattern in patterns {
        let page = pattern.repeat(16 * 1024 * 1024 / pattern.len());
        let start = std::time::Instant::now();
        read_login_form(page.as_bytes());
        has_password_field(page.as_bytes());
        // Read more than once for each octet, it would take hours; a busy machine takes seconds.
        assert!(start.elapsed() < std::time::Duration::from_secs(60), "{pattern}: {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read_login_form(&bytes);
        has_password_field(&bytes);
        looks_like_html(&bytes, None);
    }

    #[test]
    fn any_pile_of_tags_is_read_without_a_panic(parts in proptest::collection::vec(
        prop::sample::select(vec!["<form>", "</form>", "<form method=post ", "<input name=a", " type=password", ">", "<select name=s>", "</select>",
            "<option>", "<option selected value=x>", "</option>", "<textarea name=t>", "</textarea>", "<button name=b>", "<script>", "</script>", "<!--", "-->", "x", "\u{0}", "&amp", "é"]), 0..60)) {
        let html = parts.concat();
        let form = read_login_form(html.as_bytes());
        prop_assert!(form.is_none() || has_password_field(html.as_bytes()));
    }
}
