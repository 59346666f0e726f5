//! `carillon room …`

use clap::{Args, Subcommand};

use super::rules::RoomRequest;
use crate::control::{Client, CommandError, Output};
use crate::http::percent::encoded;

/// Rooms.
#[derive(Debug, Subcommand)]
pub enum RoomCommand {
    /// Make a room.
    Add {
        /// Its name; the slug follows from it.
        name: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// List the rooms.
    List,
    /// Change a room; what is not named stays.
    Set {
        /// Its slug, its name or an alias.
        room: String,
        #[command(flatten)]
        settings: Settings,
        /// Take all aliases away.
        #[arg(long, conflicts_with = "aliases")]
        no_aliases: bool,
    },
    /// Give a room a new name; the old slug goes on finding it.
    Rename {
        /// The present name.
        room: String,
        /// The new name.
        name: String,
    },
    /// Remove a room.
    Remove {
        /// Its slug, its name or an alias.
        room: String,
        /// Let its events go on without a room.
        #[arg(long)]
        force: bool,
    },
}

/// What there is to say of a room beside its name.
#[derive(Debug, Args)]
pub struct Settings {
    /// What sort of room.
    #[arg(long)]
    kind: Option<String>,
    /// Seats.
    #[arg(long, value_name = "N")]
    capacity: Option<u32>,
    /// What else it is called: as a feed spells it.
    #[arg(long = "alias", value_name = "NAME")]
    aliases: Vec<String>,
}

impl Settings {
    fn request(self, name: Option<String>) -> RoomRequest {
        let aliases = (!self.aliases.is_empty()).then_some(self.aliases);
        RoomRequest { name, kind: self.kind.map(Some), capacity: self.capacity.map(Some), aliases }
    }
}

/// Runs one of them.
pub async fn run_room(command: RoomCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        RoomCommand::Add { name, settings } => {
            let made = client.post("/api/v1/rooms", &settings.request(Some(name))).await?;
            out.object(&made, "made the room {slug} ({name})")
        }
        RoomCommand::List => {
            let list = client.list("/api/v1/rooms").await?;
            out.table(&list, &["slug", "name", "kind", "capacity", "aliases"])
        }
        RoomCommand::Set { room, settings, no_aliases } => {
            let mut request = settings.request(None);
            if no_aliases {
                request.aliases = Some(Vec::new());
            }
            change(&room, &request, client, out).await
        }
        RoomCommand::Rename { room, name } => {
            change(&room, &RoomRequest { name: Some(name), ..RoomRequest::default() }, client, out).await
        }
        RoomCommand::Remove { room, force } => {
            client.delete(&format!("/api/v1/rooms/{}?force={force}", encoded(&room))).await?;
            out.done(&format!("removed the room {room}"))
        }
    }
}

async fn change(room: &str, request: &RoomRequest, client: &Client, out: &Output) -> Result<(), CommandError> {
    let changed = client.patch(&format!("/api/v1/rooms/{}", encoded(room)), request).await?;
    out.object(&changed, "the room is {slug} ({name}) now: {kind}, {capacity} seats, also known as {aliases}")
}
