# Words of tally and state, shared by all surfaces.

tally-air = AIR
tally-next = NEXT
tally-air-both = ON AIR 播出
tally-next-both = NEXT 预备
word-mic-open = microphone open
word-mic-closed = microphone closed
word-hand = wants to speak, place
word-lost = lost
word-warn = look here
word-absent = absent
word-no-picture = no picture
quality-good = good
quality-fair = fair
quality-poor = poor
quality-lost = lost
technician-name = { $name }
