# Hall screen. The audience sees the meeting's title, the venue, the time and name captions, nothing else.

hall = Hall screen
hall-programme = Programme
hall-return = Return picture
hall-touch = Touch to turn on sound
hall-elsewhere = This venue is shown in another window
hall-show-here = Show here
hall-state = { $phase ->
    [idle] Connecting
    [waiting] Waiting
    [watching] Watching
    [next] NEXT
    [on-air] ● ON AIR
   *[ended] Ended
  }
hall-title = { $state } · { $venue }
