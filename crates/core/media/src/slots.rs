//! Slots of whoever watches, and what each of our pages wishes for them: one table. The hop knows wishes and no pages.

use base::SourceId;

/// Video slots of a session whose lines its client does not choose: v0 to v10.
pub const VIDEO_SLOTS: u8 = 11;
/// Highest layer where a slot fills a screen.
const LARGE: u8 = 2;
/// Highest layer where a slot is one picture among others.
const MIDDLE: u8 = 1;
/// Highest layer of a thumbnail.
const SMALL: u8 = 0;

/// A slot: the i-th line of its kind in the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// v0, v1, …
    Video(u8),
    /// a0, a1, …
    Sound(u8),
}

/// What a slot carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carries {
    /// A pane of the programme; 0 is what plain players see. Panes above it are empty until there are scenes of several.
    Programme(u8),
    /// What the session's venue sees when it is on air (R6).
    Return,
    /// The first source of the session's venue.
    Own,
    /// A pane of the preview. Panes above 0 are empty until there are scenes of several.
    Preview(u8),
    /// The content beside the programme; empty until there is any.
    Content,
    /// That source.
    Source(SourceId),
    /// A voice by its place among those that are heard, never the session's own venue; 0 is silence where there is none.
    Sound(u8),
}

/// When a slot carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All the time.
    Always,
    /// While the session's venue is on air or next.
    Warm,
}

/// A wish for one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which.
    pub slot: Slot,
    /// What.
    pub carries: Carries,
    /// Highest layer, counted from 0.
    pub layer: u8,
    /// When.
    pub when: When,
}

/// What a session wishes for its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// One wish for each slot at most; slots without one stay empty.
    pub slots: Vec<Wish>,
    /// Its client chooses the sources of all its video lines, up to this layer: it has no other slots then.
    pub chooses: Option<u8>,
}

/// A page that watches, as `page` in the address of WHEP names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The hall screen of a venue.
    Hall,
    /// The page of a venue's technician.
    Technician,
    /// The desk.
    Desk,
    /// The live wall of a desk.
    Wall,
    /// The watcher's page.
    Watch,
    /// A player that knows nothing of us.
    Plain,
}

impl Page {
    /// What that page wishes.
    #[must_use]
    pub fn wishes(self) -> Wishes {
        use Carries::{Content, Own, Preview, Programme, Return};
        use When::{Always, Warm};
        let own = match self {
            Self::Hall => vec![video(1, Content, LARGE, Always), video(2, Return, LARGE, Warm)],
            Self::Technician => vec![video(2, Return, MIDDLE, Always), video(3, Own, SMALL, Always)],
            Self::Desk => vec![video(1, Content, MIDDLE, Always), video(2, Preview(0), MIDDLE, Always)],
            Self::Watch | Self::Plain => vec![],
            Self::Wall => return Wishes { slots: vec![], chooses: Some(SMALL) },
        };
        let panes = match self {
            Self::Hall | Self::Desk | Self::Watch => 3..VIDEO_SLOTS,
            Self::Technician | Self::Wall | Self::Plain => 0..0,
        };
        let panes = panes.map(|slot| video(slot, Programme(slot - 2), MIDDLE, Always));
        let sounds = (0..crate::mix::SOUND_SLOTS as u8).map(|n| Wish {
            slot: Slot::Sound(n),
            carries: Carries::Sound(n),
            layer: SMALL,
            when: Always,
        });
        let programme = video(0, Programme(0), LARGE, Always);
        let slots = std::iter::once(programme).chain(own).chain(panes).chain(sounds).collect();
        Wishes { slots, chooses: None }
    }
}

fn video(slot: u8, carries: Carries, layer: u8, when: When) -> Wish {
    Wish { slot: Slot::Video(slot), carries, layer, when }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [Page; 6] = [Page::Hall, Page::Technician, Page::Desk, Page::Wall, Page::Watch, Page::Plain];

    /// The video slots of a page below the panes, in words.
    #[track_caller]
    fn check(page: Page, want: &[&str]) {
        let word = |wish: &Wish| match (wish.slot, &wish.carries) {
            (Slot::Video(n), Carries::Programme(pane)) if *pane > 0 => {
                assert_eq!(n, pane + 2);
                None
            }
            (Slot::Video(n), carries) => Some(format!("v{n} {carries:?} {} {:?}", wish.layer, wish.when)),
            (Slot::Sound(n), carries) => {
                assert_eq!(*carries, Carries::Sound(n));
                None
            }
        };
        assert_eq!(page.wishes().slots.iter().filter_map(word).collect::<Vec<_>>(), want, "{page:?}");
    }

    #[test]
    fn every_page_carries_what_the_protocol_says() {
        let programme = "v0 Programme(0) 2 Always";
        check(Page::Hall, &[programme, "v1 Content 2 Always", "v2 Return 2 Warm"]);
        check(Page::Technician, &[programme, "v2 Return 1 Always", "v3 Own 0 Always"]);
        check(Page::Desk, &[programme, "v1 Content 1 Always", "v2 Preview(0) 1 Always"]);
        check(Page::Watch, &[programme]);
        check(Page::Plain, &[programme]);
        check(Page::Wall, &[]);
        assert_eq!(PAGES.map(|page| page.wishes().chooses), [None, None, None, Some(0), None, None]);
    }

    #[test]
    fn no_page_wishes_twice_for_a_slot_or_for_one_that_it_cannot_have() {
        for page in PAGES {
            let mut slots: Vec<Slot> = page.wishes().slots.iter().map(|wish| wish.slot).collect();
            let wished = slots.len();
            slots.sort();
            slots.dedup();
            assert_eq!(slots.len(), wished, "{page:?}");
            let fits = |slot: &Slot| match slot {
                Slot::Video(n) => *n < VIDEO_SLOTS,
                Slot::Sound(n) => usize::from(*n) < crate::mix::SOUND_SLOTS,
            };
            assert!(slots.iter().all(fits), "{page:?}");
        }
    }
}
