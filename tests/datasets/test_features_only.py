import pytest

from fercli.datasets.features_only import refuse_features
from fercli.datasets.source import Source
from fercli.errors import DataError

DVLOG = ["labels.csv", "0/0_acoustic.npy", "0/0_visual.npy"]


def source(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return Source(folder)


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["300_P/300_CLNF_AUs.txt", "300_P/300_AUDIO.wav", "train_split_Depression_AVEC2017.csv"], "DAIC-WOZ"),
        (["300_P/300_COVAREP.csv", "300_P/300_TRANSCRIPT.csv"], "DAIC-WOZ"),
        (["300_P.zip", "301_P.zip"], "DAIC-WOZ or E-DAIC"),
        (["labels/train_split.csv", "300_P/features/300_OpenFace2.1.0_Pose_gaze_AUs.csv"], "E-DAIC"),
        (["data/300_P/features/300_CNN_ResNet.mat.csv"], "E-DAIC"),
        (DVLOG, "D-Vlog"),
    ],
)
def test_a_corpus_of_features_is_refused_with_the_reason(tmp_path, names, title):
    with pytest.raises(DataError, match=rf"looks like {title} \(.*no images or videos of faces"):
        refuse_features(source(tmp_path, names))


@pytest.mark.parametrize("names", [[*DVLOG, "videos/0.mp4"], ["labels.csv", "a_visual.npy"], ["train/happy/300_P.png"]])
def test_other_data_pass(tmp_path, names):
    found = source(tmp_path, names)
    assert refuse_features(found) is None
    assert sorted(found.names()) == sorted(names)
