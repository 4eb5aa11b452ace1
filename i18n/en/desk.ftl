# The director's desk.

desk-title = { $state } · Desk · { $meeting }
desk-title-air = ● ON AIR { $source }
desk-title-idle = Slate
desk-title-ended = Ended
desk-list-join = {", "}
desk-source = { $venue }, { $source }
desk-caption-under = { $venue }, { $item }
desk-close = Close
desk-cancel = Cancel
desk-retry = Retry
desk-dismiss = Dismiss

# Top bar
desk-start = Start
desk-start-hold = Hold to start
desk-start-sure = Start the meeting now?
desk-end = End
desk-end-hold = Hold to end
desk-end-sure = End the meeting?
desk-end-sure-shut = Close every branch? Ends only when pressed again later.
desk-end-shut = Closes every branch at once. The log cannot be written: the meeting ends when this is pressed again afterwards.
desk-answer-how = Click, or hold the key for 1 s
desk-elapsed = Running { $time }
desk-planned = planned { $time }
desk-ended-at = Ended at { $time }
desk-item-of = Item { $number }/{ $all } { $title }
desk-item-none = Item –/{ $all }
desk-venues = Venues { $here }/{ $all }
desk-alarms-top = Alarms { $count }
desk-top-log-stopped = Log stopped { $time }
desk-link-lost = Link to the server lost for { $time }
desk-link-as-of = State as of { $time }; commands are off. Reconnecting by itself, nothing to do.
desk-loading = Fetching the state of the meeting…
desk-loading-long = The server does not answer; trying again by itself. Check the network, or load the page again.
desk-reload = Load again

# Monitors
desk-next = Preview
desk-air = Programme
desk-held = HELD
desk-held-why = was on air, venue untold
desk-enter-loads = Enter loads
desk-preview-empty = Preview is empty
desk-preview-empty-do = Press a venue, or a key from 1 to 9
desk-lost-for = { $venue } lost { $time }
desk-lost-since = Since { $time }; reconnecting by itself
desk-no-picture-of = { $venue }: no picture
desk-no-picture-do = TAKE opens when a picture comes
desk-never-joined = Has not joined this run
desk-picture-facts = { $size }, { $fps } fps, { $age } s
desk-slate-both = SLATE 垫片
desk-slate-shown = Slate
desk-slate-why = All venues see the slate; microphones unchanged
desk-slate-before = Not started: all venues see the slate
desk-waiting-for = waiting for { $source }
desk-on-for = on for { $time }
desk-speech-left = { $time } left
desk-speech-over = over by { $time }
desk-no-monitor = No programme picture at this desk
desk-media-off = Media not connected yet
desk-media-opening = Connecting media
desk-media-up = Waiting for a picture
desk-media-lost = Media link lost, reconnecting; venues are not affected
desk-open-mics = { $count } open: { $names }
desk-open-none = No open microphone
desk-mics-short = { $open } open; { $closed } closed, not in the log yet
desk-withheld-mics = {"; "}closed, not in the log yet: { $names }
desk-level = Level of the open microphones
desk-sound = Hear the programme
desk-sound-on = Sound
desk-sound-off = Sound
desk-sound-blocked = Touch
desk-mute-all = Mute all

# Take
desk-take-column = Take
desk-take = TAKE
desk-key-space = Space
desk-key-keypad = Keypad Enter
desk-take-no-right = This desk may not take
desk-take-not-live = The meeting is not running
desk-barred = not offered now: the log cannot be written
desk-take-log-shut = The log cannot be written: not now
desk-take-empty = Preview is empty
desk-take-no-picture = No preview picture
desk-take-on-air = Already on air
desk-take-force = hold 1 s to force
desk-space-elsewhere = is elsewhere; Esc gives it back
desk-space-off = keys are off
desk-link-off = Link lost
desk-slate = SLATE
desk-slate-hold = hold 0.5 s
desk-slate-stays = no way back yet
desk-main = Main to next
desk-favourites = Favourites
desk-favourite-none = empty
desk-sources = All sources
desk-sources-count = { $count } in all

# Wall
desk-wall = Wall
desk-wall-of = { $count ->
    [one] { $count } venue
   *[other] { $count } venues
  }
desk-connected = connected
desk-filter = Filter
desk-filter-all = All
desk-filter-alarms = In alarm
desk-filter-hands = Hands
desk-filter-absent = Absent
desk-order = Order
desk-order-place = Place
desk-order-worst = Worst
desk-order-as-of = as of { $time }
desk-search = Code, name, pinyin
desk-traffic = in { $up }, out { $down } Mb/s
desk-wall-none = No venue passes the filter.
desk-wall-none-found = Nothing found for "{ $query }".
desk-wall-shown = { $count } of { $all } shown
desk-wall-show-all = Show all
desk-wall-below = { $count ->
    [one] 1 row below
   *[other] { $count } rows below
  }
desk-wall-above = { $count ->
    [one] 1 row above
   *[other] { $count } rows above
  }
desk-card-load = Choose a source or press Enter to see it
desk-card-no-technician = No technician on file
desk-card-sources = Sources
desk-call-on = Call-on
desk-call-on-of = Call-on { $venue }
desk-speaker-asked = as asked: { $name }
desk-speaker-item = by the item: { $name }
desk-queue-kind = { $kind }, { $rest }
desk-queue-kind-short = { $kind } { $time }
desk-limit = Speaking time of the next call-on
desk-limit-item = item: { $count } min
desk-limit-no-item = item: none runs
desk-limit-none = no limit
desk-floor-open = Open mic
desk-floor-close = Close mic
desk-floor-open-of = Open mic: { $venue }
desk-floor-close-of = Close mic: { $venue }
desk-floor-chair = Chair's mic stays open
desk-pin = Key
desk-pin-none = none
desk-pin-of = Favourite key of { $source }
desk-preview-act = Preview
desk-preview-of = { $source } to preview
desk-fact-line = Line
desk-fact-mic = Mic
desk-fact-page = Screen
desk-camera-refused = camera not allowed in the browser
desk-camera-missing = no camera found
desk-camera-in-use = camera used by another program
desk-fact-kept = floor kept until { $time }
desk-fact-withheld = closed, not yet in the log
desk-fact-dropped = { $count ->
    [one] { $count } packet dropped
   *[other] { $count } packets dropped
  }
desk-page-none = no report
desk-page-mic-open = mic sends
desk-page-mic-closed = mic silent
desk-page-mic-missing = mic missing
desk-page-sound-blocked = sound blocked
desk-page-hidden = page hidden
desk-page-camera = camera { $size } { $fps } fps

# Rail
desk-now = Now
desk-now-before = The meeting has not started.
desk-now-starts = Planned for { $time }, in { $left }.
desk-now-due = Planned for { $time }, which is now: hold "start" above.
desk-now-none = No item runs. "Next item" begins one.
desk-now-nobody = No item runs.
desk-now-ended = Ended at { $time }; all microphones are closed.
desk-left = { $time } left
desk-over = { $time } over
desk-call-left = call-on, { $time } left
desk-call-over = call-on, { $time } over
desk-item-left = item, { $time } left
desk-item-over = item, { $time } over
desk-last-minute-short = last minute { $time }
desk-last-minute = last minute, { $time } left
desk-end-speech = End speech
desk-queue = Queue
desk-queue-more = { $count }, { $below } below
desk-queue-empty = No one asks to speak. Venues use key S on the technician's page.
desk-queue-waits = waiting { $time }, not yet spoken
desk-queue-waits-spoken = waiting { $time }, spoken { $spoken }
desk-queue-short = waiting { $time }
desk-queue-short-spoken = { $time }, spoken { $spoken }
desk-give = Give
desk-drop = Drop
desk-drop-of = Drop the request of { $venue }
desk-alarms = Alarms
desk-alarms-count = { $count }, on { $venues ->
    [one] { $venues } venue
   *[other] { $venues } venues
  }
desk-alarms-more = { $count } more below
desk-alarms-count-server = { $count }, of the server
desk-alarms-above = { $count } more above
desk-alarms-none = No alarms.
desk-alarms-cleared = No alarms. The last one cleared at { $time }.
desk-alarm-show = Show
desk-acknowledge = Acknowledge
desk-acknowledge-short = Ack
desk-acknowledged = Seen by { $who } { $time }
desk-acknowledged-short = Seen { $time }
desk-health-pictures = Pictures
desk-health-of = { $count } of { $all }
desk-health-gates = Microphones
desk-health-open = { $count } open
desk-health-dropped = Dropped audio
desk-health-packets = { $count ->
    [one] { $count } packet
   *[other] { $count } packets
  }
desk-rundown = Rundown
desk-rundown-end = ends { $time }
desk-rundown-below = { $below } below
desk-rundown-end-below = ends { $time }, { $below } below
desk-rundown-short-below = { $time }, { $below } below
desk-rundown-none = There is no rundown.
desk-next-item = Next item
desk-previous-item = Previous item
desk-item-choose = Go on to { $title }
desk-item-back = Back to { $title }
desk-item-shift = { $does }; Shift: back to { $back }
desk-item-done = done
desk-minutes = { $count } min
desk-log = Log
desk-log-stopped = stopped at { $time }

# Footer and remarks
desk-keys = Keys
desk-keys-on = Keys on
desk-keys-off = Keys off
desk-keys-when = They do nothing in fields and while an input method composes. Space is TAKE, unless Tab went to a control: then it presses that, the cap on TAKE is dashed, and Esc gives it back. The footer switches them off.
desk-key-take = Take
desk-key-favourite = Favourite to preview
desk-key-preview = Selected venue to preview
desk-key-move = Move in the wall
desk-key-main = Main venue to preview
desk-key-slate = Slate (hold 0.5 s)
desk-key-call-on = Call on what is in preview (hold 0.3 s)
desk-key-next-speaker = First in the queue to preview
desk-key-end-speech = End speech (hold 0.3 s)
desk-key-mute-all = Mute all (hold 0.3 s)
desk-key-acknowledge = Acknowledge the top alarm
desk-key-letters = two letters
desk-key-search = Search a venue
desk-key-close = Close what is open; no to a question
desk-key-keys = This list
desk-you = You: desk
desk-you-chair = You: chair
desk-acting-for = Chair's control: this desk, for { $chair }
desk-others = { $count ->
    [one] Another desk is open: { $open }
   *[other] { $count } other desks are open: { $open }
  }
desk-other = { $role } since { $time }
desk-clients = Clients { $count }
desk-dropped = Dropped audio { $count }
desk-act-preview = To preview
desk-act-floor = Microphone
desk-remark = { $act }: { $said }
desk-unconfirmed = not confirmed yet
desk-unknown = no answer; see whether the state has changed
desk-closed-unlogged = done, not yet in the log
desk-closed-goes-on = every branch is closed; the meeting goes on until End is pressed again, after the log is back
desk-closed-in-memory = { $done }; kept in memory alone: do not restart the server

# Why a press did nothing, or what it did beside
desk-hint-link = the link is lost; nothing was sent
desk-hint-log-shut = not done: the log cannot be written, and until it can only closing works
desk-hint-no-right = this desk may not
desk-hint-not-live = the meeting is not running
desk-hint-empty = preview is empty; load a venue first
desk-hint-no-picture = no picture of { $name }
desk-hint-on-air = it is on air already
desk-hint-busy = the last press still waits for its answer
desk-hint-rest = two takes are at least 0.3 s apart; not taken again
desk-hint-tapped = hold { $name } for { $count } s
desk-hint-no-act = { $name } does nothing; ? lists the keys
desk-hint-no-favourite = key { $name } has no source
desk-hint-no-selection = no venue is selected; press one on the wall
desk-hint-nobody-waits = no one asks to speak
desk-hint-nobody-speaks = no call-on is running
desk-hint-speech-runs = { $name } speaks; end that speech first (E)
desk-hint-no-alarm = no alarm waits to be acknowledged
desk-hint-none-found = nothing found for "{ $name }"
desk-hint-next-changed = it is { $name } by now, so nothing was done; press again
desk-hint-loaded = { $name } is in preview now; once more calls it
desk-hint-closes = exclusive: closes { $count } ({ $name })
desk-hint-closed = exclusive: { $count } closed ({ $name })
desk-says-air = On air: { $source }
desk-says-next = Next: { $source }
desk-says-queue = Queue { $count }
desk-says-open = Microphone open: { $venue }
desk-says-closed = Microphone closed: { $venue }
desk-says-call = Call-on: { $who }
desk-says-call-over = Speech ended
desk-says-alarm = Alarm: { $what }
desk-says-alarms = { $count } new alarms
desk-says-cleared = No alarms any more
desk-says-cleared-one = Cleared: { $what }
desk-says-cleared-some = { $count } alarms cleared
desk-says-venues = { $count } venues

# After the end
desk-summary = What was held
desk-summary-full = These lists hold the first { $items } items and { $speeches } speeches; the saved log has all.
desk-summary-wait = Fetching what was held…
desk-summary-when = From – to
desk-summary-from-to = { $from } – { $to }
desk-summary-long = Length
desk-summary-joined = Venues that joined
desk-summary-of = { $count } of { $all }
desk-summary-took = took
desk-held-items = Items as held
desk-held-none = No item was begun.
desk-held-began = from
desk-held-item = item
desk-held-planned = planned
desk-held-title = { $number } { $title }
desk-held-again = (again, part { $turn })
desk-spoke = Who spoke
desk-spoke-none = Nobody was called on.
desk-spoke-who = speaker
desk-spoken = Speaking time by venue
desk-spoken-none = No venue was called on.
desk-spoken-venue = venue
desk-spoken-times = times
desk-spoken-all = in all
desk-save = Save the log (CSV)
desk-save-reading = Reading the log, { $count ->
    [one] 1 event
   *[other] { $count } events
  }…
desk-save-done = Saved { $name }, { $count ->
    [one] 1 event
   *[other] { $count } events
  }.
desk-save-link = Not saved: the server does not answer. Check the network and press again.
desk-save-right = Not saved: this link may not read the log, or has expired. Ask for a new one.
desk-save-failed = Not saved: the server could not give the log ({ $code }). Press again in a moment.

# The table of the log
desk-table-time = Time
desk-table-number = No.
desk-table-what = What
desk-table-who = By
desk-table-venue = Venue
desk-table-person = Person
desk-table-of-item = Item
desk-table-detail = Detail
desk-table-opened = Record opened
desk-table-roster = Roster changed
desk-table-started = Meeting started
desk-table-ended = Meeting ended
desk-table-closed = Record closed
desk-table-loss-accepted = Went on without lost events
desk-table-joined = Venue joined
desk-table-preview = To preview
desk-table-programme = On air
desk-table-floor-opened = Microphone opened
desk-table-floor-closed = Microphone closed
desk-table-call-on = Call-on began
desk-table-call-on-ended = Call-on ended
desk-table-raised = Asked to speak
desk-table-speaking = Request answered
desk-table-waits = Request waits again
desk-table-removed = Request left the queue
desk-table-item = Item began
desk-table-unchanged = Repeated command, nothing changed
desk-table-clock-jumped = Clock of the server jumped
desk-table-director = Director
desk-table-chair = Chair
desk-table-watcher = Watcher
desk-table-server = Server
desk-table-for-chair = { $who } for the chair
desk-table-slate = slate
desk-table-held = held
desk-table-empty = emptied
desk-table-standing = of the chair
desk-table-open = opened by hand
desk-table-by-hand = closed by hand
desk-table-exclusive = another venue was called on
desk-table-link-lost = link lost
desk-table-left = left the roster
desk-table-unconfirmed = the log could not be written
desk-table-withdrawn = withdrawn
desk-table-dropped = dropped by control
desk-table-spoken = has spoken
desk-table-limit = limit { $time }
desk-table-effective = took effect { $time }
desk-table-jumped = by { $count } s
desk-table-counts = venues { $venues }, items { $items }
desk-table-lost = last stored number { $had }, last there { $has }
