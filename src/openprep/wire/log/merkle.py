"""Merkle trees of RFC 6962 (RFC 9162, section 2.1, with SHA-256): hashes, roots and proofs.

A *node* ``(level, index)`` is the root of the full subtree over the ``2**level`` leaves from
``index * 2**level`` on. Those are the hashes that never change however the tree grows, so they are
what is stored; every other hash is computed from them. Roots and proofs are made from whatever can
give nodes: a tree in memory (:class:`MerkleTree`) or tiles (:mod:`openprep.wire.log.tiles`).

Verification never raises and does at most 64 steps, whatever it is given.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""Leaves beyond which nothing is believed; no tree of PREP comes near."""

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""

Node: TypeAlias = tuple[int, int]
"""A full subtree: its level, and its index within the level."""

NodeReader: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of the node ``(level, index)``."""

Nodes: TypeAlias = tuple[Node, ...]
"""Neighbouring full subtrees, left to right, that together make one hash."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf (RFC 9162, 2.1.1): a leaf can never be taken for an inner node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees, ``left`` being full and at least as large as ``right``."""
    return sha256(b"\x01" + left + right).digest()


def root_nodes(size: int) -> Nodes:
    """The full subtrees whose hashes make the root of a tree of ``size`` leaves, largest first."""
    return _nodes(0, size)


def root_of(size: int, read: NodeReader) -> bytes:
    """Root of the first ``size`` leaves."""
    return fold(root_nodes(size), read) if size else EMPTY_ROOT


def fold(nodes: Nodes, read: NodeReader) -> bytes:
    """The one hash over neighbouring ``nodes``, at least one."""
    folded = read(*nodes[-1])
    for node in reversed(nodes[:-1]):
        folded = node_hash(read(*node), folded)
    return folded


def inclusion_nodes(index: int, size: int) -> list[Nodes]:
    """What each hash of an inclusion proof is made of, from the leaf's sibling upwards.

    Raises:
        ValueError: there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _left_half(high - low)
        if index < middle:
            path.append(_nodes(middle, high))
            high = middle
        else:
            path.append(_nodes(low, middle))
            low = middle
    return path[::-1]


def consistency_nodes(old: int, new: int) -> list[Nodes]:
    """What each hash of a consistency proof is made of (RFC 9162, 2.1.4.1).

    Raises:
        ValueError: a tree of ``new`` leaves has none of ``old`` leaves at its beginning.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    low, high, path = 0, new, []
    while old != high:
        middle = low + _left_half(high - low)
        if old <= middle:
            path.append(_nodes(middle, high))
            high = middle
        else:
            path.append(_nodes(low, middle))
            low = middle
    # The old tree itself is known to the one who asks; a subtree of it is not.
    return [*([_nodes(low, high)] if low else []), *path[::-1]]


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """Proof that leaf ``index`` is in the tree of ``size`` leaves.

    Raises:
        ValueError: there is no such leaf.
    """
    return [fold(nodes, read) for nodes in inclusion_nodes(index, size)]


def consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """Proof that the tree of ``old`` leaves is the beginning of the one of ``new``.

    Raises:
        ValueError: ``old`` is larger than ``new``.
    """
    return [fold(nodes, read) for nodes in consistency_nodes(old, new)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether ``proof`` shows the leaf with hash ``leaf`` at ``index`` under ``root``."""
    if not 0 <= index < size <= MAX_SIZE or not _are_hashes((leaf, root), proof):
        return False
    position, last, folded = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            folded = node_hash(sibling, folded)
            position, last = _past_lone_nodes(position, last)
        else:
            folded = node_hash(folded, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and folded == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the tree under ``new_root`` begins with that under ``old_root``.

    The empty tree is the beginning of any.
    """
    if not 0 <= old <= new <= MAX_SIZE or not _are_hashes((old_root, new_root), proof):
        return False
    if old == 0:
        empty = old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
        return empty and not proof
    if old == new:
        return old_root == new_root and not proof
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # An old tree that is one full subtree is the first hash itself, and is not sent.
    hashes = proof if position else [old_root, *proof]
    return bool(hashes) and _folds_to(position, last, hashes, old_root, new_root)


def _folds_to(
    position: int, last: int, hashes: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _past_lone_nodes(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _past_lone_nodes(position: int, last: int) -> Node:
    """Climb where the last subtree has no sibling and passes unchanged to the level above."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _are_hashes(ends: Iterable[bytes], proof: Sequence[bytes]) -> bool:
    return len(proof) < 64 and all(len(digest) == HASH_BYTES for digest in (*ends, *proof))


def _left_half(size: int) -> int:
    """The largest power of two below ``size``, at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _nodes(low: int, high: int) -> Nodes:
    """Full subtrees that cover the leaves from ``low`` to ``high``.

    ``low`` is where a subtree at least as large begins, as it is everywhere in a proof.
    """
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return tuple(nodes)


class MerkleTree:
    """The nodes of a growing tree, in one array of bytes a level: 64 bytes a leaf in all.

    Not thread safe.
    """

    def __init__(self) -> None:
        self._levels = [bytearray()]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0]) // HASH_BYTES

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves by their hashes, and every node that they make full."""
        self._levels[0] += b"".join(leaves)
        below = 0
        while len(self._levels[below]) >= 2 * HASH_BYTES:
            if below + 1 == len(self._levels):
                self._levels.append(bytearray())
            _pair_up(self._levels[below], self._levels[below + 1])
            below += 1

    def truncate(self, size: int) -> None:
        """Forget the leaves from ``size`` on, and every node over one of them."""
        for level, hashes in enumerate(self._levels):
            del hashes[(size >> level) * HASH_BYTES :]

    def node(self, level: int, index: int) -> bytes:
        """Hash of a node (a :data:`NodeReader`).

        Raises:
            IndexError: the tree does not hold that subtree full.
        """
        return self.nodes(level, index, 1)

    def nodes(self, level: int, start: int, count: int) -> bytes:
        """Hashes of ``count`` neighbouring nodes of one level, one after the other.

        Raises:
            IndexError: the tree does not hold all of them full.
        """
        held = self._levels[level] if level < len(self._levels) else b""
        end = (start + count) * HASH_BYTES
        if start < 0 or end > len(held):
            raise IndexError(f"the tree of {self.size} leaves has no node {level}/{start}+{count}")
        return bytes(held[start * HASH_BYTES : end])

    def root(self, size: int | None = None) -> bytes:
        """Root of the first ``size`` leaves, of all if not given.

        Raises:
            ValueError: the tree has fewer leaves.
        """
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise ValueError(f"the tree has {self.size} leaves, not {size}")
        return root_of(size, self.node)


def _pair_up(below: bytearray, above: bytearray) -> None:
    """Add to ``above`` what the pairs of ``below`` hash to that it does not have yet."""
    pair = 2 * HASH_BYTES
    done = len(above) // HASH_BYTES
    fresh = bytes(memoryview(below)[done * pair :])
    above += b"".join(
        sha256(b"\x01" + fresh[start : start + pair]).digest()
        for start in range(0, len(fresh) - pair + 1, pair)
    )
