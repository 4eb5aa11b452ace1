//! Loops that take what processor they can get, beside tests that must not mind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// How many there are.
const LOOPS: usize = 2;

/// The loops, until it is dropped.
pub(super) struct Load {
    over: Arc<AtomicBool>,
    loops: Vec<JoinHandle<()>>,
}

impl Load {
    /// Begins them.
    pub(super) fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let spin = |over: Arc<AtomicBool>| {
            move || {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            }
        };
        let loops = (0..LOOPS).map(|_| std::thread::spawn(spin(over.clone()))).collect();
        Self { over, loops }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for each in self.loops.drain(..) {
            // A loop that panicked has ended as well.
            let _ = each.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loops_end_with_it() {
        let load = Load::begin();
        assert_eq!(load.loops.len(), LOOPS);
        let over = load.over.clone();
        drop(load);
        assert_eq!(Arc::strong_count(&over), 1, "a loop goes on");
    }
}
