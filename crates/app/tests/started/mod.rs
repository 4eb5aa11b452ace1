//! A demo of the real binary that ends with the test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The supervisor of a demo.
pub(crate) struct Started(Child);

impl Started {
    /// Starts it; with the line that says it is ready.
    pub(crate) fn spawn(command: &mut Command) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self(child), line)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // The supervisor ends its children when it is told to end.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}
