# Words that several surfaces share.

product = Onehall
language = Language
language-zh = 中文
language-en = EN
language-missed = The other language cannot be fetched now. Choose it again later.
link-missing = This link is not complete. Ask whoever sent it for a new one.
link-expired = This link has expired. Ask whoever sent it for a new one.
link-refused = The server does not accept this link. Ask whoever sent it for a new one.
meeting-not-open = The meeting cannot be opened now. Ask whoever runs the server: its log says why. This page comes back by itself.
server-full = The server has no place left for this page. Trying again by itself.
server-refuses = The server does not let this page in now ({ $code }). Trying again by itself.
server-unreachable = The server cannot be reached. Trying again by itself.
retry = Try now

control-lost = Link lost since { $time }, { $span } ago. Reconnecting by itself; nothing to do.

room-begins = Begins { $time }
room-begins-in = Begins { $time }, in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
  }
room-begins-soon = Begins { $time }
room-ended = The meeting has ended
room-item = Item { $number }/{ $count } { $title }

moment-zone = { $time } ({ $zone })
moment-dated = { $date }, { $time }
time-days = { $count ->
    [one] 1 day
   *[other] { $count } days
  }
time-hours = { $count } h
time-minutes = { $count } min
time-seconds = { $count } s

list-join = { " or " }

speaker = Who speaks
speaker-loading = names are coming …
speaker-failed = names cannot be had now
speaker-none = nobody by name
request-speech = speech
request-question = question
request-remark = remark
request-point-of-order = point of order
