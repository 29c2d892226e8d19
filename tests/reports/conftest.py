import pytest

from fercli.reports.table import Block, Cell, Column, Row, Table


@pytest.fixture
def table() -> Table:
    """Two blocks, cells of every kind: spread, single run, interval, published only, words, footnotes."""
    others = "others got 85.7 to 87.2"
    return Table(
        title="RAF-DB: 7 classes & 50 % noise",
        columns=[
            Column("accuracy", "accuracy", unit="%", higher_is_better=True),
            Column("rmse", "RMSE", unit="points", higher_is_better=False, decimals=1),
            Column("verdict", "verdict"),
        ],
        blocks=[
            Block(
                "ImageNet weights",
                [
                    Row("softmax_loss", {"accuracy": Cell(84.5, sd=0.3, n=3, published=85.56), "rmse": Cell(8.14)}),
                    Row(
                        "DDA loss",
                        {
                            "accuracy": Cell(85.31, sd=0.22, n=3, published=86.90, sources=("runs/a/seed0",)),
                            "rmse": Cell(7.9),
                            "verdict": Cell(text="confirmed"),
                        },
                    ),
                ],
            ),
            Block(
                "MS-Celeb weights",
                [
                    Row(
                        "DACL",
                        {
                            "accuracy": Cell(88.0, n=1, low=86.9, high=89.1, published=87.78, notes=(others,)),
                            "rmse": Cell(text="failed"),
                        },
                        notes=("attention",),
                    ),
                    Row("g-DACL", {"accuracy": Cell(published=87.19, published_sd=0.25, notes=(others,))}),
                ],
            ),
        ],
        notes=["Selection on the validation split."],
    )
