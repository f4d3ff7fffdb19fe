"""Who may do what: one table, and what is not in it is denied.

Every route of the capture room names its :class:`Act` and asks :func:`allows`. An act of
:data:`FOUR_EYES` needs a second person's consent besides (:mod:`openprep.people.consent`), and one
that is not of :data:`WHILE_CLOSED` an open house.
"""

from collections.abc import Mapping
from enum import Enum

from openprep.people.roles import Role


class Act(Enum):
    """What a route lets a person do; the value is its name in logs and pages."""

    RECEIVE = "receive"
    """Stamp that the paper came, its label printed with it."""
    MISSING = "missing"
    """Say that there is no acta, and why."""
    DIGITISE = "digitise"
    """Bring an image, by scanner, camera or upload, and judge whether it can be read."""
    TAKE_CAPTURE = "take_capture"
    """Be handed the next image to capture, and keep a draft of it."""
    CAPTURE = "capture"
    """Save a reading, and answer the hints that come after."""
    SEND_BACK = "send_back"
    """Say that an image cannot be read: another is asked for."""
    TAKE_DISPUTE = "take_dispute"
    """Be handed the next acta of which two captures differ."""
    ARBITRATE = "arbitrate"
    """Decide the fields that differ."""
    TAKE_CHECK = "take_check"
    """Be handed published figures to hold against the paper."""
    CHECK = "check"
    """Accept figures that stand, or ask for another capture or image."""
    IDENTIFY = "identify"
    """Say whose an image without identity is, by the technical procedure."""
    SAMPLE = "sample"
    """Capture an acta of the sample by which wrong fields are estimated."""
    DRAW_SAMPLE = "draw_sample"
    """Draw that sample by a checkpoint that is public, and see what it says."""
    PRACTISE = "practise"
    """Do the lesson, of which nothing is recorded."""
    SEE_PROGRESS = "see_progress"
    """See queues, latencies, incidents and shares of each place, and take them away as CSV."""
    REVOKE_SESSION = "revoke_session"
    REVOKE_PERSON = "revoke_person"
    REVOKE_PLACE = "revoke_place"
    READMIT = "readmit"
    """Let a person or a place in again that was revoked."""
    OPEN_HOUSE = "open_house"
    CLOSE_HOUSE = "close_house"
    CORRECT_AFTER_PUBLICATION = "correct_after_publication"
    """Change what is published: the version before stays in the acta's history, with the reason."""
    CONSENT = "consent"
    """See what waits for a second person, and agree to it."""


_EVERYBODY = frozenset(Role)


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


TABLE: Mapping[Act, frozenset[Role]] = {
    Act.RECEIVE: _only(Role.ACOPIADOR),
    Act.MISSING: _only(Role.ACOPIADOR),
    Act.DIGITISE: _only(Role.DIGITALIZADOR),
    Act.TAKE_CAPTURE: _only(Role.CAPTURISTA),
    Act.CAPTURE: _only(Role.CAPTURISTA),
    Act.SEND_BACK: _only(Role.CAPTURISTA, Role.VERIFICADOR),
    Act.TAKE_DISPUTE: _only(Role.VERIFICADOR),
    Act.ARBITRATE: _only(Role.VERIFICADOR),
    Act.TAKE_CHECK: _only(Role.COTEJADOR),
    Act.CHECK: _only(Role.COTEJADOR),
    Act.IDENTIFY: _only(Role.COTEJADOR),
    Act.SAMPLE: _only(Role.CAPTURISTA, Role.VERIFICADOR),
    Act.DRAW_SAMPLE: _only(Role.COORDINADOR),
    Act.PRACTISE: _EVERYBODY,
    Act.SEE_PROGRESS: _only(Role.COORDINADOR),
    Act.REVOKE_SESSION: _only(Role.COORDINADOR),
    Act.REVOKE_PERSON: _only(Role.COORDINADOR),
    Act.REVOKE_PLACE: _only(Role.COORDINADOR),
    Act.READMIT: _only(Role.COORDINADOR),
    Act.OPEN_HOUSE: _only(Role.COORDINADOR),
    Act.CLOSE_HOUSE: _only(Role.COORDINADOR),
    Act.CORRECT_AFTER_PUBLICATION: _only(Role.COTEJADOR),
    Act.CONSENT: _only(Role.COORDINADOR, Role.COTEJADOR),
}
"""The roles of each act. An act that is missing here is nobody's."""

FOUR_EYES: frozenset[Act] = frozenset(
    {
        Act.REVOKE_SESSION,
        Act.REVOKE_PERSON,
        Act.REVOKE_PLACE,
        Act.READMIT,
        Act.OPEN_HOUSE,
        Act.CLOSE_HOUSE,
        Act.CORRECT_AFTER_PUBLICATION,
    }
)
"""Acts that one person alone does not do. A house at night has one coordinador: the second may be a
cotejador (:attr:`Act.CONSENT`)."""


WHILE_CLOSED: frozenset[Act] = frozenset(
    {
        Act.PRACTISE,
        Act.DRAW_SAMPLE,
        Act.SEE_PROGRESS,
        Act.REVOKE_SESSION,
        Act.REVOKE_PERSON,
        Act.REVOKE_PLACE,
        Act.READMIT,
        Act.OPEN_HOUSE,
        Act.CLOSE_HOUSE,
        Act.CONSENT,
    }
)
"""Acts that there are in a house that is not open; all others wait until it is."""


def allows(role: Role, act: Act) -> bool:
    """Whether ``role`` may do ``act``; what the table does not say is denied."""
    return role in TABLE.get(act, frozenset())
