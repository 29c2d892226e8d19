import io

import numpy as np
import pytest
from PIL import Image

from fercli.datasets.synthetic.film import write_video
from fercli.errors import DataError
from fercli.inference.frames import read_as_video, stills
from fercli.inference.inputs import media

GRAY = np.full((32, 48), 90, np.uint8)


def save(path, kind, image=GRAY, **options):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **options)
    path.write_bytes(stream.getvalue())
    return path


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a", "a.JPG"])
def test_an_image_is_told_by_its_content(tmp_path, name):
    path = save(tmp_path / name, "PNG")
    assert not read_as_video(path)
    (still,) = stills(path)
    np.testing.assert_array_equal(still.image, GRAY)


def test_a_video_is_told_by_its_content(tmp_path):
    write_video(tmp_path / "a.avi", [np.full((32, 32, 3), 90, np.uint8)] * 4, 10.0)
    (tmp_path / "a.avi").rename(tmp_path / "a.jpg")
    assert read_as_video(tmp_path / "a.jpg")
    assert len(list(stills(tmp_path / "a.jpg"))) == 4


@pytest.mark.parametrize("kind", ["GIF", "AVIF", "JPEG2000", "TGA", "WEBP"])
def test_formats_that_people_have_are_found_in_a_folder_and_read(tmp_path, kind):
    suffix = {"JPEG2000": "jp2"}.get(kind, kind)
    path = save(tmp_path / f"A.{suffix.upper()}", kind)
    assert media([tmp_path]) == {path: path.name}
    assert next(stills(path)).image.shape[:2] == GRAY.shape


def test_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    (still,) = stills(save(tmp_path / "a.webp", "WEBP", exif=exif))
    assert still.image.shape[:2] == GRAY.shape[::-1]


def test_a_file_without_a_decoder_is_found_and_refused_with_what_to_do(tmp_path):
    (tmp_path / "a.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    (path,) = media([tmp_path])
    with pytest.raises(DataError, match="no decoder for HEIC files: convert them to PNG or JPEG"):
        list(stills(path))
