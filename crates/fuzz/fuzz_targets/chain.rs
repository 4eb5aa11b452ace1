//! Events of a log as they were stored: lines of kind, version (one digit) and JSON body.

use base::{Epoch, RunId, Wall};
use service::chain::{self, Head, Unsealed};
use service::record;

/// A chain holds until a byte of it is changed; what is read of an event is stored and read again as the same.
pub(crate) fn run(bytes: &[u8]) {
    let run = RunId::new("r").expect("a short name of letters is an id");
    let mut head = Head::origin(&run);
    let mut events = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut fields = line.splitn(3, |byte| *byte == b' ');
        let mut field = || fields.next().unwrap_or_default();
        let (kind, ver, body) = (String::from_utf8_lossy(field()).into_owned(), field(), field().to_vec());
        let ver = ver.first().map_or(0, |digit| u16::from(digit.wrapping_sub(b'0')));
        let unsealed = Unsealed { seq: head.seq.next(), epoch: Epoch(1), at: Wall(0), kind, ver, body };
        let event = chain::seal(&run, &head.hash, unsealed);
        if let Ok(record) = record::read(&event) {
            let again = record::seal(&run, Epoch(1), &head.hash, &record);
            assert_eq!(record::read(&again).ok(), Some(record));
        }
        head = Head::after(&event);
        events.push(event);
    }
    assert_eq!(chain::verify(&run, &events), Ok(()));
    let changed = bytes.len() % events.len();
    events[changed].body.push(b' ');
    assert!(chain::verify(&run, &events).is_err());
}
