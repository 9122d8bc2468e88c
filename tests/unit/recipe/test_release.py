from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from edge_vsr.calibration.original import Original
from edge_vsr.calibration.ranges import find_grids
from edge_vsr.sr.store import ModelStore
from edge_vsr.sr.upscaler import open_upscaler
from models.recipe.card import CARD, card
from models.recipe.evaluate import psnr
from models.recipe.fold import fold
from models.recipe.quantize import quantize
from models.recipe.record import released
from models.recipe.release import check_gate, macs_a_sample, made_small, psnr_y, release
from tests.unit.recipe.networks import luma, network, table, tiny, write_recipe
from tests.unit.recipe.records import quality


def test_a_good_model_passes() -> None:
    check_gate([quality()], tiny())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"float_network": 36.96}, "INT8 loses 0.060 dB on Set5; 0.05 are allowed"),
        ({"int8": {"onnxruntime": 36.90, "openvino": 36.93}}, "the runtimes are 0.030 dB apart on Set5"),
        ({"bicubic": 35.5}, "only 1.40 dB over bicubic on Set5"),
    ],
)
def test_a_model_that_is_not_good_enough_is_not_released(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SystemExit, match=f"not released: {reason}"):
        check_gate([quality(**changes)], tiny())


def test_every_set_is_gated_for_what_int8_loses() -> None:
    with pytest.raises(SystemExit, match="on Set14"):
        check_gate([quality(), quality("Set14", float_network=37.0)], tiny())


def test_x4_gains_less_and_must() -> None:
    check_gate([quality(bicubic=35.5)], tiny(scale=4))
    with pytest.raises(SystemExit, match=r"only 0.90 dB over bicubic"):
        check_gate([quality(bicubic=36.0)], tiny(scale=4))


def test_what_went_through_a_codec_leaves_less_to_gain() -> None:
    check_gate([quality(bicubic=36.0)], tiny(lossy=True))
    with pytest.raises(SystemExit, match=r"only 0.40 dB over bicubic"):
        check_gate([quality(bicubic=36.5)], tiny(lossy=True))


@pytest.mark.parametrize(("scale", "small", "large"), [(2, (40, 52), (80, 104)), (4, (20, 26), (80, 104))])
def test_a_model_of_lossy_sources_is_judged_by_what_a_codec_leaves(
    scale: int, small: tuple[int, int], large: tuple[int, int]
) -> None:
    bgr = np.asarray(np.random.default_rng(5).normal(128, 30, (83, 107, 3)).clip(0, 255), np.uint8)
    coded, grey = made_small(bgr, tiny(lossy=True, scale=scale))
    assert (coded.shape, grey.shape) == ((*small, 3), (*large, 3))
    assert (coded[..., 0] == coded[..., 2]).all(), "colour would not be the network's"
    area = cv2.resize(grey, small[::-1], interpolation=cv2.INTER_AREA)
    assert 1 < np.abs(area.astype(float) - coded).mean() < 12, (
        "noise at CRF 30 loses something, and is no other picture"
    )


def test_a_model_of_clean_sources_is_judged_by_whole_samples() -> None:
    clean, true = made_small(np.zeros((50, 71, 3), np.uint8), tiny())
    assert (clean.shape, true.shape) == ((25, 35, 3), (50, 70, 3))


def test_one_level_everywhere_is_that_of_limited_range() -> None:
    grey = np.full((12, 12, 3), 100, np.uint8)
    assert psnr_y(grey, grey + 1, 2) == pytest.approx(20 * np.log10(255 * 255 / 219), abs=0.01)


def test_the_border_is_left_out() -> None:
    difference = np.ones((12, 12))
    difference[:2] = difference[-2:] = difference[:, :2] = difference[:, -2:] = 100
    assert psnr(difference, 2) == pytest.approx(20 * np.log10(255))


def test_a_tiny_networks_operations_are_counted() -> None:
    net = fold(network(tiny(coarse=4, fine=2, width=8, blocks=2)))
    extractor = 16 * 64 * 9 / 16 + 64 * 256 * 9 / 64
    spatial = 2 * 49 / 64
    # Joined from 16 channels of features and 4 of luma; bicubic from 4 to 16.
    reconstruction = (20 * 8 + 2 * 8 * 8 + 8 * 16 + 4 * 16) * 9 / 4
    assert macs_a_sample(net) == pytest.approx(extractor + spatial + reconstruction)


def release_untrained(folder: Path, monkeypatch: pytest.MonkeyPatch, scale: int) -> Path:
    """The store with an untrained network, released on one set of one picture, `folder`/Set1."""
    # An untrained network is no better than bicubic, and eight channels lose more to INT8.
    monkeypatch.setattr("models.recipe.release.LEAST_GAIN", {scale: -99.0})
    monkeypatch.setattr("models.recipe.release.MOST_LOSS", 99.0)
    original = network(tiny(scale=scale))
    recipe = write_recipe(folder / "tiny.toml", table(scale=scale))
    torch.save({"ema": original.state_dict(), "step": 6}, folder / "checkpoint.pt")
    net = fold(original)
    (folder / "finetuned.npz").write_bytes(Original(net, find_grids(net, [luma()]), 6).to_bytes())
    quantize(recipe, folder / "finetuned.npz", folder / "made")
    (folder / "Set1").mkdir()
    cv2.imwrite(str(folder / "Set1" / "a.png"), np.dstack([luma(128, 192)] * 3))
    release(recipe, folder / "checkpoint.pt", folder / "made", [folder / "Set1"], folder / "store")
    return folder / "store"


@pytest.mark.parametrize("scale", [2, 4])
def test_a_release_can_be_found_run_and_read_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scale: int) -> None:
    store = release_untrained(tmp_path, monkeypatch, scale)
    upscaler = open_upscaler("tiny", runtime="onnxruntime", store=ModelStore(store))
    assert upscaler.luma(luma()).shape == (64 * scale, 96 * scale)
    (record,) = released(store)
    parameters = fold(network(tiny(scale=scale))).parameters
    assert (record.recipe.scale, record.steps, record.parameters) == (scale, 6, parameters)
    assert (store / "tiny" / CARD).read_text() == card(record)
