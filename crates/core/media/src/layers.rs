//! Layers: which one serves a wish, and how loss lowers the wish.

use std::time::Duration;

use base::Mono;
use base::limits::LOSS_FELT_PERMILLE;

/// Layers of a track, the lowest first.
pub const LAYERS_MAX: usize = 3;

/// The layers that flow, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flowing(pub u8);

impl Flowing {
    /// That layer flows.
    #[must_use]
    pub fn has(self, layer: u8) -> bool {
        self.0 >> layer & 1 == 1
    }

    /// With that layer.
    #[must_use]
    pub fn with(self, layer: u8) -> Self {
        Self(self.0 | 1 << layer)
    }

    /// The layer that serves a wish: the highest that is not above it, else the lowest above.
    #[must_use]
    pub fn nearest(self, wish: u8) -> Option<u8> {
        let layers = 0..LAYERS_MAX as u8;
        layers.clone().rfind(|l| *l <= wish && self.has(*l)).or(layers.clone().find(|l| self.has(*l)))
    }
}

/// The highest layer a subscriber is given, by the loss it reports: down at loss, up again slowly.
#[derive(Debug, Clone, Copy)]
pub struct LayerCap {
    cap: u8,
    bad: u8,
    /// When a higher layer may be tried.
    try_at: Mono,
    wait: Duration,
}

/// Loss above this lowers it at once.
const HEAVY_PERMILLE: u16 = 150;
/// Loss below this counts as none.
const QUIET_PERMILLE: u16 = 10;
const WAIT_FIRST: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(80);

impl Default for LayerCap {
    fn default() -> Self {
        Self { cap: LAYERS_MAX as u8 - 1, bad: 0, try_at: Mono(0), wait: WAIT_FIRST }
    }
}

impl LayerCap {
    /// The highest layer now.
    #[must_use]
    pub fn cap(&self) -> u8 {
        self.cap
    }

    /// Loss has lowered it.
    #[must_use]
    pub fn is_lowered(&self) -> bool {
        self.cap < LAYERS_MAX as u8 - 1
    }

    /// One layer less.
    pub fn lower(&mut self, now: Mono) {
        self.bad = 0;
        // A step up that failed waits twice as long for the next.
        if now < self.try_at + self.wait {
            self.wait = (self.wait * 2).min(WAIT_MAX);
        }
        self.cap = self.cap.saturating_sub(1);
        self.try_at = now + self.wait;
    }

    /// Loss of about a second, in per mille.
    pub fn report(&mut self, now: Mono, loss_permille: u16) {
        self.bad = if loss_permille > LOSS_FELT_PERMILLE { self.bad + 1 } else { 0 };
        if loss_permille > HEAVY_PERMILLE || self.bad >= 2 {
            self.lower(now);
        } else if loss_permille > QUIET_PERMILLE {
            self.try_at = self.try_at.max(now + WAIT_FIRST);
        } else if now >= self.try_at && self.cap < LAYERS_MAX as u8 - 1 {
            self.cap += 1;
            self.try_at = now + self.wait;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_served_by_the_nearest_layer() {
        assert_eq!(Flowing(0).nearest(1), None);
        assert_eq!(Flowing(0b001).nearest(2), Some(0));
        assert_eq!(Flowing(0b110).nearest(0), Some(1));
        assert_eq!(Flowing(0b101).nearest(1), Some(0));
        assert_eq!(Flowing(0b111).nearest(2), Some(2));
    }

    #[test]
    fn loss_steps_down_at_once_and_up_slowly() {
        let mut cap = LayerCap::default();
        cap.report(Mono::from_millis(20_000), 200);
        assert_eq!(cap.cap(), 1);
        cap.report(Mono::from_millis(21_000), 60);
        assert_eq!(cap.cap(), 1);
        cap.report(Mono::from_millis(22_000), 60);
        assert_eq!(cap.cap(), 0);
        let mut second = 23;
        while cap.cap() == 0 {
            cap.report(Mono::from_millis(second * 1000), 0);
            second += 1;
        }
        assert!(second >= 32, "up after {second} s");
    }
}
