"""Picture files that tests make: good ones, and those that somebody might send to do harm."""
import struct
import subprocess
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOURS = 0, 2
SCRIPT = b"<script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + SCRIPT + b"</svg>"
HTML = b"<!DOCTYPE html><title>photo.jpg</title>" + SCRIPT
#: What a camera may write of the place and the person.
SECRET = b"37.5665N 126.9780E, Hana Kim"


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def header(width, height, kind=GREY, interlaced=False):
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, interlaced))


def png(width, height, row=None, kind=GREY, before=b""):
    """A PNG of the rows that `row(y)` answers, black without it."""
    packing = zlib.compressobj(6)
    black = bytes(width * (3 if kind == COLOURS else 1))
    packed = b"".join(packing.compress(b"\0" + (row(y) if row else black)) for y in range(height)) + packing.flush()
    return header(width, height, kind) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def interlaced(width, height):
    """A black PNG in colours of which no row is whole before all of it is decoded."""
    packing = zlib.compressobj(6)
    packed = b""
    for left, top, right, down in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        row = bytes(1 + 3 * len(range(left, width, right)))
        packed += b"".join(packing.compress(row) for _ in range(top, height, down))
    return header(width, height, COLOURS, True) + chunk(b"IDAT", packed + packing.flush()) + chunk(b"IEND", b"")


def fruit(color=(214, 69, 55), width=480, height=360):
    """A round thing of this colour on a table, with light from the upper left."""
    middle, radius = (width / 2, height * .54), height * .36

    def row(y):
        line = bytearray()
        for x in range(width):
            far = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) ** .5 / radius
            if far < 1:
                light = 1.25 - .75 * (((x - middle[0] * .8) ** 2 + (y - middle[1] * .7) ** 2) ** .5 / radius / 1.7)
                line += bytes(min(255, int(part * light)) for part in color)
            else:
                shade = 236 - y * 40 // height - (24 if far < 1.15 and y > middle[1] else 0)
                line += bytes((shade, shade - 6, shade - 16))
        return bytes(line)

    return png(width, height, row, COLOURS)


def converted(content, kind, folder):
    """The same picture as a JPEG (`jpg`) or a WebP."""
    (folder / "from.png").write_bytes(content)
    subprocess.run(["vips", "copy", folder / "from.png", folder / f"to.{kind}"], check=True)
    return (folder / f"to.{kind}").read_bytes()


def from_a_camera(jpeg, orientation=6):
    """A JPEG as of a camera that was held sideways and knows where it was."""
    entry = struct.pack(">HHII", 0x010e, 2, len(SECRET), 38)
    exif = (b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + entry + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
            + struct.pack(">I", 0) + SECRET)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def bomb(name=b"IDAT", megabytes=1_000):
    """A small PNG, of which one part unpacks to very much."""
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(1 << 20)) for _ in range(megabytes)) + packing.flush()
    if name == b"IDAT":
        return header(100, 100) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return png(100, 100, before=chunk(name, b"Comment\0\0" + packed))
