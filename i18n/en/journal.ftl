# Lines of the meeting's log.

journal-opened = Run opened
journal-started = Meeting started
journal-ended = Meeting ended
journal-closed = Run closed
journal-loss-accepted = Log goes on without events that were lost
journal-joined = { $venue } joined
journal-preview = { $source } to preview
journal-preview-empty = Preview emptied
journal-programme = Take: { $source }
journal-slate = Take: slate
journal-floor-opened = { $venue } mic open
journal-floor-closed = { $venue } mic closed
journal-call-on = Call-on: { $venue } { $person }
journal-call-on-ended = Speech ended: { $venue }
journal-raised = { $venue } asks to speak { $person }
journal-withdrawn = { $venue } withdraws
journal-dropped = Request dropped: { $venue }
journal-item = Item begins: { $item }
journal-roster = Roster changed
journal-unchanged = Repeated command, nothing changed
journal-clock-jumped = Clock of the server jumped
journal-to-be-entered = to be entered
journal-by-server = { $said } (server)
