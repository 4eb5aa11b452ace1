//! What happened in a sequence, line by line, for a person who looks for the fault.

use crate::weather::MS;

/// The lines; nothing is kept unless it is asked for.
#[derive(Debug, Default)]
pub struct Trace {
    lines: Option<Vec<String>>,
}

impl Trace {
    /// Keeps every line.
    #[must_use]
    pub fn kept() -> Self {
        Self { lines: Some(Vec::new()) }
    }

    /// An empty trace, kept if this one is.
    #[must_use]
    pub fn alike(&self) -> Self {
        Self { lines: self.lines.as_ref().map(|_| Vec::new()) }
    }

    /// Adds a line.
    pub fn line(&mut self, now: u64, text: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>7}.{:03} ms  {}", now / MS, now % MS, text()));
        }
    }

    /// All lines.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
