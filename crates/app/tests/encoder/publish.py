"""Publishes by ffmpeg's WHIP muxer, which PyAV brings, with the options of docs/how-to/encoders-and-players.md.

publish.py ADDRESS TOKEN FOLDER: a picture and a tone, in real time, until standard input ends. Then it leaves.
"""

import fractions
import math
import select
import struct
import sys
import time

import av

address, token, folder = sys.argv[1:]
RATE, FRAME = 25, 960
out = av.open(
    address,
    "w",
    format="whip",
    options={
        "authorization": token,
        "cert_file": f"{folder}/cert.pem",
        "key_file": f"{folder}/key.pem",
    },
)
video = out.add_stream(
    "libx264",
    rate=RATE,
    options={"profile": "baseline", "preset": "veryfast", "tune": "zerolatency", "bf": "0", "g": "25"},
)
video.width, video.height, video.pix_fmt, video.bit_rate = 640, 360, "yuv420p", 1_500_000
audio = out.add_stream("libopus", rate=48_000)
audio.layout = "stereo"


def picture(n):
    frame = av.VideoFrame(640, 360, "yuv420p")
    for plane, value in zip(frame.planes, (16 + 8 * n % 200, 90, 160)):
        plane.update(bytes([value]) * plane.buffer_size)
    frame.pts, frame.time_base = n, fractions.Fraction(1, RATE)
    return frame


def tone(n):
    frame = av.AudioFrame("s16", "stereo", FRAME)
    samples = (int(8_000 * math.sin(2 * math.pi * 440 * (n * FRAME + i) / 48_000)) for i in range(FRAME))
    frame.planes[0].update(b"".join(struct.pack("<hh", sample, sample) for sample in samples))
    frame.pts, frame.sample_rate, frame.time_base = n * FRAME, 48_000, fractions.Fraction(1, 48_000)
    return frame


begin, pictures, tones = time.monotonic(), 0, 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    now = time.monotonic() - begin
    while pictures / RATE <= now:
        out.mux(video.encode(picture(pictures)))
        pictures += 1
    while tones * FRAME / 48_000 <= now:
        out.mux(audio.encode(tone(tones)))
        tones += 1
out.mux(video.encode(None))
out.mux(audio.encode(None))
out.close()
print("left")
