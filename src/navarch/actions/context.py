"""What every action on releases works with: the cluster, the records, and where its words go.

An action is handed a Context first. It holds nothing of a single release, so one Context may serve any number of
actions, from several threads.
"""

from __future__ import annotations

from threading import RLock, Thread

from navarch.chart.notices import notice
from navarch.errors import ConfigError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.chart.capabilities import Capabilities
    from navarch.kube.client import Client
    from navarch.kube.events import Event, OnEvent
    from navarch.releases.storage import Storage

    Say = Callable[[str], None]
    HookOutput = Callable[[str, str, str, bytes], None]

__all__ = ["Context"]


class Context:
    """The surroundings of an action.

    - `client` talks to the cluster, `storage` keeps the records, `namespace` is the one that releases live in. The
      first two may be given as functions that open them when they are first needed: what is wrong with a kubeconfig is
      told only then.
    - `say` is given the lines that Helm writes to stderr; those for debugging only where `debugging` is true.
    - `on_event` is told of every step, from any thread (navarch.kube.events).
    - `hook_output` is given what hooks print whose logs are asked for: (namespace, pod, container, bytes).
    - `leases`: hold a Lease while a release is worked on.
    """

    __slots__ = (
        "_capabilities",
        "_client",
        "_fetch_fault",
        "_fetcher",
        "_lock",
        "_open_client",
        "_open_storage",
        "_storage",
        "debugging",
        "hook_output",
        "leases",
        "namespace",
        "on_event",
        "say",
    )

    def __init__(
        self,
        client: Client | Callable[[], Client],
        storage: Storage | Callable[[Context], Storage],
        namespace: str,
        *,
        say: Say | None = None,
        debugging: bool = False,
        on_event: OnEvent | None = None,
        hook_output: HookOutput | None = None,
        capabilities: Capabilities | None = None,
        leases: bool = True,
    ) -> None:
        self._lock = RLock()
        self._client: Client | None = None
        self._storage: Storage | None = None
        self._open_client: Callable[[], Client] = client if callable(client) else lambda: client
        self._open_storage: Callable[[Context], Storage] = storage if callable(storage) else lambda _: storage
        self.namespace = namespace
        self.say = say
        self.debugging = debugging
        self.on_event = on_event
        self.hook_output = hook_output
        self.leases = leases
        self._capabilities = capabilities
        self._fetcher: Thread | None = None
        self._fetch_fault: NavarchError | None = None

    @property
    def client(self) -> Client:
        """The cluster. Raises KubernetesError where the kubeconfig is at fault."""
        with self._lock:
            if self._client is None:
                self._client = self._open_client()
            return self._client

    @property
    def storage(self) -> Storage:
        """The records. Raises NavarchError where they can't be reached."""
        with self._lock:
            if self._storage is None:
                self._storage = self._open_storage(self)
            return self._storage

    def close(self) -> None:
        """Close the connections, if there are any."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def check_reachable(self) -> None:
        """The first step of every action that needs the cluster. Raises KubernetesError with Helm's words."""
        try:
            client = self.client
        except ConfigError as error:
            raise ConfigError(f"kubernetes cluster unreachable: {error}") from error
        client.is_reachable()

    @property
    def capabilities(self) -> Capabilities:
        """The cluster's version and APIs, asked for once. Raises KubernetesError."""
        if self._capabilities is None:
            self.prefetch()
            with self._lock:
                fetcher = self._fetcher
            if fetcher is not None:
                fetcher.join()
        if self._capabilities is None:
            self._fetcher = None
            raise self._fetch_fault or NavarchError("could not get apiVersions from Kubernetes")
        return self._capabilities

    def prefetch(self) -> None:
        """Begin to ask for the capabilities, so that they are there when they are needed."""
        with self._lock:
            if self._capabilities is None and self._fetcher is None:
                self._fetcher = Thread(target=self._fetch, name="capabilities", daemon=True)
                self._fetcher.start()

    def _fetch(self) -> None:
        try:
            self._capabilities = self.client.capabilities()
        except NavarchError as error:
            self._fetch_fault = error

    def forget(self) -> None:
        """The cluster has new APIs: what is known of them doesn't hold any more."""
        self._capabilities = self._fetcher = None

    def debug(self, message: str, /, **attributes: object) -> None:
        """A line that is shown with --debug only."""
        if self.debugging:
            self.log("DEBUG", message, **attributes)

    def warn(self, message: str, /, **attributes: object) -> None:
        self.log("WARN", message, **attributes)

    def error(self, message: str, /, **attributes: object) -> None:
        self.log("ERROR", message, **attributes)

    def log(self, level: str, message: str, /, **attributes: object) -> None:
        """A line of Helm's log; values are shown as log/slog's text handler shows them."""
        if self.say:
            self.say(notice(level, message, **{name: _shown(value) for name, value in attributes.items()}))

    def tell(self, event: Event) -> None:
        """Pass an event on to whoever listens."""
        if self.on_event:
            self.on_event(event)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
