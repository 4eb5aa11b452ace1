//! A meeting file.

/// Faults that one answer lists, as the crate promises.
const FAULTS_MAX: usize = 20;

/// What is refused says why, in few words.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(faults) = meeting_file::parse(text) {
        assert!((1..=FAULTS_MAX).contains(&faults.len()), "{} faults", faults.len());
    }
}
