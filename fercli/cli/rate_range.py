"""`fercli train --find-lr`: the learning rate range test, its table, its file and its figure."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from fercli.config import Config

if TYPE_CHECKING:
    from fercli.engine.rate_range import RateRange

FOLDER = "rate_range"  # in the folder of the runs


def find_rate(config: Config, as_json: bool) -> None:
    """Run the test, write `<runs>/rate_range/<run>.csv` and `.png`, and print what was read from the curve."""
    from pytorch_lightning.utilities.rank_zero import rank_zero_only

    from fercli.cli.bars import Counted
    from fercli.cli.progress import quiet_libraries
    from fercli.engine.rate_range import rate_range

    quiet_libraries()
    table = _table_file(config)  # a folder that cannot be made is told before the test
    with Counted("raising the learning rate", "steps") as progress:
        found = rate_range(config, progress)
    if rank_zero_only.rank == 0:  # type: ignore[attr-defined]
        _write_and_print(config, found, table, as_json)


def _table_file(config: Config) -> Path:
    """Return where the table of a run goes, and make its folder."""
    from fercli.config import unresolved
    from fercli.engine.identity import data_fingerprint
    from fercli.engine.questionnaires import store_of
    from fercli.runs.folder import RunFolder

    run = RunFolder.of(config.runs, unresolved(config), data_fingerprint(config, store_of(config)))
    folder = Path(config.runs) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run.path.parent.name}_{run.path.name}.csv"


def _write_and_print(config: Config, found: "RateRange", table: Path, as_json: bool) -> None:
    from fercli.cli.printing import say, tell
    from fercli.figures.figure import save_figure
    from fercli.figures.rate_range import rate_range_figure
    from fercli.files import write_text

    rate, figure = float(config.optimizer.lr), table.with_suffix(".png")
    write_text(table, _as_csv(found))
    save_figure(rate_range_figure(found, rate), figure)
    low, lowest = found.valley or (None, None)
    if as_json:
        facts = {"low": low, "high": found.end, "exploded": found.exploded, "lowest_loss": lowest}
        print(json.dumps({"optimizer.lr": rate, **facts, "table": str(table), "figure": str(figure)}))
        return
    end = f"to {found.end:.2g}, {'where it explodes' if found.exploded else 'the highest that was tried'}"
    if low is None:
        tell(f"range        unknown: at no rate does the loss fall further than by chance. It was tried {end}")
    else:
        tell(f"range        optimizer.lr from {low:.2g}, where half of the fall of the loss is done, {end}")
        tell(f"lowest loss  at {lowest:.2g}")
    tell(f"configured   {rate:g}")
    say(f"table: {table}")
    say(f"figure: {figure}")


def _as_csv(found: "RateRange") -> str:
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["rate", "loss", "smooth_loss"])
    rows.writerows(zip(found.rates.tolist(), found.losses.tolist(), found.smooth.tolist(), strict=True))
    return out.getvalue()
