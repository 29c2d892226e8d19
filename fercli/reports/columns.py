"""How each metric is printed: its name, its unit, and which end is better."""

from fercli.reports.table import Column

_PERCENT = {
    "accuracy": "accuracy",
    "mean_class_accuracy": "mean class accuracy",
    "clip_accuracy": "accuracy by clip",
    "clip_mean_class_accuracy": "mean class accuracy by clip",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
    "minority_recall": "recall of rare classes",
    "total_evaluation_metric": "total evaluation metric",
    "recall_at_1": "recall@1",
    "recall_at_2": "recall@2",
    "recall_at_4": "recall@4",
    "recall_at_8": "recall@8",
    "recall_at_10": "recall@10",
    "recall_at_20": "recall@20",
    "recall_at_100": "recall@100",
    "r_precision": "R-precision",
    "map_at_r": "MAP@R",
}

METRICS = {key: Column(key, label, unit="%", higher_is_better=True) for key, label in _PERCENT.items()} | {
    "ece": Column("ece", "ECE", unit="%", higher_is_better=False),
    "mcc": Column("mcc", "MCC", higher_is_better=True, decimals=3),
    "mae": Column("mae", "MAE", unit="points", higher_is_better=False),
    "rmse": Column("rmse", "RMSE", unit="points", higher_is_better=False),
    "pcc": Column("pcc", "PCC", higher_is_better=True, decimals=3),
    "ccc": Column("ccc", "CCC", higher_is_better=True, decimals=3),
    "score_kl": Column("score_kl", "KL to the label distribution", unit="nats", higher_is_better=False),
}
for _key, _label in {
    "freeform": "of Freeform",
    "northwind": "of Northwind",
    "session": "of the mean of a sitting's tasks",
    "regressed": "of the score as regressed",
    "binned": "of the score by its bins",
    "clamped": "within 0 to 63 points",
}.items():
    for _error in ("mae", "rmse"):
        _name = f"{_error}_{_key}"
        METRICS[_name] = Column(_name, f"{_error.upper()} {_label}", unit="points", higher_is_better=False)
for _dimension in ("valence", "arousal"):
    for _key in ("ccc", "pcc"):
        _name = f"{_key}_{_dimension}"
        METRICS[_name] = Column(_name, f"{_key.upper()} {_dimension}", higher_is_better=True, decimals=3)
    for _key in ("rmse", "mae"):
        _name = f"{_key}_{_dimension}"
        METRICS[_name] = Column(_name, f"{_key.upper()} {_dimension}", higher_is_better=False, decimals=3)
    METRICS[f"sagr_{_dimension}"] = Column(f"sagr_{_dimension}", f"SAGR {_dimension}", "%", higher_is_better=True)


def metric_column(metric: str) -> Column:
    """The column of a metric; one that is not known here prints under its own name, and no value is marked as best."""
    return METRICS.get(metric, Column(metric, metric.replace("_", " "), decimals=4))


def measured(metric: str, value: float) -> float:
    """A value of `metrics.json`, where accuracies are fractions, in the unit of the metric's column."""
    return 100 * value if metric_column(metric).unit == "%" else value
