//! Who is on the control connection, and which media sessions wait for whom (R10).
//!
//! A machine without IO. A client is a page under a name the server gave it; it keeps the name, its media sessions and its wall over
//! reconnects. Its control connection ending closes nothing: what lives or is lost is decided by media alone (R3).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::limits::CLIENTS_MAX;
use base::{ClientId, MeetingId, Mono, Places, Role, SessionId, SourceId, TokenId, VenueId, Wall};
use meeting::planted::{self, Bug};
use service::control::OpenDesk;

/// How long a client that left is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(120);

/// A control connection, unique for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who says hello.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Its connection.
    pub connection: ConnectionId,
    /// For which meeting.
    pub meeting: MeetingId,
    /// By which token.
    pub token: TokenId,
    /// In which role.
    pub role: Role,
    /// Of which venue.
    pub venue: Option<VenueId>,
    /// When.
    pub at: Wall,
    /// The name it had before.
    pub returning: Option<ClientId>,
    /// The name it gets otherwise.
    pub fresh: ClientId,
}

/// How a client was taken in.
#[derive(Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Its name.
    pub client: ClientId,
    /// Sources that other pages took from it while it was away.
    pub replaced: Vec<SourceId>,
    /// A connection under the same name that this one takes the place of.
    pub displaced: Option<ConnectionId>,
    /// The oldest watcher's connection, which goes so that a desk has a place.
    pub made_room: Option<ConnectionId>,
}

/// What is to be done when a client is gone.
#[derive(Debug, PartialEq, Eq)]
pub struct Gone {
    /// The venue that no page reports for any more.
    pub silent_venue: Option<VenueId>,
}

#[derive(Debug)]
struct Known {
    meeting: MeetingId,
    token: TokenId,
    role: Role,
    venue: Option<VenueId>,
    /// When it said hello last.
    since: Wall,
    presence: Presence,
    /// Sessions that may get video only when the page shows the snapshot.
    waiting: BTreeSet<SessionId>,
    /// Sources that were taken from it, of which it was not told yet.
    replaced: BTreeSet<SourceId>,
    /// It has assigned sources to its wall.
    views: bool,
}

#[derive(Debug)]
enum Presence {
    Here { connection: ConnectionId, ready: bool, reports: bool },
    Left { at: Mono },
}

/// All clients of the node.
#[derive(Debug, Default)]
pub struct Clients {
    known: BTreeMap<ClientId, Known>,
    present: BTreeMap<MeetingId, Places>,
}

impl Clients {
    /// Takes a client in. None if the meeting has as many as it may.
    pub fn hello(&mut self, arrival: Arrival) -> Option<Welcome> {
        let client = self.name(&arrival);
        let before = self.known.remove(&client);
        let displaced = before.as_ref().and_then(|known| match known.presence {
            Presence::Here { connection, .. } => Some(connection),
            Presence::Left { .. } => None,
        });
        let mut made_room = None;
        if displaced.is_none() {
            if !self.places(&arrival.meeting).has(arrival.role, &arrival.token) && is_desk(arrival.role) {
                made_room = self.displace_watcher(&arrival.meeting);
            }
            if !self.places(&arrival.meeting).take(arrival.role, &arrival.token) {
                if let Some(before) = before {
                    self.known.insert(client, before);
                }
                return None;
            }
        }
        let (waiting, replaced, views) =
            before.map(|known| (known.waiting, known.replaced, known.views)).unwrap_or_default();
        let known = Known {
            meeting: arrival.meeting,
            token: arrival.token,
            role: arrival.role,
            venue: arrival.venue,
            since: arrival.at,
            presence: Presence::Here { connection: arrival.connection, ready: false, reports: false },
            waiting,
            replaced: BTreeSet::new(),
            views,
        };
        self.known.insert(client.clone(), known);
        Some(Welcome { client, replaced: replaced.into_iter().collect(), displaced, made_room })
    }

    /// The page shows the snapshot: these sessions are to be admitted.
    pub fn ready(&mut self, client: &ClientId, connection: ConnectionId) -> BTreeSet<SessionId> {
        match self.known.get_mut(client) {
            Some(Known { presence: Presence::Here { connection: now, ready, .. }, waiting, .. })
                if *now == connection =>
            {
                *ready = true;
                std::mem::take(waiting)
            }
            Some(_) | None => BTreeSet::new(),
        }
    }

    /// Whether a session that this client opens now gets video from the start. None if no such client is known to that meeting and token.
    #[must_use]
    pub fn admitted(&self, client: &ClientId, meeting: &MeetingId, token: &TokenId) -> Option<bool> {
        let known = self.known.get(client).filter(|k| k.meeting == *meeting && k.token == *token)?;
        Some(planted::active(Bug::AdmitEarly) || is_ready(known))
    }

    /// A session was opened that was not admitted from the start. True if it is to be admitted at once, for the page has become ready meanwhile.
    pub fn opened(&mut self, client: &ClientId, session: SessionId) -> bool {
        match self.known.get_mut(client) {
            Some(known) if is_ready(known) => true,
            Some(known) => {
                known.waiting.insert(session);
                false
            }
            None => false,
        }
    }

    /// A session is gone.
    pub fn closed(&mut self, client: &ClientId, session: SessionId) {
        if let Some(known) = self.known.get_mut(client) {
            known.waiting.remove(&session);
        }
    }

    /// Another page publishes a source of this client now. The connection to tell; if there is none, it is told when it comes back.
    pub fn replaced(&mut self, client: &ClientId, source: &SourceId) -> Option<ConnectionId> {
        let known = self.known.get_mut(client)?;
        match known.presence {
            Presence::Here { connection, .. } => Some(connection),
            Presence::Left { .. } => {
                known.replaced.insert(source.clone());
                None
            }
        }
    }

    /// This client reports facts of a hall page.
    pub fn reports(&mut self, client: &ClientId) {
        if let Some(Known { presence: Presence::Here { reports, .. }, .. }) = self.known.get_mut(client) {
            *reports = true;
        }
    }

    /// This client assigns sources to its wall.
    pub fn views(&mut self, client: &ClientId) {
        if let Some(known) = self.known.get_mut(client) {
            known.views = true;
        }
    }

    /// A connection ended. None if the client has another one by now.
    pub fn left(&mut self, now: Mono, client: &ClientId, connection: ConnectionId) -> Option<Gone> {
        let known = self.known.get_mut(client)?;
        let reported = match known.presence {
            Presence::Here { connection: current, reports, .. } if current == connection => reports,
            Presence::Here { .. } | Presence::Left { .. } => return None,
        };
        known.presence = Presence::Left { at: now };
        let (meeting, role, link) = (known.meeting.clone(), known.role, known.token.clone());
        let venue = known.venue.clone().filter(|_| reported);
        self.give_back(&meeting, role, &link);
        let others = |venue: &VenueId| {
            self.known.values().any(|other| {
                let reports = matches!(other.presence, Presence::Here { reports: true, .. });
                reports && other.meeting == meeting && other.venue.as_ref() == Some(venue)
            })
        };
        Some(Gone { silent_venue: venue.filter(|venue| !others(venue)) })
    }

    /// Forgets who left long ago and has no session that waits. Those whose wall is to be cleared.
    pub fn forget(&mut self, now: Mono) -> Vec<(MeetingId, ClientId)> {
        let stale = |known: &Known| match known.presence {
            Presence::Here { .. } => false,
            Presence::Left { at } => now.since(at) >= REMEMBERED && known.waiting.is_empty(),
        };
        let stale: Vec<ClientId> =
            self.known.iter().filter(|(_, known)| stale(known)).map(|(client, _)| client.clone()).collect();
        let forgotten = stale.into_iter().filter_map(|client| {
            let known = self.known.remove(&client)?;
            known.views.then_some((known.meeting, client))
        });
        forgotten.collect()
    }

    /// Clients of a meeting that are connected.
    #[must_use]
    pub fn count(&self, meeting: &MeetingId) -> usize {
        self.present.get(meeting).map_or(0, Places::taken)
    }

    /// The desks of a meeting that are connected, the oldest first.
    #[must_use]
    pub fn desks(&self, meeting: &MeetingId) -> Vec<OpenDesk> {
        let here =
            |known: &Known| known.meeting == *meeting && matches!(known.presence, Presence::Here { .. });
        let desk = |(client, known): (&ClientId, &Known)| {
            let Known { role, since, .. } = *known;
            (is_desk(role) && here(known)).then(|| OpenDesk { client: client.clone(), role, since })
        };
        let mut desks: Vec<OpenDesk> = self.known.iter().filter_map(desk).collect();
        desks.sort_by_key(|desk| desk.since);
        desks
    }

    /// Clients of all meetings that are connected.
    #[must_use]
    pub fn total(&self) -> usize {
        self.present.values().map(Places::taken).sum()
    }

    fn places(&mut self, meeting: &MeetingId) -> &mut Places {
        self.present.entry(meeting.clone()).or_insert_with(|| Places::new(CLIENTS_MAX))
    }

    fn give_back(&mut self, meeting: &MeetingId, role: Role, link: &TokenId) {
        let places = self.places(meeting);
        places.give_back(role, link);
        if places.taken() == 0 {
            self.present.remove(meeting);
        }
    }

    /// The watcher that has been here longest goes: its place is free at once, and its connection is to be ended.
    fn displace_watcher(&mut self, meeting: &MeetingId) -> Option<ConnectionId> {
        let watcher = |known: &Known| match known.presence {
            Presence::Here { connection, .. } => {
                (known.meeting == *meeting && known.role == Role::Watcher).then_some(connection)
            }
            Presence::Left { .. } => None,
        };
        let first = self.known.iter().filter_map(|(name, known)| Some((watcher(known)?, name.clone()))).min();
        let (connection, name) = first?;
        let known = self.known.get_mut(&name)?;
        known.presence = Presence::Left { at: Mono(0) };
        let link = known.token.clone();
        self.give_back(meeting, Role::Watcher, &link);
        Some(connection)
    }

    /// A page keeps its name if the name is its own; so another's name, even if it were known, is of no use.
    fn name(&self, arrival: &Arrival) -> ClientId {
        match &arrival.returning {
            Some(client) if well_formed(client) => match self.known.get(client) {
                Some(known) if known.meeting == arrival.meeting && known.token == arrival.token => {
                    client.clone()
                }
                // After a restart of the server nobody is known; the name is too long to be guessed.
                None => client.clone(),
                Some(_) => arrival.fresh.clone(),
            },
            Some(_) | None => arrival.fresh.clone(),
        }
    }
}

fn is_desk(role: Role) -> bool {
    matches!(role, Role::Director | Role::Chair)
}

fn is_ready(known: &Known) -> bool {
    matches!(known.presence, Presence::Here { ready: true, .. })
}

/// `c` and 22 characters, as the http adapter makes them.
fn well_formed(client: &ClientId) -> bool {
    client.as_str().len() == 23 && client.as_str().starts_with('c')
}
