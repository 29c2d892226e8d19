from fercli.runs.hardware import hardware_in_words


def test_hardware_in_words():
    found = {"processor": "EPYC", "machine": "x86_64", "cores": 2, "threads": 1, "gpus": []}
    assert hardware_in_words({"hardware": found}) == "EPYC, 2 cores, threads: 1"
    assert (
        hardware_in_words({"hardware": found | {"gpus": ["H200", "H200"]}}) == "H200; H200; EPYC, 2 cores, threads: 1"
    )
    assert hardware_in_words({}) == ""
