"""What all tests in Python wait by, and where they listen meanwhile."""
import socket
import time


def until(seconds, what, condition):
    """Waits for a condition that will come true; fails with its name when it does not."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return result


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
