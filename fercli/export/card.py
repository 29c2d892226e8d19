"""The model card of a run, from what the run recorded; nothing is guessed.

Source: the sections are those of Mitchell et al. 2019, "Model cards for model reporting".
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from fercli.datasets.splits import evaluation_split
from fercli.datasets.store import Store
from fercli.errors import printable
from fercli.export.card_tables import tables_of
from fercli.ops.group_names import AND
from fercli.printed_protocol import fields_in_words
from fercli.published.caveats import caveats
from fercli.runs.folder import RunFolder
from fercli.runs.lineage import recorded_parent
from fercli.runs.predictions import read_predictions
from fercli.runs.provenance import read_provenance
from fercli.runs.recorded import recorded_protocol
from fercli.runs.scale import scale_of_run
from fercli.tables.groups import group_tables
from fercli.tables.markdown import escaped, to_markdown
from fercli.tables.run import metrics_table, not_computed_in_words

_TEMPLATES = Environment(
    loader=PackageLoader("fercli.export"),
    autoescape=False,  # Markdown; the filter `plain` escapes what data may hold
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["plain"] = lambda value: escaped(printable(str(value)))


def model_card(
    run: RunFolder,
    facts: Mapping[str, Any],
    recorded: Mapping[str, Any],
    store: Store,
    num_samples: int,
    differences: Mapping[str, float],
) -> str:
    """Return the model card of a run as Markdown.

    Args:
        facts: of the exported network, see `fercli.export.facts`.
        recorded: the run's `metrics.json`.
        store: that it was trained and evaluated on.
        num_samples: images or clips on which the written networks were compared with the run's.
        differences: name of a file to its largest difference.
    """
    frame, constants = read_predictions(run), recorded.get("constant_predictor")
    origin = read_provenance(run.path)
    parent, divided = recorded_parent(run), _with_groups(run, recorded, store)
    named = list(divided.get("groups", {"by": {}})["by"])
    return _TEMPLATES.get_template("model_card.md.j2").render(
        run=run.path.parent.name,
        facts=facts,
        recorded=recorded,
        protocol=fields_in_words(recorded_protocol(recorded)),
        started=str(origin.get("started", "not recorded"))[:10],
        commit=recorded.get("commit") or "not recorded",
        parent=None if parent is None else parent.words,
        counts=store.meta["counts"],
        metrics=to_markdown(
            metrics_table(recorded["metrics"], "All samples", constants, not_computed_in_words(recorded))
        ),
        tables=[to_markdown(table) for table in (*tables_of(frame, scale_of_run(run)), *group_tables(divided))],
        groups=[name.replace("_", " ") for name in named],
        has_pairs=any(AND in name for name in named),
        caveats=caveats(recorded),
        num_samples=num_samples,
        differences=differences,
    )


def _with_groups(run: RunFolder, recorded: Mapping[str, Any], store: Store) -> Mapping[str, Any]:
    """Return the newest numbers of the run by group: of a later evaluation of the same rows, or of the run itself."""
    later = run.evaluation(store.name, evaluation_split(store.splits), store.fingerprint)
    found = later.read_metrics() if later.finished else {}
    return found if "groups" in found else recorded
