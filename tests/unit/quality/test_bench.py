import json
import math
from pathlib import Path

import numpy as np
import pytest

from docs.quality import coding, measure, scores
from docs.quality.bench import Bench, Sent, Way
from docs.quality.clip import Clip, read_clip
from docs.quality.measure import BY_BICUBIC, PLAIN, low_rung, restoring
from edge_vsr.frame import Size
from edge_vsr.restoring.video import VideoOptions
from edge_vsr.sr.upscaler import BicubicUpscaler
from tests.unit.restoring.videos import write_video


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return read_clip(write_video(tmp_path / "clip.mp4", 4, size=Size(192, 128)), 4)


class Counted:
    """A way that tells how often it was gone."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path) -> coding.Lumas:
        self.times += 1
        return coding.interpolated(path)


def test_what_a_work_folder_holds_is_not_measured_again(clip: Clip, tmp_path: Path) -> None:
    decode = Counted()
    first = Bench(clip, tmp_path / "work").curve(low_rung(clip), Way("counted", decode, "1"), (40, 30))
    again = Bench(clip, tmp_path / "work").curve(low_rung(clip), Way("counted", decode, "1"), (30, 40))
    assert (decode.times, again) == (2, first)
    assert first[0].kbits > first[1].kbits
    assert first[0].psnr > first[1].psnr
    Bench(clip, tmp_path / "work").point(low_rung(clip), Way("counted", decode, "2"), crf="30")
    assert decode.times == 3, "another version of it is another way"


def test_another_option_is_another_file(clip: Clip, tmp_path: Path) -> None:
    bench, low = Bench(clip, tmp_path / "work"), low_rung(clip)
    other = Sent(low.name, low.frames, {**low.options, "aq-mode": "0"})
    assert len({bench.coded(low, crf="30"), bench.coded(low, crf="31"), bench.coded(other, crf="30")}) == 3


def test_a_restored_file_is_what_restore_makes(clip: Clip, tmp_path: Path) -> None:
    path = Bench(clip, tmp_path / "work").coded(low_rung(clip), crf="20")
    upscaler = BicubicUpscaler()
    for low, made in zip(coding.decoded(path), coding.restored(path, upscaler, VideoOptions(ahead=False)), strict=True):
        np.testing.assert_array_equal(made, upscaler.luma(low))


def test_another_code_makes_other_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    before = restoring("ear-s-x2").version
    monkeypatch.setattr(measure, "code", lambda: "another")
    assert restoring("ear-s-x2").version != before


def test_an_option_that_restore_does_not_have_is_said() -> None:
    with pytest.raises(SystemExit, match=r"no option --pases 2; there are: --no-ahead, --passes 2"):
        restoring("ear-s-x2 --pases 2")


def test_the_same_picture_has_the_best_figures_there_are(clip: Clip, tmp_path: Path) -> None:
    truth = [planes[0] for planes in clip.frames]
    path = Bench(clip, tmp_path / "work").coded(low_rung(clip), crf="45")
    poor = list(PLAIN.decode(path))
    assert scores.mean_psnr(truth, truth) == scores.BEST > scores.mean_psnr(truth, poor)
    assert scores.vmaf(truth, truth) > scores.vmaf(truth, poor)


def test_flicker_counts_where_nothing_moves_and_only_there() -> None:
    truth = [np.full((64, 64), 100, np.uint8) for _ in range(3)]
    for number, plane in enumerate(truth):
        plane[:, 32:] += np.uint8(50 * number)
    restless = [plane + np.uint8(4 * (number % 2)) for number, plane in enumerate(truth)]
    wild = [np.where(np.arange(64) < 32, plane, 255 - plane).astype(np.uint8) for plane in truth]
    assert scores.flicker(truth, restless) == pytest.approx(4.0)
    assert scores.flicker(truth, wild) == scores.flicker(truth, truth) == 0.0
    moving = [plane[:, 32:] for plane in truth]
    assert math.isnan(scores.flicker(moving, moving))


def test_what_was_noted_without_flicker_is_measured_again(clip: Clip, tmp_path: Path) -> None:
    bench = Bench(clip, tmp_path / "work")
    first = bench.point(low_rung(clip), BY_BICUBIC, crf="30")
    (note,) = bench.coded(low_rung(clip), crf="30").parent.glob("*.json")
    noted = json.loads(note.read_text())
    note.write_text(json.dumps({key: value for key, value in noted.items() if key != "flicker"}))
    assert repr(bench.point(low_rung(clip), BY_BICUBIC, crf="30")) == repr(first)


def test_frames_that_are_missing_are_no_figure(clip: Clip) -> None:
    truth = [planes[0] for planes in clip.frames]
    with pytest.raises(SystemExit, match=r"3 frames of .*, not 4 of"):
        scores.mean_psnr(truth, truth[:-1])
