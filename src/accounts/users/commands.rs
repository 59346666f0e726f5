//! `carillon user …`

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::prompt::ask_password;
use crate::actor::Role;
use crate::control::{Client, CommandError, Output, read_file, secret_from_stdin};
use crate::http::percent::encoded;
use crate::secret::Secret;

/// People.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make a user. On a terminal it asks for the password; elsewhere, without --password-stdin, there is none yet.
    Add {
        /// The name to sign in with.
        login: String,
        /// The name that people read.
        #[arg(long)]
        name: String,
        /// Signs in too.
        #[arg(long)]
        email: Option<String>,
        /// What they may do.
        #[arg(long = "role", value_enum, required = true, num_args = 1..)]
        roles: Vec<Role>,
        /// A cohort that they belong to.
        #[arg(long = "cohort")]
        cohorts: Vec<String>,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the users.
    List,
    /// Bring users in from a .csv, .xlsx or .ods file with the columns login, name, email, role, cohort: all of it or nothing.
    Import {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Only say what would be made and changed.
        #[arg(long)]
        dry_run: bool,
        /// Print a link for each who is new, by which they choose their password.
        #[arg(long, conflicts_with = "dry_run")]
        invite: bool,
    },
    /// Make links by which people choose their password, once and within 7 days: for those who have none, or forgot it.
    Invite {
        /// Whom.
        #[arg(required = true)]
        logins: Vec<String>,
    },
    /// Print everything that is held of a user, to be handed to them.
    Export {
        /// Of whom.
        login: String,
    },
    /// Forget a user for good: what they did stays, by nobody. It cannot be undone.
    Erase {
        /// Whom.
        login: String,
        /// It is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Give a user these roles instead of the present ones.
    Roles {
        /// Whose.
        login: String,
        /// All their roles from now on.
        #[arg(value_enum, required = true)]
        roles: Vec<Role>,
    },
    /// Keep a user from signing in, from now on.
    Disable {
        /// Whom.
        login: String,
    },
    /// Let a user sign in again.
    Enable {
        /// Whom.
        login: String,
    },
    /// Give a user a new password.
    Password {
        /// Whom.
        login: String,
        /// Read it from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Runs one of them.
pub async fn run_user(command: UserCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        UserCommand::Add { login, name, email, roles, cohorts, password_stdin } => {
            let password = password(password_stdin)?;
            let new = json!({
                "login": login, "name": name, "email": email, "roles": roles, "cohorts": cohorts,
                "password": password.as_ref().map(Secret::expose),
            });
            let made = client.post("/api/v1/users", &new).await?;
            let without = "; without a password: `carillon user invite` makes a link to choose one";
            let end = if password.is_none() { without } else { "" };
            out.object(&made, &format!("made the user {{login}} ({{roles}}){end}"))
        }
        UserCommand::List => {
            let list = client.list("/api/v1/users").await?;
            out.table(&list, &["login", "name", "email", "roles", "cohorts", "disabled"])
        }
        UserCommand::Import { file, dry_run, invite } => {
            let csv = read_file(&file)?;
            let query = format!("dry_run={dry_run}&invite={invite}");
            let told = client.post_csv(&format!("/api/v1/users/import?{query}"), csv).await?;
            show_import(&told, dry_run, out)
        }
        UserCommand::Invite { logins } => {
            let made = client.post("/api/v1/invitations", &json!({"logins": logins})).await?;
            out.table(made.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice), &INVITATION)
        }
        UserCommand::Export { login } => {
            out.document(&client.get(&format!("/api/v1/users/{}/data", encoded(&login))).await?)
        }
        UserCommand::Erase { login, yes: false } => {
            Err(CommandError::Other(format!("{login} would be forgotten for good: say --yes if that is meant")))
        }
        UserCommand::Erase { login, yes: true } => {
            let path = format!("/api/v1/users/{}/erase", encoded(&login));
            let husk = client.post(&path, &json!({"login": login})).await?;
            out.object(&husk, &format!("{login} is forgotten; what they did is by {{login}} now"))
        }
        UserCommand::Roles { login, roles } => {
            let after = patch(client, &login, json!({"roles": roles})).await?;
            out.object(&after, "{login} is {roles} now")
        }
        UserCommand::Disable { login } => {
            let after = patch(client, &login, json!({"disabled": true})).await?;
            out.object(&after, "{login} is signed out and cannot sign in any more")
        }
        UserCommand::Enable { login } => {
            let after = patch(client, &login, json!({"disabled": false})).await?;
            out.object(&after, "{login} can sign in again")
        }
        UserCommand::Password { login, password_stdin } => {
            let none = || CommandError::Other("no terminal to ask on: use --password-stdin".to_owned());
            let password = password(password_stdin)?.ok_or_else(none)?;
            let after = patch(client, &login, json!({"password": password.expose()})).await?;
            out.object(&after, "{login} has a new password and is signed out everywhere")
        }
    }
}

/// The columns of an invitation.
const INVITATION: [&str; 3] = ["login", "expires_at", "url"];

fn show_import(told: &Value, dry_run: bool, out: &Output) -> Result<(), CommandError> {
    let start = if dry_run { "a dry run, nothing was written: " } else { "" };
    out.with_warnings(told, &format!("{start}{{created}} created, {{updated}} updated, {{unchanged}} unchanged"))?;
    match told.get("invitations").and_then(Value::as_array) {
        Some(made) if !made.is_empty() && !out.json => out.table(made, &INVITATION),
        _ => Ok(()),
    }
}

fn password(from_stdin: bool) -> Result<Option<Secret<String>>, CommandError> {
    match from_stdin {
        true => secret_from_stdin().map(Some),
        false => ask_password(),
    }
}

async fn patch(client: &Client, login: &str, change: Value) -> Result<Value, CommandError> {
    client.patch(&format!("/api/v1/users/{}", encoded(login)), &change).await
}
