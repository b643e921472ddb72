"""Checks that cells which an inner kernel runs look as if the outer one had run them."""

from __future__ import annotations

import re

import pytest


def _plain(error):
    """The traceback of an error, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["content"]["traceback"]))


@pytest.fixture
def kernel(start, cached):
    started = start(**cached)
    started.as_of("0.9")
    return started


def test_cells_run_as_of_the_release_in_another_process(moved):
    assert moved.run("import tensorflow_federated as tff\ntff.__name__").ok().result == (
        "'tensorflow_federated'"
    )
    inner = int(moved.run("import os\nos.getpid()").ok().result)
    assert inner != moved.pid
    assert int(moved.run("%tff_local\nimport os\nos.getpid()").ok().result) == moved.pid


def test_streams_come_while_the_cell_runs(moved):
    seen = []
    request = moved.send(
        """
        import os, sys, time
        print("first", flush=True)
        while not os.path.exists("go"): time.sleep(0.01)
        print("second", file=sys.stderr)
        """
    )

    def go(message):
        seen.append(message["content"].get("text"))
        if seen[-1] == "first\n":
            moved.folder.joinpath("go").touch()

    ran = moved.wait(request, each=go).ok()
    assert (ran.out, ran.stream("stderr")) == ("first\n", "second\n")


def test_displays_and_their_updates_come_as_they_are(moved):
    ran = moved.run(
        """
        from IPython.display import HTML, clear_output, display
        handle = display(HTML("<b>one</b>"), display_id="mine", metadata={"kept": 1})
        handle.update(HTML("<b>two</b>"))
        clear_output(wait=True)
        """
    ).ok()
    kinds = [each["msg_type"] for each in ran.published if each["msg_type"] != "execute_input"]
    assert kinds == ["display_data", "update_display_data", "clear_output"]
    shown, updated, _ = (each["content"] for each in ran.published[1:])
    assert shown["data"]["text/html"] == "<b>one</b>"
    assert shown["metadata"] == {"kept": 1}
    assert shown["transient"] == updated["transient"] == {"display_id": "mine"}


def test_pictures_are_handed_on(moved):
    ran = moved.run("from IPython.display import Image\nImage(data=b'\\x89PNG', format='png')").ok()
    (result,) = ran.of("execute_result")
    assert result["content"]["data"]["image/png"].strip() == "iVBORw=="


def test_an_error_has_its_traceback_and_ends_what_waits_behind_it(moved):
    first, second = moved.send("\n\n1 / 0"), moved.send("print('after')")
    ran = moved.wait(first)
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "ZeroDivisionError"
    (error,) = ran.of("error")
    assert error["content"]["evalue"] == "division by zero"
    assert "1 / 0" in _plain(error)
    assert moved.reply(second)["status"] == "aborted"
    assert moved.run("print('later')").ok().out == "later\n"


def test_a_missing_module_is_told_with_what_adds_it(moved):
    ran = moved.run("import skimage.io")
    assert ran.reply["ename"] == "ModuleNotFoundError"
    assert ran.out.endswith("If it comes from a package: %pip install scikit-image\n")
    ran = moved.run("%tff_local\nimport not_there")
    assert ran.out == ""


def test_cells_have_the_numbers_that_jupyter_shows(moved):
    number = moved.run("'a'").ok().reply["execution_count"]
    moved.run("%tff_local\n'here'").ok()
    ran = moved.run(f"Out[{number}] + 'b'").ok()
    assert ran.result == "'ab'"
    assert ran.reply["execution_count"] == number + 2
    assert ran.of("execute_input")[0]["content"]["execution_count"] == number + 2
    assert ran.of("execute_result")[0]["content"]["execution_count"] == number + 2


def test_input_asks_the_user(moved):
    assert moved.run("input('Name? ')", answer="Ada").ok().result == "'Ada'"
    ran = moved.run("import getpass\ngetpass.getpass()", answer="secret").ok()
    assert ran.of("input_request")[0]["content"]["password"] is True
    assert ran.result == "'secret'"


@pytest.mark.parametrize("where", ["time.sleep(60)", "input()"])
def test_an_interrupt_reaches_the_cell(moved, where):
    ran = moved.interrupted(f"import time\nprint('begun', flush=True)\n{where}")
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert moved.run("'still ' + 'there'").ok().result == "'still there'"


def test_a_question_ends_where_the_cell_that_asked_has_given_up(moved):
    ran = moved.run(
        """
        import _thread, threading
        threading.Timer(0.5, _thread.interrupt_main).start()
        input("Really? ")
        """,
        allow_stdin=True,
    )
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert moved.run("'still ' + 'there'").ok().result == "'still there'"


def test_completion_and_help_know_the_variables_of_the_cell(moved):
    moved.run("a_name_of_mine = [1]\ndef documented():\n    'What it does.'").ok()
    reply = moved.reply(moved.client.complete("a_name_of"))
    assert "a_name_of_mine" in reply["matches"]
    reply = moved.reply(moved.client.inspect("documented", 10))
    assert "What it does." in reply["data"]["text/plain"]
    (page,) = moved.run("documented?").ok().reply["payload"]
    assert "What it does." in page["data"]["text/plain"]
    moved.run("%tff_local\nlocal_one = 1").ok()
    reply = moved.reply(moved.client.complete("%tff_local\nlocal_o"))
    assert "local_one" in reply["matches"]
    reply = moved.reply(moved.client.inspect("local_one", 9))
    assert not reply["found"]


def test_magics_are_those_of_the_inner_kernel(moved):
    ran = moved.run("%%time\nkept = 5\nprint('timed')").ok()
    assert "timed" in ran.out and "Wall time" in ran.out
    assert moved.run("kept").ok().result == "5"
    assert moved.run("%%bash\necho $TFF_COMPAT_AS_OF").ok().out == "0.87.0\n"


def test_the_first_cells_can_be_run_again(moved):
    moved.run("kept = 7").ok()
    again = moved.run("%load_ext tff_compat\n%tff_as_of 0.87").ok()
    assert "as of 0.87.0" in again.out
    assert moved.run("kept").ok().result == "7"


def test_user_expressions_are_evaluated_there(moved):
    ran = moved.run("there = 6 * 7", user_expressions={"x": "there"}).ok()
    assert ran.reply["user_expressions"]["x"]["data"]["text/plain"] == "42"


def test_comms_pass_in_both_directions(moved):
    ran = moved.run(
        """
        from ipykernel.comm import Comm
        got = []
        mine = Comm(target_name="target", data={"opened": True}, buffers=[b"raw"])
        mine.on_msg(lambda message: got.append(message["content"]["data"]))
        """
    ).ok()
    (opened,) = ran.of("comm_open")
    assert [bytes(each) for each in opened["buffers"]] == [b"raw"]
    number = opened["content"]["comm_id"]
    request = moved.client.comm_info("target")
    assert number in moved.reply(request)["comms"]
    message = moved.client.session.msg("comm_msg", {"comm_id": number, "data": {"x": 1}})
    moved.client.shell_channel.send(message)
    assert moved.run("got").ok().result == "[{'x': 1}]"


@pytest.mark.parametrize(
    "cell",
    [
        "import os\nos._exit(3)",
        "import os, threading\nthreading.Timer(0.5, os._exit, [3]).start()\ninput()",
    ],
    ids=["at once", "while it asks"],
)
def test_a_kernel_that_dies_is_told_and_replaced(kernel, cell):
    kernel.run("lost = 1").ok()
    ran = kernel.run(cell, allow_stdin=True)
    assert ran.reply["status"] == "error"
    assert "it ended with status 3" in ran.of("error")[0]["content"]["evalue"]
    ran = kernel.run("'lost' in globals()").ok()
    assert "a new inner kernel is started, as of TFF 0.9.0" in ran.out
    assert ran.result == "False"


def test_exit_ends_both(kernel, ended):
    pids = [kernel.pid, int(kernel.run("import os\nos.getpid()").ok().result)]
    kernel.run("exit()")
    ended(*pids)


@pytest.mark.parametrize("how", ["shutdown", "restart", "kill"])
def test_nothing_is_left_behind(kernel, ended, how):
    ran = kernel.run(
        """
        import os, subprocess, sys
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        print(os.getpid(), child.pid, os.environ["TFF_COMPAT_REPORTS"])
        """
    ).ok()
    *pids, folder = ran.out.split()
    if how == "kill":
        kernel.send("import time\ntime.sleep(600)")
        kernel.manager.provisioner.process.kill()
    elif how == "restart":
        kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=60)
    else:
        kernel.manager.shutdown_kernel()
    ended(*map(int, pids), folder=folder)


def test_the_rest_of_the_cell_runs_there_as_well(start, cached):
    kernel = start(**cached)
    ran = kernel.run(
        "%load_ext tff_compat\n"
        "%tff_as_of 0.9\n"
        "import os\n"
        "print(os.environ['TFF_COMPAT_AS_OF'])\n"
        "number = 5\n"
        "number"
    ).ok()
    assert ran.out.endswith("\n0.9.0\n")
    assert ran.result == "5"
    count = ran.reply["execution_count"]
    assert kernel.run(f"Out[{count}]").ok().reply["execution_count"] == count + 1


def test_an_error_in_the_rest_of_the_cell_is_the_cells(start, cached):
    kernel = start(**cached)
    ran = kernel.run("%load_ext tff_compat\n%tff_as_of 0.9\n1 / 0")
    assert ran.reply["ename"] == "ZeroDivisionError"
    (error,) = ran.of("error")
    assert "----> 3 1 / 0" in _plain(error)
    assert kernel.run("1 + 1").ok().result == "2"
