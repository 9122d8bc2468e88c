from edge_vsr.cli.remote import Ending


def test_a_restart_ends_one_run_and_begins_another_once() -> None:
    ending = Ending()
    ending.restart()
    assert ending.stop.is_set()
    assert ending.another()
    assert not ending.stop.is_set()
    assert not ending.another()


def test_a_signal_is_stronger_than_a_restart() -> None:
    ending = Ending()
    ending.restart()
    ending.for_good()
    assert not ending.another()
    assert ending.stop.is_set()


def test_a_signal_alone_is_the_end() -> None:
    ending = Ending()
    ending.for_good()
    assert not ending.another()
