import os
import signal
import threading

import pytest
import requests

from connector.clock import SystemClock
from connector.simulator.server import Simulator


def test_a_left_simulator_no_longer_answers(bell):
    with Simulator(salesforce=bell, hubspot=None, clock=SystemClock()) as simulator, requests.Session() as session:
        assert session.get(simulator.url + "/services/data/bell").status_code == 200

    with pytest.raises(requests.ConnectionError):
        requests.get(simulator.url + "/services/data/bell", timeout=10)
    assert not [thread for thread in threading.enumerate() if thread.name == "simulator" and not thread.daemon]


def test_each_dialect_has_its_own_paths(bell):
    with Simulator(salesforce=None, hubspot=bell, clock=SystemClock()) as simulator:
        assert requests.get(simulator.url + "/crm/v3/bell", timeout=10).json() == {"rung": 1}
        assert requests.get(simulator.url + "/services/data/bell", timeout=10).status_code == 404
        assert simulator.hubspot is bell
        with pytest.raises(LookupError):
            _ = simulator.salesforce


def test_a_port_can_be_chosen(bell):
    with Simulator(salesforce=bell, hubspot=None, clock=SystemClock()) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Simulator(salesforce=bell, hubspot=None, clock=SystemClock(), port=port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_serving_and_gives_the_handlers_back(bell, number):
    before = signal.getsignal(number)
    seen = []

    def on_ready(url):
        seen.append(requests.get(url + "/services/data/bell", timeout=10).status_code)
        os.kill(os.getpid(), number)

    Simulator(salesforce=bell, hubspot=None, clock=SystemClock()).serve(on_ready)

    assert seen == [200]
    assert signal.getsignal(number) is before
