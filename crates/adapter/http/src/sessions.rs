//! Media sessions by their address. A machine without IO.

use std::collections::{BTreeMap, VecDeque};

use base::limits::SESSIONS_MAX;
use base::{ClientId, MeetingId, Places, Role, SessionId, TokenId};
use service::port::hop::SessionKind;

/// Sessions of one page that watch the same thing: the one in use, and one that is to take its place.
const ALIKE_MAX: usize = 2;
/// Sessions that ended before they were noted here.
const EARLY_MAX: usize = 256;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) role: Role,
    /// By which link it was asked for.
    pub(crate) token: TokenId,
    pub(crate) meeting: MeetingId,
    pub(crate) client: Option<ClientId>,
    pub(crate) kind: SessionKind,
}

/// The sessions that are open, each with its hold on its meeting.
#[derive(Debug)]
pub(crate) struct Sessions<H> {
    by_secret: BTreeMap<String, (Session, H)>,
    secrets: BTreeMap<SessionId, String>,
    early: VecDeque<SessionId>,
    places: Places,
}

impl<H> Default for Sessions<H> {
    fn default() -> Self {
        Self {
            by_secret: BTreeMap::new(),
            secrets: BTreeMap::new(),
            early: VecDeque::new(),
            places: Places::new(SESSIONS_MAX),
        }
    }
}

impl<H> Sessions<H> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_secret.len()
    }

    /// Whether there is a place for one more of that role by that link.
    pub(crate) fn has_place(&self, role: Role, link: &TokenId) -> bool {
        self.places.has(role, link)
    }

    /// Notes a session under its secret. Gives those of the same page that it takes the place of, for they are one too many.
    pub(crate) fn insert(&mut self, secret: String, session: Session, hold: H) -> Vec<Session> {
        if let Some(n) = self.early.iter().position(|early| *early == session.id) {
            self.early.remove(n);
            return vec![];
        }
        let alike = |other: &&Session| {
            session.client.is_some()
                && other.client == session.client
                && other.meeting == session.meeting
                && other.kind == session.kind
        };
        let open = self.by_secret.values().map(|(other, _)| other);
        let mut ids: Vec<SessionId> = open.filter(alike).map(|other| other.id).collect();
        ids.sort();
        let surplus = (ids.len() + 1).saturating_sub(ALIKE_MAX);
        let old = ids.into_iter().take(surplus).filter_map(|id| self.remove(id)).collect();
        self.secrets.insert(session.id, secret.clone());
        // The hop has taken it in by now: of several that were asked for at once all are counted.
        self.places.note(session.role, &session.token);
        self.by_secret.insert(secret, (session, hold));
        old
    }

    /// Takes a session out by its secret.
    pub(crate) fn take(&mut self, secret: &str) -> Option<Session> {
        let (session, _) = self.by_secret.remove(secret)?;
        self.secrets.remove(&session.id);
        self.places.give_back(session.role, &session.token);
        Some(session)
    }

    /// A session, by its secret.
    pub(crate) fn find(&self, secret: &str) -> Option<&Session> {
        self.by_secret.get(secret).map(|(session, _)| session)
    }

    /// The hop has closed a session.
    pub(crate) fn closed(&mut self, id: SessionId) {
        if self.remove(id).is_none() {
            self.early.push_back(id);
            if self.early.len() > EARLY_MAX {
                self.early.pop_front();
            }
        }
    }

    fn remove(&mut self, id: SessionId) -> Option<Session> {
        let secret = self.secrets.get(&id)?.clone();
        self.take(&secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::slots::Page;

    fn session(id: u64, client: Option<&str>) -> Session {
        Session {
            id: SessionId(id),
            role: Role::Venue,
            token: TokenId::new("t1").unwrap(),
            meeting: MeetingId::new("m1").unwrap(),
            client: client.map(|c| ClientId::new(c).unwrap()),
            kind: SessionKind::Watch { venue: None, wishes: Page::Desk.wishes() },
        }
    }

    #[test]
    fn a_page_has_the_session_in_use_and_one_to_take_its_place() {
        let mut sessions = Sessions::default();
        for id in 1..=2 {
            assert_eq!(sessions.insert(format!("s{id}"), session(id, Some("c1")), ()), []);
        }
        assert_eq!(sessions.insert("s9".into(), session(9, Some("c2")), ()), []);
        assert_eq!(sessions.insert("s3".into(), session(3, Some("c1")), ()), [session(1, Some("c1"))]);
        assert_eq!(sessions.find("s1"), None);
        assert_eq!(sessions.len(), 3);
    }

    #[test]
    fn plain_players_are_not_counted_together() {
        let mut sessions = Sessions::default();
        for id in 1..=5 {
            assert_eq!(sessions.insert(format!("s{id}"), session(id, None), ()), []);
        }
        assert_eq!(sessions.take("s4"), Some(session(4, None)));
        assert_eq!(sessions.take("s4"), None);
    }

    #[test]
    fn a_session_that_ended_before_it_was_noted_is_not_kept() {
        let mut sessions = Sessions::default();
        sessions.closed(SessionId(7));
        sessions.insert("s7".into(), session(7, None), ());
        assert_eq!(sessions.len(), 0);
    }
}
