"""What a store says of itself: the content of its dataset.json."""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fercli.datasets.reader import SaysProtocol
from fercli.datasets.shards import ShardInfo
from fercli.fields import SCHEMA_VERSION
from fercli.preprocess.job import Job
from fercli.preprocess.plan import StorePlan
from fercli.preprocess.summary import Summary
from fercli.records import Record


def description(
    job: Job, plan: StorePlan, shards: list[ShardInfo], summary: Summary, kept: Sequence[Record]
) -> dict[str, Any]:
    """Return the content of dataset.json.

    Args:
        kept: the rows of the shards, in their order.
    """
    info = job.reader.info
    scales = {name: scale.document() for name, scale in info.extra.get("questionnaires", {}).items()}
    content = [SCHEMA_VERSION, plan.classes, [shard.sha256 for shard in shards]]
    if scales:  # these scores lie beside the shards
        content.append([[record.id, *map(dict(record.more).get, scales)] for record in kept])
    return {
        "schema": SCHEMA_VERSION,
        "name": job.name,
        "title": info.title,
        "licence": info.licence,
        "classes": plan.classes,
        "image": {"size": job.work.crop.size, "channels": job.work.channels},
        "rows": summary.num_rows,
        "counts": summary.kept,
        "num_rejects": summary.reasons,
        "options": options_of(job, plan),
        "protocol": protocol_of(job, plan),
        **({} if job.groups is None else {"groups": list(job.groups)}),
        **({"questionnaires": scales} if scales else {}),
        **({"annotators": info.extra["annotators"]} if "annotators" in info.extra else {}),
        "shards": [{"file": shard.file, "rows": shard.rows, "sha256": shard.sha256} for shard in shards],
        "source": {"fingerprint": plan.source_fingerprint},
        "fercli": version("fercli"),
        "fingerprint": hashlib.sha256(json.dumps(content).encode()).hexdigest(),
    }


def options_of(job: Job, plan: StorePlan) -> dict[str, Any]:
    """Return the options of the job, with the scale where rows have scores."""
    return job.options | ({"scale": job.scale.document()} if plan.has_scores else {})


def protocol_of(job: Job, plan: StorePlan) -> dict[str, Any]:
    """Return the protocol fields of the reader, replaced by those of the yaml where it has them.

    The scale is part of the labels: numbers in points of two scales do not compare.
    """
    of_user = plan.has_scores and "scale" not in job.reader.info.extra
    found = {"labels": f"{job.scale.name} score"} if of_user else {}
    found |= job.reader.protocol(job.work.source) if isinstance(job.reader, SaysProtocol) else {}
    return found | {name: value for name, value in job.protocol.items() if value is not None}
