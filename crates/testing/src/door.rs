//! Pages that come, watch and go, against the real list of clients: no video before the whole state is shown (R10).

use std::collections::BTreeMap;

use base::random::Random;
use base::{ClientId, MeetingId, Mono, Role, SessionId, TokenId, Wall};
use screen::clients::{Arrival, Clients, ConnectionId};

use crate::counts::Counts;
use crate::oracle::Broken;

const PAGES: usize = 3;
const MOVES: usize = 16;

/// A page, as it knows itself.
struct Page {
    client: Option<ClientId>,
    connection: Option<ConnectionId>,
    /// It shows the snapshot of this connection.
    shows_state: bool,
    /// Sessions, and whether video flows.
    sessions: BTreeMap<SessionId, bool>,
    /// A session whose opening takes its time, and whether it was admitted from the start.
    opening: Option<(SessionId, bool)>,
}

struct Door {
    clients: Clients,
    meeting: MeetingId,
    token: TokenId,
    pages: Vec<Page>,
    next: u64,
}

/// Plays some moves of some pages.
pub(crate) fn play(random: &mut Random, counts: &mut Counts) -> Result<(), Broken> {
    let page = || Page {
        client: None,
        connection: None,
        shows_state: false,
        sessions: BTreeMap::new(),
        opening: None,
    };
    let mut door = Door {
        clients: Clients::default(),
        meeting: MeetingId::new("annual").map_err(|error| error.to_string())?,
        token: TokenId::new("t0").map_err(|error| error.to_string())?,
        pages: (0..PAGES).map(|_| page()).collect(),
        next: 1,
    };
    for _ in 0..MOVES {
        let page = random.index(PAGES);
        match random.below(8) {
            0 | 1 => door.hello(page)?,
            2 | 3 => door.ready(page)?,
            4 => door.begin_to_open(page)?,
            5 | 6 => door.opened(page)?,
            _ => door.leave(page),
        }
    }
    counts.note("pages that came and went");
    Ok(())
}

impl Door {
    fn hello(&mut self, page: usize) -> Result<(), Broken> {
        self.next += 1;
        let connection = ConnectionId(self.next);
        let fresh = ClientId::new(&format!("c{:022}", self.next)).map_err(|error| error.to_string())?;
        let arrival = Arrival {
            connection,
            meeting: self.meeting.clone(),
            token: self.token.clone(),
            role: Role::Watcher,
            venue: None,
            at: Wall(0),
            returning: self.pages[page].client.clone(),
            fresh,
        };
        let welcome = self.clients.hello(arrival).ok_or("a page is turned away from an empty meeting")?;
        let page = &mut self.pages[page];
        if page.client.as_ref().is_some_and(|client| *client != welcome.client) {
            return Err("a page that comes back loses its name".into());
        }
        (page.client, page.connection, page.shows_state) = (Some(welcome.client), Some(connection), false);
        Ok(())
    }

    /// The page shows the snapshot: all that it watches flows from now on.
    fn ready(&mut self, page: usize) -> Result<(), Broken> {
        let page = &mut self.pages[page];
        let (Some(client), Some(connection)) = (&page.client, page.connection) else { return Ok(()) };
        page.shows_state = true;
        for session in self.clients.ready(client, connection) {
            if let Some(flows) = page.sessions.get_mut(&session) {
                *flows = true;
            }
        }
        match page.sessions.values().all(|flows| *flows) {
            true => Ok(()),
            false => Err("a page shows the whole state and waits for its picture (R10)".into()),
        }
    }

    fn begin_to_open(&mut self, page: usize) -> Result<(), Broken> {
        let page = &mut self.pages[page];
        let Some(client) = &page.client else { return Ok(()) };
        if page.opening.is_none() {
            self.next += 1;
            let admitted =
                self.clients.admitted(client, &self.meeting, &self.token).ok_or("a page is unknown")?;
            page.opening = Some((SessionId(self.next), admitted));
            return check_admitted(page, admitted);
        }
        Ok(())
    }

    fn opened(&mut self, page: usize) -> Result<(), Broken> {
        let page = &mut self.pages[page];
        let (Some(client), Some((session, admitted))) = (&page.client, page.opening.take()) else {
            return Ok(());
        };
        let now = !admitted && self.clients.opened(client, session);
        page.sessions.insert(session, admitted || now);
        check_admitted(page, now)
    }

    fn leave(&mut self, page: usize) {
        let page = &mut self.pages[page];
        if let (Some(client), Some(connection)) = (&page.client, page.connection.take()) {
            self.clients.left(Mono(self.next), client, connection);
            page.shows_state = false;
        }
    }
}

fn check_admitted(page: &Page, admitted: bool) -> Result<(), Broken> {
    if admitted && !page.shows_state {
        return Err("a page is given video before it shows the whole state (R10)".into());
    }
    Ok(())
}
