from tasks import jobs
from tasks.cli import launch
from tasks.cli.launch import worker_command


def test_every_worker_takes_ticks():
    command = worker_command(["backfill", "train"], 3)

    assert command[command.index("--queues") + 1] == "backfill,train,tick"
    assert command[command.index("--concurrency") + 1] == "3"
    assert launch.TICK == jobs.TICK_QUEUE


def test_the_workers_of_one_machine_have_names_of_their_own():
    names = {command[command.index("--hostname") + 1] for command in map(worker_command, ["a", "b"], [1, 1])}

    assert len(names) == 2
