from pathlib import Path

import models
from models.recipe.card import CARD, card
from models.recipe.record import Record, released
from tests.unit.recipe.records import record

STORE = Path(models.__file__).parent


def assert_says(one: Record, *texts: str) -> None:
    made = " ".join(card(one).split())
    missing = [text for text in texts if text not in made]
    assert not missing, f"{missing} not in {made}"


def test_a_card_says_what_was_measured() -> None:
    assert_says(
        record(),
        "| Set5 | 33.96 | 36.940 | 36.900 | 36.910 | 0.040 |",
        "`images=5 scale=2 PSNR-Y=36.910 SSIM-Y=0.9542`",
        "| ONNX Runtime 1.22 | 34.5 ms | 33.2..36.0 ms | 150 MiB |",
        "2 threads on Some Processor",
        "36.000 dB with pools over the whole picture, 36.010 dB over windows of 32x32, 36.020 dB over windows of 48x48",
        "The shift costs 0.020 dB. Without any of the attended features it has 35.500 dB.",
    )


def test_a_card_says_what_was_not_measured() -> None:
    unmeasured = record(measured=False)
    assert_says(unmeasured, "Not measured yet.", "No independent program", "What that costs was not measured yet.")


def test_a_card_says_how_the_model_was_trained() -> None:
    assert_says(record(), "6 steps of 2 patches of 16x16", "windows of 48x48 around each patch")
    assert_says(record(start="ear-m-x2"), "it began with the weights of `ear-m-x2`")
    assert_says(record(teachers=("ear-l-x2",)), "and learnt what `ear-l-x2` makes of the pictures")
    assert_says(record(teachers=("ear-l-x2", "tiny")), "and learnt what `ear-l-x2` and `tiny` make of the pictures")


def test_a_card_is_of_its_scale() -> None:
    assert_says(record(scale=4), "Luma x4", "one frame of 480x270 to 1920x1080", "a border of 4 pixels")


def test_a_card_says_what_kind_of_pictures_a_model_is_for() -> None:
    assert_says(record(), "On clean pictures", "Compressed video, whose artifacts it sharpens")
    assert_says(
        record(lossy=True), "coded by x264 in a keyframe at CRF 30", "On lossy pictures", "Clean pictures, from"
    )


def test_released_cards_say_what_their_records_say() -> None:
    stale = [one.recipe.name for one in released(STORE) if (STORE / one.recipe.name / CARD).read_text() != card(one)]
    assert not stale, f"run python -m models.recipe.card {' '.join(stale)}"
