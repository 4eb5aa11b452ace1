//! The hash chain: golden vectors, and what is found when a log was touched.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use base::{Epoch, RunId, Sequence, Wall};
use service::chain::{ChainError, Head, Unsealed, seal, verify, verify_after};
use service::port::log::StoredEvent;

fn run() -> RunId {
    RunId::new("annual.held").unwrap()
}

fn event(seq: u64, epoch: u64, at: i64, kind: &str, ver: u16, body: &[u8]) -> Unsealed {
    Unsealed {
        seq: Sequence(seq),
        epoch: Epoch(epoch),
        at: Wall(at),
        kind: kind.to_owned(),
        ver,
        body: body.to_vec(),
    }
}

fn chained(events: Vec<Unsealed>) -> Vec<StoredEvent> {
    let mut head = Head::origin(&run());
    let mut stored = Vec::new();
    for event in events {
        let sealed = seal(&run(), &head.hash, event);
        head = Head::after(&sealed);
        stored.push(sealed);
    }
    stored
}

fn three() -> Vec<StoredEvent> {
    chained(vec![
        event(1, 1, 1_793_577_600_000, "opened", 1, "{\"title\":\"年度会议\"}".as_bytes()),
        event(2, 1, -1, "started", 2, b""),
        event(3, 7, 1_793_577_600_123, "floor_opened", 1, b"\x00\xff"),
    ])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The vectors were computed by another program from the words of the module's documentation. A log that was sealed once must verify
/// for ever, so they never change.
#[test]
fn hashes_are_those_of_the_golden_vectors() {
    let hashes: Vec<String> = three().iter().map(|e| hex(&e.hash)).collect();
    assert_eq!(
        hex(&Head::origin(&run()).hash),
        "6afeac5941bb8b072b547a83852464268863b0ebe1b0d5b1be9e949702a370ca"
    );
    assert_eq!(
        hashes,
        [
            "8bbad63afbb585c987e5620475793d22d99c569a56f66c42166bd2e8699ba6b8",
            "63d1f8845b81fe09cc31362aadd95df78f6ca7939fcdf8c1ba657391e0a5e966",
            "c28f7d297346f7abfc141c5a12c47dbc9cac657ef7cc053ef828a86d517e9aaf",
        ]
    );
    assert!(three().iter().all(|e| e.alg == "sha256"));
}

#[test]
fn a_whole_log_verifies_at_once_and_in_pieces() {
    let events = three();
    verify(&run(), &events).unwrap();
    verify(&run(), &[]).unwrap();
    let head = verify_after(&run(), Head::origin(&run()), &events[..1]).unwrap();
    let head = verify_after(&run(), head, &events[1..]).unwrap();
    assert_eq!(head, Head::after(&events[2]));
}

#[test]
fn any_change_of_a_field_is_found_and_named() {
    let check = |change: &dyn Fn(&mut StoredEvent), want: &str| {
        let mut events = three();
        change(&mut events[1]);
        let error = verify(&run(), &events).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
        assert!(error.contains("run annual.held"), "{error}");
    };
    check(&|e| e.at = Wall(0), "event 2 of run annual.held was changed");
    check(&|e| e.kind = "ended".into(), "event 2 of run annual.held was changed");
    check(&|e| e.ver = 1, "event 2 of run annual.held was changed");
    check(&|e| e.body.push(b' '), "event 2 of run annual.held was changed");
    check(&|e| e.epoch = Epoch(2), "event 2 of run annual.held was changed");
    check(&|e| e.hash[0] ^= 1, "event 2 of run annual.held was changed");
    check(&|e| e.prev[31] ^= 1, "event 2 of run annual.held does not follow");
    check(&|e| e.alg = "md5".into(), "event 2 of run annual.held is hashed by \"md5\"");
    check(&|e| e.seq = Sequence(9), "event 2 of run annual.held should come next, but 9 does");
}

#[test]
fn every_flipped_bit_of_a_body_is_found() {
    for byte in 0..three()[0].body.len() {
        for bit in 0..8 {
            let mut events = three();
            events[0].body[byte] ^= 1 << bit;
            assert_eq!(
                verify(&run(), &events),
                Err(ChainError::Hash { run: run(), seq: Sequence(1) }),
                "byte {byte} bit {bit}"
            );
        }
    }
}

#[test]
fn a_missing_a_swapped_and_a_foreign_event_are_found() {
    let mut missing = three();
    missing.remove(1);
    assert!(matches!(verify(&run(), &missing), Err(ChainError::Sequence { .. })));
    let mut swapped = three();
    swapped.swap(0, 1);
    assert!(matches!(verify(&run(), &swapped), Err(ChainError::Sequence { .. })));
    let other = RunId::new("other.held").unwrap();
    assert_eq!(verify(&other, &three()), Err(ChainError::Prev { run: other.clone(), seq: Sequence(1) }));
}

/// Bytes may not move from one field into its neighbour without the hash telling.
#[test]
fn fields_do_not_run_into_each_other() {
    let one = chained(vec![event(1, 1, 0, "ab", 1, b"c")]);
    let two = chained(vec![event(1, 1, 0, "a", 1, b"bc")]);
    assert_ne!(one[0].hash, two[0].hash);
}

#[test]
fn an_event_of_a_deposed_writer_is_found_though_its_hash_fits() {
    let events = chained(vec![event(1, 3, 0, "opened", 1, b"{}"), event(2, 2, 0, "started", 1, b"{}")]);
    let error = verify(&run(), &events).unwrap_err();
    assert_eq!(error, ChainError::Epoch { run: run(), seq: Sequence(2), before: Epoch(3), got: Epoch(2) });
}
