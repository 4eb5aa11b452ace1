//! Pages, their headers, and who may ask from where.

use std::fs;

use crate::fixture::director;
use crate::fixture::server;
use crate::fixture::talk::request;

#[tokio::test]
async fn every_page_lets_in_nothing_from_elsewhere() {
    let server = server::start().await;
    // Also with the slash that people and programs put behind an address.
    let slashes = ["/venue/", "/venue/tech/", "/m/m1/desk/", "/m/m1/watch/"];
    for path in ["/", "/venue", "/venue/tech", "/m/m1/desk", "/m/m1/watch"].into_iter().chain(slashes) {
        let page = request(server.address, &format!("GET {path}"), &[], b"").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains(&format!("ws://{}", server.address)));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-cache");
        let room = path.starts_with("/venue") && !page.text().contains("not built");
        assert_eq!(page.header("permissions-policy").contains("camera=(self)"), room, "{path}");
    }
}

#[tokio::test]
async fn catalogues_are_kept_and_travel_packed_as_text() {
    let server = server::start().await;
    if request(server.address, "GET /venue", &[], b"").await.text().contains("not built") {
        return;
    }
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../web/dist/assets");
    let names = fs::read_dir(assets).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.into_iter().find(|name| name.ends_with(".ftl")).expect("built pages have catalogues");
    let line = format!("GET /assets/{name}");
    let plain = request(server.address, &line, &[], b"").await;
    assert_eq!((plain.status, plain.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(plain.header("cache-control").contains("immutable"));
    let packed = request(server.address, &line, &[("accept-encoding", "gzip")], b"").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
}

#[tokio::test]
async fn a_host_that_would_end_the_policy_is_left_out_of_it() {
    let server = server::start().await;
    let page = request(server.address, "GET /", &[("host", "a;script-src *")], b"").await;
    assert!(page.status == 400 || !page.header("content-security-policy").contains("script-src"));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_json() {
    let server = server::start().await;
    let error = async |line: &str| request(server.address, line, &[], b"").await.error();
    assert_eq!(error("GET /nowhere").await, (404, "unknown_address".into()));
    assert_eq!(error("GET /assets/none.js").await, (404, "unknown_file".into()));
    assert_eq!(error("GET /assets/../../../Cargo.toml").await, (404, "unknown_file".into()));
    assert_eq!(error("GET /assets/%2e%2e/%2e%2e/package.json").await, (404, "unknown_file".into()));
    let method = request(server.address, "PUT /api/v1/health", &[], b"").await;
    assert_eq!((method.error(), method.header("allow")), ((405, "bad_method".into()), "GET,HEAD"));
}

#[tokio::test]
async fn foreign_pages_change_nothing_and_allowed_ones_are_told_what_they_may() {
    let server = server::start().await;
    let bearer = format!("Bearer {}", director());
    let command = async |origin: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1"), ("origin", origin)];
        request(server.address, "POST /api/v1/meetings/m1/commands", &headers, br#"{"start":{}}"#).await
    };
    assert_eq!(command("https://evil.example").await.error(), (403, "foreign_origin".into()));
    assert_eq!(command("null").await.error(), (403, "foreign_origin".into()));
    let friend = command("https://friend.example").await;
    assert_eq!(
        (friend.status, friend.header("access-control-allow-origin")),
        (200, "https://friend.example")
    );
    let own = command(&format!("http://{}", server.address)).await;
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, ""));
    let preflight = async |origin: &str| {
        request(server.address, "OPTIONS /whip/m1/a.1", &[("origin", origin)], b"").await
    };
    let friend = preflight("https://friend.example").await;
    assert_eq!((friend.status, friend.header("accept-post")), (204, "application/sdp"));
    assert!(friend.header("access-control-allow-headers").contains("onehall-client"));
    assert!(friend.header("access-control-expose-headers").contains("location"));
    assert_eq!(preflight("https://evil.example").await.status, 403);
}
