import pytest

from tests.benchmarks.accounts import measure, show


@pytest.mark.timeout(300)
def test_a_small_world_is_measured_whole(capsys):
    told = measure("hubspot", 2_500, "quick", threads=1)

    assert told["companies"] > told["won"] > 0
    assert told["truth"]["auc"] > 0.8
    assert told["figures"]["ece"] < told["noisy_or"]["ece"]
    show({"hubspot": told})
    assert "leads taken as independent" in capsys.readouterr().out
