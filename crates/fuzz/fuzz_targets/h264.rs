//! An RTP payload that says it is H.264.

use media::h264::inspect;

/// A size is told of key frames alone.
pub(crate) fn run(bytes: &[u8]) {
    let picture = inspect(bytes);
    assert!(picture.key || picture.size.is_none());
}
