//! The colour of a venue's patch, by which pixels tell whose picture it is.
//!
//! Every scene has the patch at the same place: a plain rectangle from 35.5 % to 44.5 % of the width and from 11 % to 31 %
//! of the height. [`PATCH`] is its middle. Colours of two numbers differ by 32 or more in a channel, so the nearest colour of
//! the palette is the right one while no channel is off by 16. `clips/scene.py` draws with the same palette; a browser test
//! mirrors it in a few lines: all `(r, g, b)` of [`LEVELS`] in counting order with max − min ≥ 64, then entry `number × 77 mod 180`.

/// A colour: red, green and blue.
pub type Rgb = (u8, u8, u8);

/// What a channel can be.
pub const LEVELS: [u8; 6] = [48, 80, 112, 144, 176, 208];

/// Middle of the patch, as shares of width and height.
pub const PATCH: (f32, f32) = (0.40, 0.21);

/// Colours of the palette.
const COLOURS: u32 = 180;
/// Shares no factor with [`COLOURS`], so that all numbers below it differ, and puts neighbours far apart.
const STRIDE: u32 = 77;
/// Colours with less between their channels look grey.
const SPREAD_MIN: u8 = 64;

/// The colour of a number. Numbers below 180 all differ.
#[must_use]
pub fn colour(number: u16) -> Rgb {
    let place = (u32::from(number) * STRIDE % COLOURS) as usize;
    palette().nth(place).unwrap_or_default()
}

/// The colour of the patch in the picture of a venue's camera position, the first being 0.
#[must_use]
pub fn patch(number: u16, camera: u8) -> Rgb {
    // A second position has the colour of a number after the last venue.
    if camera == 0 { colour(number) } else { colour(crate::clip::VENUES + u16::from(camera)) }
}

fn palette() -> impl Iterator<Item = Rgb> {
    LEVELS
        .into_iter()
        .flat_map(|r| LEVELS.into_iter().flat_map(move |g| LEVELS.into_iter().map(move |b| (r, g, b))))
        .filter(|(r, g, b)| (*r).max(*g).max(*b) - (*r).min(*g).min(*b) >= SPREAD_MIN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_has_a_colour_of_its_own() {
        assert_eq!(palette().count(), COLOURS as usize);
        let colours: BTreeSet<Rgb> = (0..180).map(colour).collect();
        assert_eq!(colours.len(), 180);
        assert_eq!(patch(1, 1), colour(132));
    }

    #[test]
    fn the_script_and_the_browser_tests_can_rely_on_these() {
        assert_eq!(
            [colour(1), colour(2), colour(12), colour(131)],
            [(112, 144, 208), (208, 80, 48), (48, 176, 176), (48, 80, 208)]
        );
    }
}
