"""Work in another thread that an interruption stops."""

import os
import signal
import threading
import time

import pytest

from navarch.plugins import interrupting
from navarch.plugins.interrupting import Stoppable, interruptibly
from support.pressing import ctrl_c


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
        os.kill(os.getpid(), signal.SIGINT)
        stopped.wait(120)
        told.offer(None)
        time.sleep(0.1)
        ended.append(told.asked)
        return b""

    with pytest.raises(KeyboardInterrupt), ctrl_c():
        interruptibly(work)
    assert ended == [True]


def test_a_second_interruption_is_raised_at_once(monkeypatch):
    monkeypatch.setattr(interrupting, "_TRIES", 10_000)
    stopped, released = threading.Event(), threading.Event()

    def work(told):
        told.offer(stopped.set)
        os.kill(os.getpid(), signal.SIGINT)
        stopped.wait(60)
        os.kill(os.getpid(), signal.SIGINT)
        released.wait(60)
        return b""

    with pytest.raises(KeyboardInterrupt), ctrl_c():
        interruptibly(work)
    assert stopped.is_set()
    released.set()


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
