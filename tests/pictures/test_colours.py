"""Every way of storing colours, against values worked out by hand or by LittleCMS itself."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from explorer.errors import BadPicture
from explorer.pictures.intake import accept
from explorer.pictures.pixels import pixels
from tests.pictures.picture_files import saved, scene


def aside(name: str) -> str:
    """What is said of a profile that is not followed."""
    return f"Its colour profile{name} was set aside: networks see the numbers as stored."


def through(image: Image.Image | npt.NDArray[Any], kind: str, **options: Any) -> Any:
    """The pixels and the notes of a file of this kind."""
    picture = accept(saved(image, kind, **options), "a")
    return pixels(picture), picture.notes


def grey(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A grey picture as RGB."""
    return np.repeat(np.asarray(values)[..., None], 3, axis=-1)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_one_bit_is_black_and_white(kind: str) -> None:
    """0 is black and 1 is white."""
    bits = scene()[..., 0] > 100
    seen, notes = through(Image.fromarray(bits), kind)
    assert np.array_equal(seen, grey(bits * np.uint8(255)))
    assert notes == ()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP"])
def test_grey_is_three_times_itself(kind: str) -> None:
    """Red, green and blue are equal."""
    values = scene()[..., 0]
    seen, notes = through(values, kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(seen, grey(values))
    assert notes == ()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_a_palette_is_looked_up(kind: str) -> None:
    """Each number is a colour of its table."""
    table = np.random.default_rng(0).integers(0, 256, (16, 3), np.uint8)
    index = (np.arange(160, dtype=np.uint8) % 16).reshape(10, 16)
    image = Image.fromarray(index).convert("P")
    image.putpalette(table.tobytes())
    seen, notes = through(image, kind)
    assert np.array_equal(seen, table[index])
    assert notes == ()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_upper_eight(kind: str) -> None:
    """65,535 is white, 256 is 1, 255 is black."""
    values = np.array([[0, 1, 255, 256], [257, 0x1234, 0xFF00, 0xFFFF]], np.uint16)
    seen, notes = through(values, kind)
    assert np.array_equal(seen, grey([[0, 0, 0, 1], [1, 0x12, 0xFF, 0xFF]]))
    assert notes == ("It has sixteen bits per pixel, of which the upper eight stay.",)


def test_big_endian_sixteen_bits() -> None:
    """A TIFF from another machine reads the same."""
    values = np.array([[0x0102, 0xF0F1]], ">u2")
    image = Image.frombytes("I;16B", (2, 1), values.tobytes())
    assert np.array_equal(through(image, "TIFF")[0], grey([[1, 0xF0]]))


def test_sixteen_bits_per_channel() -> None:
    """A PNG of 48 bits a pixel, written by hand: Pillow cannot."""
    import zlib  # noqa: PLC0415

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    row = b"\0" + bytes([1, 255, 128, 2, 3, 255]) * 2
    header = (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row))
    picture = accept(data + chunk(b"IEND", b""), "a.png")
    assert pixels(picture).tolist() == [[[1, 128, 3], [1, 128, 3]]]
    assert picture.notes == ("It has sixteen bits per channel, of which the upper eight stay.",)


def test_a_transparent_grey_of_sixteen_bits() -> None:
    """The one value that stands for nothing becomes white, its neighbours do not."""
    values = np.array([[0x0100, 0x0101, 0x0102]], np.uint16)
    seen, notes = through(values, "PNG", transparency=0x0101)
    assert seen[0].tolist() == [[1] * 3, [255] * 3, [1] * 3]
    assert notes[-1] == "Where it is transparent, white shows through."


@pytest.mark.parametrize(
    ("values", "expected", "words"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255], "between 0 and 1 were multiplied by 255"),
        ([0.0, 100.4, 255.0], [0, 100, 255], "between 0 and 255 stay as they are"),
        ([-1.0, 0.0, 1.0], [0, 128, 255], "from -1 to 1 were stretched"),
        ([100.0, 200.0, 600.0], [0, 51, 255], "from 100 to 600 were stretched"),
        ([-3e38, 0.0, 3e38], [0, 128, 255], "from -3e+38 to 3e+38 were stretched"),
        ([-5.0, -5.0, -5.0], [0, 0, 0], "from -5 to -5 were stretched"),
    ],
)
def test_floating_point_has_a_stated_rule(
    values: list[float], expected: list[int], words: str
) -> None:
    """The rule at the top of the module, each case by hand."""
    seen, notes = through(np.array([values], np.float32), "TIFF")
    assert np.array_equal(seen, grey([expected]))
    assert words in notes[0]


def test_what_is_no_number_is_black() -> None:
    """And does not count for the range."""
    values = np.array([[np.nan, np.inf, 0.5, 1.0, -np.inf]], np.float32)
    seen, notes = through(values, "TIFF")
    assert seen[0, :, 0].tolist() == [0, 0, 128, 255, 0]
    assert notes[1] == "What is no number in it is shown black."
    assert not through(np.full((2, 2), np.nan, np.float32), "TIFF")[0].any()


@pytest.mark.parametrize(
    ("values", "expected"), [([0, 7, 255], [0, 7, 255]), ([0, 500, 1000], [0, 128, 255])]
)
def test_integers_of_32_bits(values: list[int], expected: list[int]) -> None:
    """Within 0 to 255 they are what they are, else the range is stretched."""
    seen, _ = through(np.array([values], np.int32), "TIFF")
    assert np.array_equal(seen, grey([expected]))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_lies_over_white(kind: str) -> None:
    """colour * alpha + white * (1 - alpha), to one step of rounding."""
    rgb = scene()
    alpha = np.tile(np.linspace(0, 255, rgb.shape[1]).astype(np.uint8), (rgb.shape[0], 1))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    seen, notes = through(np.dstack([rgb, alpha]), kind, **options)
    share = alpha[..., None] / 255
    assert np.abs(seen - (rgb * share + 255 * (1 - share))).max() <= 1
    assert notes == ("Where it is transparent, white shows through.",)


def test_opaque_alpha_changes_nothing() -> None:
    """And is not worth a note."""
    seen, notes = through(np.dstack([scene(), np.full((24, 40), 255, np.uint8)]), "PNG")
    assert np.array_equal(seen, scene())
    assert notes == ()


def test_grey_with_alpha_and_palettes_with_alpha() -> None:
    """Fully transparent pixels are white in every mode that has them."""
    two = np.array([[[80, 255], [80, 0]]], np.uint8)
    assert through(two, "PNG")[0][0].tolist() == [[80] * 3, [255] * 3]
    palette = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    palette.putpalette(bytes([9, 8, 7, 200, 100, 50]))
    assert through(palette, "PNG", transparency=1)[0][0].tolist() == [[9, 8, 7], [255] * 3]
    assert through(palette, "GIF", transparency=1)[0][0].tolist() == [[9, 8, 7], [255] * 3]
    rgb = Image.fromarray(np.array([[[9, 8, 7], [200, 100, 50]]], np.uint8))
    assert through(rgb, "PNG", transparency=(200, 100, 50))[0][0].tolist() == [[9, 8, 7], [255] * 3]


def test_shrinking_does_not_smear_what_is_transparent() -> None:
    """A clear green does not tinge the red beside it: colours count by their alpha."""
    array = np.zeros((2400, 2000, 4), np.uint8)
    array[:, ::2], array[:, 1::2] = (200, 0, 0, 255), (0, 255, 0, 0)
    seen, _ = through(array, "PNG", compress_level=1)
    assert np.abs(seen[50:-50, 50:-50].astype(int).mean(axis=(0, 1)) - (227, 127, 127)).max() < 3


def test_inks_without_a_profile_follow_the_plain_formula() -> None:
    """Red is what cyan and black leave."""
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 100, 0, 50], [10, 20, 30, 255]]], np.uint8)
    seen, notes = through(Image.fromarray(inks, "CMYK"), "TIFF")
    assert seen[0].tolist() == [[255] * 3, [0, 255, 255], [205, 124, 205], [0, 0, 0]] or (
        np.abs(seen[0].astype(int) - [[255] * 3, [0, 255, 255], [205, 125, 205], [0] * 3]).max()
        <= 1
    )
    assert "Its inks (CMYK)" in notes[0]


def test_an_adobe_jpeg_of_four_inks_is_not_inverted() -> None:
    """Adobe stores inks upside down; white paper stays white."""
    image = Image.new("CMYK", (32, 32), (0, 0, 0, 0))
    image.paste((0, 255, 255, 0), (0, 0, 16, 16))
    seen, _ = through(image, "JPEG", quality=100)
    assert seen[24, 24].min() > 250
    assert np.abs(seen[4, 4].astype(int) - (255, 0, 0)).max() < 8


def test_ycbcr_and_lab() -> None:
    """A TIFF may hold either; red is red again, and grey stays grey."""
    image = Image.new("RGB", (16, 16), (200, 30, 40))
    assert np.abs(through(image.convert("YCbCr"), "TIFF")[0].astype(int) - (200, 30, 40)).max() < 3
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    stored = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    assert stored is not None
    seen, notes = through(stored, "TIFF")
    assert np.abs(seen.astype(int) - (200, 30, 40)).max() < 4
    assert notes == ("Its Lab colours were converted to sRGB.",)


def wide_profile() -> bytes:
    """An ICC profile that is not sRGB: the same with red and green exchanged, by hand.

    A matrix profile names its primaries in a table of tags; two of its entries change places.
    """
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ", 128), data.index(b"gXYZ", 128)
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    text = "sRGB built-in".encode("utf-16-be")
    data = data.replace(text, "Swapped colou".encode("utf-16-be"))
    assert b"S\0w\0a" in data
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_a_profile_is_set_aside_in_words(kind: str) -> None:
    """The numbers stay as torchvision reads them, whatever colour the profile means by them."""
    image = Image.new("RGB", (32, 32), (220, 10, 10))
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    seen, notes = through(image, kind, icc_profile=wide_profile(), **options)
    assert np.abs(seen[16, 16].astype(int) - (220, 10, 10)).max() < 12
    assert notes == (aside(" (Swapped colou)"),)


def test_srgb_is_left_alone() -> None:
    """What says it is sRGB keeps every pixel, without a note."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    seen, notes = through(scene(), "PNG", icc_profile=icc)
    assert np.array_equal(seen, scene())
    assert notes == ()


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 4_000_001])
def test_a_profile_that_is_none_is_ignored(profile: bytes) -> None:
    """The picture is accepted as its numbers stand, and a note says so."""
    seen, notes = through(scene(), "TIFF", icc_profile=profile)
    assert np.array_equal(seen, scene())
    assert notes == (aside(""),)


def test_inks_have_no_use_for_a_profile_of_other_colours() -> None:
    """A profile of RGB says nothing of inks, so the plain formula stands."""
    inks = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    seen, notes = through(inks, "TIFF", icc_profile=wide_profile())
    assert np.abs(seen[0, 0].astype(int) - (255, 0, 0)).max() <= 1
    assert "plain formula" in notes[0]


def test_grey_with_a_profile_of_colours_stays_grey() -> None:
    """Cameras write sRGB's profile into grey pictures too."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    seen, notes = through(scene()[..., 0], "PNG", icc_profile=srgb)
    assert np.array_equal(seen, grey(scene()[..., 0]))
    assert notes == ()


def test_a_profiles_name_is_shown_short_and_printable() -> None:
    """It is a stranger's text."""
    data = wide_profile().replace("Swapped colou".encode("utf-16-be"), b"\0\x07" * 13)
    _, notes = through(scene(), "PNG", icc_profile=data)
    assert notes == (aside(""),)


def test_every_mode_of_pillow_that_a_format_takes() -> None:
    """Whatever Pillow can write is read again, or refused in a sentence."""
    rgb = Image.fromarray(scene())
    modes = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "I", "F")
    read = set()
    for mode in modes:
        image = rgb.convert("P").convert("PA") if mode == "PA" else rgb.convert(mode)
        for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"):
            file = io.BytesIO()
            try:
                image.copy().save(file, kind)
            except (OSError, ValueError):  # this format has no such mode
                continue
            try:
                assert pixels(accept(file.getvalue(), "a")).shape == (24, 40, 3)
            except BadPicture:
                continue
            read.add((kind, mode))
    assert len(read) >= 45
    assert {("TIFF", mode) for mode in modes} - read <= {("TIFF", "HSV"), ("TIFF", "RGBX")}
