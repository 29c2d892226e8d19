"""Names of the people of a video: `person 1` and so on, or those that the user gives."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from fercli.datasets.user_table import read_user_table
from fercli.errors import DataError, printable

PERSON = re.compile(r"(?:person )?([1-9]\d*)")


@dataclass
class Names:
    """Names by source and number. Two numbers with one name are one person: so the user joins them.

    Attributes:
        given: (source, number) to name; the source is None for a name that counts for every video.
        used: the keys that a video needed.
    """

    given: dict[tuple[str | None, int], str] = field(default_factory=dict)
    used: set[tuple[str | None, int]] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> "Names":
        """Read a csv file with columns `person` (`person 2` or 2), `name`, and perhaps `source`, as in `people.csv`.

        Raises:
            DataError: there is no file, a column is missing, or a row is unclear.
        """
        place = printable(str(path))
        if not path.is_file():
            raise DataError(f"expected a csv file with the names of people in {place}; found none")
        read = read_user_table(path, "names of people", ("person", "name", "source"))
        read.require_whole_lines(path)
        rows = read.frame.to_dict("records")
        given: dict[tuple[str | None, int], str] = {}
        for line, row in enumerate(rows, 2):
            number = PERSON.fullmatch(row.get("person", ""))
            name = row.get("name", "")
            if number is None or not name:
                raise DataError(
                    f"{place}, line {line}: expected a person such as 'person 2' and a name; "
                    f"found {printable(str(row.get('person')))!r} and {printable(str(row.get('name')))!r}"
                )
            key = (row.get("source") or None, int(number[1]))
            if given.get(key, name) != name:
                raise DataError(f"{place}, line {line}: person {number[1]} has two names")
            given[key] = name
        return cls(given)

    def of(self, source: str, number: int) -> str:
        """Return the name of a person."""
        for key in ((source, number), (None, number)):
            if key in self.given:
                self.used.add(key)
                return self.given[key]
        return f"person {number}"

    @property
    def unused(self) -> list[str]:
        """The names that nobody had."""
        return sorted(name for key, name in self.given.items() if key not in self.used)
