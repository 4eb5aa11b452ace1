// Generated from crates/wire by `cargo xtask contract`. Do not edit.

/** Version of the protocol, named in `hello`. */
export const protocolVersion = 1;

/** Milliseconds that a venue whose link is lost keeps its lease. */
export const floorKeptMs = 30000;

/** Commands of one client that may wait for their answers; more are refused as busy. */
export const commandsWaitingMax = 64;

/** Items that a summary holds. */
export const summaryItemsMax = 1000;

/** Speeches that a summary holds. */
export const summarySpeechesMax = 2000;

/** Seconds that a call-on may be limited to. */
export const callOnLimitMaxS = 14400;

/** First byte of the frame of levels. */
export const levelsKind = 1;

/** Bytes of the frame of levels before the first venue. */
export const levelsHeaderBytes = 5;

/** The level of silence, in −dBov. */
export const quietest = 127;

/** The level of a venue without sound, or of which nothing is known. */
export const noSound = 255;

export type Role = "director" | "chair" | "venue" | "watcher";

export type ActKind = "start" | "end" | "preview" | "take" | "slate" | "call_on" | "end_call_on" | "open_floor" | "close_floor" | "mute_all" | "raise" | "withdraw" | "drop" | "item" | "acknowledge";

export type Phase = "waiting" | "live" | "ended";

export type Codec = "vp8" | "h264";

export type LeaseKind = "standing" | "call_on" | "open";

export type RequestKind = "speech" | "question" | "remark" | "point_of_order";

export type AlarmCode = "log" | "lost" | "no_picture" | "microphone_disagrees" | "camera_refused" | "camera_missing" | "camera_in_use" | "audio_dropped" | "silent" | "sound_blocked" | "page_hidden" | "loss" | "packets_too_large" | "clock" | "network";

export type RefusalCode = "no_right" | "not_started" | "already_started" | "ended" | "unknown_source" | "unknown_venue" | "unknown_person" | "unknown_request" | "unknown_item" | "unknown_alarm" | "preview_changed" | "preview_empty" | "floor_held" | "floor_full" | "no_call_on" | "already_waiting" | "not_waiting" | "bad_limit" | "key_reused" | "too_often" | "busy" | "unconfirmed";

export type ErrorCode = "bad_body" | "bad_client" | "bad_command" | "bad_file" | "bad_frame" | "bad_host" | "bad_key" | "bad_method" | "bad_query" | "bad_sdp" | "bad_token" | "bad_version" | "busy" | "expired" | "failed" | "flood" | "foreign_origin" | "full" | "log" | "no_client" | "no_key" | "no_office" | "no_patch" | "no_token" | "no_websocket" | "not_open" | "not_sdp" | "slow" | "stopped" | "too_large" | "too_many_clients" | "unknown_address" | "unknown_client" | "unknown_file" | "unknown_meeting" | "unknown_page" | "unknown_session" | "unknown_source" | "unknown_venue" | "wrong_meeting" | "wrong_role" | "wrong_venue";

export type JournalKind = "opened" | "roster" | "started" | "ended" | "closed" | "loss_accepted" | "joined" | "preview" | "programme" | "slate" | "floor_opened" | "floor_closed" | "call_on" | "call_on_ended" | "raised" | "withdrawn" | "dropped" | "item" | "unchanged" | "clock_jumped";

export type LogCondition = "ok" | "slow" | "shut";

export type LogCause = "disk_full" | "read_only" | "io_error" | "hangs" | "fenced" | "damaged" | "folder_gone" | "broke";

export type MicrophoneReport = "open" | "closed" | "missing";

export type CameraFault = "refused" | "missing" | "in_use";

export type Act = { "start": Record<symbol, never> } | { "end": Record<symbol, never> } | { "preview": { 
/**
 * The source, or null to empty the preview.
 */
source: string | null, } } | { "take": { 
/**
 * Refuses the take if the preview is another source by now.
 */
expect_preview?: string, } } | { "slate": Record<symbol, never> } | { "call_on": { 
/**
 * The venue called.
 */
venue: string, 
/**
 * Its source; the first if left out.
 */
source?: string, 
/**
 * Who speaks.
 */
person?: string, 
/**
 * Seconds until the timer says that time is up; it does nothing else.
 */
limit_s?: number, 
/**
 * The request this gives the floor to.
 */
request?: string, } } | { "end_call_on": Record<symbol, never> } | { "open_floor": { 
/**
 * Whose.
 */
venue: string, } } | { "close_floor": { 
/**
 * Whose.
 */
venue: string, } } | { "mute_all": Record<symbol, never> } | { "raise": { 
/**
 * Who would speak.
 */
person?: string, 
/**
 * What for; a speech if left out.
 */
kind?: RequestKind, } } | { "withdraw": Record<symbol, never> } | { "drop": { 
/**
 * Which.
 */
request: string, } } | { "item": { 
/**
 * Which.
 */
item: string, } } | { "acknowledge": { 
/**
 * Which.
 */
alarm: string, } };

export type ClientFrame = { "k": "hello", 
/**
 * [`crate::VERSION`].
 */
v: number, 
/**
 * The token of the link.
 */
token: string, 
/**
 * The name the server gave this page before, when it comes back.
 */
client?: string, 
/**
 * What the page has already.
 */
have?: Have, } | { "k": "ready", 
/**
 * Revision shown.
 */
rev: number, } | { "k": "resync" } | { "k": "cmd", 
/**
 * Chosen by the client; a repeat gets the first answer.
 */
key: string, 
/**
 * The act.
 */
do: Act, 
/**
 * `n` of the last tick that the client had seen when its user acted: a command that is over 3 s old by that is not done (R16).
 */
seen?: number, } | { "k": "report" } & Report | { "k": "view", 
/**
 * Null leaves a line dark.
 */
lines: Array<string | null>, };

export type Have = { 
/**
 * Life of the server process it was told by.
 */
boot: string, 
/**
 * Revision.
 */
rev: number, };

export type Report = { 
/**
 * Level of the microphone before the gate, in dBov, 0 loudest to -127.
 */
level?: number, 
/**
 * What the page does with its microphone.
 */
microphone?: MicrophoneReport, 
/**
 * Whether the browser plays sound.
 */
sound?: SoundReport, 
/**
 * The page is hidden.
 */
hidden?: boolean, 
/**
 * What the camera gives.
 */
camera?: CameraReport, 
/**
 * Why there is no camera; null: nothing is wrong with it.
 */
camera_fault?: CameraFault | null, };

export type SoundReport = "on" | "blocked";

export type CameraReport = { 
/**
 * Pixels; 0 when the camera is missing.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * Frames per second.
 */
fps: number, };

export type You = { 
/**
 * Role of the token.
 */
role: Role, 
/**
 * Venue of the token, of a venue.
 */
venue?: string, 
/**
 * The acts that are allowed.
 */
may: Array<ActKind>, };

export type ServerFrame = { "k": "snapshot", 
/**
 * Life of the server process.
 */
boot: string, 
/**
 * Revision of what this process has published.
 */
rev: number, 
/**
 * The client's name, to be said again on return and in `Onehall-Client`.
 */
client: string, 
/**
 * Server time.
 */
at: number, 
/**
 * All sections.
 */
state: Sections, 
/**
 * Who the client is.
 */
you: You, } | { "k": "delta", 
/**
 * Life of the server process.
 */
boot: string, 
/**
 * Revision this follows on.
 */
from: number, 
/**
 * Revision afterwards.
 */
to: number, 
/**
 * The sections.
 */
set: Sections, } | { "k": "tick", 
/**
 * Server time.
 */
at: number, 
/**
 * Milliseconds since the server process began, by the clock of which commands say with `seen` how old they are.
 */
n: number, } | { "k": "ack", 
/**
 * Of the command.
 */
key: string, 
/**
 * Sequence of its last event.
 */
seq: number, 
/**
 * When it took effect.
 */
at: number, } | { "k": "closed_unlogged", 
/**
 * Of the command.
 */
key: string, 
/**
 * When it took effect.
 */
at: number, 
/**
 * It is kept beside the log, so that a restart opens nothing again.
 */
kept: boolean, 
/**
 * Of `end`: false, since every branch is closed and the meeting has not ended; it must be asked for again when the log is back.
 */
ended?: boolean, } | { "k": "refused", 
/**
 * Of the command.
 */
key: string, 
/**
 * Why.
 */
code: RefusalCode, 
/**
 * What stands in the way: a venue, a source or a request.
 */
holder?: string, 
/**
 * Which roles may.
 */
may?: Array<Role>, } | { "k": "replaced", 
/**
 * Which.
 */
source: string, } | { "k": "error", 
/**
 * What was wrong.
 */
code: ErrorCode, 
/**
 * What was wrong, for a log.
 */
detail: string, };

export type PersonEntry = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: Text, };

export type MeetingSection = { 
/**
 * Id.
 */
id: string, 
/**
 * Title. It may have two line breaks, by sense; a place of one line shows a space for each.
 */
title: Text, 
/**
 * Where the meeting is.
 */
phase: Phase, 
/**
 * Planned start.
 */
planned_start: number | null, 
/**
 * Started.
 */
started_at: number | null, 
/**
 * Ended.
 */
ended_at: number | null, 
/**
 * The chair's venue.
 */
chair_venue: string, 
/**
 * Who chairs, for whom the desk acts.
 */
chair: string | null, 
/**
 * Whom a venue rings.
 */
contact: Contact | null, 
/**
 * Video codec of the meeting.
 */
codec: Codec, 
/**
 * The time zone in which its hours are meant, by its name in the tz database.
 */
zone: string, 
/**
 * Whether the log takes what happens. While it is shut, nothing can be done but closing.
 */
log: LogCondition, 
/**
 * Why it is shut.
 */
cause: LogCause | null, 
/**
 * Since when it is shut.
 */
log_since: number | null, 
/**
 * The desks that are open; for director and chair alone.
 */
desks?: Array<Desk>, };

export type Contact = { 
/**
 * Name.
 */
name: Text, 
/**
 * Telephone number, as one dials it.
 */
phone: string, };

export type Desk = { 
/**
 * The name of its page, which the snapshot gave it.
 */
client: string, 
/**
 * In which role.
 */
role: Role, 
/**
 * Since.
 */
since: number, };

export type DirectorySection = { 
/**
 * Rises when it changes; the level frame names it.
 */
generation: number, 
/**
 * The organisation.
 */
organisation: Text, 
/**
 * Names of the tiers, the upper first.
 */
tiers: Array<Text>, 
/**
 * Units, each after its upper one.
 */
units: Array<UnitEntry>, 
/**
 * Venues of this meeting.
 */
venues: Array<VenueEntry>, 
/**
 * People that the meeting names.
 */
people: { [key in string]: Text }, };

export type UnitEntry = { 
/**
 * Id.
 */
id: string, 
/**
 * Upper unit.
 */
upper: string | null, 
/**
 * Tier, 0 the upper one.
 */
tier: number, 
/**
 * Name.
 */
name: Text, 
/**
 * Short name.
 */
short: Text, };

export type VenueEntry = { 
/**
 * Id.
 */
id: string, 
/**
 * Unit whose room it is.
 */
unit: string, 
/**
 * Tier of that unit.
 */
tier: number, 
/**
 * Full name.
 */
name: Text, 
/**
 * At most 12 columns: a Han character takes two, a letter one.
 */
short: Text, 
/**
 * Camera positions, the first first.
 */
sources: Array<SourceEntry>, 
/**
 * Who stands at the machine. Operators alone are told.
 */
technician?: Contact, 
/**
 * What a search finds it by: code, names, pinyin and its initials, lower case.
 */
search?: Array<string>, };

export type SourceEntry = { 
/**
 * Id.
 */
id: string, 
/**
 * Name, as in "podium".
 */
name: Text, };

export type Scene = { "kind": "slate" } | { "kind": "full", 
/**
 * Which.
 */
source: string, };

export type ProgrammeSection = { 
/**
 * Decided.
 */
scene: Scene, 
/**
 * What the hop shows: this is on air.
 */
shown: Scene, 
/**
 * Since when the hop shows it.
 */
shown_at: number, 
/**
 * The decided source gives no picture, so the slate is shown, or the old picture stays.
 */
waiting: boolean, };

export type PreviewSection = { 
/**
 * The source.
 */
source: string | null, 
/**
 * It came here by a take and is untold until touched.
 */
held: boolean, 
/**
 * A picture of it can be decoded now.
 */
ready: boolean, };

export type FloorSection = { 
/**
 * Leases, the chair's first, then in the order of opening.
 */
open: Array<LeaseEntry>, };

export type LeaseEntry = { 
/**
 * Whose.
 */
venue: string, 
/**
 * Why.
 */
kind: LeaseKind, 
/**
 * Since.
 */
since: number, };

export type CallOnSection = { 
/**
 * Null when none runs.
 */
running: CallOnEntry | null, };

export type CallOnEntry = { 
/**
 * The venue called.
 */
venue: string, 
/**
 * Its source.
 */
source: string, 
/**
 * Who speaks.
 */
person: string | null, 
/**
 * The request it answers.
 */
request: string | null, 
/**
 * Began.
 */
began: number, 
/**
 * Seconds; the timer does nothing but say so.
 */
limit_s: number | null, };

export type QueueSection = { 
/**
 * In order; a place is the index plus one among those that wait.
 */
requests: Array<QueueEntry>, };

export type QueueEntry = { 
/**
 * Id.
 */
request: string, 
/**
 * Whose.
 */
venue: string, 
/**
 * Who would speak.
 */
person: string | null, 
/**
 * What for.
 */
kind: RequestKind, 
/**
 * Since.
 */
since: number, 
/**
 * It has the floor.
 */
speaking: boolean, 
/**
 * Seconds that its venue has spoken on call-ons before.
 */
spoken_s: number, };

export type RundownSection = { 
/**
 * In order.
 */
items: Array<ItemEntry>, 
/**
 * The current one.
 */
current: string | null, 
/**
 * Since when.
 */
since: number | null, };

export type ItemEntry = { 
/**
 * Id.
 */
id: string, 
/**
 * Title.
 */
title: Text, 
/**
 * Planned minutes.
 */
minutes: number, 
/**
 * Planned start.
 */
start: number | null, 
/**
 * Who speaks.
 */
person: string | null, 
/**
 * Where.
 */
venue: string | null, 
/**
 * When it began, if it did.
 */
began: number | null, };

export type SummarySection = { 
/**
 * Null until the meeting has ended.
 */
done: Summary | null, };

export type Summary = { 
/**
 * When it began.
 */
from: number, 
/**
 * When it ended.
 */
to: number, 
/**
 * Items as they were held; one that was come back to is there twice.
 */
items: Array<SummaryItem>, 
/**
 * Call-ons, one after another.
 */
speeches: Array<SummarySpeech>, 
/**
 * Venues that joined.
 */
venues: number, 
/**
 * Venues that were to take part.
 */
expected: number, };

export type SummaryItem = { 
/**
 * Which.
 */
item: string, 
/**
 * When it began.
 */
began: number, 
/**
 * When it ended.
 */
ended: number, };

export type SummarySpeech = { 
/**
 * The venue called.
 */
venue: string, 
/**
 * Who spoke.
 */
person: string | null, 
/**
 * When it began.
 */
began: number, 
/**
 * How long it took.
 */
seconds: number, 
/**
 * The item at which it began.
 */
item: string | null, };

export type AlarmsSection = { 
/**
 * The alarms, one card each.
 */
alarms: Array<AlarmEntry>, 
/**
 * Venues whose picture arrives.
 */
pictures: number, 
/**
 * Gates open at the hop.
 */
gates_open: number, 
/**
 * Audio packets dropped for want of a lease, since the process began.
 */
dropped: number, 
/**
 * When the last alarm cleared.
 */
cleared_at: number | null, };

export type AlarmEntry = { 
/**
 * Stays the same while the alarm lasts.
 */
id: string, 
/**
 * What it is.
 */
code: AlarmCode, 
/**
 * The venues it is about, in rank order.
 */
venues: Array<string>, 
/**
 * The upper unit they share, if it is about all of them.
 */
unit: string | null, 
/**
 * The source it is about, where it is about one and not about the venue.
 */
source: string | null, 
/**
 * Since.
 */
since: number, 
/**
 * Its number, in the unit that the code says; below 0 for a clock that went back.
 */
value: number | null, 
/**
 * Who has seen to it.
 */
acknowledged: AcknowledgedEntry | null, };

export type AcknowledgedEntry = { 
/**
 * In which role.
 */
by: Role, 
/**
 * When.
 */
at: number, };

export type JournalSection = { 
/**
 * The lines.
 */
lines: Array<JournalLine>, 
/**
 * What closed and is not in the log yet, the newest first; their `seq` is 0.
 */
unlogged: Array<JournalLine>, };

export type JournalLine = { 
/**
 * Sequence of the event.
 */
seq: number, 
/**
 * When.
 */
at: number, 
/**
 * What it tells.
 */
kind: JournalKind, 
/**
 * Who did it: a role, or `server`.
 */
actor: string, 
/**
 * About which venue.
 */
venue: string | null, 
/**
 * About which source.
 */
source: string | null, 
/**
 * About whom.
 */
person: string | null, 
/**
 * About which item.
 */
item: string | null, };

export type NodeSection = { 
/**
 * Clients on the control connection.
 */
clients: number, 
/**
 * Media sessions.
 */
sessions: number, 
/**
 * Audio packets dropped for want of a lease.
 */
dropped: number, 
/**
 * Kilobits per second that come in.
 */
in_kbps: number, 
/**
 * Kilobits per second that go out.
 */
out_kbps: number, };

export type VenueSection = { 
/**
 * Health.
 */
state: VenueState, 
/**
 * Why it is `warn`.
 */
reason: AlarmCode | null, 
/**
 * Since when it is in that state.
 */
since: number | null, 
/**
 * The strongest of its sources.
 */
tally: Tally, 
/**
 * The gate, as the hop reports it.
 */
gate: Gate, 
/**
 * The log grants it a lease, and it was not closed since.
 */
lease: boolean, 
/**
 * Its microphone was closed, and that is not in the log yet.
 */
withheld: boolean, 
/**
 * If its link is lost, when the lease will be revoked.
 */
lease_until: number | null, 
/**
 * Place among those that wait to speak, from 1.
 */
hand: number | null, 
/**
 * Its request has the floor.
 */
speaking: boolean, 
/**
 * Quality of its link.
 */
quality: Quality, 
/**
 * What its return line carries while it is next or on air: the slate, where the source meant for it gives no picture.
 */
returned: Scene, 
/**
 * Sources in the order of the directory.
 */
sources: Array<SourceSection>, 
/**
 * Audio packets dropped for want of a lease.
 */
dropped: number, 
/**
 * What its page reports.
 */
report: ReportEntry | null, };

export type VenueState = "ok" | "warn" | "lost" | "absent";

export type Tally = "none" | "held" | "next" | "air";

export type Gate = "open" | "closed";

export type Quality = "good" | "fair" | "poor" | "lost";

export type SourceSection = { 
/**
 * Which.
 */
id: string, 
/**
 * Its tally.
 */
tally: Tally, 
/**
 * A picture arrives.
 */
live: boolean, 
/**
 * Height in pixels of the layers that arrive, the lowest first.
 */
layers: Array<number>, 
/**
 * The page that publishes it; null if nobody does, or an encoder that is no page.
 */
published_by: string | null, };

export type ReportEntry = { 
/**
 * Microphone.
 */
microphone: MicrophoneReport | null, 
/**
 * Sound.
 */
sound: SoundReport | null, 
/**
 * Hidden.
 */
hidden: boolean, 
/**
 * Camera size, width and height in pixels, and frames per second.
 */
camera: [number, number, number] | null, 
/**
 * Why there is no camera.
 */
camera_fault: CameraFault | null, };

/** A text by language. Chinese and English are always there, empty where it has none; further languages follow by tag. */
export type Text = { zh: string, en: string, [language: string]: string };

/** Sections by name; in a snapshot all that the role sees, in a delta those that changed. */
export type Sections = { meeting?: MeetingSection, directory?: DirectorySection, programme?: ProgrammeSection, preview?: PreviewSection, floor?: FloorSection, call_on?: CallOnSection, queue?: QueueSection, rundown?: RundownSection, summary?: SummarySection, alarms?: AlarmsSection, journal?: JournalSection, node?: NodeSection } & { [venue: `venue:${string}`]: VenueSection };
