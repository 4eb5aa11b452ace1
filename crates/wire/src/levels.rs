//! The binary frame of levels: [`KIND`], the directory's generation as u32 big-endian, then one byte for each venue in rank order. A byte is
//! −dBov, 0 loudest to [`QUIETEST`], or [`NO_SOUND`].

/// First byte of the frame.
pub const KIND: u8 = 0x01;
/// Bytes before the first venue.
pub const HEADER_BYTES: usize = 5;
/// The level of silence.
pub const QUIETEST: u8 = 127;
/// No sound at all, or nothing known.
pub const NO_SOUND: u8 = 255;
