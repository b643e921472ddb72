"""Lets an inner kernel run the cells of an outer one, which is all that the user sees.

The outer kernel is the one that Jupyter started; its Python has no TensorFlow Federated. Its
methods that carry out requests are replaced on the instance, so that everything around them
(prompts, the order of cells, aborting after an error) is as in any kernel.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import inspect
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tff_compat.notebooks import colab, local
from tff_compat.notebooks.inner import InnerKernel, InnerKernelDied
from tff_compat.running.interpreter import Interpreter

_SECONDS_FOR_HELP = 30
_SECONDS_BETWEEN_LOOKS = 0.2
_COMMS = ("comm_open", "comm_msg", "comm_close")
_ENDED = "InnerKernelDied"


class Bridge:
    """Between an outer kernel and the inner one that runs its cells."""

    def __init__(self, kernel: Any, as_of: str, interpreter: Interpreter):
        """Starts the inner kernel; from now on cells run there.

        Args:
          kernel: The `ipykernel` kernel.
          as_of: The release.
          interpreter: The Python of the inner kernel.

        Raises:
          InnerKernelDied: It does not start.
        """
        self._kernel = kernel
        self._as_of = as_of
        self._interpreter = interpreter
        self._colab = colab.Answers()
        # The kernel's counter, where the two are known to agree.
        self._count: int | None = None
        self._comms: dict[str, str] = {}
        self._inner = self._started()
        self._local = {
            name: getattr(kernel, name)
            for name in ("do_execute", "do_complete", "do_inspect", "do_is_complete", "do_history")
        }
        for name in self._local:
            setattr(kernel, name, getattr(self, name))
        self._handlers = dict(kernel.shell_handlers)
        for name in _COMMS:
            kernel.shell_handlers[name] = self._comm
        kernel.shell_handlers["comm_info_request"] = self._comm_info

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: Mapping[str, str] | None = None,
        allow_stdin: bool = False,
        **options: Any,
    ) -> Any:
        """Runs a cell: there, or here where it begins with `%tff_local`."""
        if not local.runs_here(code):
            return self.run(code, silent, store_history, user_expressions, allow_stdin)
        result = self._local["do_execute"](
            code, silent, store_history, user_expressions, allow_stdin, **options
        )
        return await result if inspect.isawaitable(result) else result

    def run(
        self,
        code: str,
        silent: bool = False,
        store_history: bool = True,
        user_expressions: Mapping[str, str] | None = None,
        allow_stdin: bool = True,
        number: int | None = None,
    ) -> dict[str, Any]:
        """Runs a cell in the inner kernel, to its end.

        Args:
          code: Its source.
          silent: As in Jupyter's request, like the next three.
          store_history: Whether the cell is counted and kept.
          user_expressions: What to evaluate after it, by name.
          allow_stdin: Whether the cell may ask for input.
          number: That of the cell of which this is a part, which counts it; None for a cell.

        Returns:
          The content of the reply to Jupyter's request.
        """
        kernel, shell = self._kernel, self._kernel.shell
        part = number is not None
        number = shell.execution_count if number is None else number
        try:
            with self._interrupts_forwarded():
                if not self._inner.alive:
                    self._restart()
                self._agree_on_count(number)
                request = self._request(
                    "execute_request",
                    {
                        "code": code,
                        "silent": silent,
                        "store_history": store_history,
                        "user_expressions": dict(user_expressions or {}),
                        "allow_stdin": allow_stdin,
                        # It is the outer kernel that leaves out the cells that wait behind this.
                        "stop_on_error": False,
                    },
                )
                kernel._forward_input(allow_stdin)
                try:
                    reply = self._inner.ask(request, self._question)
                finally:
                    kernel._restore_input()
        except InnerKernelDied as error:
            reply = self._told_death(error)
        if store_history and not silent:
            self._count = number + 1
            if not part:
                shell.execution_count = number + 1
        reply["execution_count"] = number
        if any(payload.get("source") == "ask_exit" for payload in reply.get("payload") or ()):
            shell.ask_exit()
            shell.payload_manager.clear_payload()
        return reply

    def do_complete(self, code: str, cursor_pos: int) -> Any:
        """Completes a name as the kernel does in which the cell is going to run."""
        content = {"code": code, "cursor_pos": len(code) if cursor_pos is None else cursor_pos}
        return self._helped("do_complete", "complete_request", content, code, cursor_pos)

    def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> Any:
        """The help on a name, from the kernel in which the cell is going to run."""
        content = {"code": code, "cursor_pos": cursor_pos, "detail_level": detail_level}
        return self._helped(
            "do_inspect", "inspect_request", content, code, cursor_pos, detail_level
        )

    def do_is_complete(self, code: str) -> Any:
        """Whether a cell of a console is complete."""
        return self._helped("do_is_complete", "is_complete_request", {"code": code}, code)

    def do_history(self, hist_access_type: str, output: bool, raw: bool, **options: Any) -> Any:
        """The cells that were run in the inner kernel."""
        content = {"hist_access_type": hist_access_type, "output": output, "raw": raw, **options}
        try:
            return self._answer("history_request", content)
        except (InnerKernelDied, TimeoutError):
            return self._local["do_history"](hist_access_type, output, raw, **options)

    def _helped(self, name: str, kind: str, content: dict[str, Any], code: str, *rest: Any) -> Any:
        if not local.runs_here(code):
            try:
                return self._answer(kind, content)
            except (InnerKernelDied, TimeoutError):
                pass
        return self._local[name](code, *rest)

    def _answer(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        if not self._inner.alive:
            raise InnerKernelDied("it is not running")
        return self._inner.ask(self._inner.message(kind, content), timeout=_SECONDS_FOR_HELP)

    def _started(self) -> InnerKernel:
        return InnerKernel(
            self._as_of, self._interpreter, self._published, self._colab.environment()
        )

    def _restart(self) -> None:
        print(
            f"tff-compat: a new inner kernel is started, as of TFF {self._as_of}; "
            "the variables of the one that died are lost."
        )
        self._inner = self._started()
        self._count = None
        self._comms.clear()

    def _request(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """A request with the header of the one that the outer kernel is carrying out."""
        request = self._inner.message(kind, content)
        header = dict(self._parent()["header"])
        # Of the outer kernel alone.
        header.pop("subshell_id", None)
        request["header"] = {**request["header"], **header, "msg_type": kind}
        request["msg_id"] = request["header"]["msg_id"]
        request["msg_type"] = kind
        return request

    def _parent(self) -> dict[str, Any]:
        parent: dict[str, Any] = self._kernel.get_parent("shell")
        return parent

    def _agree_on_count(self, number: int) -> None:
        """Gives the next cell the number that Jupyter has shown for it: `Out[n]` is kept by it."""
        if self._count == number:
            return
        code = f"get_ipython().execution_count = {number}"
        content = {"code": code, "silent": True, "store_history": False, "stop_on_error": False}
        self._inner.ask(self._inner.message("execute_request", content))
        self._count = number

    def _published(self, message: dict[str, Any]) -> None:
        """Publishes what the inner kernel has published; in the thread of the line."""
        kind = message["msg_type"]
        if kind in ("execute_input", "shutdown_reply", "iopub_welcome"):
            return
        content = message["content"]
        if kind == "comm_open":
            self._comms[content["comm_id"]] = content["target_name"]
        elif kind == "comm_close":
            self._comms.pop(content["comm_id"], None)
        self._kernel.session.send(
            self._kernel.iopub_socket,
            kind,
            content,
            parent=message["parent_header"],
            ident=f"kernel.{kind}".encode(),
            buffers=message.get("buffers"),
            metadata=message.get("metadata"),
        )

    def _question(self, message: dict[str, Any], given_up: Callable[[], bool]) -> None:
        """Asks the user what the inner kernel asks, as long as that waits for the answer."""
        content = message["content"]
        prompt = content["prompt"]
        try:
            with self._interruptible(given_up):
                if self._colab.asked(prompt):
                    value = self._colab.answer(prompt)
                elif content.get("password"):
                    value = getpass.getpass(prompt)
                else:
                    value = builtins.input(prompt)
        except EOFError:
            value = "\x04"
        except KeyboardInterrupt:
            # It waits for an answer, and gives up by the same way.
            if not given_up():
                self._inner.interrupt()
            return
        self._inner.reply(self._inner.message("input_reply", {"value": value}))

    @contextlib.contextmanager
    def _interruptible(self, given_up: Callable[[], bool]) -> Iterator[None]:
        """Ends a question when the user interrupts it, or when nobody waits for the answer."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        answered = threading.Event()
        thread = threading.get_ident()

        def watch() -> None:
            while not answered.wait(_SECONDS_BETWEEN_LOOKS):
                if given_up():
                    signal.pthread_kill(thread, signal.SIGINT)
                    return

        watching = threading.Thread(target=watch, daemon=True)
        before = signal.getsignal(signal.SIGINT)
        try:
            watching.start()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            yield
        finally:
            answered.set()
            signal.signal(signal.SIGINT, before)
            watching.join()

    @contextlib.contextmanager
    def _interrupts_forwarded(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, lambda number, frame: self._inner.interrupt())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _told_death(self, error: InnerKernelDied) -> dict[str, Any]:
        text = f"The inner kernel died: {error}"
        content = {"ename": _ENDED, "evalue": str(error), "traceback": [text]}
        self._kernel.send_response(self._kernel.iopub_socket, "error", content)
        sys.stdout.flush()
        return {"status": "error", "user_expressions": {}, "payload": [], **content}

    def _comm(self, stream: Any, ident: Any, message: dict[str, Any]) -> Any:
        """Hands a widget's message on to the kernel that has its counterpart."""
        manager = getattr(self._kernel, "comm_manager", None)
        number = message["content"]["comm_id"]
        if manager is not None and number in manager.comms:
            return self._handlers[message["msg_type"]](stream, ident, message)
        if message["msg_type"] == "comm_open":
            self._comms[number] = message["content"].get("target_name", "")
        handed = self._request(message["msg_type"], message["content"])
        handed["metadata"] = message.get("metadata", {})
        handed["buffers"] = message.get("buffers", [])
        self._inner.send(handed)
        return None

    def _comm_info(self, stream: Any, ident: Any, message: dict[str, Any]) -> None:
        """Tells which comms there are, in both kernels."""
        wanted = message["content"].get("target_name")
        manager = getattr(self._kernel, "comm_manager", None)
        here = manager.comms if manager is not None else {}
        targets = {number: comm.target_name for number, comm in here.items()}
        targets.update(self._comms)
        comms = {
            number: {"target_name": target}
            for number, target in targets.items()
            if wanted is None or target == wanted
        }
        content = {"status": "ok", "comms": comms}
        self._kernel.session.send(stream, "comm_info_reply", content, message, ident)
