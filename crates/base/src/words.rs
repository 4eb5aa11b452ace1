//! Closed lists of words: each is written here once, with the name that is stored, sent and shown.
//!
//! A name never changes, since logs and other people's scripts hold it. What a word means for the rules stands beside the rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One word of a closed list.
pub trait Word: Copy + 'static {
    /// Name of the list, in Rust and TypeScript.
    const LIST: &'static str;

    /// All words, in their order.
    fn all() -> &'static [Self];

    /// Its name as stored and sent.
    fn name(self) -> &'static str;
}

/// A text that is no word of a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is none of {}", known.join(", "))]
pub struct UnknownWord {
    text: String,
    known: Vec<&'static str>,
}

macro_rules! words {
    ($( $(#[$list_doc:meta])* $list:ident { $( $(#[$doc:meta])* $word:ident = $name:literal, )+ } )+) => { $(
        $(#[$list_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $list { $( $(#[$doc])* #[serde(rename = $name)] $word, )+ }

        impl $list {
            /// All, in their order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$word),+];

            /// Its name as stored and sent.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name),+ }
            }
        }

        impl Word for $list {
            const LIST: &'static str = stringify!($list);

            fn all() -> &'static [Self] {
                &Self::ALL
            }

            fn name(self) -> &'static str {
                self.name()
            }
        }

        impl FromStr for $list {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let unknown = || UnknownWord { text: text.to_owned(), known: vec![$($name),+] };
                Self::ALL.into_iter().find(|word| word.name() == text).ok_or_else(unknown)
            }
        }

        impl fmt::Display for $list {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    )+ };
}

words! {
    /// What a token stands for.
    Role {
        /// Decides what is shown 导播; by default acts for the chair too (会控代行).
        Director = "director",
        /// Decides who is heard 主席.
        Chair = "chair",
        /// A venue: hall screen and technician's page.
        Venue = "venue",
        /// Sees and hears the programme.
        Watcher = "watcher",
    }

    /// Kinds of act.
    ActKind {
        /// Begin the meeting.
        Start = "start",
        /// End it.
        End = "end",
        /// Set the preview.
        Preview = "preview",
        /// Preview to programme.
        Take = "take",
        /// Programme to slate.
        Slate = "slate",
        /// Picture, exclusive floor, banner, timer.
        CallOn = "call_on",
        /// End of a call-on.
        EndCallOn = "end_call_on",
        /// One more microphone.
        OpenFloor = "open_floor",
        /// One less.
        CloseFloor = "close_floor",
        /// All branches closed.
        MuteAll = "mute_all",
        /// Ask to speak.
        Raise = "raise",
        /// Take that back.
        Withdraw = "withdraw",
        /// Remove a request.
        Drop = "drop",
        /// Current item.
        Item = "item",
        /// Say that an alarm is seen to. Not logged.
        Acknowledge = "acknowledge",
    }

    /// What a request to speak is for.
    #[derive(Default)]
    RequestKind {
        /// A speech, as the order of the day has it 发言.
        #[default]
        Speech = "speech",
        /// A question to whoever spoke 提问.
        Question = "question",
        /// A remark on what was said 补充.
        Remark = "remark",
        /// A point of order 程序问题.
        PointOfOrder = "point_of_order",
    }

    /// Video codec of a meeting. The hop never transcodes, so all sources and screens of a meeting share it.
    #[derive(Default)]
    Codec {
        /// VP8, RFC 7741: every browser decodes it.
        #[default]
        Vp8 = "vp8",
        /// H.264 constrained baseline, RFC 6184.
        H264 = "h264",
    }

    /// Where a meeting is, without the times.
    Phase {
        /// Not started: every gate is closed, the programme is the slate.
        Waiting = "waiting",
        /// Under way.
        Live = "live",
        /// Over.
        Ended = "ended",
    }

    /// What a run is for. In the order in which runs of a meeting are listed.
    RunKind {
        /// The meeting as held; it alone enters the record.
        Held = "held",
        /// A run-through 彩排.
        RunThrough = "run_through",
        /// A joint test 联调.
        JointTest = "joint_test",
        /// What people do after the meeting: approvals, corrections, holds. Reserved: nothing makes such a run yet.
        Office = "office",
    }

    /// Why a venue has a lease.
    LeaseKind {
        /// The chair's, from start to end.
        Standing = "standing",
        /// By a call-on.
        CallOn = "call_on",
        /// By `open_floor`.
        Open = "open",
    }

    /// Why a command is refused. Screens word it from the catalogue (`refused-…`), never from text.
    RefusalCode {
        /// The role may not do this; the refusal says which may.
        NoRight = "no_right",
        /// The meeting has not started.
        NotStarted = "not_started",
        /// The meeting was started before.
        AlreadyStarted = "already_started",
        /// The meeting has ended.
        Ended = "ended",
        /// No such source in this meeting, or not of that venue.
        UnknownSource = "unknown_source",
        /// No such venue in this meeting.
        UnknownVenue = "unknown_venue",
        /// No such person.
        UnknownPerson = "unknown_person",
        /// No such request.
        UnknownRequest = "unknown_request",
        /// No such item.
        UnknownItem = "unknown_item",
        /// No such alarm, or not any more.
        UnknownAlarm = "unknown_alarm",
        /// The preview is no longer what the director saw; the holder is what it is.
        PreviewChanged = "preview_changed",
        /// Nothing is in preview.
        PreviewEmpty = "preview_empty",
        /// A call-on runs; the holder is its venue.
        FloorHeld = "floor_held",
        /// As many microphones as may be are open.
        FloorFull = "floor_full",
        /// No call-on runs.
        NoCallOn = "no_call_on",
        /// That venue already waits to speak, or speaks on its request.
        AlreadyWaiting = "already_waiting",
        /// That venue has no request.
        NotWaiting = "not_waiting",
        /// The time limit is zero or too long.
        BadLimit = "bad_limit",
        /// The key was used for another act, or for the same with other fields.
        KeyReused = "key_reused",
        /// The venue's hand went up and down too often, or the token gives too many commands: later the same key may ask again. No rule decides this.
        TooOften = "too_often",
        /// Never decided, and not decided later: the log cannot be written, too many wait, or the command is too old. No rule decides this.
        Busy = "busy",
        /// It was in a batch that the log may hold or not: the same key tells when the log is back. No rule decides this.
        Unconfirmed = "unconfirmed",
    }

    /// What an alarm is about. The order is that on the desk among alarms that are as urgent.
    AlarmCode {
        /// The log cannot be written; the value is the epoch of the server that has the run, if that is why.
        Log = "log",
        /// Venues were here and are lost. Where these are over half of all, it is one alarm, and the value counts all that were here.
        Lost = "lost",
        /// A take waits for a key frame for over a second.
        NoPicture = "no_picture",
        /// Page, hop and log disagree about a microphone (R4).
        MicrophoneDisagrees = "microphone_disagrees",
        /// The browser of a hall, or somebody there, refuses the camera.
        CameraRefused = "camera_refused",
        /// A hall has no camera.
        CameraMissing = "camera_missing",
        /// The camera of a hall is used by another program.
        CameraInUse = "camera_in_use",
        /// A venue without a lease sends audio; the value counts packets dropped.
        AudioDropped = "audio_dropped",
        /// The venue has the floor and is silent; the value is seconds.
        Silent = "silent",
        /// The browser of a hall refuses to play sound.
        SoundBlocked = "sound_blocked",
        /// A hall's page is hidden.
        PageHidden = "page_hidden",
        /// Packets are lost; the value is per mille.
        Loss = "loss",
        /// A source sends packets that are too large to be forwarded; the value counts those that were dropped.
        PacketsTooLarge = "packets_too_large",
        /// The clock of the server jumped; the value is by how many seconds, below 0 if it went back.
        Clock = "clock",
        /// The network card of the server takes less than is to go out; the value counts datagrams that were given up.
        Network = "network",
    }

    /// Whether the log of a meeting takes what happens.
    #[derive(Default)]
    LogCondition {
        /// It does.
        #[default]
        Ok = "ok",
        /// It takes over half a second.
        Slow = "slow",
        /// It does not: nothing can be done but closing (R16, R17).
        Shut = "shut",
    }

    /// Why the log of a meeting cannot be written.
    LogCause {
        /// The disk is full.
        DiskFull = "disk_full",
        /// The file system takes no writes.
        ReadOnly = "read_only",
        /// The disk reports an error.
        IoError = "io_error",
        /// The disk does not answer.
        Hangs = "hangs",
        /// Another server has opened the run, and this one writes it no more.
        Fenced = "fenced",
        /// What is stored does not verify, or cannot be read.
        Damaged = "damaged",
        /// The data folder is gone, or another stands in its place.
        FolderGone = "folder_gone",
        /// The server's own part broke; it is loaded anew.
        Broke = "broke",
    }

    /// What a page does with its microphone.
    MicrophoneReport {
        /// Sends.
        Open = "open",
        /// Has one, sends nothing.
        Closed = "closed",
        /// Has none.
        Missing = "missing",
    }

    /// Why a page has no camera.
    CameraFault {
        /// The browser, or somebody at it, refuses it.
        Refused = "refused",
        /// There is none.
        Missing = "missing",
        /// Another program uses it.
        InUse = "in_use",
    }

    /// What a meeting file does to a thing.
    ChangeKind {
        /// It is new.
        Added = "added",
        /// It changes.
        Changed = "changed",
        /// It goes.
        Removed = "removed",
    }

    /// What a line of the journal tells.
    JournalKind {
        /// The run was opened.
        Opened = "opened",
        /// The roster changed.
        Roster = "roster",
        /// The meeting began.
        Started = "started",
        /// It ended.
        Ended = "ended",
        /// Nothing more comes.
        Closed = "closed",
        /// Events were lost, and the server went on without them as somebody said.
        LossAccepted = "loss_accepted",
        /// A venue published for the first time.
        Joined = "joined",
        /// The preview changed; no source: it was emptied.
        Preview = "preview",
        /// A source is on air.
        Programme = "programme",
        /// The slate is on air.
        Slate = "slate",
        /// A venue has the floor.
        FloorOpened = "floor_opened",
        /// It has it no more.
        FloorClosed = "floor_closed",
        /// A call-on began.
        CallOn = "call_on",
        /// It ended.
        CallOnEnded = "call_on_ended",
        /// A venue asks to speak.
        Raised = "raised",
        /// It took that back.
        Withdrawn = "withdrawn",
        /// The chair removed a request.
        Dropped = "dropped",
        /// An item became the current one.
        Item = "item",
        /// A command changed nothing.
        Unchanged = "unchanged",
        /// The clock of the server jumped.
        ClockJumped = "clock_jumped",
    }

    /// Why the server did not take a request, a session or a frame. Programs tell errors apart by this, never by their text.
    ErrorCode {
        /// No body, or one that broke off.
        BadBody = "bad_body",
        /// Not the name of a client.
        BadClient = "bad_client",
        /// Not a command.
        BadCommand = "bad_command",
        /// A meeting file that is not right.
        BadFile = "bad_file",
        /// Not a frame, or none for now.
        BadFrame = "bad_frame",
        /// A request without the header `Host`, or with two.
        BadHost = "bad_host",
        /// Not the key of a command.
        BadKey = "bad_key",
        /// That address takes another method.
        BadMethod = "bad_method",
        /// A parameter of the address that is none.
        BadQuery = "bad_query",
        /// Not an offer that can be answered.
        BadSdp = "bad_sdp",
        /// A token that is not good here: malformed, forged, revoked, or for another meeting.
        BadToken = "bad_token",
        /// A version of the protocol that is not spoken here.
        BadVersion = "bad_version",
        /// Not now: try again.
        Busy = "busy",
        /// The token was good until a day that is past.
        Expired = "expired",
        /// The server failed; its log says how.
        Failed = "failed",
        /// More at once than one client may send.
        Flood = "flood",
        /// A page of an origin that is not allowed.
        ForeignOrigin = "foreign_origin",
        /// As many as there may be are there: try again later.
        Full = "full",
        /// The log cannot be read now.
        Log = "log",
        /// A wall that does not name its page.
        NoClient = "no_client",
        /// A command without a key.
        NoKey = "no_key",
        /// This server takes no meeting files.
        NoOffice = "no_office",
        /// Sessions take no PATCH.
        NoPatch = "no_patch",
        /// A request without a token.
        NoToken = "no_token",
        /// A request that is no WebSocket's.
        NoWebsocket = "no_websocket",
        /// The meeting is being opened, or cannot be opened now.
        NotOpen = "not_open",
        /// The offer, or the answer that is accepted, is not SDP.
        NotSdp = "not_sdp",
        /// Something did not come in time.
        Slow = "slow",
        /// The server stops.
        Stopped = "stopped",
        /// Larger than its limit.
        TooLarge = "too_large",
        /// The meeting has as many clients as it may have.
        TooManyClients = "too_many_clients",
        /// There is nothing at this address.
        UnknownAddress = "unknown_address",
        /// No page of that name under this token.
        UnknownClient = "unknown_client",
        /// No file of that name.
        UnknownFile = "unknown_file",
        /// No meeting of that name is here.
        UnknownMeeting = "unknown_meeting",
        /// No kind of page of that name.
        UnknownPage = "unknown_page",
        /// No session at this address, or not any more.
        UnknownSession = "unknown_session",
        /// No source of that name in this meeting.
        UnknownSource = "unknown_source",
        /// No venue of that name in this meeting.
        UnknownVenue = "unknown_venue",
        /// The token is for another meeting.
        WrongMeeting = "wrong_meeting",
        /// The token's role may not.
        WrongRole = "wrong_role",
        /// The token is for another venue.
        WrongVenue = "wrong_venue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<W: Word + FromStr + PartialEq + fmt::Debug>() {
        for word in W::all() {
            assert_eq!(word.name().parse::<W>().ok(), Some(*word));
        }
    }

    #[test]
    fn each_word_is_found_by_its_name() {
        check::<Role>();
        check::<ActKind>();
        check::<RequestKind>();
        check::<Codec>();
        check::<Phase>();
        check::<RunKind>();
        check::<LeaseKind>();
        check::<RefusalCode>();
        check::<AlarmCode>();
        check::<CameraFault>();
        check::<ErrorCode>();
    }

    #[test]
    fn another_text_is_told_what_there_is() {
        assert_eq!("vp9".parse::<Codec>().unwrap_err().to_string(), "\"vp9\" is none of vp8, h264");
    }
}
