//! Names of what the plane holds. A key is never given twice: one whose entry is gone names nothing.

slotmap::new_key_type! {
    /// A session.
    pub(crate) struct SessionKey;
    /// A meeting.
    pub(crate) struct MeetingKey;
    /// A source, or the slate.
    pub(crate) struct TrackKey;
    /// The voice of a venue.
    pub(crate) struct VoiceKey;
    /// A ring of packets.
    pub(crate) struct RingKey;
    /// A packet in a ring.
    pub(crate) struct PacketKey;
}
