import numpy as np
import pytest

from edge_vsr.sr.network import mirrored
from edge_vsr.sr.shares import Shares
from tests.unit.sr.pictures import demo_frame, noise
from tests.unit.sr.test_network import EVERY, loaded


def test_products_are_rounded_half_to_even() -> None:
    codes, shares = (np.arange(256, dtype=np.uint8).reshape(shape) for shape in ((1, 1, 256, 1), (1, 1, 1, 256)))
    every = np.broadcast_to(codes, (1, 1, 256, 256))
    made = Shares(np.full((1, 1, 1, 1), 255, np.uint8), np.broadcast_to(shares, every.shape)).attend(every)
    first = np.rint(every * (255 / 256))
    np.testing.assert_array_equal(made, np.rint(first * shares / 256))


@pytest.mark.parametrize(("model", "runtime"), EVERY)
@pytest.mark.parametrize("picture", [demo_frame().y, noise(64, 48)], ids=["demo", "noise"])
def test_the_shares_give_what_the_attention_gave(
    model: str, runtime: str, picture: np.typing.NDArray[np.uint8]
) -> None:
    network = loaded(model, runtime)
    luma = mirrored(picture, network.model.align)
    features = network.extract(luma, (luma.shape[0], luma.shape[1]))
    attended, channels, positions = network.attention.run(features)
    shares = Shares(channels, positions)
    np.testing.assert_array_equal(shares.attend(features), attended)
    parts = [(slice(1, 4), slice(2, 5)), (slice(0, 3), slice(1, 4))]
    of_parts = shares.of(parts).attend(np.concatenate([features[..., *part] for part in parts]))
    np.testing.assert_array_equal(of_parts, np.concatenate([attended[..., *part] for part in parts]))
