# Watcher page.

watch = Watch
watch-title = { $state } · { $meeting }
watch-state-idle = Connecting
watch-state-waiting = Not begun
watch-state-live = Live
watch-state-ended = Ended
watch-picture = Programme
watch-player = Player
watch-sound-on = Turn on sound
watch-sound-off = Turn off sound
watch-volume = Volume
watch-live = Live
watch-full = Full screen
watch-full-leave = Leave full screen
watch-reconnecting = Picture lost, reconnecting by itself
watch-wait = Please wait, the picture comes shortly
watch-agenda = Agenda
watch-agenda-none = No agenda has been published.
watch-item = Item { $number } { $title }
watch-item-about = { $who }. Began { $time }, planned { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
  }.
watch-item-plan = Began { $time }, planned { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
  }.
watch-who = { $person }, { $venue }
watch-left = { $time } left
watch-over = { $time } over
watch-done = Done
