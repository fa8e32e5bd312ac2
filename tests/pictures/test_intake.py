"""One gate: whatever a file is, out comes RGB of eight bits, or one sentence."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zlib
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadPicture
from explorer.pictures import intake
from explorer.pictures.intake import accept
from explorer.pictures.pixels import pixels
from tests.pictures.picture_files import (
    FORMATS,
    LOSSLESS,
    mutated,
    saved,
    scene,
    seeds,
    several,
    tiff,
)

TITLES = {"WEBP": "WebP"}
EXTENSIONS = {"JPEG": "jpg", "WEBP": "webp", "TIFF": "tif"}


def refusal(data: bytes, name: str = "x") -> str:
    """The sentence a file is refused with."""
    with pytest.raises(BadPicture) as caught:
        accept(data, name)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of 8-bit RGB by hand: its header and the given chunks."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + b"".join((png_chunk(b"IHDR", header), *chunks))


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    """RGB goes in and comes out, with the format's name and nothing to remark."""
    array = scene()
    picture = accept(saved(array, kind, **LOSSLESS[kind]), f"scene.{kind.lower()}")
    assert np.array_equal(pixels(picture), array)
    assert (picture.height, picture.width) == array.shape[:2]
    assert picture.format == TITLES.get(kind, kind)
    assert picture.notes == ()


@pytest.mark.parametrize(("kind", "within"), [("JPEG", 12), ("AVIF", 12), ("GIF", 40)])
def test_lossy_formats_come_close(kind: str, within: int) -> None:
    """A smooth picture changes little."""
    array = scene()
    array[: array.shape[0] // 3, : array.shape[1] // 4] = array[0, 20]
    options = {"quality": 100} if kind != "GIF" else {}
    picture = accept(saved(array, kind, **options), f"scene.{kind.lower()}")
    assert np.abs(pixels(picture).astype(int) - array).mean() < within
    assert picture.format == kind


def test_a_decoded_jpeg_is_what_pillow_decodes() -> None:
    """Nothing is done to a plain photograph."""
    data = saved(scene(), "JPEG")
    assert np.array_equal(pixels(accept(data, "a.jpg")), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("seed", [(k, i) for k, v in seeds().items() for i in range(len(v))])
def test_every_way_of_every_format(seed: tuple[str, int]) -> None:
    """Progressive, palette, sixteen bits, compressions, animations: all are accepted."""
    kind, index = seed
    picture = accept(seeds()[kind][index], f"a.{EXTENSIONS.get(kind, kind.lower())}")
    assert sorted((picture.height, picture.width)) == [24, 40]
    assert pixels(picture).dtype == np.uint8
    assert not any("cannot" in note or "Its name" in note for note in picture.notes)


# The EXIF standard says of each value where row 0 and column 0 of what is stored are seen.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],  # row 0 top, column 0 right
    3: lambda upright: upright[::-1, ::-1],  # bottom, right
    4: lambda upright: upright[::-1],  # bottom, left
    5: lambda upright: upright.swapaxes(0, 1),  # left, top
    6: lambda upright: upright[:, ::-1].swapaxes(0, 1),  # right, top
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),  # right, bottom
    8: lambda upright: upright[::-1].swapaxes(0, 1),  # left, bottom
}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", STORED)
def test_pictures_stand_upright(kind: str, orientation: int) -> None:
    """All eight orientations of EXIF, said in a note unless it is the first."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](scene()))
    picture = accept(saved(stored, kind, exif=exif, **LOSSLESS[kind]), f"a.{kind.lower()}")
    assert np.array_equal(pixels(picture), scene())
    turned = ("It was turned upright as its EXIF record says.",)
    assert picture.notes == (() if orientation == 1 else turned)


@pytest.mark.parametrize("orientation", STORED)
def test_compressed_tiffs_stand_upright(orientation: int) -> None:
    """Another way through Pillow, which turns them while decoding."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](scene()))
    data = saved(stored, "TIFF", exif=exif, compression="tiff_lzw")
    assert np.array_equal(pixels(accept(data, "a.tif")), scene())


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_photographs_stand_upright(kind: str, orientation: int) -> None:
    """The red corner is top left again, and the sides are right."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](scene(48, 80)))
    seen = pixels(accept(saved(stored, kind, exif=exif, quality=95), "a"))
    assert seen.shape == (48, 80, 3)
    assert np.abs(seen[6, 8].astype(int) - (250, 20, 30)).max() < 30


def test_a_broken_exif_record_does_not_cost_the_picture() -> None:
    """It is accepted as stored, and a note says so."""
    exif = b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40
    picture = accept(saved(scene(), "PNG", exif=exif), "a.png")
    assert np.array_equal(pixels(picture), scene())
    other = Image.Exif()
    other[0x0112] = 9  # no such orientation
    assert accept(saved(scene(), "PNG", exif=other), "a.png").notes == ()


def test_no_metadata_comes_through() -> None:
    """Where it was taken, by whom and with which camera is gone."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "SECRETCAMERA", "SECRETOWNER"
    options: dict[str, Any] = {"exif": exif, "comment": b"SECRETCOMMENT", "dpi": (300, 300)}
    picture = accept(saved(scene(), "JPEG", **options), "a.jpg")
    assert b"SECRET" not in picture.png
    with Image.open(io.BytesIO(picture.png)) as image:
        assert (image.mode, image.info, dict(image.getexif())) == ("RGB", {}, {})


def test_the_same_pixels_have_the_same_digest() -> None:
    """Whatever file they came in; a rotated picture of equal bytes has another."""
    one, other = (accept(saved(scene(), kind), "a").digest for kind in ("PNG", "BMP"))
    assert one == other
    white = [accept(saved(np.full(s, 255, np.uint8), "PNG"), "a") for s in [(2, 6, 3), (3, 4, 3)]]
    assert white[0].digest != white[1].digest


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF", "TIFF"])
def test_of_several_frames_the_first_is_taken(kind: str) -> None:
    """And a note says that there are more."""
    first = Image.new("RGB", (20, 10), (200, 30, 40))
    second = Image.new("RGB", (20, 10), (30, 200, 40))
    data = saved(first, kind, save_all=True, append_images=[second])
    picture = accept(data, f"a.{kind.lower()}")
    assert np.abs(pixels(picture).astype(int) - (200, 30, 40)).max() < 12
    part = "page" if kind == "TIFF" else "frame"
    assert picture.notes == (f"It holds more than one {part}; the first was taken.",)


def test_a_phones_mpo_is_a_jpeg() -> None:
    """Two photographs in one file: the first, even where the second is damaged."""
    image = Image.fromarray(scene(60, 80))
    data = saved(image, "MPO", **several(image))
    assert Image.open(io.BytesIO(data)).format == "MPO"
    picture = accept(data, "IMG_1.JPG")
    assert (picture.format, picture.notes) == ("JPEG", ())
    end = data.index(b"\xff\xd9")
    assert accept(data[: end + 2], "IMG_1.JPG").digest == picture.digest
    assert accept(data[: end + 300], "IMG_1.JPG").digest == picture.digest


@pytest.mark.parametrize("kind", FORMATS)
def test_disguised_files_are_taken_for_what_they_are(kind: str) -> None:
    """The content decides, and the note says that the name does not fit."""
    wrong = "gif" if kind != "GIF" else "png"
    title = TITLES.get(kind, kind)
    picture = accept(saved(scene(), kind), f"a.{wrong}")
    assert picture.format == title
    assert f"Its name says {wrong.upper()}, but it is a {title} file." in picture.notes
    assert accept(saved(scene(), kind), "noextension").notes == ()


@pytest.mark.parametrize("kind", FORMATS)
def test_truncated_files_are_refused_or_whole(kind: str) -> None:
    """Never half a picture: what is accepted has all the pixels of the whole file."""
    # Enough of it that more than the trailer is lost.
    data = saved(np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8), kind)
    whole = accept(data, "a")
    for share in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        cut = data[: max(1, int(len(data) * share))]
        assert refusal(cut)
    for lost in (1, 2, 3, 8):
        try:
            assert accept(data[:-lost], "a").digest == whole.digest
        except BadPicture:
            continue


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + b"\0" * 60, "a ZIP archive"),
        (b"<!DOCTYPE html><html><body>hello", "an HTML page"),
        (b"  <html>", "an HTML page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg>', "an SVG drawing"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"\0\0\1\0\1\0", "an icon"),
        (b"\x1f\x8b\x08", "an archive"),
        (b"just some words", "no picture the app can read;"),
        (b"\0" * 1000, "no picture the app can read;"),
        (b"P6 1 1 255\n\1\2\3", "no picture the app can read;"),  # PPM: Pillow would
        (b"%!PS-Adobe-3.0 EPSF-3.0", "no picture the app can read;"),  # EPS would run Ghostscript
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a", "GIF"),
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, words: str) -> None:
    """One sentence that says what the file seems to be."""
    assert words in refusal(data, "a.png")


def test_too_many_bytes_are_refused_before_anything_else() -> None:
    """Of bytes that are no picture at all, the size is what is complained of."""
    message = refusal(b"\0" * (intake.MOST_BYTES + 1))
    assert "25.0 MB" in message
    assert "at most 25 MB" in message


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((6000, 5000), "6,000 x 5,000 pixels; at most 24 megapixels"),
        ((30000, 30000), "far more than 24 megapixels"),
        ((2**31 - 1, 2**31 - 1), "24 megapixels"),
        ((0, 10), "damaged"),
        ((2020, 20), "at most 100 times"),
    ],
)
def test_the_declared_size_is_checked_before_decoding(size: tuple[int, int], words: str) -> None:
    """The file has no pixels at all, so nothing else could have refused it."""
    assert words in refusal(png(*size, png_chunk(b"IDAT", zlib.compress(b""))))


def test_one_pixel_is_a_picture() -> None:
    """The smallest there is, and the most elongated that is accepted."""
    assert pixels(accept(saved(np.array([[[1, 2, 3]]], np.uint8), "PNG"), "a")).tolist() == [
        [[1, 2, 3]]
    ]
    assert accept(saved(np.zeros((100, 1), np.uint8), "PNG"), "a").width == 1
    assert "at most 100 times" in refusal(saved(np.zeros((101, 1), np.uint8), "PNG"))


def test_large_pictures_are_shrunk_and_it_is_said() -> None:
    """To at most four megapixels, keeping the shape; constant colour stays what it is."""
    picture = accept(saved(Image.new("RGB", (3000, 2000), (10, 200, 90)), "PNG"), "a.png")
    assert (picture.width, picture.height) == (2449, 1632)  # sqrt(4e6 / 6e6) of each
    assert (pixels(picture) == (10, 200, 90)).all()
    assert picture.notes == ("It was shrunk from 3,000 x 2,000 to 2,449 x 1,632 pixels.",)
    exact = Image.new("RGB", (2000, 2000))
    assert accept(saved(exact, "PNG"), "a.png").notes == ()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\cat.jpg", "cat.jpg"),
        ("a\0b\n\x1b[31m.png", "ab[31m.png"),
        ("", "picture"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 200 + ".png", "x" * 70 + "…xxxxx.png"),
    ],
)
def test_names_are_shown_and_nothing_else(name: str, shown: str) -> None:
    """The last part, printable, at most eighty characters."""
    picture = accept(saved(scene(), "PNG"), name)
    assert picture.name == shown
    assert len(picture.name) <= 80


@cache
def bombs() -> dict[str, bytes]:
    """Files that are small and want to be large, or slow."""
    blank = zlib.compress(b"\0" * 10_000_000, 9)
    text = png_chunk(b"zTXt", b"k\0\0" + blank)
    profile = png_chunk(b"iCCP", b"icc\0\0" + blank)
    body = png_chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    jpeg = saved(scene(400, 400), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    exif = b"\xff\xe1\x00\x09Exif\0\0x"
    gif = saved(np.zeros((1, 1), np.uint8), "GIF")
    frame = gif[gif.index(b",") : -1]
    webp = bytearray(saved(scene(), "WEBP", exif=Image.Exif(), lossless=True))
    size = (16383 - 1).to_bytes(3, "little")
    extended = b"VP8X" + (10).to_bytes(4, "little") + b"\0\0\0\0" + size + size
    webp[12:12] = extended
    webp[4:8] = (len(webp) - 8).to_bytes(4, "little")
    plain = {256: (3, 1, 8), 257: (3, 1, 8), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    return {
        "text that inflates": png(1, 1, *[text] * 60, body),
        "a profile that inflates": png(1, 1, profile, body),
        "endless chunks": png(1, 1) + png_chunk(b"abCd", b"") * 400_000,
        "a huge interlaced header": png(2**31 - 1, 1, body),
        "blank and large": png(
            4000, 6000, png_chunk(b"IDAT", zlib.compress(b"\0" * (12001 * 6000), 9))
        ),
        "ten thousand scans": jpeg[:-2] + jpeg[last:-2] * 10_000 + b"\xff\xd9",
        "a million EXIF records": jpeg[:2] + exif * 1_000_000 + jpeg[2:],
        "padding": b"\xff\xd8" + b"\xff" * 10_000_000,
        "a million frames": gif[:-1] + frame * 200_000 + b";",
        "GIF of 65535 squared": b"GIF89a" + b"\xff" * 4 + b"\0\0\0,"
        + b"\0" * 4 + b"\xff" * 4 + b"\0\x08\0;",
        "a huge canvas": bytes(webp),
        "BMP of 2^31": b"BM" + b"\0" * 8 + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
        + (2**31 - 1).to_bytes(4, "little") * 2 + b"\1\0\x18\0" + b"\0" * 24,
        "millions of strips": tiff(
            {**plain, 273: (4, 5_000_000, 200), 278: (3, 1, 1)}, b"\0" * 20_000_000
        ),
        "a huge tile": tiff(
            {**plain, 259: (3, 1, 8), 322: (4, 1, 60_000), 323: (4, 1, 30_000),
             324: (4, 1, 200), 325: (4, 1, 8)},
            zlib.compress(b"\0" * 64),
        ),
    }  # fmt: skip


MEASURE = """
import resource, sys, time
from explorer.errors import BadPicture
from explorer.pictures.intake import accept
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    accept(data, "bomb")
    print("accepted")
except BadPicture as error:
    print(error)
print(time.process_time() - start)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("name", bombs())
def test_bombs_take_little_time_and_memory(name: str) -> None:
    """Under three seconds of a core and 300 MB above the file itself, measured in a process."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=bombs()[name], capture_output=True, check=False
    )
    said, seconds, megabytes = done.stdout.decode().splitlines()
    assert said == "accepted" or said.endswith(".")
    assert float(seconds) < 3
    assert float(megabytes) < 300


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ten thousand scans", "more pieces than a photograph has"),
        ("a million EXIF records", "more pieces than a photograph has"),
        ("endless chunks", "more pieces than a picture has"),
        ("padding", "begins as a JPEG"),
        ("a huge canvas", "16,383 x 16,383 pixels"),
        ("millions of strips", "5,000,000 pieces"),
        ("a huge tile", "tiles of 60,000 x 30,000 pixels"),
        ("GIF of 65535 squared", "24 megapixels"),
        ("BMP of 2^31", "24 megapixels"),
    ],
)
def test_bombs_are_refused_for_what_they_are(name: str, words: str) -> None:
    """The sentence names the reason."""
    assert words in refusal(bombs()[name])


def fuzz(count: int, seed: int) -> None:
    """Mutate files of all formats; each is accepted whole or refused in one sentence."""
    rng = np.random.default_rng(seed)
    flat = [data for files in seeds().values() for data in files]
    accepted = 0
    for number in range(count):
        data = mutated(flat[number % len(flat)], rng, flat[int(rng.integers(len(flat)))])
        start = time.process_time()
        try:
            picture = accept(data, "fuzz.png")
        except BadPicture as error:
            said = str(error)
        else:
            said = "accepted."
            accepted += 1
            assert pixels(picture).shape == (picture.height, picture.width, 3)
        assert said.endswith(".")
        assert time.process_time() - start < 5
    # Mutations that break everything would try nothing but the first check.
    assert 0.1 * count < accepted < 0.9 * count


def test_mutated_files_raise_nothing_else() -> None:
    """Ten thousand of them, the same every time."""
    fuzz(10_000, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_mutated_files_raise_nothing_else(seed: int) -> None:
    """A hundred thousand together."""
    fuzz(25_000, seed)


def test_memory_that_runs_out_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the engine, whose worker may take only so much."""

    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("explorer.pictures.colours.plain", greedy)
    assert "more memory" in refusal(saved(scene(), "PNG"))


def test_pixels_alone_are_those_of_the_accepted_picture() -> None:
    """`rgb` goes through the same gate, turning and shrinking included."""
    for data in (saved(scene(60, 80), "JPEG"), saved(scene(30, 20), "PNG")):
        assert np.array_equal(intake.rgb(data), pixels(accept(data, "a")))
        small = intake.rgb(data, 200)
        assert np.array_equal(small, pixels(accept(data, "a", 200)))
    with pytest.raises(BadPicture, match="no picture the app can read"):
        intake.rgb(b"words")


def test_a_header_tells_size_and_shades_of_grey() -> None:
    """Height, width, and whether there is any colour to expect; nothing is decoded."""
    colour = saved(scene(60, 80), "PNG")
    assert intake.header(colour) == (60, 80, False)
    assert intake.header(colour[: len(colour) // 2]) == (60, 80, False)
    grey = io.BytesIO()
    Image.new("L", (7, 5)).save(grey, "PNG")
    assert intake.header(grey.getvalue()) == (5, 7, True)
    with pytest.raises(BadPicture):
        intake.header(b"")


def test_a_camera_is_what_exif_names_and_nothing_else() -> None:
    """Made printable and short; whatever cannot be read names none."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon\x1b[31m", "D90 " + "x" * 500
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, "JPEG", exif=exif)
    named = intake.camera(file.getvalue())
    assert named.startswith("Nikon[31m D90 xxx")
    assert len(named) <= 80
    assert [intake.camera(data) for data in (b"", b"words", saved(scene(9, 9), "PNG"))] == [""] * 3
    assert b"Exif\0\0MM" in file.getvalue()  # the order of its bytes
    assert intake.camera(file.getvalue().replace(b"Exif\0\0MM", b"Exif\0\0XX")) == ""
