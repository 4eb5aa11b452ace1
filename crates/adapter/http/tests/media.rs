//! WHIP and WHEP.

use base::SessionId;
use directory::policy::Role;
use media::slots::Page;
use serde_json::json;
use service::port::hop::{CloseReason, SessionKind};
use service::token::TokenKey;

use crate::fixture::hop::Told;
use crate::fixture::server::{self, Server, until};
use crate::fixture::talk::{Answer, request};
use crate::fixture::{self, START, claims, director, of_venue, source_id, venue_id, watcher};

const OFFER: &[u8] = b"v=0\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
const SDP: (&str, &str) = ("content-type", "application/sdp");

async fn post(server: &Server, path: &str, token: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(more);
    request(server.address, &format!("POST {path}"), &headers, body).await
}

#[tokio::test]
async fn an_offer_is_answered_with_an_address_to_delete() {
    let server = server::start().await;
    let answer = post(&server, "/whip/m1/a.1", &of_venue("a"), &[SDP], OFFER).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, "application/sdp"));
    assert!(answer.text().starts_with("v=0"));
    let location = answer.header("location").to_owned();
    assert!(
        location.starts_with("/whip/m1/a.1/") && location.len() == "/whip/m1/a.1/".len() + 22,
        "{location}"
    );
    let spec = server.hop.specs().remove(0);
    assert_eq!(spec.kind, SessionKind::Publish { source: source_id("a.1"), venue: venue_id("a") });
    assert!(spec.admitted && spec.client.is_none());
    for location in [location.clone(), format!("{location}/")] {
        let patch = request(server.address, &format!("PATCH {location}"), &[], b"a=candidate").await;
        assert_eq!((patch.status, patch.header("allow")), (405, "DELETE"), "{location}");
    }
    let deleted = request(server.address, &format!("DELETE {location}"), &[], b"").await;
    assert_eq!(deleted.status, 200);
    assert_eq!(server.hop.told(), [Told::Close(SessionId(1), CloseReason::Left)]);
    let again = request(server.address, &format!("DELETE {location}"), &[], b"").await;
    assert_eq!(again.error(), (404, "unknown_session".into()));
}

#[tokio::test]
async fn the_address_of_a_session_may_end_with_a_slash() {
    let server = server::start().await;
    for (path, token) in [("/whip/m1/a.1", of_venue("a")), ("/whep/m1", watcher())] {
        let location = post(&server, path, &token, &[SDP], OFFER).await.header("location").to_owned();
        let deleted = request(server.address, &format!("DELETE {location}/"), &[], b"").await;
        assert_eq!(deleted.status, 200, "{location}/");
    }
}

#[tokio::test]
async fn a_venue_names_its_first_source() {
    let server = server::start().await;
    let answer = post(&server, "/whip/m1/main", &of_venue("main"), &[SDP], OFFER).await;
    assert!(answer.header("location").starts_with("/whip/m1/main.1/"));
}

#[tokio::test]
async fn an_address_may_end_with_a_slash() {
    let server = server::start().await;
    let answer = post(&server, "/whip/m1/a.1/", &of_venue("a"), &[SDP], OFFER).await;
    assert!(
        answer.status == 201 && answer.header("location").starts_with("/whip/m1/a.1/"),
        "{}",
        answer.text()
    );
    assert!(!answer.header("location").contains("//"));
    for path in ["/whep/m1/", "/whep/m1/?page=watch"] {
        let answer = post(&server, path, &watcher(), &[SDP], OFFER).await;
        assert!(
            answer.status == 201 && answer.header("location").starts_with("/whep/m1/"),
            "{path}: {}",
            answer.text()
        );
        let location = answer.header("location").to_owned();
        let deleted = request(server.address, &format!("DELETE {location}"), &[], b"").await;
        assert_eq!(deleted.status, 200);
    }
}

#[tokio::test]
async fn a_body_in_another_coding_is_refused_by_name() {
    let server = server::start().await;
    let coded = |coding| [SDP, ("content-encoding", coding)];
    let refused = async |coding| post(&server, "/whip/m1/a.1", &of_venue("a"), &coded(coding), OFFER).await;
    for coding in ["gzip", "br", "identity, gzip"] {
        let answer = refused(coding).await;
        assert_eq!(answer.error(), (415, "bad_body".into()));
        assert!(
            answer.text().contains(coding) && answer.header("accept-encoding") == "identity",
            "{}",
            answer.text()
        );
    }
    let command = [("content-encoding", "gzip"), ("idempotency-key", "k1")];
    let answer = post(&server, "/api/v1/meetings/m1/commands", &director(), &command, b"{}").await;
    assert_eq!(answer.error(), (415, "bad_body".into()));
    assert_eq!(refused("identity").await.status, 201);
}

#[tokio::test]
async fn a_refused_offer_says_what_was_wrong() {
    let server = server::start().await;
    let check = async |path: &str, token: &str, more: &[(&str, &str)], body: &[u8], want: (u16, &str)| {
        let answer = post(&server, path, token, more, body).await;
        assert_eq!(answer.error(), (want.0, want.1.to_owned()), "{path} {}", answer.text());
        answer
    };
    let (a, path) = (of_venue("a"), "/whip/m1/a.1");
    check(path, "x", &[SDP], OFFER, (401, "bad_token")).await;
    let forged = TokenKey::new([9; 32]).issue(&claims(Role::Venue, Some("a")));
    check(path, &forged, &[SDP], OFFER, (401, "bad_token")).await;
    let mut old = claims(Role::Venue, Some("a"));
    old.expires_s = START.0 / 1000;
    check(path, &fixture::key().issue(&old), &[SDP], OFFER, (401, "expired")).await;
    check(path, &of_venue("b"), &[SDP], OFFER, (403, "wrong_venue")).await;
    check(path, &director(), &[SDP], OFFER, (403, "wrong_role")).await;
    check("/whip/m1/z.1", &a, &[SDP], OFFER, (404, "unknown_source")).await;
    check("/whip/m2/a.1", &a, &[SDP], OFFER, (404, "unknown_meeting")).await;
    check(path, &a, &[], OFFER, (415, "not_sdp")).await;
    check(path, &a, &[("content-type", "text/plain")], OFFER, (415, "not_sdp")).await;
    check(path, &a, &[SDP, ("accept", "text/html")], OFFER, (406, "not_sdp")).await;
    check(path, &a, &[SDP], b"hello", (400, "bad_sdp")).await;
    check(path, &a, &[SDP], b"v=0\r\ns=-\r\n", (400, "bad_sdp")).await;
    check(path, &a, &[SDP], &[0xff; 10], (400, "bad_sdp")).await;
    let many = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(10_000);
    check(path, &a, &[SDP], format!("v=0\r\n{many}").as_bytes(), (413, "too_large")).await;
    let many = "m=video 9 X 96\r\n".repeat(100);
    let answer = check(path, &a, &[SDP], format!("v=0\r\n{many}").as_bytes(), (400, "bad_sdp")).await;
    assert!(answer.text().contains("100 m= lines"));
    check(path, &a, &[SDP], b"v=0\r\ns=bad\r\nm=audio\r\n", (400, "bad_sdp")).await;
    let full = check(path, &a, &[SDP], b"v=0\r\ns=full\r\nm=audio\r\n", (503, "full")).await;
    assert_eq!(full.header("retry-after"), "5");
    let full = check(path, &a, &[SDP], b"v=0\r\ns=no meeting\r\nm=audio\r\n", (503, "full")).await;
    assert_eq!(full.header("retry-after"), "5");
    assert!(full.text().contains("this node has media for 256 meetings, its limit"), "{}", full.text());
    let none = request(server.address, &format!("POST {path}"), &[SDP], OFFER).await;
    assert_eq!((none.error(), none.header("www-authenticate")), ((401, "no_token".into()), "Bearer"));
    check("/whep/m1?page=hall", &watcher(), &[SDP], OFFER, (403, "wrong_role")).await;
    check("/whep/m1?page=desk", &a, &[SDP], OFFER, (403, "wrong_role")).await;
    check("/whep/m1?page=wall", &director(), &[SDP], OFFER, (400, "no_client")).await;
    check("/whep/m1?page=lobby", &a, &[SDP], OFFER, (400, "unknown_page")).await;
    check("/whep/m1", &a, &[SDP, ("onehall-client", "c9")], OFFER, (409, "unknown_client")).await;
    check("/whep/m1", &a, &[SDP, ("onehall-client", "c 9")], OFFER, (400, "bad_client")).await;
    assert_eq!(server.hop.specs().len(), 0, "none reached the hop whole");
}

#[tokio::test]
async fn each_page_is_the_watcher_that_it_says() {
    let server = server::start().await;
    for (path, token, page, venue) in [
        ("/whep/m1", watcher(), Page::Plain, None),
        ("/whep/m1?page=watch", watcher(), Page::Watch, None),
        ("/whep/m1?page=hall", of_venue("a"), Page::Hall, Some("a")),
        ("/whep/m1?page=technician", of_venue("b"), Page::Technician, Some("b")),
        ("/whep/m1?page=desk", director(), Page::Desk, None),
    ] {
        let answer = post(&server, path, &token, &[SDP], OFFER).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
        let spec = server.hop.specs().pop().unwrap();
        let venue = venue.map(venue_id);
        assert_eq!(spec.kind, SessionKind::Watch { venue, wishes: page.wishes() });
        assert!(spec.admitted, "no page of ours");
    }
}

#[tokio::test]
async fn r10_a_page_gets_video_only_when_it_shows_the_snapshot() {
    let server = server::start().await;
    let (mut hall, client) = server.client(&of_venue("a")).await;
    let named = [SDP, ("onehall-client", client.as_str())];
    let first = post(&server, "/whep/m1?page=hall", &of_venue("a"), &named, OFFER).await;
    assert_eq!(first.status, 201);
    assert!(!server.hop.specs()[0].admitted);
    assert_eq!(server.hop.told(), [], "the snapshot is not shown yet");
    hall.say(json!({ "k": "ready", "rev": 0 })).await;
    hall.say(json!({ "k": "resync" })).await;
    let rev = hall.frame("snapshot").await["rev"].clone();
    assert_eq!(server.hop.told(), [], "revision 0 is not what this connection was sent");
    hall.say(json!({ "k": "ready", "rev": rev })).await;
    until("it is admitted", || async { server.hop.told() == [Told::Admit(SessionId(1))] }).await;
    post(&server, "/whep/m1?page=hall", &of_venue("a"), &named, OFFER).await;
    assert!(server.hop.specs()[1].admitted, "the page shows the state already");
    let stranger = post(&server, "/whep/m1?page=watch", &watcher(), &named, OFFER).await;
    assert_eq!(stranger.error(), (409, "unknown_client".into()));
}

#[tokio::test]
async fn r3_the_end_of_a_control_connection_closes_no_media() {
    let server = server::start().await;
    let (hall, client) = server.client(&of_venue("a")).await;
    let named = [SDP, ("onehall-client", client.as_str())];
    post(&server, "/whip/m1/a", &of_venue("a"), &named, OFFER).await;
    hall.close().await;
    let health = || request(server.address, "GET /api/v1/health", &[], b"");
    until("the client is gone", || async { health().await.json()["clients"] == 0 }).await;
    assert_eq!(server.hop.told(), []);
    assert_eq!(health().await.json()["sessions"], 1);
}

#[tokio::test]
async fn a_page_that_opens_again_and_again_keeps_two_sessions() {
    let server = server::start().await;
    let (_hall, client) = server.client(&of_venue("a")).await;
    let named = [SDP, ("onehall-client", client.as_str())];
    for _ in 0..4 {
        post(&server, "/whep/m1?page=hall", &of_venue("a"), &named, OFFER).await;
    }
    let closed = |id| Told::Close(SessionId(id), CloseReason::Left);
    assert_eq!(server.hop.told(), [closed(1), closed(2)]);
}

#[tokio::test]
async fn a_session_knows_whose_it_is_and_one_whose_token_is_revoked_while_it_opens_is_closed_again() {
    let server = server::start().await;
    post(&server, "/whip/m1/a.1", &of_venue("a"), &[SDP], OFFER).await;
    let spec = server.hop.specs().remove(0);
    let of = claims(Role::Venue, Some("a"));
    assert_eq!((&spec.token, spec.good_for), (&of.id, of.good_for(START)));
    *server.hop.revokes.lock().unwrap() = Some((server.meetings.clone(), of.id));
    let answer = post(&server, "/whip/m1/a.1", &of_venue("a"), &[SDP], OFFER).await;
    assert_eq!(answer.error(), (401, "bad_token".into()));
    assert_eq!(server.hop.told(), [Told::Close(SessionId(2), CloseReason::LinkEnded)]);
}
