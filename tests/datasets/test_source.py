"""A folder, a zip and a single file read alike; what is wrong with them is said."""

import multiprocessing
import os
import pickle
import shutil
import stat
import zipfile

import pytest

from fercli.datasets.source import Source, is_inside
from fercli.errors import DataError

FILES = {"label.csv": b"\xef\xbb\xbfa,b\r\n", "train/1.png": b"one", "train/deep/2.png": b"two", "test/3.png": b"three"}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def write_zip(path, files=FILES, prefix=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)
    return path


@pytest.fixture(params=["folder", "zip", "wrapped zip", "windows zip"])
def source(request, folder, tmp_path):
    if request.param == "folder":
        return Source(folder)
    if request.param == "windows zip":
        return Source(write_zip(tmp_path / "w.zip", {name.replace("/", "\\"): data for name, data in FILES.items()}))
    return Source(write_zip(tmp_path / "z.zip", prefix="FER2013/" if request.param == "wrapped zip" else ""))


def test_reads_the_same_from_a_folder_and_a_zip(source):
    with source:
        assert source.names() == sorted(FILES)
        assert {name: source.read(name) for name in source.names()} == FILES
        assert source.text("label.csv") == "a,b\r\n"  # without the byte order mark
        assert source.refused == {}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["label.csv"]),
        ("train/*.png", ["train/1.png"]),
        ("**/?.png", ["test/3.png", "train/1.png", "train/deep/2.png"]),
        ("train/**/*.png", ["train/1.png", "train/deep/2.png"]),
        ("*", ["label.csv"]),
    ],
)
def test_a_star_stays_within_one_folder(source, pattern, names):
    assert source.names(pattern) == names


def test_find_gives_the_first_that_exists_and_else_says_what_is_there(source):
    assert source.find("labels.csv", "label.csv") == "label.csv"
    with pytest.raises(DataError, match=r"expected a\.txt or b\.txt in .*; found label\.csv, test/, train/"):
        source.find("a.txt", "b.txt")


def test_a_name_outside_is_not_read(source):
    assert not source.exists("../folder/label.csv")
    with pytest.raises(DataError, match=r"expected \.\./folder/label\.csv"):
        source.read("../folder/label.csv")


def test_a_worker_process_reads_through_a_copy(source):
    source.read("label.csv")
    assert pickle.loads(pickle.dumps(source)).read("train/1.png") == b"one"
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(source.read, ["train/1.png", "test/3.png"]) == [b"one", b"three"]


def test_an_entry_that_points_outside_is_listed_and_never_read(tmp_path):
    outside = ["../evil.png", "/etc/evil.png", "C:\\evil.png", "a/../../evil.png", "..\\evil.png"]
    path = write_zip(tmp_path / "slip.zip", FILES | dict.fromkeys(outside, b"evil"))
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    source = Source(path)
    assert source.refused == dict.fromkeys([*outside, "link.png"], "zip entry outside its folder")
    assert source.names() == sorted(FILES)
    assert not any(source.exists(name) for name in source.refused)


def test_debris_does_not_count(tmp_path):
    debris = {"__MACOSX/FER/._1.png": b"", "FER/.DS_Store": b"", "FER/train/Thumbs.db": b"", "FER/.git/x.png": b""}
    path = write_zip(tmp_path / "z.zip", debris | {"FER/" + name: data for name, data in FILES.items()})
    assert Source(path).names() == sorted(FILES)


@pytest.mark.parametrize("split", ["train", "FER2013Train", "Validation"])
def test_a_zip_of_one_split_keeps_its_folder(tmp_path, split):
    assert Source(write_zip(tmp_path / "z.zip", {f"{split}/happy/1.png": b""})).names() == [f"{split}/happy/1.png"]


def test_a_linked_folder_is_as_good_as_a_copied_one(folder, tmp_path):
    os.symlink("test", folder / "val")
    os.symlink("../train", folder / "test" / "again")
    copied = tmp_path / "copied"
    shutil.copytree(folder, copied, symlinks=False)
    assert Source(folder).names() == Source(copied).names()
    assert {"val/3.png", "val/again/1.png", "test/again/deep/2.png"} < set(Source(folder).names())
    assert Source(folder).fingerprint() == Source(copied).fingerprint()


def test_links_that_lead_back_or_nowhere_are_refused_with_a_reason(folder):
    os.symlink("/", folder / "root")
    os.symlink(folder, folder / "train" / "loop")
    os.symlink("/nowhere.png", folder / "train" / "gone.png")
    os.symlink("self", folder / "self")
    source = Source(folder)
    assert source.names() == sorted(FILES)
    assert source.refused == {
        "root": "link to a folder above it",
        "self": "link to nothing",
        "train/gone.png": "link to nothing",
        "train/loop": "link to a folder above it",
    }


def test_folders_that_link_to_one_another_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fercli.datasets.listing.MOST_VISITS", 100)
    monkeypatch.setattr("fercli.datasets.listing.MOST_VISITS_OF_A_FOLDER", 10)
    for i in range(8):
        (tmp_path / f"f{i}").mkdir()
        for j in range(8):
            os.symlink(f"../f{j}", tmp_path / f"f{i}" / f"l{j}")
    with pytest.raises(DataError, match="without end"):
        Source(tmp_path).names()


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["a/train/x/1.png", "a/test/x/1.png"], "a/"),
        (["a/b/labels.csv"], "a/b/"),
        (["train/x/1.png"], ""),
        (["AVEC2014_Dev/x/1.png"], ""),
        (["Happy/set/1.png"], ""),
        (["pain/1.png", "pain/2.png"], ""),
        (["clips/1.avi"], ""),
        (["a/1.png", "b/1.png"], ""),
        ([], ""),
    ],
)
def test_a_folder_that_holds_everything_and_says_nothing_is_passed_through(tmp_path, names, prefix):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    source = Source(tmp_path)
    assert source.prefix == prefix
    assert source.names() == sorted(name.removeprefix(prefix) for name in names)
    assert [source.text(name) for name in source.names()] == sorted(names)


def test_an_entry_that_unpacks_to_far_more_than_its_size_is_not_unpacked(tmp_path):
    path = write_zip(tmp_path / "z.zip", {"label.csv": bytes(70 * 2**20), "small.csv": bytes(2**20)})
    assert Source(path).read("small.csv") == bytes(2**20)
    with pytest.raises(DataError, match=r"label\.csv in .* says that it unpacks to 73,400,320"):
        Source(path).read("label.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_the_encoding_that_it_has(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("Ren\u00e9, file and class\n".encode(encoding))
    source = Source(tmp_path)
    assert source.text("a.txt") == "Ren\u00e9, file and class\n"
    assert not source.remarks


def test_text_that_is_no_utf8_is_read_as_windows_writes_it_and_remarked(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"plain\nRen\xe9 \x80 \x81\n")
    source = Source(tmp_path)
    assert source.text("a.txt") == "plain\nRen\u00e9 \u20ac \x81\n"
    assert source.remarks == {"a.txt": "no UTF-8 from line 2 on; read as Windows-1252"}


def test_only_line_ends_divide_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes("1\r\n2\x0b\u2028\n3\n".encode())
    assert Source(tmp_path).lines("a.txt") == ["1", "2\x0b\u2028", "3"]


def test_a_single_file_lists_itself_and_reads_beside_it(folder):
    source = Source(folder / "label.csv")
    assert source.names() == ["label.csv"]
    assert source.read("train/1.png") == b"one"
    assert not source.exists("../folder/label.csv")


def test_fingerprint_follows_the_content_and_not_the_place(folder, tmp_path):
    first = Source(folder).fingerprint()
    moved = folder.rename(tmp_path / "moved")
    assert Source(moved).fingerprint() == first
    (moved / "label.csv").write_bytes(b"\xef\xbb\xbfb,a\r\n")
    changed_label = Source(moved).fingerprint()
    (moved / "train" / "1.png").write_bytes(b"longer")
    assert len({first, changed_label, Source(moved).fingerprint()}) == 3


def test_fingerprint_of_a_zip_follows_its_checksums(tmp_path):
    one = Source(write_zip(tmp_path / "1.zip")).fingerprint()
    assert Source(write_zip(tmp_path / "2.zip")).fingerprint() == one
    assert Source(write_zip(tmp_path / "3.zip", FILES | {"train/1.png": b"eno"})).fingerprint() != one


def test_what_cannot_be_read_is_said(folder, tmp_path):
    with pytest.raises(DataError, match="found nothing there"):
        Source(tmp_path / "absent")
    (tmp_path / "data.rar").write_bytes(b"Rar!")
    with pytest.raises(DataError, match="Unpack other archives"):
        Source(tmp_path / "data.rar")

    whole = write_zip(tmp_path / "z.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="is damaged: expected a zip"):
        Source(tmp_path / "cut.zip").names()

    start = whole.index(b"train/1.png") + len("train/1.png")
    (tmp_path / "flipped.zip").write_bytes(whole[:start] + bytes([whole[start] ^ 255]) + whole[start + 1 :])
    with pytest.raises(DataError, match=r"train/1\.png in .* is damaged"):
        Source(tmp_path / "flipped.zip").read("train/1.png")

    encrypted = bytearray(whole)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        encrypted[encrypted.index(signature) + offset] |= 1
    (tmp_path / "secret.zip").write_bytes(encrypted)
    with pytest.raises(DataError, match="is encrypted"):
        Source(tmp_path / "secret.zip").names()


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("a/b.png", True),
        ("a..b.png", True),
        ("", False),
        ("/a", False),
        ("a/../b", False),
        ("\\a", False),
        ("c:/a", False),
    ],
)
def test_is_inside(name, inside):
    assert is_inside(name) is inside


def test_a_folder_that_cannot_be_listed_is_not_passed_over(folder, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("train"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"train cannot be read \(Permission denied\)"):
        Source(folder).names()


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_file_has_a_path_on_disk_while_it_is_wanted(tmp_path, kind):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "clip.mp4").write_bytes(b"frames" * 9)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a" / "clip.mp4", "clip.mp4")
    with Source(tmp_path / ("a" if kind == "folder" else "a.zip")) as source:
        with source.on_disk("clip.mp4") as path:
            assert path.read_bytes() == b"frames" * 9
            assert path.suffix == ".mp4"
        assert path.exists() == (kind == "folder")
        with pytest.raises(DataError, match=r"expected gone\.mp4"), source.on_disk("gone.mp4"):
            pass


def test_a_damaged_zip_entry_has_no_path(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("clip.mp4", b"frames" * 99)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[100] ^= 1
    (tmp_path / "a.zip").write_bytes(data)
    with (
        pytest.raises(DataError, match=r"clip\.mp4 in .* is damaged"),
        Source(tmp_path / "a.zip").on_disk("clip.mp4"),
    ):
        pass
