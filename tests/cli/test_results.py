import io

import pytest
from rich.console import Console

from fercli.cli.results import result_tables

RECONSTRUCTED = "DJ-LDML is a reconstruction after the abstract of Zhou et al. 2020"


@pytest.mark.parametrize(("method", "is_said"), [("dj_ldml", True), ("dlga_cnn", False)])
def test_numbers_of_a_reconstruction_say_so(method, is_said):
    protocol = {"dataset": "AVEC2014", "split": "test", "selection": "validation", "criterion": "rmse"}
    result = {"method": method, "data": {"name": "avec2014"}, "seed": 0, "num_rows": 1000, "protocol": protocol}
    printed = io.StringIO()
    says = {"label": "MAE", "unit": "", "higher_is_better": False, "decimals": 2, "bounds": [0, None]}
    metrics = {"mae": {"value": 8.0, "low": 7.0, "high": 9.0} | says}
    Console(file=printed, width=200).print(result_tables(result | {"metrics": metrics}))
    said = "1,000 test samples, best epoch on the validation split of the data set, by rmse"
    assert printed.getvalue().startswith(f"{method} on avec2014, seed 0: {said}")
    assert (RECONSTRUCTED in printed.getvalue()) == is_said
