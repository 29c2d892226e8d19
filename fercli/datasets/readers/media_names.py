"""Which files of a raw data set are images or videos, by their suffixes."""

from fercli.datasets.source import Source

Suffixes = tuple[str, ...]
# Formats that fercli cannot decode: their files are found with the others, and left out with a reason.
UNDECODED_SUFFIXES: Suffixes = (".arw", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".hif", ".jxl", ".nef", ".orf")
UNDECODED_SUFFIXES += (".psd", ".raf", ".rw2", ".svg")
IMAGE_SUFFIXES: Suffixes = (".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg")
IMAGE_SUFFIXES += (".jpx", ".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".tif")
IMAGE_SUFFIXES += (".tiff", ".webp", *UNDECODED_SUFFIXES)
VIDEO_SUFFIXES: Suffixes = (".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg")
VIDEO_SUFFIXES += (".mts", ".ogv", ".vob", ".webm", ".wmv")


def image_names(source: Source, folder: str = "") -> list[str]:
    """Return sorted names of the image files in a folder of the source, subfolders included."""
    names = (name for name in source.names() if name.startswith(folder))
    return [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]


def video_names(source: Source, folder: str = "") -> list[str]:
    """Return sorted names of the video files in a folder of the source, subfolders included."""
    return [name for name in source.names() if name.startswith(folder) and is_video(name)]


def is_video(name: str) -> bool:
    """Return whether a file's name says that it is a video."""
    return name.lower().endswith(VIDEO_SUFFIXES)
