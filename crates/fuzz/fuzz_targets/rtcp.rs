//! RTCP of those who watch, once it is opened: any peer of ours may write what it likes there.

use media::rtcp;

/// What is said is no more than there is room for, and what comes behind a packet that is cut off is not read.
pub(crate) fn run(bytes: &[u8]) {
    let said = |bytes: &[u8]| {
        let mut all = Vec::new();
        rtcp::read(bytes, |said| all.push(said));
        all
    };
    let whole = said(bytes);
    assert!(whole.len() * 4 <= bytes.len());
    let part = said(&bytes[..bytes.len() / 2]);
    assert!(whole.starts_with(&part), "less of it says something else");
}
