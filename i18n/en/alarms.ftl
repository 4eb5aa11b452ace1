# Alarms. $venue is a short name, $number a value; "-short" is for chips, "-does" says what the system does or one can do.

alarm-short-lost = lost
alarm-short-no-picture = no picture
alarm-short-microphone-disagrees = mic differs
alarm-short-camera-refused = cam. refused
alarm-short-camera-missing = no camera
alarm-short-camera-in-use = cam. in use
alarm-short-audio-dropped = stray sound
alarm-short-silent = silent
alarm-short-sound-blocked = no sound
alarm-short-page-hidden = hidden
alarm-short-loss = loss
alarm-short-packets-too-large = big packets

alarm-lost = { $venue } lost{ $number }
alarm-no-picture = { $venue } waits for picture{ $number }
alarm-microphone-disagrees = { $venue } mic state differs{ $number }
alarm-camera-refused = { $venue } camera refused{ $number }
alarm-camera-missing = { $venue } no camera found{ $number }
alarm-camera-in-use = { $venue } camera in use{ $number }
alarm-audio-dropped = { $venue } sends sound { $number }
alarm-silent = { $venue } silent { $number }
alarm-sound-blocked = { $venue } sound blocked{ $number }
alarm-page-hidden = { $venue } page hidden{ $number }
alarm-loss = { $venue } loss { $number }
alarm-packets-too-large = { $venue } packets too large { $number }
alarm-most = { $count } of { $all } venues { $what }
alarm-many = { $place }: { $count } venues { $what }

alarm-lost-does = reconnecting by itself, floor kept
alarm-no-picture-does = the old picture stays
alarm-microphone-disagrees-does = the server's word counts; ring them
alarm-camera-refused-does = allow it at the padlock, then reload
alarm-camera-missing-does = check its cable; it comes by itself
alarm-camera-in-use-does = close the other program
alarm-audio-dropped-does = dropped, nobody hears it
alarm-silent-does = has the floor; ring them
alarm-sound-blocked-does = touch the hall screen
alarm-page-hidden-does = show the venue page again
alarm-loss-does = less picture, sound first
alarm-packets-too-large-does = dropped; set mtu or pkt_size of the encoder to 1200
alarm-most-does = look at our own line first
alarm-since = Since { $time }; { $does }
