//! A frame of the control connection, and the body of a command over HTTP.

/// What is read is written and read again as the same; what is not says why.
pub(crate) fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        match wire::read::frame(text) {
            Ok(frame) => {
                let again = serde_json::to_string(&frame).expect("a frame is plain strings and numbers");
                assert_eq!(wire::read::frame(&again), Ok(frame));
            }
            Err(wrong) => assert!(!wrong.detail.is_empty()),
        }
    }
    if let Ok(act) = wire::read::act(bytes) {
        let again = serde_json::to_vec(&act).expect("an act is plain strings and numbers");
        assert_eq!(wire::read::act(&again), Ok(act));
    }
}
