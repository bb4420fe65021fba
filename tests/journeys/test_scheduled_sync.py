"""A whole scheduled sync, through beat, broker and worker as `truegrade up` starts them on one machine."""

import os
import signal
import subprocess
import time

from tests.commandline import PROGRAM, QUICKLY

PATIENCE_S = 150


def test_truegrade_up_scores_leads_by_schedule_and_stops_in_good_order(installed):
    home = installed("hubspot", leads=1_200)
    assert home.truegrade("provision", "hubspot").code == 0
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUEGRADE_")}
    environment |= QUICKLY | {
        "TRUEGRADE_SYNC_EVERY_S": "3",
        "TRUEGRADE_TICK_EVERY_S": "1",
        "TRUEGRADE_TRAIN_EVERY_S": "100000",
    }
    command = [str(PROGRAM), "up", "--home", str(home.home), "--processes", "1"]
    up = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        scored = wait_for(lambda: scores(home), up)
        edited = home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"}, limit=1, seed=2)[0]
        assert edited in scored
        values = {"jobtitle": "Chief Executive Officer", "hs_email_replied": "9", "hs_analytics_num_page_views": "80"}
        home.simulator.hubspot.edit("contacts", edited, values)
        wait_for(lambda: scores(home).get(edited) != scored[edited], up)
    finally:
        up.send_signal(signal.SIGTERM)
        said, _ = up.communicate(timeout=120)

    assert up.returncode == 0, said
    assert home.simulator.log.count("hubspot", "write") > 0


def scores(home):
    """The likelihoods that the CRM holds, by contact; empty until all open ones have one."""
    held = {record: values["tg_likelihood"] for record, values in home.simulator.hubspot.snapshot("contacts").items()}
    open_leads = set(home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"}, limit=10_000, seed=1))
    return held if all(held[lead] is not None for lead in open_leads) else {}


def wait_for(claim, process):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}: {process.stdout.read()}")
        if found := claim():
            return found
        time.sleep(0.5)
    raise AssertionError("it did not happen in time")
