"""Which network, where, and up to which rung."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.bench.advice import Advice, advise, confirmed
from edge_vsr.bench.jobs import WHOLE, Found, Pipeline, Row
from edge_vsr.policy.ladder import COMPUTE_MARGIN
from edge_vsr.sr.store import Model, bundled_store
from tests.unit.bench.rows import failed, network

_ANY = next(iter(bundled_store().models.values()))


def model(name: str, psnr: float, scale: int = 2, source: str = "clean") -> Model:
    return replace(_ANY, name=name, scale=scale, source=source, metrics={"Set5": psnr})


MODELS = {
    one.name: one
    for one in (
        model("small", 36.0),
        model("middle", 37.0),
        model("large", 38.0),
        model("four", 30.0, scale=4),
        model("lossy", 40.0, source="lossy"),
    )
}
FPS = 10.0
GIVEN = COMPUTE_MARGIN * 1000 / FPS


def advised(*rows: Row) -> Advice:
    advice = advise(rows, MODELS, FPS, "small")
    assert advice is not None
    return advice


def test_the_best_network_that_keeps_up_is_taken() -> None:
    advice = advised(network("small", 10), network("middle", GIVEN), network("large", GIVEN + 1))
    assert (advice.model, advice.least, advice.most) == ("middle", "still", "enhanced")


def test_where_none_keeps_up_the_fastest_is_for_restore_alone() -> None:
    advice = advised(network("small", 200), network("large", 900))
    assert (advice.model, advice.most) == ("small", "native")


def test_the_faster_runtime_is_taken() -> None:
    advice = advised(network("small", 30, runtime="onnxruntime"), network("small", 20, runtime="openvino"))
    assert advice.runtime == "openvino"


def test_few_threads_and_whole_frames_are_taken_where_they_are_as_fast() -> None:
    rows = [network("small", 20.0), network("small", 20.5, threads=2), network("small", 19.9, threads=2, tile="64x64")]
    advice = advised(*rows)
    assert (advice.threads, advice.tile) == (2, WHOLE)


def test_figures_of_other_scales_and_sources_are_not_compared() -> None:
    assert advised(network("small", 20), network("four", 10), network("lossy", 10)).model == "small"
    assert advised(network("four", 20)).model == "four"


def test_a_row_that_failed_is_no_advice() -> None:
    assert advise([failed("small", "crashed: SIGILL")], MODELS, FPS, "small") is None
    assert advised(failed("small", "crashed: SIGILL"), network("small", 20)).runtime == "openvino"


@pytest.mark.parametrize(("fps", "most"), [(10.0, "enhanced"), (9.0, "enhanced"), (8.9, "native")])
def test_the_whole_pipeline_has_the_last_word(fps: float, most: str) -> None:
    advice = advised(network("small", 20))
    pipeline = Pipeline(fps_asked=FPS, fps=fps, frames=50, dropped=0, first_segment_s=3, cpus_busy=1)
    shown = confirmed(advice, Found(pipeline=pipeline))
    assert shown.most == most
    assert len(shown.because) == len(advice.because) + 1


def test_what_was_not_seen_to_keep_up_is_not_advised() -> None:
    shown = confirmed(advised(network("small", 20)), Found(error="the box made too few frames"))
    assert shown.most == "native"
    assert "gave no result (the box made too few frames)" in shown.because[-1]


def test_a_network_that_is_too_slow_by_itself_is_no_better_in_the_pipeline() -> None:
    advice = advised(network("small", 500))
    assert confirmed(advice, Found(error="why ever")) == advice


def test_int8_that_is_slower_than_float_is_said() -> None:
    row = network("small", 20)
    advice = advised(replace(row, found=replace(row.found, float_ratio=0.5)))
    assert any("INT8 takes 2.00 times as long as float" in reason for reason in advice.because)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(MODELS)), st.floats(0.1, 1e4), st.sampled_from([1, 2, 4])),
        min_size=1,
        max_size=12,
    )
)
def test_enhanced_is_advised_only_in_time(measured: list[tuple[str, float, int]]) -> None:
    rows = [network(name, ms, threads=threads) for name, ms, threads in measured]
    advice = advised(*rows)
    assert (advice.most == "enhanced") == (advice.ms <= GIVEN)
    assert any((row.job.model, row.job.threads) == (advice.model, advice.threads) for row in rows)
