from edge_vsr.camera.gate import ReadGate


def test_a_device_is_let_go_once() -> None:
    released: list[str] = []
    gate = ReadGate(lambda: released.append("released"))
    gate.close()
    gate.close()
    assert released == ["released"]


def test_a_device_is_not_let_go_under_a_read() -> None:
    released: list[str] = []
    gate = ReadGate(lambda: released.append("released"))
    with gate.reading() as usable:
        assert usable
        gate.close()
        assert released == []
    assert released == ["released"]


def test_a_closed_device_is_not_usable() -> None:
    gate = ReadGate(lambda: None)
    gate.close()
    with gate.reading() as usable:
        assert not usable
