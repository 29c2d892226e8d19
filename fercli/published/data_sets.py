"""The names of data sets in print, as the yaml files of `conf/data` give them."""

from functools import cache

from fercli.catalog import CONF, choices

OTHERS = {"AFEW": "afew", "none": "none"}  # in `data/published` without a yaml; `none`: costs, measured on no data set


@cache
def data_by_print() -> dict[str, str]:
    """Return the name in `data=<name>` of each name in print; of several yaml files, the shortest name.

    Examples:
        >>> data_by_print()["RAF-DB"], data_by_print()["AffectNet"]
        ('rafdb', 'affectnet')
    """
    named = {printed: _shortest(printed) for printed, _ in _sources().values()}
    return dict(sorted((named | OTHERS).items()))


def printed_name(data: str) -> str:
    """Return the name in print of `data=<name>`; the name itself for a preparation, and where no yaml gives one.

    Examples:
        >>> printed_name("rafdb"), printed_name("ours")
        ('RAF-DB', 'ours')
    """
    return next((printed for printed, name in data_by_print().items() if name == data), data)


def published_data(data: str) -> str:
    """Return the data set under which numbers for a preparation are published; any other name stays the same.

    Yaml files with one name in print and one reader are preparations of one data set.

    Examples:
        >>> published_data("affectnet8"), published_data("avec2013_to_avec2014")
        ('affectnet', 'avec2013_to_avec2014')
    """
    return _shortest(*_sources()[data]) if data in _sources() else data


@cache
def _sources() -> dict[str, tuple[str, str]]:
    """Return the name in print and the class of the reader by `data=<name>`, where the yaml gives both as text."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # as safe, and ten times as fast
    read = {name: yaml.load((CONF / f"data/{name}.yaml").read_text("utf-8"), loader) for name in choices("data")}
    found = {name: (data["protocol"]["dataset"], data["reader"]["_target_"]) for name, data in read.items()}
    return {name: source for name, source in found.items() if "${" not in source[0]}


def _shortest(printed: str, reader: str | None = None) -> str:
    names = [name for name, found in _sources().items() if found[0] == printed and reader in (None, found[1])]
    return min(names, key=lambda name: (len(name), name))
