//! Who is calling, and the one table of who may do what.
//!
//! Every route and every command asks this table; no page and no handler decides for itself. A rule asks how far the
//! caller's right to a [`Deed`] reaches, and where the answer is [`Reach::Own`] it looks at what is theirs.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Kind, Refusal};

/// What a user is in the school.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the appliance.
    Admin,
    /// The timetable office.
    Planner,
    /// Adds and moves their own events.
    Teacher,
    /// Reads their cohorts.
    Student,
}

/// The one who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A stranger.
    Nobody,
    /// Somebody who signed in.
    User {
        /// Their login.
        login: String,
        /// Their roles at this moment.
        roles: Vec<Role>,
        /// The ids of the cohorts that they belong to.
        cohorts: Vec<String>,
    },
    /// A phone with a subscriber token.
    Subscriber {
        /// The token's id.
        id: String,
        /// What it opens: the ids of the cohorts, or `None` for each cohort.
        cohorts: Option<Vec<String>>,
        /// The teacher who made it for themselves: it opens their calendar too.
        teacher: Option<String>,
    },
    /// The command line of the machine itself, by the name of the system's user.
    Cli(String),
    /// The master token of the replaced proxy: it makes subscriber tokens and nothing else.
    Master,
}

/// An actor, and where from: what an audit entry holds of a call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, as they were when the head of the request was there.
    pub actor: Actor,
    /// From which address; none for the command line.
    pub ip: Option<IpAddr>,
    /// Who they are at the moment of a change.
    pub standing: Standing,
}

/// Asks who somebody is at this moment: a body may take its time, and a password waits for its turn.
#[derive(Clone, Default)]
pub struct Standing(Option<Arc<dyn Fn() -> Option<Actor> + Send + Sync>>);

impl Standing {
    /// Of somebody who has signed in; `None` once that counts no more.
    pub fn asking(present: impl Fn() -> Option<Actor> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(present)))
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Standing(…)")
    }
}

/// What somebody wants to do: the lines of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Read the calendar of a public cohort.
    ReadPublicCalendar,
    /// Read the calendar of a cohort with visibility `token`.
    ReadClosedCalendar,
    /// Read events, cohorts, rooms and rooms' calendars.
    ReadTimetable,
    /// Read a teacher's calendar, or everything at once.
    ReadWideCalendar,
    /// List the teachers.
    ListTeachers,
    /// Create, change, delete and undo events.
    ChangeEvents,
    /// Allow conflicts; change cohorts and rooms; import.
    ChangeTimetable,
    /// Make and revoke one's own subscriber tokens.
    OwnTokens,
    /// Make subscriber tokens for others; all that the master token may.
    MakeTokens,
    /// Feeds, tokens, users, audit, backup, metrics.
    Administer,
}

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// What is theirs.
    Own,
    /// Everything.
    All,
}

impl Deed {
    /// The table of the design, line by line: admin, planner, teacher, student, token, nobody. A token reaches a teacher's
    /// calendar where that teacher made it for themselves.
    const fn row(self) -> [Reach; 6] {
        use Reach::{All, Nothing as No, Own};
        match self {
            Self::ReadPublicCalendar => [All, All, All, All, All, All],
            Self::ReadClosedCalendar => [All, All, All, Own, Own, No],
            Self::ReadTimetable => [All, All, All, Own, No, No],
            Self::ReadWideCalendar => [All, All, Own, No, Own, No],
            Self::ListTeachers => [All, All, All, No, No, No],
            Self::ChangeEvents => [All, All, Own, No, No, No],
            Self::ChangeTimetable => [All, All, No, No, No, No],
            Self::OwnTokens => [All, All, All, Own, No, No],
            Self::MakeTokens => [All, No, No, No, No, No],
            Self::Administer => [All, No, No, No, No, No],
        }
    }
}

impl Actor {
    /// How far this actor's right to a deed reaches.
    pub fn reach(&self, deed: Deed) -> Reach {
        let [admin, planner, teacher, student, token, nobody] = deed.row();
        match self {
            Self::Cli(_) => Reach::All,
            Self::Subscriber { .. } => token,
            Self::Master if deed == Deed::MakeTokens => Reach::All,
            Self::Nobody | Self::Master => nobody,
            Self::User { roles, .. } => {
                let of_role = |role: &Role| match role {
                    Role::Admin => admin,
                    Role::Planner => planner,
                    Role::Teacher => teacher,
                    Role::Student => student,
                };
                roles.iter().map(of_role).max().unwrap_or(nobody).max(nobody)
            }
        }
    }

    /// May they do this to everything? The answer to most questions of the API.
    pub fn must(&self, deed: Deed) -> Result<(), Denied> {
        match self.reach(deed) {
            Reach::All => Ok(()),
            Reach::Own | Reach::Nothing if self.is_anonymous() => Err(Denied::SignIn),
            Reach::Own | Reach::Nothing => Err(Denied::NotAllowed),
        }
    }

    /// May they do this to something at least? A rule then looks at what is theirs.
    pub fn must_some(&self, deed: Deed) -> Result<(), Denied> {
        match self.reach(deed) {
            Reach::Nothing => self.must(deed),
            Reach::Own | Reach::All => Ok(()),
        }
    }

    /// May they read the calendar of this cohort?
    pub fn may_read_calendar(&self, cohort_id: &str, public: bool) -> bool {
        if public {
            return true;
        }
        match self.reach(Deed::ReadClosedCalendar) {
            Reach::All => true,
            Reach::Nothing => false,
            Reach::Own => self.owns_cohort(cohort_id),
        }
    }

    /// May they know of this cohort? Whoever reads the timetable; a student of their own and of public ones, whose calendars
    /// are open to all.
    pub fn may_see_cohort(&self, cohort_id: &str, public: bool) -> bool {
        match self.reach(Deed::ReadTimetable) {
            Reach::All => true,
            Reach::Own => public || self.owns_cohort(cohort_id),
            Reach::Nothing => false,
        }
    }

    /// May they read the calendar of this teacher?
    pub fn may_read_teacher(&self, login: &str) -> bool {
        match self.reach(Deed::ReadWideCalendar) {
            Reach::All => true,
            Reach::Nothing => false,
            Reach::Own => self.is_teacher(login),
        }
    }

    /// Are they this teacher, or is it a token that this teacher made for themselves?
    fn is_teacher(&self, who: &str) -> bool {
        match self {
            Self::User { login, .. } => login == who,
            Self::Subscriber { teacher, .. } => teacher.as_deref() == Some(who),
            Self::Nobody | Self::Cli(_) | Self::Master => false,
        }
    }

    /// Is this cohort theirs: by belonging to it, or by the scope of their token?
    pub fn owns_cohort(&self, cohort_id: &str) -> bool {
        match self {
            Self::User { cohorts, .. } | Self::Subscriber { cohorts: Some(cohorts), .. } => {
                cohorts.iter().any(|id| id == cohort_id)
            }
            Self::Subscriber { cohorts: None, .. } => true,
            Self::Nobody | Self::Cli(_) | Self::Master => false,
        }
    }

    /// How the audit names them: `user:marie`, `cli:pi`, `token:t_…`.
    pub fn audit_name(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::User { login, .. } => format!("user:{login}"),
            Self::Subscriber { id, .. } => format!("token:{id}"),
            Self::Cli(user) => format!("cli:{user}"),
            Self::Master => "master-token".to_owned(),
        }
    }

    /// Has nobody shown a key of any kind that signs in? Then the answer is 401, not 403.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Nobody | Self::Subscriber { .. })
    }
}

impl Caller {
    /// Somebody who stays who they are while the call lasts.
    pub fn new(actor: Actor, ip: Option<IpAddr>) -> Self {
        Self { actor, ip, standing: Standing::default() }
    }

    /// The command line, by the name of the system's user.
    pub fn cli(user: &str) -> Self {
        Self::new(Actor::Cli(user.to_owned()), None)
    }

    /// Refuses whoever was signed out or has lost a role since their call began. Each change that is told to the audit asks,
    /// inside its transaction, so that it comes before the change of the person or after it, and never between.
    pub fn must_stand(&self) -> Result<(), Denied> {
        let Some(present) = &self.standing.0 else { return Ok(()) };
        match (&self.actor, present()) {
            (_, None) => Err(Denied::SignIn),
            (Actor::User { roles: had, .. }, Some(Actor::User { roles: has, .. })) => {
                if had.iter().all(|role| has.contains(role)) { Ok(()) } else { Err(Denied::NotAllowed) }
            }
            (had, Some(has)) => {
                if *had == has {
                    Ok(())
                } else {
                    Err(Denied::NotAllowed)
                }
            }
        }
    }
}

/// The table said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("this needs somebody who is signed in")]
    SignIn,
    /// Somebody is, and may not.
    #[error("your roles do not allow this")]
    NotAllowed,
}

impl Refusal for Denied {
    fn kind(&self) -> Kind {
        match self {
            Self::SignIn => Kind::Unauthorized,
            Self::NotAllowed => Kind::Forbidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(roles: &[Role]) -> Actor {
        Actor::User { login: "u".into(), roles: roles.to_vec(), cohorts: vec!["own".into()] }
    }

    #[test]
    fn the_widest_role_counts() {
        assert_eq!(user(&[Role::Student, Role::Planner]).reach(Deed::ChangeTimetable), Reach::All);
        assert_eq!(user(&[Role::Student]).reach(Deed::ChangeTimetable), Reach::Nothing);
        assert_eq!(user(&[]).reach(Deed::ReadPublicCalendar), Reach::All);
    }

    #[test]
    fn only_an_administrator_administers() {
        for role in [Role::Planner, Role::Teacher, Role::Student] {
            assert_eq!(user(&[role]).must(Deed::Administer), Err(Denied::NotAllowed));
        }
        assert_eq!(user(&[Role::Admin]).must(Deed::Administer), Ok(()));
        assert_eq!(Actor::Nobody.must(Deed::Administer), Err(Denied::SignIn));
        assert_eq!(Actor::Master.must(Deed::Administer), Err(Denied::NotAllowed));
    }

    #[test]
    fn whoever_has_lost_a_role_or_was_signed_out_does_not_stand() {
        let now = [
            (Some(user(&[Role::Admin, Role::Teacher])), Ok(())),
            (Some(user(&[Role::Admin])), Ok(())),
            (Some(user(&[Role::Teacher])), Err(Denied::NotAllowed)),
            (None, Err(Denied::SignIn)),
        ];
        for (present, stands) in now {
            let standing = Standing::asking(move || present.clone());
            let caller = Caller { standing, ..Caller::new(user(&[Role::Admin]), None) };
            assert_eq!(caller.must_stand(), stands);
        }
        assert_eq!(Caller::cli("pi").must_stand(), Ok(()));
    }

    #[test]
    fn a_closed_calendar_opens_for_its_own() {
        let token = |cohorts| Actor::Subscriber { id: "t".into(), cohorts, teacher: None };
        let cases = [
            (user(&[Role::Student]), "own", true),
            (user(&[Role::Student]), "other", false),
            (user(&[Role::Teacher]), "other", true),
            (token(None), "other", true),
            (token(Some(vec!["own".into()])), "own", true),
            (token(Some(vec![])), "own", false),
            (Actor::Nobody, "own", false),
        ];
        for (actor, cohort, opens) in cases {
            assert_eq!(actor.may_read_calendar(cohort, false), opens, "{actor:?}");
            assert!(actor.may_read_calendar(cohort, true), "{actor:?}");
        }
    }

    #[test]
    fn a_teachers_calendar_opens_for_themselves_and_for_their_own_token() {
        let token = |teacher: Option<&str>| {
            let teacher = teacher.map(str::to_owned);
            Actor::Subscriber { id: "t".into(), cohorts: None, teacher }
        };
        let cases = [
            (user(&[Role::Teacher]), "u", true),
            (user(&[Role::Teacher]), "other", false),
            (user(&[Role::Student]), "u", false),
            (user(&[Role::Planner]), "other", true),
            (token(Some("u")), "u", true),
            (token(Some("u")), "other", false),
            (token(None), "u", false),
            (Actor::Nobody, "u", false),
        ];
        for (actor, login, opens) in cases {
            assert_eq!(actor.may_read_teacher(login), opens, "{actor:?} {login}");
        }
    }

    #[test]
    fn the_master_token_makes_tokens_and_nothing_else() {
        assert_eq!(Actor::Master.must(Deed::MakeTokens), Ok(()));
        assert_eq!(user(&[Role::Planner]).must(Deed::MakeTokens), Err(Denied::NotAllowed));
        for deed in [Deed::Administer, Deed::ChangeTimetable, Deed::ReadTimetable, Deed::OwnTokens] {
            assert_eq!(Actor::Master.must_some(deed), Err(Denied::NotAllowed), "{deed:?}");
        }
    }
}
