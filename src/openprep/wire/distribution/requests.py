"""A publisher's request to the distribution service: signed, and admitted, by RFC 9421.

HTTP Message Signatures bind a request to the publisher's own key whatever stands between the two:
a shield that ends TLS sees requests and cannot make them. What is signed is fixed, so that nothing
is left to be chosen by whoever signs: method, authority, path and query, the digest of a body where
there is one; when it was made and when it ends, a nonce, the key, and what it is for.

``Admission`` does no I/O of its own: a request and the time go in, the publisher or a refusal comes
out. Its order keeps strangers cheap: sizes, then the key id, then cryptography.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
    VerifyResult,
)
from http_message_signatures.algorithms import ED25519

from openprep.coded import CodedError, said
from openprep.wire.distribution.codes import DistributionCode

TAG = "openprep/distribution/v1"
"""What the signature is for (RFC 9421, 2.3): one made for anything else is refused."""

COVERED = ("@method", "@authority", "@path", "@query")
DIGEST = "content-digest"
PARAMETERS = frozenset({"created", "expires", "nonce", "keyid", "tag", "alg"})

LIFETIME = timedelta(seconds=120)
"""How long a request that is signed here may be used."""

LONGEST_LIFETIME = timedelta(seconds=300)
CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far ahead a publisher's clock may be."""

MAX_TARGET = 2048
MAX_HEADER = 1024
MAX_NONCES = 4096
"""Unexpired nonces kept of one publisher; to forget one early would let it be replayed."""

_HEADERS = ("signature-input", "signature", DIGEST)
_LABEL = "openprep"
_KEY_ID = re.compile(r'(?:^|;)\s*keyid="([0-9A-Za-z][0-9A-Za-z._/-]{0,63})"')
_NONCE = re.compile(r"[0-9A-Za-z_-]{16,64}")
_AUTHORITY = re.compile(r"[0-9A-Za-z.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class NotAdmitted(CodedError[DistributionCode]):
    """A request is refused; the detail says what was wrong, for the one who sent it."""


@dataclass(frozen=True)
class Publisher:
    """An enrolled publisher: the halves of its keys that it handed over.

    ``recipient`` is an age recipient (``age1…``). A revoked publisher is told so.
    """

    id: str
    request_key: Ed25519PublicKey
    recipient: str
    revoked: bool = False


@dataclass(frozen=True)
class RequestParts:
    """A request as it is on the wire.

    ``target`` is the path and query, percent-encoded as sent; ``authority`` the Host header;
    ``headers`` all header lines.
    """

    method: str
    authority: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class _Message:
    """A request as the library reads it. The scheme enters nothing that is signed."""

    method: str
    url: str
    headers: dict[str, str]


def _message(parts: RequestParts, headers: dict[str, str]) -> _Message:
    return _Message(parts.method, f"https://{parts.authority}{parts.target}", headers)


def sign_request(
    parts: RequestParts,
    key: Ed25519PrivateKey,
    key_id: str,
    nonce: str,
    now: datetime,
    body: bytes | None = None,
) -> dict[str, str]:
    """The headers that sign a request: to be added to those that it has.

    ``nonce`` is 16 to 64 characters of base64url, never used before. A ``body``, even an empty one,
    brings a Content-Digest (RFC 9530).
    """
    message = _message(parts, {})
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key}),
    )
    signer.sign(
        message,
        key_id=key_id,
        created=now,
        expires=now + LIFETIME,
        nonce=nonce,
        label=_LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body,
    )
    return message.headers


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its clock: time is judged by :class:`Admission`."""

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        """Leave the times of a signature to the caller, who has a clock of its own."""


@dataclass(frozen=True)
class Admitted:
    """A request that may be answered, but for its body, which has not been read.

    ``ahead`` is when it was signed, where that is ahead of the clock: :meth:`Admission.remember`.
    """

    publisher: Publisher
    content_digest: str | None
    ahead: datetime | None = None

    def check_body(self, body: bytes) -> None:
        """See that ``body`` is the one that was signed.

        Raises:
            NotAdmitted: BODY.
        """
        if self.content_digest is None:
            if body:
                raise NotAdmitted(DistributionCode.BODY, "the signature covers no body")
            return
        try:
            ContentDigest.verify(self.content_digest, body)
        except HTTPMessageSignaturesException as error:
            raise NotAdmitted(DistributionCode.BODY, "{error}", error=error) from error


@dataclass
class _Nonces:
    """Nonces of one publisher until their requests expire."""

    expiries: dict[str, datetime] = field(default_factory=dict)

    def take(self, nonce: str, expires: datetime, now: datetime) -> None:
        if nonce in self.expiries:
            raise NotAdmitted(DistributionCode.REPLAYED, "nonce {nonce}", nonce=nonce)
        if len(self.expiries) >= MAX_NONCES:
            self.expiries = {expiry: end for expiry, end in self.expiries.items() if end >= now}
        if len(self.expiries) >= MAX_NONCES:
            raise NotAdmitted(
                DistributionCode.TOO_MANY_NONCES,
                "{count} requests have not expired",
                count=len(self.expiries),
            )
        self.expiries[nonce] = expires


class Memory(Protocol):
    """What outlives a service: up to when it admitted requests that were ahead of its clock."""

    def until(self, publisher: str) -> datetime | None:
        """Up to which time an earlier service may have admitted the publisher's requests."""

    async def note(self, publisher: str, created: datetime) -> None:
        """A request of that time is about to be answered. Raises OSError where it is not kept."""


class NoMemory:
    """Of a service that is not started again."""

    def until(self, publisher: str) -> datetime | None:  # noqa: ARG002 - as every memory
        """Nothing was admitted before."""
        return None

    async def note(self, publisher: str, created: datetime) -> None:
        """Nothing is kept."""


class Admission:
    """Decides who is served.

    ``find`` is asked for a publisher by key id at every request, so that enrolment and revocation
    count from the next one on; ``authorities`` are the names (``host`` or ``host:port``) under
    which publishers know the service.

    Nonces are kept in memory. A request signed before ``started`` is refused, and one of a time up
    to which ``memory`` says that requests ahead of the clock were admitted: so none can be replayed
    to a service that has just been restarted.
    """

    def __init__(
        self,
        find: Callable[[str], Publisher | None],
        authorities: Iterable[str],
        started: datetime,
        memory: Memory | None = None,
    ) -> None:
        self._find = find
        self._authorities = frozenset(name.lower() for name in authorities)
        self._started = started.replace(microsecond=0)
        self._memory = memory or NoMemory()
        self._nonces: dict[str, _Nonces] = {}

    def claimed(self, parts: RequestParts) -> Publisher:
        """The publisher that a request says it is from, before anything is verified.

        Raises:
            NotAdmitted: MALFORMED, UNSIGNED, UNKNOWN_PUBLISHER or REVOKED.
        """
        return self._publisher(_signature_headers(parts)["signature-input"])

    def admit(self, parts: RequestParts, now: datetime) -> Admitted:
        """The publisher that made this request; its nonce is used up.

        Before it is answered :meth:`remember` must have returned. A POST must cover a
        Content-Digest; its body is checked by :meth:`Admitted.check_body`.

        Raises:
            NotAdmitted: MALFORMED, UNSIGNED, UNKNOWN_PUBLISHER, REVOKED, WRONG_AUTHORITY,
                SIGNATURE, OTHER_PROTOCOL, COVERAGE, CLOCK_AHEAD, EXPIRED, LIFETIME, REPLAYED or
                TOO_MANY_NONCES.
        """
        headers = _signature_headers(parts)
        publisher = self._publisher(headers["signature-input"])
        self._check_target(parts)
        signed = replace(parts, headers=tuple(headers.items()))
        result = _verified(signed, publisher)
        _check_coverage(parts, result)
        created, expires = self._check_times(result, now)
        self._check_restart(publisher.id, created)
        nonces = self._nonces.setdefault(publisher.id, _Nonces())
        nonces.take(str(result.nonce), expires, now)
        ahead = created if created > now.replace(microsecond=0) else None
        digest = headers.get(DIGEST) if parts.method == "POST" else None
        return Admitted(publisher, digest, ahead)

    async def remember(self, admitted: Admitted) -> None:
        """Keep for a later service that the request was admitted: to be awaited before its answer.

        Raises:
            NotAdmitted: CENTRE_DISK.
        """
        if admitted.ahead is None:
            return
        try:
            await self._memory.note(admitted.publisher.id, admitted.ahead)
        except OSError as error:
            raise NotAdmitted(DistributionCode.CENTRE_DISK, "{error}", error=error) from error

    def _publisher(self, signature_input: str) -> Publisher:
        claimed = _KEY_ID.search(signature_input)
        if claimed is None:
            raise NotAdmitted(DistributionCode.MALFORMED, "the signature names no keyid")
        publisher = self._find(claimed[1])
        if publisher is None:
            raise NotAdmitted(DistributionCode.UNKNOWN_PUBLISHER, "{claimed}", claimed=claimed[1])
        if publisher.revoked:
            raise NotAdmitted(DistributionCode.REVOKED, "{claimed}", claimed=claimed[1])
        return publisher

    def _check_target(self, parts: RequestParts) -> None:
        if len(parts.target) > MAX_TARGET or not parts.target.startswith("/"):
            raise NotAdmitted(
                DistributionCode.MALFORMED,
                "the target must be a path of at most {limit} characters",
                limit=MAX_TARGET,
            )
        name = parts.authority if _AUTHORITY.fullmatch(parts.authority) else "no valid host"
        if name.lower() not in self._authorities:
            names = ", ".join(sorted(self._authorities))
            raise NotAdmitted(
                DistributionCode.WRONG_AUTHORITY,
                "the request came for {name}; here it is {names}",
                name=name,
                names=names,
            )

    def _check_restart(self, publisher: str, created: datetime) -> None:
        """Refuse what an earlier service may have admitted, whose nonces are gone."""
        if created < self._started:
            raise NotAdmitted(
                DistributionCode.EXPIRED,
                "the service started {seconds} after the request was signed, and takes "
                "none from before",
                seconds=_seconds(self._started - created),
            )
        until = self._memory.until(publisher)
        if until is not None and created <= until:
            raise NotAdmitted(
                DistributionCode.EXPIRED,
                "the service was started again, and may have admitted this request "
                "before: sign it anew in {seconds}, or set the clock that is ahead",
                seconds=_seconds(until - created),
            )

    def _check_times(self, result: VerifyResult, now: datetime) -> tuple[datetime, datetime]:
        created = _instant(result.parameters["created"], now)
        expires = _instant(result.parameters["expires"], now)
        if not timedelta(0) < expires - created <= LONGEST_LIFETIME:
            raise NotAdmitted(
                DistributionCode.LIFETIME,
                "{seconds}; at most {longest}",
                seconds=_seconds(expires - created),
                longest=_seconds(LONGEST_LIFETIME),
            )
        if created > now + CLOCK_TOLERANCE:
            raise NotAdmitted(
                DistributionCode.CLOCK_AHEAD,
                "the publisher's clock is {ahead} ahead of the centre's, which is at {clock}; "
                "{tolerated} are tolerated",
                ahead=_seconds(created - now),
                clock=_clock(now),
                tolerated=_seconds(CLOCK_TOLERANCE),
            )
        if expires < now:
            raise NotAdmitted(
                DistributionCode.EXPIRED,
                "signed {seconds} before the centre's clock, which is at {clock}: the "
                "publisher's clock is that far behind, or the request was held",
                seconds=_seconds(now - created),
                clock=_clock(now),
            )
        return created, expires


def _signature_headers(parts: RequestParts) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in parts.headers:
        lower = name.lower()
        if lower not in _HEADERS:
            continue
        if lower in headers:
            raise NotAdmitted(
                DistributionCode.MALFORMED, "more than one header {lower}", lower=lower
            )
        if len(value) > MAX_HEADER:
            raise NotAdmitted(
                DistributionCode.MALFORMED,
                "header {lower} is longer than {limit} characters",
                lower=lower,
                limit=MAX_HEADER,
            )
        headers[lower] = value
    if "signature" not in headers or "signature-input" not in headers:
        raise NotAdmitted(DistributionCode.UNSIGNED, "Signature and Signature-Input are needed")
    return headers


def verify_signature(parts: RequestParts, key_id: str, key: Ed25519PublicKey) -> VerifyResult:
    """What the one signature of a request covers, once it verifies under ``key``.

    Nothing is said about time, nonce, purpose or coverage: that is for :class:`Admission`.

    Raises:
        NotAdmitted: SIGNATURE.
    """
    keys = MappingKeyResolver(public_keys={key_id: key}, private_keys={})
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=keys)
    try:
        (result,) = verifier.verify(_message(parts, dict(parts.headers)), max_age=None)
    except HTTPMessageSignaturesException as error:
        found = str(error) or said("it does not verify under the publisher's key")
        raise NotAdmitted(DistributionCode.SIGNATURE, "{found}", found=found) from error
    return result


def _verified(parts: RequestParts, publisher: Publisher) -> VerifyResult:
    """As :func:`verify_signature`; a refusal says for which host it came."""
    try:
        return verify_signature(parts, publisher.id, publisher.request_key)
    except NotAdmitted as refused:
        raise NotAdmitted(
            refused.code,
            "{detail} ({id}); it came with Host {authority}: a server in front that "
            "changes Host or path breaks the signature",
            detail=refused.detail,
            id=publisher.id,
            authority=parts.authority,
        ) from refused


def _check_coverage(parts: RequestParts, result: VerifyResult) -> None:
    parameters: Mapping[str, int | str] = result.parameters
    if parameters.get("tag") != TAG:
        raise NotAdmitted(DistributionCode.OTHER_PROTOCOL, "tag {tag!r}", tag=parameters.get("tag"))
    if missing := sorted(PARAMETERS - parameters.keys()):
        raise NotAdmitted(DistributionCode.COVERAGE, "no {missing}", missing=", ".join(missing))
    wanted = {*COVERED, DIGEST} if parts.method == "POST" else set(COVERED)
    covered = {name.strip('"') for name in result.covered_components} - {"@signature-params"}
    if covered != wanted:
        names = ", ".join(sorted(wanted ^ covered))
        raise NotAdmitted(
            DistributionCode.COVERAGE, "missing, or not to be covered: {names}", names=names
        )
    if not _NONCE.fullmatch(str(result.nonce)):
        raise NotAdmitted(DistributionCode.COVERAGE, "a nonce is 16 to 64 characters of base64url")


def _instant(value: int | str, now: datetime) -> datetime:
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(value), now.tzinfo)
    raise NotAdmitted(DistributionCode.LIFETIME, "no such time: {value}", value=value)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():,.0f} s"


def _clock(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
