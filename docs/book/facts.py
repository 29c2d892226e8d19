"""What a reader says of its data set, and what labels that are numbers mean."""

from math import inf

from hydra.utils import instantiate
from omegaconf import OmegaConf

from docs.book.markdown import code, table
from fercli.catalog import CONF
from fercli.fields import NUMBERS, Number
from fercli.records import DataInfo


def info(name: str) -> DataInfo:
    """What the reader of a data set says of it; options that the data set inherits are those of its file."""
    reader = OmegaConf.load(CONF / "data" / f"{name}.yaml").reader
    return instantiate(reader).info


def facts_table(name: str) -> str:
    """Title, license, classes and expected numbers of rows."""
    known = info(name)
    counts, expressions = (known.extra.get(f"expected_{what}", {}) for what in ("counts", "expressions"))
    rows = [
        ("Name", known.title),
        ("License", known.licence),
        ("Classes", ", ".join(known.classes or ()) if len(known.classes or ()) < 20 else str(len(known.classes))),
        ("Rows that the release has", _by_split(counts)),
        ("Rows with an expression", _by_split(expressions)),
    ]
    return table(("", ""), [(name, text) for name, text in rows if text])


def _by_split(counts: dict[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in counts.items())


def label_numbers() -> str:
    """Range, unit and meaning of each label that is a number."""
    rows = [(code(name), f"{_range(number)} {number.unit}", number.meaning) for name, number in NUMBERS.items()]
    return table(("column", "range", "meaning"), rows)


def _range(number: Number) -> str:
    return f"{number.low:g} or more" if number.high == inf else f"{number.low:g} to {number.high:g}"
