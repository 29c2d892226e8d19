from fercli.datasets.readers.media_names import image_names
from fercli.datasets.source import Source


def test_images_are_told_by_their_suffix(tmp_path):
    for name in ("b.PNG", "a.jpeg", "notes.txt", "c.csv"):
        (tmp_path / name).touch()
    assert image_names(Source(tmp_path)) == ["a.jpeg", "b.PNG"]
