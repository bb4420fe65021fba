import threading

from connector.vault import MemoryVault


def test_what_was_saved_is_given_back():
    vault = MemoryVault()

    with vault.exclusive() as slot:
        before = slot.load()
        slot.save("second")

    assert before is None
    assert vault.load() == "second"


def test_a_first_token_may_be_given():
    assert MemoryVault("first").load() == "first"


def test_writers_take_turns():
    vault = MemoryVault("0")
    ready = threading.Barrier(4)

    def add() -> None:
        ready.wait()
        for _ in range(50):
            with vault.exclusive() as slot:
                slot.save(str(int(slot.load() or "0") + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert vault.load() == "200"
