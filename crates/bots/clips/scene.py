"""Drawn rooms as SVG texts, 640 x 360 units whatever the size of the picture. No text but numbers: names come from the interface."""

import random

LEVELS = (48, 80, 112, 144, 176, 208)
# Every colour whose channels lie at least two levels apart, so that none is grey; neighbours differ by 32 in a channel.
PALETTE = [
    (r, g, b)
    for r in LEVELS
    for g in LEVELS
    for b in LEVELS
    if max(r, g, b) - min(r, g, b) >= 64
]


def colour(number):
    """The colour of a patch; `bots::colour` in Rust says the same. 77 shares no factor with the 180 colours, so all differ."""
    return PALETTE[number * 77 % len(PALETTE)]


def css(rgb):
    return "#%02x%02x%02x" % tuple(rgb)


def mix(a, b, share):
    """`share` of b in a."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b))


def rect(x, y, w, h, fill, extra=""):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}" {extra}/>'


def poly(points, fill):
    return f'<polygon points="{" ".join(f"{x},{y}" for x, y in points)}" fill="{fill}"/>'


def ellipse(cx, cy, rx, ry, fill):
    return f'<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" fill="{fill}"/>'


SKIN = ("#c99f80", "#b98c6f", "#d4ae90", "#c2967a", "#a77b60")
HAIR = ("#1b1a1c", "#262220", "#33302e", "#5d5a58")
COAT = ("#2c3442", "#39404b", "#2b2f38", "#4a515b", "#3b3440", "#28363a", "#56504a")
SHIRT = ("#e3e1dc", "#d3dbe2", "#dfe3e6", "#c9d3dc")


def person(rng, x, y, size, facing=True):
    """Head and shoulders; y is the chin, size the height of the head."""
    s = size
    skin, hair, coat, shirt = (rng.choice(c) for c in (SKIN, HAIR, COAT, SHIRT))
    long_hair = rng.random() < 0.4
    out = []
    if long_hair:
        out.append(
            f'<path d="M{x - 0.46 * s} {y + 0.16 * s}C{x - 0.62 * s} {y - 1.2 * s} {x + 0.62 * s} {y - 1.2 * s} {x + 0.46 * s} {y + 0.16 * s}z" fill="{hair}"/>'
        )
    out.append(
        f'<path d="M{x - 1.15 * s} {y + 1.7 * s}C{x - 1.15 * s} {y + 0.62 * s} {x - 0.86 * s} {y + 0.42 * s} {x - 0.3 * s} {y + 0.2 * s}'
        f'L{x + 0.3 * s} {y + 0.2 * s}C{x + 0.86 * s} {y + 0.42 * s} {x + 1.15 * s} {y + 0.62 * s} {x + 1.15 * s} {y + 1.7 * s}z" fill="{coat}"/>'
    )
    if facing:
        out.append(poly([(x - 0.26 * s, y + 0.16 * s), (x + 0.26 * s, y + 0.16 * s), (x, y + 1.15 * s)], shirt))
        if not long_hair:
            tie = rng.choice(("#4b5a6b", "#5b4a4a", "#3f4a58", "#52604c"))
            out.append(poly([(x - 0.08 * s, y + 0.2 * s), (x + 0.08 * s, y + 0.2 * s), (x + 0.1 * s, y + 0.8 * s), (x, y + 1 * s), (x - 0.1 * s, y + 0.8 * s)], tie))
    out.append(rect(x - 0.17 * s, y - 0.2 * s, 0.34 * s, 0.44 * s, skin))
    out.append(ellipse(x, y - 0.42 * s, 0.37 * s, 0.5 * s, skin if facing else hair))
    if facing:
        # Hair: a cap over the upper third of the head.
        out.append(
            f'<path d="M{x - 0.4 * s} {y - 0.4 * s}C{x - 0.48 * s} {y - 1.12 * s} {x + 0.48 * s} {y - 1.12 * s} {x + 0.4 * s} {y - 0.4 * s}'
            f'C{x + 0.34 * s} {y - 0.72 * s} {x - 0.2 * s} {y - 0.66 * s} {x - 0.4 * s} {y - 0.4 * s}z" fill="{hair}"/>'
        )
    return "".join(out)


def wall(base, skirting, y):
    """A wall of panels down to y, then a darker floor or skirting."""
    line = css(mix(base, (0, 0, 0), 0.14))
    out = [rect(0, 0, 640, 360, css(base))]
    out += [rect(x, 14, 1.6, y - 14, line) for x in (54, 160, 478, 584)]
    out.append(rect(0, 0, 640, 14, css(mix(base, (255, 255, 255), 0.16))))
    out.append(rect(0, y, 640, 360 - y, css(skirting)))
    out.append(rect(0, y - 4, 640, 4, css(mix(skirting, (255, 255, 255), 0.12))))
    return "".join(out)


def board(number, rgb):
    """The patch with the number: the same place in every scene. Its left third is plain."""
    luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
    ink = "#15191e" if luma > 140 else "#f4f4f1"
    return (
        rect(213, 23, 214, 104, css(mix(rgb, (12, 16, 20), 0.72)))
        + rect(218, 28, 204, 94, css(rgb))
        + f'<text x="354" y="{ {1: 101, 2: 101, 3: 96}[len(str(number))] }" font-family="DejaVu Sans" font-weight="bold" '
        f'font-size="{ {1: 72, 2: 72, 3: 58}[len(str(number))] }" text-anchor="middle" fill="{ink}">{number}</text>'
    )


def clock(rgb):
    """Under the running counter, which is drawn over it frame by frame."""
    return rect(508, 30, 92, 42, css(mix(rgb, (12, 16, 20), 0.6))) + rect(511, 33, 86, 36, css(mix(rgb, (12, 16, 20), 0.78)))


def table(x, y, w, h, rgb):
    """Its top edge at y, seen from the front."""
    front = mix((70, 56, 46), rgb, 0.2)
    top = mix(front, (255, 255, 255), 0.22)
    return (
        poly([(x, y), (x + w, y), (x + w + 7, y + 9), (x - 7, y + 9)], css(top))
        + rect(x - 7, y + 9, w + 14, h, css(front))
        + rect(x - 7, y + 9, w + 14, 2, css(mix(front, (0, 0, 0), 0.3)))
    )


def place_card(x, y, s):
    return rect(x - 0.55 * s, y - 0.3 * s, 1.1 * s, 0.36 * s, "#e8e9e6") + rect(x - 0.36 * s, y - 0.18 * s, 0.72 * s, 0.09 * s, "#6c737a")


def room(number):
    """A branch venue: one or two rows behind tables."""
    rng = random.Random(number)
    rgb = colour(number)
    grey = rng.choice(((150, 146, 138), (138, 146, 150), (152, 140, 128), (134, 140, 132)))
    base = mix(mix(grey, rgb, 0.22), (255, 255, 255), 0.05)
    out = [wall(base, mix(mix(grey, (60, 48, 40), 0.6), rgb, 0.12), 186), board(number, rgb), clock(rgb)]
    if rng.random() < 0.5:
        # A plant in the corner.
        out.append(rect(36, 150, 26, 40, "#6b5546"))
        out += [ellipse(49 + dx, 128 + dy, 9, 22, c) for dx, dy, c in ((-12, 4, "#44604a"), (0, -6, "#4e6d53"), (12, 4, "#3d5743"))]
    else:
        out.append(rect(28, 40, 92, 96, css(mix(base, (255, 255, 255), 0.45))))
        out += [rect(28, 40 + 16 * i, 92, 1.6, css(mix(base, (0, 0, 0), 0.12))) for i in range(7)]
    if rng.random() < 0.75:
        count = rng.randint(5, 7)
        gap = 560 / count
        for i in range(count):
            out.append(person(rng, 40 + gap * (i + 0.5), 176 + rng.uniform(-3, 3), 27))
        out.append(table(34, 208, 572, 26, rgb))
        out += [place_card(40 + gap * (i + 0.5), 213, 24) for i in range(count)]
    count = rng.randint(4, 5)
    gap = 600 / count
    for i in range(count):
        out.append(person(rng, 20 + gap * (i + 0.5), 254 + rng.uniform(-4, 4), 42))
    out.append(table(8, 306, 624, 60, rgb))
    out += [place_card(20 + gap * (i + 0.5), 313, 38) for i in range(count)]
    return svg(out)


def podium(number, patch):
    """The main venue's first camera position: a speaker at the lectern."""
    rng = random.Random(7)
    rgb = colour(patch)
    base = mix((92, 84, 80), rgb, 0.24)
    out = [wall(base, mix((66, 48, 40), rgb, 0.1), 250)]
    fold = css(mix(base, (0, 0, 0), 0.2))
    out += [rect(x, 14, 10, 236, fold) for x in (0, 22, 44, 586, 608, 630)]
    out += [board(number, rgb), clock(rgb)]
    out += [ellipse(90 + dx, 226 + dy, 13, 32, c) for dx, dy, c in ((-18, 6, "#44604a"), (0, -8, "#4e6d53"), (18, 6, "#3d5743"))]
    out.append(rect(74, 240, 32, 50, "#6b5546"))
    out.append(person(rng, 320, 212, 62))
    wood = mix((104, 74, 52), rgb, 0.1)
    out.append(poly([(228, 280), (412, 280), (420, 292), (220, 292)], css(mix(wood, (255, 255, 255), 0.22))))
    out.append(poly([(232, 292), (408, 292), (396, 360), (244, 360)], css(wood)))
    out.append(poly([(250, 304), (390, 304), (383, 352), (257, 352)], css(mix(wood, (0, 0, 0), 0.18))))
    out += [rect(286, 248, 2.4, 34, "#22262b"), ellipse(287, 246, 4.5, 7, "#22262b"), rect(352, 248, 2.4, 34, "#22262b"), ellipse(353, 246, 4.5, 7, "#22262b")]
    return svg(out)


def hall(number, patch):
    """The main venue's second camera position: the platform over rows of heads."""
    rng = random.Random(11)
    rgb = colour(patch)
    base = mix((96, 92, 88), rgb, 0.24)
    out = [wall(base, mix((70, 54, 44), rgb, 0.1), 176), board(number, rgb), clock(rgb)]
    count = 7
    for i in range(count):
        out.append(person(rng, 92 + 76 * i, 164 + rng.uniform(-2, 2), 25))
    out.append(table(48, 190, 544, 34, rgb))
    out += [place_card(92 + 76 * i, 195, 23) for i in range(count)]
    out.append(rect(0, 236, 640, 124, css(mix((58, 48, 44), rgb, 0.1))))
    for row, (y, s, n) in enumerate(((268, 26, 13), (306, 34, 10), (352, 44, 8))):
        gap = 660 / n
        for i in range(n):
            out.append(person(rng, -10 + gap * (i + 0.5 + 0.25 * (row % 2)), y, s, facing=False))
    return svg(out)


def svg(parts):
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">{"".join(parts)}</svg>'
