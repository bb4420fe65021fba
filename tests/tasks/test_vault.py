import stat
import threading

from tasks.vault import FileVault


def test_a_rotated_token_is_kept_for_us_alone(tmp_path):
    vault = FileVault(tmp_path / "tokens" / "acme")

    with vault.exclusive() as only:
        assert only.load() is None
        only.save("second")

    assert FileVault(tmp_path / "tokens" / "acme").load() == "second"
    assert stat.S_IMODE((tmp_path / "tokens" / "acme").stat().st_mode) == 0o600


def test_only_one_refreshes_at_a_time(tmp_path):
    used = []

    def refresh():
        with FileVault(tmp_path / "acme").exclusive() as vault:
            token = vault.load() or "0"
            used.append(token)
            vault.save(str(int(token) + 1))

    threads = [threading.Thread(target=refresh) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(used, key=int) == [str(number) for number in range(8)]
