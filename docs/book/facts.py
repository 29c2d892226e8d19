"""What a reader says of its data set."""

from hydra.utils import instantiate
from omegaconf import OmegaConf

from docs.book.markdown import table
from fercli.catalog import CONF
from fercli.records import DataInfo


def info(name: str) -> DataInfo:
    """What the reader of a data set says of it; options that the data set inherits are those of its file."""
    reader = OmegaConf.load(CONF / "data" / f"{name}.yaml").reader
    return instantiate(reader).info


def facts_table(name: str) -> str:
    """Title, license, classes and expected numbers of rows."""
    known = info(name)
    counts = known.extra.get("expected_counts", {})
    rows = [
        ("Name", known.title),
        ("License", known.licence),
        ("Classes", ", ".join(known.classes or ()) if len(known.classes or ()) < 20 else str(len(known.classes))),
        ("Rows that the release has", ", ".join(f"{split} {count:,}" for split, count in counts.items())),
    ]
    return table(("", ""), [(name, text) for name, text in rows if text])
