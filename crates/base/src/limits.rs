//! Limits of everything that comes from outside. Each name ends in what it counts.

/// Venues of one meeting. The level frame has a byte for each.
pub const VENUES_MAX: usize = 1_000;
/// Bytes of a meeting's id: the id of a run is that and its kind.
pub const MEETING_ID_BYTES_MAX: usize = 59;
/// Units of an organisation.
pub const UNITS_MAX: usize = 4_000;
/// Tiers of an organisation.
pub const TIERS_MAX: usize = 8;
/// Camera positions of one venue.
pub const SOURCES_PER_VENUE_MAX: usize = 8;
/// People known to an organisation.
pub const PEOPLE_MAX: usize = 20_000;
/// Items of a rundown.
pub const ITEMS_MAX: usize = 200;
/// Items of a summary, each as often as it was held.
pub const SUMMARY_ITEMS_MAX: usize = 1_000;
/// Speeches of a summary.
pub const SUMMARY_SPEECHES_MAX: usize = 2_000;
/// Languages of one text.
pub const TEXT_LANGUAGES_MAX: usize = 16;
/// Characters of a name in one language.
pub const NAME_CHARS_MAX: usize = 120;
/// Requests to speak that wait at one time: one of each venue.
pub const QUEUE_MAX: usize = VENUES_MAX;
/// Microphones open at one time, the chair's venue included.
pub const OPEN_MICROPHONES_MAX: usize = 4;
/// Milliseconds that a venue whose link is lost keeps its lease (R3).
pub const FLOOR_KEPT_MS: u64 = 30_000;
/// Longest call-on, in seconds.
pub const CALL_ON_LIMIT_S_MAX: u32 = 4 * 3600;
/// Command keys remembered of each token in a run.
pub const COMMAND_KEYS_MAX: usize = 256;
/// Lines of the journal that a client sees.
pub const JOURNAL_LINES_MAX: usize = 50;
/// Bytes of one WebSocket message from a client.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one HTTP command body.
pub const COMMAND_BYTES_MAX: usize = 16 * 1024;
/// Times that a venue may raise or withdraw its hand in a minute.
pub const HANDS_PER_MINUTE_MAX: u32 = 6;
/// Messages that one client may send in a second, on average over [`MESSAGE_BURST_MAX`].
pub const MESSAGES_PER_SECOND_MAX: u32 = 40;
/// Messages that one client may send at once.
pub const MESSAGE_BURST_MAX: u32 = 120;
/// Frames of a WebSocket that one client may send in a second, those that nobody is told of among them, on average over
/// [`FRAMES_AT_ONCE_MAX`].
pub const FRAMES_PER_SECOND_MAX: u32 = 80;
/// Frames that one client may send at once.
pub const FRAMES_AT_ONCE_MAX: u32 = 240;
/// Bytes that one client may send over its WebSocket in a second, on average over [`BYTES_AT_ONCE_MAX`].
pub const BYTES_PER_SECOND_MAX: u32 = 64 * 1024;
/// Bytes that one client may send over its WebSocket at once.
pub const BYTES_AT_ONCE_MAX: u32 = 1024 * 1024;
/// Snapshots beyond the first and other readings of state and log that one token may ask for in a second, on average over
/// [`READ_BURST_MAX`].
pub const READS_PER_SECOND_MAX: u32 = 40;
/// Readings that one token may ask for at once.
pub const READ_BURST_MAX: u32 = 120;
/// Commands of one client that may wait for their answers.
pub const COMMANDS_WAITING_MAX: usize = 64;
/// Clients on the control connection of one meeting.
pub const CLIENTS_MAX: usize = 4_000;
/// Bytes of an SDP offer.
pub const SDP_BYTES_MAX: usize = 64 * 1024;
/// Loss from here on is felt, per mille: the line is poor, an alarm says so, and above it a lower layer is sent.
pub const LOSS_FELT_PERMILLE: u16 = 50;
/// Lines `m=` of an SDP offer: a wall of 25 and some room.
pub const SDP_MEDIA_MAX: usize = 32;
/// Video lines of a live wall.
pub const WALL_LINES_MAX: usize = 25;
/// Bytes of one RTP packet's sound, or of its picture behind the VP8 descriptor: with what is added on the way out it fits into an
/// Ethernet frame.
pub const PAYLOAD_BYTES_MAX: usize = 1_400;
/// Media sessions of one node.
pub const SESSIONS_MAX: usize = 8_000;
/// Bytes of a configuration or meeting file.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
