//! Clips: what the bots' cameras and microphones give, made by `clips/make.py` and committed.
//!
//! Three files, one per codec, little-endian: `OHCLIP1\0`, the number of tracks (u32), then each track:
//!
//! | Bytes | Field |
//! |---|---|
//! | 2 | venue number, from 1 |
//! | 1 | camera position, from 0 |
//! | 1 | codec: 1 VP8, 2 H.264, 3 Opus |
//! | 1 | layer, 0 the lowest |
//! | 1 | zero |
//! | 2, 2 | width and height in pixels; zero for sound |
//! | 2 | ticks per frame, of 90 kHz (of 48 kHz for sound) |
//! | 2 | frames |
//!
//! and each frame: a u32 with its length in the upper 24 bits and flags in the lower 8 (bit 0: a key frame), then its bytes: a
//! VP8 frame, an Opus packet, or the NAL units of an H.264 access unit, each behind its length in two bytes, big-endian. The
//! first frame of a track is a key frame, and the track loops without a seam.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Venue numbers that have clips: 1 is the main venue.
pub const VENUES: u16 = 131;
/// Camera positions of the main venue; every other venue has one.
pub const MAIN_CAMERAS: u8 = 2;
/// Tracks of one file.
pub const TRACKS_MAX: usize = 2_048;
/// Frames of one track.
pub const FRAMES_MAX: usize = 1_024;
/// Bytes of one frame.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Layers of one camera position.
pub const LAYERS_MAX: u8 = 3;

const MAGIC: &[u8; 8] = b"OHCLIP1\0";
const FLAG_KEY: u8 = 1;

/// Why bytes are not a clip file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// Does not begin as a clip file does.
    #[error("this is not a clip file")]
    NotClips,
    /// Ends within a field.
    #[error("the clip file ends in track {track}")]
    Short {
        /// Index of the track.
        track: usize,
    },
    /// More of something than the limit.
    #[error("track {track} has {count} {what}, at most {max} are taken")]
    TooMany {
        /// Index of the track.
        track: usize,
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// A field that cannot be.
    #[error("track {track} has a bad {field}")]
    Bad {
        /// Index of the track.
        track: usize,
        /// Which field.
        field: &'static str,
    },
    /// Bytes after the last track.
    #[error("the clip file has {0} bytes too many")]
    TooLong(usize),
}

/// What a track is encoded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coding {
    /// RFC 6386.
    Vp8,
    /// Constrained baseline.
    H264,
    /// RFC 6716, one packet of 20 ms a frame.
    Opus,
}

/// Which clips a bot's cameras give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Picture {
    /// A drawn room with the number of the venue: the committed clips.
    #[default]
    Room,
    /// Of the main venue, in VP8: 720p with 30 frames a second and 1.5 Mb/s, for the bench. Nobody can decode it.
    Broadcast,
}

/// Which track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrackName {
    /// Venue number, from 1.
    pub number: u16,
    /// Camera position, from 0.
    pub camera: u8,
    /// Layer, 0 the lowest.
    pub layer: u8,
}

/// A frame of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Decodable by itself.
    pub key: bool,
    /// Encoded picture or sound.
    pub bytes: &'static [u8],
}

/// A loop of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// What it is encoded with.
    pub coding: Coding,
    /// Pixels, zero for sound.
    pub width: u16,
    /// Pixels, zero for sound.
    pub height: u16,
    /// Ticks of the media clock (90 kHz; 48 kHz for sound) from frame to frame.
    pub ticks: u16,
    /// The frames, the first a key frame; at least one.
    pub frames: Vec<Frame>,
}

impl Track {
    /// Microseconds from frame to frame.
    #[must_use]
    pub fn frame_us(&self) -> u64 {
        u64::from(self.ticks) * 1_000_000 / u64::from(self.clock_hz())
    }

    /// Ticks of the media clock in a second.
    #[must_use]
    pub const fn clock_hz(&self) -> u32 {
        match self.coding {
            Coding::Vp8 | Coding::H264 => 90_000,
            Coding::Opus => 48_000,
        }
    }

    /// The first key frame at or after that place of the loop.
    #[must_use]
    pub fn key_from(&self, place: usize) -> usize {
        (place..self.frames.len()).find(|i| self.frames[*i].key).unwrap_or(0)
    }
}

/// The tracks of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clips {
    tracks: BTreeMap<TrackName, Track>,
}

impl Clips {
    /// Reads a clip file.
    ///
    /// # Errors
    /// [`ClipError`] says what is wrong, and in which track.
    pub fn parse(bytes: &'static [u8]) -> Result<Self, ClipError> {
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(ClipError::NotClips)?;
        let mut reader = Reader { rest, track: 0 };
        let count = reader.u32()? as usize;
        if count > TRACKS_MAX {
            return Err(reader.too_many("tracks", count, TRACKS_MAX));
        }
        let mut tracks = BTreeMap::new();
        for index in 0..count {
            reader.track = index;
            let (name, track) = reader.track()?;
            if tracks.insert(name, track).is_some() {
                return Err(reader.bad("name"));
            }
        }
        match reader.rest.len() {
            0 => Ok(Self { tracks }),
            left => Err(ClipError::TooLong(left)),
        }
    }

    pub(crate) fn of(tracks: BTreeMap<TrackName, Track>) -> Self {
        Self { tracks }
    }

    /// The committed clips of a codec.
    #[must_use]
    pub fn embedded(coding: Coding) -> &'static Self {
        match coding {
            Coding::Vp8 => &VP8,
            Coding::H264 => &H264,
            Coding::Opus => &OPUS,
        }
    }

    /// All tracks, in the order of their names.
    pub fn tracks(&self) -> impl Iterator<Item = (&TrackName, &Track)> {
        self.tracks.iter()
    }

    /// The layers of a camera position, the lowest first; none if it has no clip.
    #[must_use]
    pub fn layers(&self, number: u16, camera: u8) -> Vec<&Track> {
        let name = |layer| TrackName { number, camera, layer };
        self.tracks.range(name(0)..=name(LAYERS_MAX)).map(|(_, track)| track).collect()
    }
}

// The files are committed and a test reads each, so a failure here is a broken build.
static VP8: LazyLock<Clips> = LazyLock::new(|| embedded(include_bytes!("../clips/vp8.clips")));
static H264: LazyLock<Clips> = LazyLock::new(|| embedded(include_bytes!("../clips/h264.clips")));
static OPUS: LazyLock<Clips> = LazyLock::new(|| embedded(include_bytes!("../clips/opus.clips")));

fn embedded(bytes: &'static [u8]) -> Clips {
    Clips::parse(bytes).expect("the committed clips are read by a test")
}

struct Reader {
    rest: &'static [u8],
    track: usize,
}

impl Reader {
    fn track(&mut self) -> Result<(TrackName, Track), ClipError> {
        let name = TrackName { number: self.u16()?, camera: self.u8()?, layer: 0 };
        let coding = match self.u8()? {
            1 => Coding::Vp8,
            2 => Coding::H264,
            3 => Coding::Opus,
            _ => return Err(self.bad("codec")),
        };
        let name = TrackName { layer: self.u8()?, ..name };
        if name.number == 0 || name.layer >= LAYERS_MAX {
            return Err(self.bad("name"));
        }
        if self.u8()? != 0 {
            return Err(self.bad("reserved byte"));
        }
        let (width, height, ticks, count) = (self.u16()?, self.u16()?, self.u16()?, usize::from(self.u16()?));
        if (width == 0 || height == 0) != (coding == Coding::Opus) {
            return Err(self.bad("size"));
        }
        if ticks == 0 {
            return Err(self.bad("rate"));
        }
        if count > FRAMES_MAX {
            return Err(self.too_many("frames", count, FRAMES_MAX));
        }
        let frames = (0..count).map(|_| self.frame()).collect::<Result<Vec<_>, _>>()?;
        if !frames.first().is_some_and(|frame| frame.key) {
            return Err(self.bad("first frame"));
        }
        Ok((name, Track { coding, width, height, ticks, frames }))
    }

    fn frame(&mut self) -> Result<Frame, ClipError> {
        let head = self.u32()?;
        let [flags, ..] = head.to_le_bytes();
        let length = (head >> 8) as usize;
        if length > FRAME_BYTES_MAX {
            return Err(self.too_many("bytes in a frame", length, FRAME_BYTES_MAX));
        }
        if length == 0 || flags & !FLAG_KEY != 0 {
            return Err(self.bad("frame"));
        }
        Ok(Frame { key: flags & FLAG_KEY != 0, bytes: self.take(length)? })
    }

    fn take(&mut self, length: usize) -> Result<&'static [u8], ClipError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or(ClipError::Short { track: self.track })?;
        self.rest = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, ClipError> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16, ClipError> {
        let b = self.take(2)?;
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Result<u32, ClipError> {
        let b = self.take(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn bad(&self, field: &'static str) -> ClipError {
        ClipError::Bad { track: self.track, field }
    }

    fn too_many(&self, what: &'static str, count: usize, max: usize) -> ClipError {
        ClipError::TooMany { track: self.track, what, count, max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(head: &[u8], frames: &[(u32, &[u8])]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(1u32.to_le_bytes());
        out.extend(head);
        out.extend(u16::try_from(frames.len()).unwrap().to_le_bytes());
        for (word, bytes) in frames {
            out.extend(word.to_le_bytes());
            out.extend(*bytes);
        }
        out
    }

    const HEAD: [u8; 12] = [7, 0, 0, 1, 1, 0, 0x80, 2, 0x68, 1, 0x10, 0x0e];

    fn check(bytes: Vec<u8>) -> Result<Clips, ClipError> {
        Clips::parse(bytes.leak())
    }

    #[test]
    fn a_file_is_read_as_it_is_written_down() {
        let clips = check(file(&HEAD, &[(3 << 8 | 1, b"abc"), (1 << 8, b"d")])).unwrap();
        let track = clips.layers(7, 0)[0];
        assert_eq!((track.width, track.height, track.ticks, track.frame_us()), (640, 360, 3600, 40_000));
        assert_eq!(track.frames, [Frame { key: true, bytes: b"abc" }, Frame { key: false, bytes: b"d" }]);
        assert!(clips.layers(8, 0).is_empty());
    }

    #[test]
    fn a_broken_file_is_refused_with_what_is_wrong() {
        let key: [(u32, &[u8]); 1] = [(1 << 8 | 1, b"x")];
        let good = file(&HEAD, &key);
        assert_eq!(check(b"RIFF....".to_vec()), Err(ClipError::NotClips));
        for cut in 8..good.len() {
            assert_eq!(check(good[..cut].to_vec()), Err(ClipError::Short { track: 0 }), "cut at {cut}");
        }
        assert_eq!(check([&good[..], b"yz"].concat()), Err(ClipError::TooLong(2)));
        let bad = |field| Err(ClipError::Bad { track: 0, field });
        let with = |at: usize, value: u8| {
            let mut head = HEAD;
            head[at] = value;
            check(file(&head, &key))
        };
        assert_eq!(with(0, 0), bad("name"));
        assert_eq!(with(3, 9), bad("codec"));
        assert_eq!(with(4, 3), bad("name"));
        assert_eq!(with(5, 1), bad("reserved byte"));
        assert_eq!(with(3, 3), bad("size"));
        assert_eq!(check(file(&HEAD, &[])), bad("first frame"));
        assert_eq!(check(file(&HEAD, &[(1 << 8, b"x")])), bad("first frame"));
        assert_eq!(check(file(&HEAD, &[(1, b"")])), bad("frame"));
        let large = u32::try_from(FRAME_BYTES_MAX).unwrap() + 1;
        assert!(matches!(check(file(&HEAD, &[(large << 8, b"")])), Err(ClipError::TooMany { .. })));
        let mut many = MAGIC.to_vec();
        many.extend(u32::MAX.to_le_bytes());
        assert!(matches!(check(many), Err(ClipError::TooMany { what: "tracks", .. })));
    }

    #[test]
    fn the_committed_clips_have_every_venue_in_every_codec() {
        for coding in [Coding::Vp8, Coding::H264] {
            let clips = Clips::embedded(coding);
            for number in 1..=VENUES {
                let heights: &[u16] = if number == 1 { &[180, 360, 720] } else { &[180, 360] };
                for camera in 0..if number == 1 { MAIN_CAMERAS } else { 1 } {
                    let layers = clips.layers(number, camera);
                    assert_eq!(layers.iter().map(|t| t.height).collect::<Vec<_>>(), heights);
                    assert!(
                        layers
                            .iter()
                            .all(|t| t.coding == coding && t.frames.len() as u64 * t.frame_us() > 3_990_000)
                    );
                }
            }
        }
        assert_eq!(Clips::embedded(Coding::Opus).tracks().count(), usize::from(VENUES));
    }
}
