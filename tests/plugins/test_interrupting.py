"""Work in another thread that an interruption stops."""

import contextlib
import os
import signal
import threading
import time

import pytest

from navarch.plugins.interrupting import Stoppable, interruptibly


def press(*moments):
    for moment in moments:
        threading.Timer(moment, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_what_it_answers():
    assert interruptibly(lambda told: b"done") == b"done"


def test_what_it_raises():
    def fail(told):
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        interruptibly(fail)


def test_an_interruption_stops_it_and_is_raised_when_it_has_stopped():
    stopped = threading.Event()
    ended = []

    def work(told):
        told.offer(stopped.set)
        stopped.wait(20)
        told.offer(None)
        time.sleep(0.1)
        ended.append(told.asked)
        return b""

    press(0.2)
    with pytest.raises(KeyboardInterrupt):
        interruptibly(work)
    assert ended == [True]


def test_several_interruptions():
    stopped = threading.Event()

    def work(told):
        told.offer(stopped.set)
        stopped.wait(20)
        return b""

    def run():
        try:
            interruptibly(work)
        finally:
            end = time.monotonic() + 0.5
            while time.monotonic() < end:
                with contextlib.suppress(KeyboardInterrupt):
                    time.sleep(0.01)

    press(0.2, 0.21, 0.25, 0.3)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert stopped.is_set()


def test_what_is_withdrawn_is_not_called():
    told, calls = Stoppable(), []
    told.stop()
    told.offer(lambda: calls.append(1))
    told.stop()
    told.offer(None)
    told.stop()
    assert (told.asked, calls) == (True, [1])


def test_in_another_thread_it_is_done_there():
    seen = []
    thread = threading.Thread(target=lambda: interruptibly(lambda told: seen.append(threading.current_thread()) or b""))
    thread.start()
    thread.join()
    assert seen == [thread]
