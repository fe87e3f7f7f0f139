"""`jangteo picture` makes pictures of what people send, whatever they send. The release build has been made before."""
import os
import re
import resource
import subprocess
import sys

from support import REPOSITORY, TestCase
from test_units import UNITS, settings
import photos  # noqa: E402, found where support looks

PROGRAM = REPOSITORY / ".build/release/jangteo"


def calls(name):
    """The system calls of one of systemd's groups."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    found = set()
    for line in map(str.strip, listed.stdout.splitlines()[1:]):
        if line.startswith("@"):
            found |= calls(line)
        elif line and not line.startswith("#"):
            found.add(line)
    return found


class Pictures(TestCase):
    def make(self, content, *before):
        """What it says of a file, and the folder of what it made."""
        (self.folder / "original").write_bytes(content)
        place = self.folder / "made"
        subprocess.run(["rm", "-rf", place], check=True)
        place.mkdir()
        with open(self.folder / "original", "rb") as original:
            ran = subprocess.run([*before, PROGRAM, "picture", place], stdin=original, capture_output=True, text=True,
                                 timeout=60, env={"PATH": os.environ["PATH"]})
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return ran.stdout.strip(), place

    def memory(self, content):
        """What it says of a file, and how many bytes it, or what it has started, had in memory at most."""
        (self.folder / "original").write_bytes(content)
        place = self.folder / "made"
        subprocess.run(["rm", "-rf", place], check=True)
        place.mkdir()
        # Of a process that has had no other child, and is small: a child is told to have had what its parent had when it was
        # made, and these tests are large by now.
        small = "import resource, subprocess, sys\n" \
            "subprocess.run(sys.argv[1:], check=True)\n" \
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)"
        with open(self.folder / "original", "rb") as original:
            told = subprocess.run(
                [sys.executable, "-c", small, PROGRAM, "picture", place], stdin=original, capture_output=True, text=True, check=True)
        said, memory = told.stdout.splitlines()
        return said, int(memory)

    def size(self, path):
        return tuple(int(subprocess.run(["vipsheader", "-f", field, path], capture_output=True, text=True,
                                        check=True).stdout) for field in ("width", "height"))

    def test_every_kind_is_made_into_every_size(self):
        drawn = photos.png(1200, 900, lambda y: bytes((x * y // 4000) & 255 for x in range(1200)))
        for kind in ("png", "jpg", "webp"):
            with self.subTest(kind):
                said, place = self.make(drawn if kind == "png" else photos.converted(drawn, kind, self.folder))
                self.assertEqual(said, "made 960 720")
                self.assertEqual({path.name: self.size(path) for path in place.iterdir()}, {
                    f"{width}.{kind}": (width, width * 3 // 4) for width in (160, 480, 960) for kind in ("webp", "jpg")})
                self.assertTrue((place / "480.jpg").read_bytes().startswith(b"\xff\xd8\xff"))
                self.assertEqual((place / "480.webp").read_bytes()[8:12], b"WEBP")

    def test_none_is_enlarged(self):
        said, place = self.make(photos.png(300, 2000))
        self.assertEqual(said, "made 300 2000")
        self.assertEqual(sorted(path.name for path in place.iterdir()), ["160.jpg", "160.webp", "300.jpg", "300.webp"])

    def test_it_is_turned_upright_and_nothing_of_the_camera_stays(self):
        jpeg = photos.from_a_camera(photos.converted(photos.fruit(width=400, height=300), "jpg", self.folder))
        self.assertIn(photos.SECRET, jpeg)
        said, place = self.make(jpeg)
        self.assertEqual(said, "made 300 400")
        for path in place.iterdir():
            self.assertNotIn(photos.SECRET[:8], path.read_bytes(), path.name)
            self.assertNotIn(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06", path.read_bytes(), path.name)

    def test_what_is_no_picture_is_refused_whatever_it_is_called(self):
        jpeg = photos.converted(photos.fruit(), "jpg", self.folder)
        for name, content in (
                ("SVG with script", photos.SVG), ("SVG after a header of XML", b"<?xml version='1.0'?>" + photos.SVG),
                ("HTML named .jpg", photos.HTML), ("HTML before a JPEG", photos.HTML + jpeg), ("GIF", b"GIF89a" + bytes(50)),
                ("PDF", b"%PDF-1.7\n"), ("TIFF", b"II*\0" + bytes(50)), ("HEIC", b"\0\0\0\x18ftypheic" + bytes(50)),
                ("an EPS", b"%!PS-Adobe-3.0"), ("text for ImageMagick", b"push graphic-context"), ("nothing", b"")):
            with self.subTest(name):
                said, place = self.make(content)
                self.assertEqual(said, "refused unknown")
                self.assertEqual(list(place.iterdir()), [])

    def test_what_stands_beside_the_picture_in_its_file_is_gone(self):
        jpeg = photos.converted(photos.fruit(), "jpg", self.folder)
        comment = b"\xff\xfe" + (len(photos.SCRIPT) + 2).to_bytes(2, "big") + photos.SCRIPT
        said, place = self.make(jpeg[:2] + comment + jpeg[2:] + photos.HTML)
        self.assertEqual(said, "made 480 360")
        for path in place.iterdir():
            self.assertNotIn(b"<script>", path.read_bytes(), path.name)

    def test_what_is_cut_short_is_refused(self):
        drawn = photos.fruit()
        for kind in ("png", "jpg", "webp"):
            whole = drawn if kind == "png" else photos.converted(drawn, kind, self.folder)
            for share in (.1, .5, .9):
                with self.subTest(kind, share=share):
                    self.assertEqual(self.make(whole[:int(len(whole) * share)])[0], "refused damaged")

    def test_too_many_pixels_are_refused_before_they_are_decoded(self):
        bound = 100 << 20
        for width, height, said, is_decoded in (
                (7_000, 7_000, "made 960 960", True), (10_000, 10_000, "refused too-many-pixels", False),
                (20_000, 20_000, "refused too-many-pixels", False)):
            with self.subTest((width, height)):
                what, memory = self.memory(photos.interlaced(width, height))
                self.assertEqual(what, said)
                self.assertEqual(memory > bound, is_decoded, memory)

    def test_a_bomb_has_bounds(self):
        for name in (b"IDAT", b"zTXt", b"iCCP"):
            with self.subTest(name):
                said, place = self.make(photos.bomb(name))
                # What is behind the picture, or is not asked for, may be left out; no more was unpacked than is allowed.
                self.assertIn(said, ("made 100 100", "refused damaged"))
                self.assertLess(sum(path.stat().st_size for path in place.iterdir()), 1 << 20)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 900 << 10)

    def test_it_needs_nothing_that_the_service_s_sandbox_forbids(self):
        log = self.folder / "calls"
        jpeg = photos.from_a_camera(photos.converted(photos.fruit(), "jpg", self.folder))
        webp = photos.converted(photos.fruit(), "webp", self.folder)
        used = set()
        for content in (jpeg, webp, photos.fruit()):
            said, _ = self.make(content, "strace", "-f", "-qq", "-o", log)
            self.assertRegex(said, "^made ")
            text = log.read_text()
            # MemoryDenyWriteExecute
            self.assertNotRegex(text, r"PROT_WRITE\|PROT_EXEC")
            # PrivateNetwork, RestrictAddressFamilies
            self.assertNotRegex(text, r"AF_(INET|NETLINK)")
            used |= set(re.findall(r"(?m)^\d+ +([a-z_0-9]+)\(", text))
        self.assertIn("execve", used)
        allowed = set()
        for name, value in settings(UNITS / "jangteo.service", "Service"):
            if name != "SystemCallFilter":
                continue
            listed = set().union(*(calls(one) if one.startswith("@") else {one} for one in value.lstrip("~").split()))
            allowed = allowed - listed if value.startswith("~") else allowed | listed
        self.assertGreater(len(allowed), 200)
        forbidden = used - allowed
        if forbidden:
            # What is refused as the unit refuses it must not matter.
            inject = f"inject={','.join(forbidden)}:error=EPERM"
            said, _ = self.make(jpeg, "strace", "-f", "-qq", "-e", inject, "-o", log)
            self.assertEqual(said, "made 360 480")
