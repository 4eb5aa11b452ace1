# Technician's page.

tech = Technician
tech-title = { $state } · { $venue }, technician

tech-band = Where this venue is
tech-band-idle = Connecting
tech-band-waiting = Waiting
tech-band-watching = Watching
tech-band-held = May return
tech-band-next = You are next
tech-band-air = On air
tech-band-ended = Meeting ended
tech-band-lost = Link lost
tech-band-hall-lost = Hall screen lost
tech-band-gone = Not in the meeting
tech-band-hall-back = Reconnecting

tech-say-waiting = The meeting has not begun; microphone closed
tech-say-watching = This venue is not on air
tech-say-held = This venue was on air and may be shown again at once
tech-say-next = This venue goes on air next
tech-say-seen-heard = Everybody sees and hears this venue
tech-say-seen = Everybody sees this venue, nobody hears it
tech-say-heard = Everybody hears this venue, its picture is not on air
tech-say-ended = Microphone closed, you may leave
tech-say-lost = Since { $time }. Reconnecting by itself, try { $attempt }; nothing to do.
tech-say-hall-lost = Since { $time } no picture or sound arrives from here. Check the hall computer and its line.
tech-say-hall-back = The server has just come back; the hall screen connects again by itself.
tech-say-gone = This venue is no longer in the meeting. Ring control if it should be.
tech-say-absent = The hall screen has not joined. Open the venue's link on the hall computer.

tech-mark-air = ON AIR 播出
tech-mark-next = NEXT 预备
tech-mark-left = { $time } left
tech-mark-last = Last minute { $time }
tech-mark-over = { $time } over
tech-time-last = One minute left.
tech-time-over = The time is up.
tech-mark-hand = In queue: { $place }

tech-programme = Programme
tech-return = Return
tech-return-note = seen while on air
tech-return-later = shown when next or on air
tech-self = Self view
tech-self-size = { $width }×{ $height }, { $fps } fps
tech-return-slate = Slate: no picture to return
tech-source = { $venue }, { $source }
tech-source-own = { $venue } (this venue)
tech-slate = Slate
tech-slate-lost = No picture reaches this page
tech-no-picture = No picture

tech-levels = Levels
tech-level-mic = Mic
tech-level-programme = Prog.
tech-db = { $level } dB
tech-silent = silent
tech-listen = Listen
tech-listening = Stop listening
tech-listen-blocked = Press to listen

tech-mic-open = Microphone open
tech-mic-open-chair = Opened by the chair; everybody hears it.
tech-mic-open-standing = The chair's venue stays open; everybody hears it.
tech-mic-open-missing = The hall screen finds no microphone; nobody hears it.
tech-mic-closed = Microphone closed
tech-mic-closed-chair = Closed by the chair; call-on opens it.
tech-mic-closed-before = Microphones stay closed before the meeting.
tech-mic-closed-after = Microphones are closed after the meeting.
tech-mic-withheld = Closed by control; not yet in the log.
tech-mic-disagrees = Microphone state unclear
tech-mic-disagrees-do = Server and hall screen report different states: ring control.
tech-mic-opening = Microphone opening
tech-mic-opening-note = The chair has opened it; waiting for the server.
tech-mic-as-of-open = Microphone: open as of { $time }
tech-mic-as-of-closed = Microphone: closed as of { $time }
tech-mic-kept = The floor is kept until { $time }, then taken back.
tech-mic-back = Shown again when the link is back.

tech-rundown = Coming up
tech-rundown-held = Rundown
tech-rundown-as-of = Coming up (as of { $time })
tech-rundown-none = This meeting has no rundown.
tech-item = { $venue }: { $person }, { $title }
tech-item-venue = { $venue }: { $title }
tech-item-own = This venue: { $person }, { $title }
tech-item-own-venue = This venue: { $title }
tech-left = { $time } left
tech-over = { $time } over
tech-item-done = done
tech-minutes = { $minutes } min

tech-ring = Ring first: { $name }
tech-phone = Tel. { $phone }
tech-ring-none = The upper venue has given no number.

tech-ask = Ask to speak
tech-ask-kind = What for
tech-ask-lost = Ask to speak, when back
tech-ask-shut = Ask to speak: not offered now
tech-ask-before = Ask to speak, once it begins
tech-ask-speaking = You have the floor
tech-withdraw = Withdraw request, place { $place }
tech-taken-off = Control has taken your request off at { $time }
tech-seen = Seen
tech-unconfirmed = not confirmed
tech-not-known = Not known whether it was done: see whether this venue stands in the queue.
tech-shut = The server cannot write its log, so nobody can ask or withdraw now. Ring control if it is urgent.
tech-again = Try again

tech-line = Line { $quality ->
    [good] good
    [fair] fair
    [poor] poor
    [idle] idle
   *[lost] lost
  }
tech-line-down = Down { $width }×{ $height }, { $fps } fps
tech-line-no-picture = No picture comes down
tech-line-up = Up { $layers } lines
tech-line-up-none = No picture goes up
tech-line-lost = Last heard { $time }, { $span } ago
tech-say-camera = { $fault ->
    [refused] The hall screen may not use its camera.
    [in_use] Another program uses the hall's camera.
   *[missing] The hall computer finds no camera.
  }
tech-camera-do = { $fault ->
    [refused] At the hall computer press the padlock left of the address, allow camera and microphone, then load the page again.
    [in_use] Close that program at the hall computer; the camera is then used by itself.
   *[missing] Plug it in and switch it on; it is then used by itself.
  }
tech-sound-blocked = Hall sound is off: touch the hall screen
tech-hidden = The hall page is covered
tech-clock-wrong = { $way ->
    [fast] The clock of this computer is wrong by { $by }: fast. The page shows server time.
   *[slow] The clock of this computer is wrong by { $by }: slow. The page shows server time.
  }

tech-log = Venue log
tech-log-none = Nothing yet.
