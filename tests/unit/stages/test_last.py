from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.stages.last import LastFrameCamera


def test_it_is_the_other_camera_and_remembers_its_last_frame() -> None:
    frames = [gray_frame(n) for n in range(3)]
    camera = LastFrameCamera(FakeCamera(list(frames), live=False))
    assert camera.last is None
    for frame in frames:
        assert camera.read() is frame
        assert camera.last is frame
    assert camera.read() is None
    assert camera.last is frames[-1], "the end of a file is no reason to forget"
