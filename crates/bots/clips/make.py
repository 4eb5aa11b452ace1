#!/usr/bin/env python3
"""Makes vp8.clips, h264.clips and opus.clips beside this file: needs Python 3.9, ffmpeg (libvpx, libx264, libopus, librsvg) and fonts-dejavu.

    python3 make.py [--only 1,2,12]     about two minutes on two cores; --only is for trying out

The format is written down in `src/clip.rs`. CI never runs this: the files are committed.
"""

import argparse
import os
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
import scene  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
MAGIC = b"OHCLIP1\0"
VP8, H264, OPUS = 1, 2, 3
KEY = 1
VENUES = 131
SECONDS = 4
ROOM_RATE, MAIN_RATE = 12, 20
TONE_LOOP_S = 1
BYTES_MAX = 8 * 1024 * 1024
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--only")
    only = arguments.parse_args().only
    numbers = [int(n) for n in only.split(",")] if only else range(1, VENUES + 1)
    views = []
    for number in numbers:
        if number == 1:
            # The second camera position has a colour of its own: that of the number after the last venue.
            views.append((1, 0, scene.podium(1, 1), MAIN_RATE, [(320, 180), (640, 360), (1280, 720)]))
            views.append((1, 1, scene.hall(1, VENUES + 1), MAIN_RATE, [(320, 180), (640, 360), (1280, 720)]))
        else:
            views.append((number, 0, scene.room(number), ROOM_RATE, [(320, 180), (640, 360)]))
    with ThreadPoolExecutor(2) as pool:
        pictures = list(pool.map(lambda view: film(*view), views))
        tones = list(pool.map(tone, numbers))
    total = 0
    for name, tracks in (
        ("vp8.clips", [t for p in pictures for t in p[0]]),
        ("h264.clips", [t for p in pictures for t in p[1]]),
        ("opus.clips", tones),
    ):
        data = MAGIC + struct.pack("<I", len(tracks)) + b"".join(tracks)
        with open(os.path.join(HERE, name), "wb") as file:
            file.write(data)
        total += len(data)
        print(f"{name}: {len(tracks)} tracks, {len(data)} bytes")
    if total > BYTES_MAX:
        sys.exit(f"{total} bytes, more than {BYTES_MAX}")


def run(*command):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *command], check=True)


def film(number, camera, svg, rate, sizes):
    """One view in both codecs and all its layers, the lowest first."""
    top_w, top_h = sizes[-1]
    unit = top_h / 360
    frames = SECONDS * rate
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        # librsvg draws at the size that the SVG names.
        with open(path("room.svg"), "w", encoding="utf-8") as file:
            file.write(svg.replace('width="640" height="360"', f'width="{top_w}" height="{top_h}"', 1))
        run("-i", path("room.svg"), "-frames:v", "1", path("room.png"))
        counter = (
            f"drawtext=fontfile={FONT}:text='%{{eif\\:n\\:d\\:3}}':fontsize={round(32 * unit)}:fontcolor=#e8e8e4"
            f":x={round(525 * unit)}:y={round(39 * unit)}"
        )
        graph = f"[0]fps={rate},{counter},scale=out_color_matrix=bt601:out_range=tv,format=yuv420p,split={2 * len(sizes)}"
        graph += "".join(f"[s{i}]" for i in range(2 * len(sizes)))
        outputs = []
        for i, (w, h) in enumerate(sizes * 2):
            graph += f";[s{i}]scale={w}:{h}:flags=area[o{i}]"
            outputs += ["-map", f"[o{i}]", "-frames:v", str(frames), "-threads", "1"]
            outputs += vp8(h) + [path(f"{i}.ivf")] if i < len(sizes) else h264(h) + [path(f"{i}.h264")]
        run("-loop", "1", "-framerate", str(rate), "-i", path("room.png"), "-filter_complex", graph, *outputs)
        read = lambda name: open(path(name), "rb").read()
        layers = len(sizes)
        return (
            [track(number, camera, VP8, i, *sizes[i], 90000 // rate, ivf_frames(read(f"{i}.ivf")), frames) for i in range(layers)],
            [track(number, camera, H264, i, *sizes[i], 90000 // rate, annex_b_frames(read(f"{i + layers}.h264")), frames) for i in range(layers)],
        )


def vp8(height):
    low, high = {180: (14, 34), 360: (16, 38), 720: (18, 42)}[height]
    return (
        f"-c:v libvpx -b:v 2M -crf {(low + high) // 2} -qmin {low} -qmax {high} -g 9999 -keyint_min 9999 -auto-alt-ref 0 "
        "-lag-in-frames 0 -deadline good -cpu-used 0 -static-thresh 200 -f ivf"
    ).split()


def h264(height):
    crf = {180: 26, 360: 29, 720: 30}[height]
    return (
        f"-c:v libx264 -profile:v baseline -level 3.1 -preset slower -crf {crf} -bf 0 -refs 1 "
        "-x264-params keyint=infinite:scenecut=0:rc-lookahead=0:sync-lookahead=0:sliced-threads=0:mbtree=0:info=0:bframes=0 "
        "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m -color_range tv -bsf:v filter_units=remove_types=6 -f h264"
    ).split()


def ivf_frames(data):
    """Frames of an IVF file; bit 0 of a VP8 frame is clear in a key frame."""
    at, out = 32, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        body = data[at + 12 : at + 12 + size]
        out.append((0 if body[0] & 1 else KEY, body))
        at += 12 + size
    return out


def annex_b_frames(data):
    """Access units of one slice each; the NAL units of a frame each behind their length in two bytes, as the format wants them."""
    units, at = [], 0
    starts = []
    while (at := data.find(b"\0\0\1", at)) >= 0:
        starts.append(at + 3)
        at += 3
    for i, start in enumerate(starts):
        end = starts[i + 1] - 3 if i + 1 < len(starts) else len(data)
        units.append(data[start:end].rstrip(b"\0"))
    out, pending = [], []
    for unit in units:
        kind = unit[0] & 31
        if kind in (9, 12):
            continue
        pending.append(unit)
        if kind in (1, 5):
            out.append((KEY if kind == 5 else 0, b"".join(struct.pack(">H", len(u)) + u for u in pending)))
            pending = []
    return out


def tone(number):
    """A pure tone that fits the loop a whole number of times, 20 ms a frame, from the third second on, when the encoder has settled."""
    hertz = 300 + 8 * number
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tone.ogg")
        run(
            "-f", "lavfi", "-i", f"sine=frequency={hertz}:sample_rate=48000:duration=4,volume=0.6,aformat=channel_layouts=mono",
            *"-c:a libopus -b:a 20k -vbr off -application audio -frame_duration 20 -packet_loss 0".split(), path,
        )  # fmt: skip
        packets = ogg_packets(open(path, "rb").read())[2:]
    count = TONE_LOOP_S * 50
    return track(number, 0, OPUS, 0, 0, 0, 960, [(KEY, p) for p in packets[100 : 100 + count]], count)


def ogg_packets(data):
    at, out, part = 0, [], b""
    while at < len(data):
        count = data[at + 26]
        lacing = data[at + 27 : at + 27 + count]
        at += 27 + count
        for size in lacing:
            part += data[at : at + size]
            at += size
            if size < 255:
                out.append(part)
                part = b""
    return out


def track(number, camera, codec, layer, width, height, ticks, frames, expected):
    assert len(frames) == expected, (number, codec, len(frames), expected)
    assert frames[0][0] & KEY
    head = struct.pack("<HBBBBHHHH", number, camera, codec, layer, 0, width, height, ticks, len(frames))
    return head + b"".join(struct.pack("<I", len(body) << 8 | flags) + body for flags, body in frames)


if __name__ == "__main__":
    main()
