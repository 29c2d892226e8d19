"""What the source of a study prints for its rows."""

from fercli.errors import ConfigError
from fercli.protocol import Protocol
from fercli.published.data_sets import printed_name
from fercli.published.numbers import Row, of_table, published_value, with_fields
from fercli.studies.study import Claim, Study, StudyRow
from fercli.tables.columns import metric_column


def published_number(study: Study, row: StudyRow, metric: str) -> float | None:
    """Return what the source prints for a row in a metric; None where it prints nothing.

    Raises:
        ConfigError: the source's table does not have the row's method at all.
    """
    if row.published is None:
        return None
    rows = published_rows(study, row)
    if rows and metric not in {found["metric"] for found in rows}:
        return None
    table, data = row.table or study.table, printed_name(study.data)
    return published_value(study.source, table, row.published, metric, data, row.protocol, row.modality)


def published_protocol(study: Study, row: StudyRow, metric: str) -> Protocol | None:
    """Return the protocol of the number that the source prints for a row in a metric; None where it prints nothing."""
    number = published_number(study, row, metric)
    lines = [line for line in published_rows(study, row) if (line["metric"], line["value"]) == (metric, number)]
    return lines[0]["protocol"] if lines else None


def published_rows(study: Study, row: StudyRow | None = None) -> list[Row]:
    """Return the lines of `data/published` that the source prints on the study's data, for its table or for one row."""
    found = of_table(study.source, study.table if row is None else row.table or study.table)
    found = [line for line in found if line["data"] == study.data]
    if row is not None:
        found = [line for line in found if line["method"] == row.published]
        found = [line for line in found if row.modality in (None, line["modality"])]
        found = with_fields(found, row.protocol or {})
    return found


def quoted_number(study: Study, claim: Claim) -> float | None:
    """Return the printed number with which a claim compares runs; None for a claim between two trained rows.

    Raises:
        ConfigError: the source prints no number for the quoted row in the metric of the claim.
    """
    row = study.quoted(claim)
    if row is None:
        return None
    number = published_number(study, row, claim.metric)
    if number is None:
        known = sorted({found["metric"] for found in published_rows(study, row)})
        raise ConfigError(
            f"study {study.name}: a claim compares runs with the quoted row '{row.label}'; expected its published "
            f"number in {claim.metric}, found only {', '.join(known)}; name such a metric, or give the row overrides"
        )
    return number


def expect_claims_follow_print(study: Study) -> None:
    """Check that the claims agree with the numbers that the source prints.

    Raises:
        ConfigError: the print contradicts a claim without a reason in `against_print`, or agrees with a claim that
            gives one.
    """
    rows = {row.label: row for row in study.rows}
    for claim in study.claims:
        better, worse = (published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse))
        if better is None or worse is None:
            continue
        follows = worse < better if metric_column(claim.metric).higher_is_better is not False else better < worse
        what = f"study {study.name}: the claim that '{claim.better}' is better than '{claim.worse}' in {claim.metric}"
        prints = f"the source prints {better:g} and {worse:g}"
        if not follows and not claim.against_print:
            raise ConfigError(
                f"{what} contradicts its source: {prints}. Correct the claim, or give it the key against_print with "
                "the reason why it stands"
            )
        if follows and claim.against_print:
            raise ConfigError(f"{what} agrees with its source: {prints}. Remove its key against_print")
