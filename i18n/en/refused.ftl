# Why an act was refused: who holds what, what to do. $holder is a venue, a source or a person by name.

refused-no-right = This page may not do that.
refused-no-right-who = Only { $roles } may do that.
refused-not-started = The meeting has not begun.
refused-already-started = The meeting has begun already.
refused-ended = The meeting has ended.
refused-unknown-source = That source is not in this meeting.
refused-unknown-venue = That venue is not in this meeting.
refused-unknown-person = That person is not in this meeting.
refused-unknown-request = That request is gone.
refused-unknown-item = That item is not in the rundown.
refused-unknown-alarm = That alarm has cleared.
refused-preview-changed = Another source came into preview: look again, then take.
refused-preview-empty = Preview is empty: choose a source first.
refused-floor-held = { $holder } has the floor: end that speech first.
refused-floor-full = Four microphones are open: close one first.
refused-no-call-on = No call-on runs.
refused-already-waiting = The request stands in the queue already.
refused-not-waiting = No request of this venue waits.
refused-bad-limit = That time limit is not possible.
refused-key-reused = That press was another command already: press again.
refused-too-often = That was done too often: wait ten seconds, then press again.
refused-busy = Not done: the server could not take it. Press again if it is still wanted.
refused-unconfirmed = Not known whether it was done: look at what is on air and whose microphone is open.

role-director = the director
role-chair = the chair
role-venue = the venue
role-watcher = a watcher
