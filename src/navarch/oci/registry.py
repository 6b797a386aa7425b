"""Registries as a whole: log in, push, pull, list. What the commands and `navarch.oci.Registry` are made of."""

from __future__ import annotations

import os

from navarch.errors import RegistryError
from navarch.oci.auth import NOBODY, Authenticator, Credential
from navarch.oci.client import Repository, catalog, ping
from navarch.oci.credentials import Credentials, server_address
from navarch.oci.reference import Reference, parse_chart_reference, parse_registry
from navarch.oci.transport import Transport
from navarch.oci.versions import sorted_versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from navarch.kube.net.access import Access
    from navarch.oci.charts import Chosen, Pulled
    from navarch.oci.client import Progress
    from navarch.oci.manifest import Descriptor
    from navarch.oci.push import Pushed
    from navarch.oci.search import Found

__all__ = ["Registry"]


class Registry:
    """A way to registries, with the credentials and TLS settings to use; can be used from several threads.

    `username` and `password` go before what credential files know: `config` is Helm's, in which `login` keeps
    credentials (without it they are remembered as long as this object lives), `docker_config` is Docker's. `access` has
    more settings for TLS than `ca_file`. `say` is given the lines that Helm prints, `progress` is told a reference, how
    many bytes of it came or went, and how many it has. Use it as a context manager, or close it, to end its
    connections. Raises RegistryError for credential files that can't be read.
    """

    def __init__(
        self,
        *,
        username: str = "",
        password: str = "",
        config: str = "",
        docker_config: str = "",
        plain_http: bool = False,
        ca_file: str = "",
        access: Access | None = None,
        say: Callable[[str], object] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.plain_http = plain_http
        self.credentials = Credentials(config, docker_config)
        self.say = say or _silent
        self.progress = progress
        if access is None:
            from navarch.kube.net.access import Access

            access = Access(ca_file=ca_file)
        self._transport = Transport(access)
        self._given = Credential(username, password) if username and password else NOBODY
        self._authenticator = Authenticator(self._transport, self._find)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._transport.close()

    def unnamed(self) -> Registry:
        """The same without the `username` and `password` that were given, for a registry that others have named.

        It has connections of its own.
        """
        access = self._transport.access
        other = Registry(plain_http=self.plain_http, access=access, say=self.say, progress=self.progress)
        other.credentials = self.credentials
        return other

    def _find(self, host: str) -> Credential:
        return self._given if self._given != NOBODY else self.credentials.find(host)

    def login(self, host: str, username: str, password: str) -> None:
        """Check credentials with a registry and keep them. Raises RegistryError; then nothing is kept."""
        from navarch.golang.strconv import quote

        reference = Reference(parse_registry(host), "")
        credential = Credential(username, password)
        at = reference.host
        authenticator = Authenticator(self._transport, lambda asked: credential if asked == at else NOBODY)
        authenticator.by_form = True
        try:
            ping(authenticator, at, plain_http=self.plain_http)
        except RegistryError:
            authenticator.by_form = False
            try:
                ping(authenticator, at, plain_http=self.plain_http)
            except RegistryError as error:
                raise error.within(f"authenticating to {quote(host)}") from error.__cause__
        self.credentials.put(host, credential)
        self.say("Login Succeeded")

    def logout(self, host: str) -> None:
        """Forget the credentials for a registry; none are no error. Raises RegistryError."""
        try:
            self.credentials.delete(host)
        except RegistryError as error:
            told = f"failed to delete the credential for {server_address(host)}"
            raise error.within(told) from error.__cause__
        self.say(f"Removing login credentials for {host}")

    def repository(self, reference: Reference, pushing: bool = False) -> Repository:
        """The repository that a reference names."""
        return Repository(
            reference, self._authenticator, plain_http=self.plain_http, pushing=pushing, progress=self.progress
        )

    def push(
        self, archive: str | os.PathLike[str], remote: str, *, warn: Callable[[str], None] | None = None
    ) -> Pushed:
        """Upload a chart archive, with its .prov file if it is there, below "oci://HOST/PATH". Raises NavarchError.

        `warn` is given the warnings that loading the chart brings.
        """
        from navarch.oci.push import push

        return push(os.fspath(archive), remote, self.repository, say=self.say, warn=warn)

    def choose(self, reference: str, version: str = "") -> Chosen:
        """What "oci://HOST/PATH/NAME", maybe with a tag or digest, and a version or constraint mean.

        Raises RegistryError.
        """
        from navarch.oci.charts import choose_version

        return choose_version(reference, version, self.repository)

    def resolve(self, reference: str, version: str = "") -> Descriptor:
        """The descriptor of the manifest that a reference and a version or constraint mean. Raises RegistryError."""
        chosen = self.choose(reference, version).reference
        return self.repository(chosen).resolve(chosen.target)

    def pull(
        self,
        reference: str,
        *,
        version: str = "",
        dest: str | os.PathLike[str] = ".",
        prov: bool = False,
        known: Callable[[str], str | None] | None = None,
    ) -> Pulled:
        """Download a chart into a folder; with `prov` its signature as well, if there is one.

        `known` may tell where a copy is of the archive with a digest ("sha256:…"). Raises NavarchError.
        """
        from navarch.oci.charts import pull, pull_proof
        from navarch.oci.parts import PartFile

        chosen = self.choose(reference, version)
        repository = self.repository(chosen.reference)
        pulled = pull(chosen, repository, os.fspath(dest), say=self.say, known=known)
        if not prov:
            return pulled
        try:
            proof = pull_proof(chosen, repository, say=self.say)
        except RegistryError as error:
            return pulled._replace(lacks_proof=str(error))
        with PartFile(f"{pulled.path}.prov") as part:
            part.write(proof)
            part.keep()
        return pulled._replace(prov_path=part.target)

    def content(self, address: str) -> bytes:
        """The archive of the chart at "oci://HOST/PATH:TAG", or its signature where .prov follows. Raises NavarchError.

        So an address is read where any file may be, as in `-f`: without versions being looked for.
        """
        from navarch.oci.charts import read_content

        return read_content(address, self.repository)

    def catalog(self, host: str) -> list[str]:
        """The repositories that a registry lists; many don't. Raises RegistryError."""
        at = Reference(parse_registry(host), "").host
        return list(catalog(self._authenticator, at, plain_http=self.plain_http))

    def search(
        self, address: str, words: Iterable[str] = (), *, constraint: str = ">0.0.0", versions: bool = False
    ) -> list[Found]:
        """The charts at "oci://HOST/PATH" or below; see navarch.oci.search. Raises RegistryError, VersionError."""
        from navarch.oci.search import search

        return search(self, address, words, constraint=constraint, versions=versions)

    def tags(self, reference: str) -> list[str]:
        """All tags of a repository, as the registry lists them. Raises RegistryError."""
        return list(self.repository(parse_chart_reference(reference)).tags())

    def versions(self, reference: str) -> list[str]:
        """The versions of a chart, the latest first; tags that are no versions are left out. Raises RegistryError."""
        return sorted_versions(self.tags(reference))


def _silent(_line: str) -> None:
    pass
