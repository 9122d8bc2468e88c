from pathlib import Path

import cv2
import numpy as np
import pytest

from calibration import make


def test_the_frames_are_what_their_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "HERE", tmp_path)
    make.main()
    kept = sorted(Path(make.__file__).parent.glob("*.png"))
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    for path in kept:
        ours, theirs = (cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in (path, tmp_path / path.name))
        np.testing.assert_array_equal(ours, theirs, err_msg=f"{path.name} is another picture")
