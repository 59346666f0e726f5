//! The commands, as clients of the routes in this process. What asks for a password is not among them.

use clap::{Parser, Subcommand};

use super::*;
use crate::accounts::commands::{TokenCommand, UserCommand, run_token, run_user};
use crate::control::{Client, CommandError, Output};

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    User(UserCommand),
    #[command(subcommand)]
    Token(TokenCommand),
}

fn parse(words: &[&str]) -> Result<Command, clap::Error> {
    CommandLine::try_parse_from(["carillon"].iter().chain(words)).map(|line| line.command)
}

impl School {
    async fn run(&self, words: &[&str]) -> Result<(), CommandError> {
        let client = Client::InProcess(Box::new(routes().with_state(self.accounts.clone()).into()), Caller::cli("pi"));
        let out = Output { json: true };
        match parse(words).unwrap() {
            Command::User(command) => run_user(command, &client, &out).await,
            Command::Token(command) => run_token(command, &client, &out).await,
        }
    }
}

#[test]
fn the_command_lines_of_the_contract_are_read() {
    let good = [
        "user add marie --name M --role admin",
        "user add marie --name M --email m@x.org --role teacher --role planner --cohort a --cohort b --password-stdin",
        "user add marie --name M --role teacher planner",
        "user list",
        "user roles marie admin teacher",
        "user disable marie",
        "user enable marie",
        "user password marie --password-stdin",
        "token create phone",
        "token create phone --cohort a --cohort b --expires 2027-08-31",
        "token create --from names --cohort a",
        "token batch --cohort a --expires 2027-08-31",
        "user import people.csv --dry-run",
        "user import people.csv --invite",
        "user invite marie",
        "user invite marie sam",
        "user export marie",
        "user erase marie --yes",
        "token list",
        "token revoke phone",
        "token rotate phone",
    ];
    for line in good {
        assert!(parse(&line.split(' ').collect::<Vec<_>>()).is_ok(), "{line}");
    }
    let bad = [
        "user add marie --name M",
        "user roles marie",
        "user invite",
        "user import people.csv --invite --dry-run",
        "user add marie --name M --role king",
        "token create",
        "token create phone --from names --cohort a",
        "token create --from names",
    ];
    for line in bad {
        assert_eq!(parse(&line.split(' ').collect::<Vec<_>>()).err().map(|error| error.exit_code()), Some(2), "{line}");
    }
}

#[tokio::test]
async fn people_are_changed_by_commands() {
    let school = School::with_people().await;
    school.run(&["user", "roles", "Sam", "planner", "teacher"]).await.unwrap();
    school.run(&["user", "disable", "teo"]).await.unwrap();
    let people = school.accounts.people();
    assert_eq!(people.find("sam").unwrap().roles, [Role::Planner, Role::Teacher]);
    assert!(people.find("teo").unwrap().disabled);
    school.run(&["user", "enable", "teo"]).await.unwrap();
    school.run(&["user", "list"]).await.unwrap();
    let refused = school.run(&["user", "disable", "ada"]).await.unwrap_err().to_string();
    assert_eq!(refused, "\"ada\" is the last administrator: give somebody else the role first");
}

#[tokio::test]
async fn a_token_is_named_in_a_command_whatever_its_name() {
    let school = School::new();
    let name = "Ève / 2ème? 100%";
    school.run(&["token", "create", name, "--cohort", "2a-sr", "--expires", "2027-08-31"]).await.unwrap();
    let id = |school: &School| school.accounts.keyring().find(name, &school.clock).map(|token| token.id.clone());
    let made = id(&school);
    school.run(&["token", "rotate", name]).await.unwrap();
    assert_eq!(id(&school), made);
    school.run(&["token", "revoke", name]).await.unwrap();
    school.run(&["token", "list"]).await.unwrap();
    assert_eq!(id(&school), None);
    assert!(school.run(&["token", "revoke", name]).await.is_err());
}

#[tokio::test]
async fn a_file_of_names_makes_all_of_them_or_none() {
    let school = School::new();
    school.create_token(json!({"name": "teo"})).await;
    let file = school.dir.path().join("names");
    std::fs::write(&file, "\u{feff}sam\r\n\n  teo \nada\nSam\n").unwrap();
    let command = ["token", "create", "--from", file.to_str().unwrap(), "--cohort", "2A-SR"];
    let told = school.run(&command).await.unwrap_err().to_string();
    assert!(told.starts_with("nothing was made: \"teo\" belongs") && told.contains("; \"Sam\" belongs"), "{told}");
    assert_eq!(school.accounts.keyring().all().count(), 1);
    std::fs::write(&file, "sam\nada\n").unwrap();
    school.run(&command).await.unwrap();
    assert_eq!(school.accounts.keyring().all().count(), 3);
    let two = [&command[..], &["--cohort", "m2"]].concat();
    assert!(school.run(&two).await.unwrap_err().to_string().contains("one --cohort"));
}
