"""Merkle trees against a naive second implementation, and what a forger would try."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.wire.log.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    MerkleTree,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [b"leaf %d" % n for n in range(600)]


def naive_root(entries):
    """MTH as RFC 6962, 2.1 writes it."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = half(len(entries))
    return sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_path(m, entries):
    """PATH as RFC 6962, 2.1.1 writes it."""
    if len(entries) == 1:
        return []
    k = half(len(entries))
    if m < k:
        return [*naive_path(m, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive_root(entries[:k])]


def naive_subproof(m, entries, whole):
    """SUBPROOF as RFC 6962, 2.1.2 writes it."""
    if m == len(entries):
        return [] if whole else [naive_root(entries)]
    k = half(len(entries))
    if m <= k:
        return [*naive_subproof(m, entries[:k], whole), naive_root(entries[k:])]
    return [*naive_subproof(m - k, entries[k:], False), naive_root(entries[:k])]


def half(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def tree_of(size):
    tree = MerkleTree()
    tree.extend(map(leaf_hash, LEAVES[:size]))
    return tree


TREE = tree_of(len(LEAVES))
sizes = st.integers(1, len(LEAVES))
inside = sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))
grown = sizes.flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new)))


def test_the_known_root_of_the_empty_tree():
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")
    assert MerkleTree().root() == EMPTY_ROOT


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 255, 256, 257, 600])
def test_roots_are_those_of_the_definition(size):
    assert TREE.root(size) == naive_root(LEAVES[:size]) == tree_of(size).root()


@given(st.lists(st.integers(0, 40), max_size=20))
def test_a_tree_that_grows_in_steps_is_the_one_made_at_once(steps):
    tree, size = MerkleTree(), 0
    for step in steps:
        tree.extend(map(leaf_hash, LEAVES[size : size + step]))
        size = min(size + step, len(LEAVES))
        assert tree.root() == TREE.root(size)


@given(sizes, st.integers(0, 50))
def test_a_tree_cut_back_goes_on_as_if_it_had_never_been_longer(size, more):
    tree = tree_of(len(LEAVES))
    tree.truncate(size)
    assert (tree.size, tree.root()) == (size, TREE.root(size))
    tree.extend(map(leaf_hash, LEAVES[size : size + more]))
    assert tree.root() == TREE.root(min(size + more, len(LEAVES)))


@given(inside)
def test_inclusion_proofs_are_those_of_the_definition_and_verify(where):
    index, size = where
    proof = inclusion_proof(index, size, TREE.node)
    assert proof == naive_path(index, LEAVES[:size])
    assert verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, TREE.root(size))


@given(grown)
def test_consistency_proofs_are_those_of_the_definition_and_verify(growth):
    old, new = growth
    proof = consistency_proof(old, new, TREE.node)
    assert proof == naive_subproof(old, LEAVES[:new], True)
    assert verify_consistency(old, new, TREE.root(old), TREE.root(new), proof)


@given(inside, st.data())
def test_no_other_leaf_index_size_or_root_passes_with_a_proof(where, data):
    index, size = where
    proof, leaf = inclusion_proof(index, size, TREE.node), leaf_hash(LEAVES[index])
    root = TREE.root(size)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda position: position != index) | st.just(size)
    )
    assert not verify_inclusion(leaf, other, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"forged"), index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, leaf_hash(b"another root"))
    assert not verify_inclusion(leaf, -1, size, proof, root)
    wider = data.draw(st.integers(size + 1, MAX_SIZE))
    if len(inclusion_nodes(index, wider)) != len(proof):
        assert not verify_inclusion(leaf, index, wider, proof, root)


def forgeries(proof, data):
    """Proofs that are not ``proof``: cut, lengthened, swapped, one bit changed."""
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]
    yield [*proof, *[bytes(32)] * 100]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], proof[at], *proof[at:]]
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        yield [*proof[:at], flipped, *proof[at + 1 :]]
        yield [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
        yield [*proof[:at], b"", *proof[at + 1 :]]
    if len(proof) > 1:
        yield proof[::-1]


@given(inside, st.data())
def test_a_cut_lengthened_swapped_or_altered_inclusion_proof_fails(where, data):
    index, size = where
    proof = inclusion_proof(index, size, TREE.node)
    for forged in forgeries(proof, data):
        root = TREE.root(size)
        assert not verify_inclusion(leaf_hash(LEAVES[index]), index, size, forged, root)


@given(grown, st.data())
def test_a_cut_lengthened_swapped_or_altered_consistency_proof_fails(growth, data):
    old, new = growth
    proof = consistency_proof(old, new, TREE.node)
    for forged in forgeries(proof, data):
        assert not verify_consistency(old, new, TREE.root(old), TREE.root(new), forged)


@given(grown, st.data())
def test_a_rewritten_history_has_no_consistency_proof(growth, data):
    old, new = growth
    at = data.draw(st.integers(0, old - 1))
    forged = MerkleTree()
    entries = [*LEAVES[:at], b"rewritten", *LEAVES[at + 1 : new]]
    forged.extend(map(leaf_hash, entries))
    for proof in (
        consistency_proof(old, new, forged.node),
        consistency_proof(old, new, TREE.node),
    ):
        assert not verify_consistency(old, new, TREE.root(old), forged.root(), proof)


def test_a_size_that_is_claimed_wrongly_has_no_consistency():
    proof = consistency_proof(300, 600, TREE.node)
    for old, new in ((301, 600), (299, 600), (600, 300), (300, 2**62), (0, 600), (300, 300)):
        assert not verify_consistency(old, new, TREE.root(300), TREE.root(600), proof), (old, new)


def test_the_empty_tree_begins_any_tree_and_no_other_root_is_empty():
    assert verify_consistency(0, 600, EMPTY_ROOT, TREE.root(), [])
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert not verify_consistency(0, 600, TREE.root(1), TREE.root(), [])
    assert not verify_consistency(0, 0, EMPTY_ROOT, TREE.root(), [])
    assert not verify_consistency(0, 600, EMPTY_ROOT, TREE.root(), [bytes(32)])
    assert verify_consistency(5, 5, TREE.root(5), TREE.root(5), [])
    assert not verify_consistency(5, 5, TREE.root(5), TREE.root(6), [])


def test_an_inner_node_is_not_a_leaf():
    """Two leaves' hashes, given as an entry, do not prove a tree of half the size."""
    inner = TREE.node(0, 0) + TREE.node(0, 1)
    assert not verify_inclusion(leaf_hash(inner), 0, 1, [], TREE.root(2))


@given(
    st.binary(max_size=40),
    st.integers(-(2**70), 2**70),
    st.integers(-(2**70), 2**70),
    st.lists(st.binary(max_size=40), max_size=70),
    st.binary(max_size=40),
)
def test_verification_answers_no_to_anything_that_is_thrown_at_it(leaf, index, size, proof, root):
    assert not verify_inclusion(leaf, index, size, proof, root)
    if not (index == 0 and leaf == EMPTY_ROOT):
        assert index == size or not verify_consistency(index, size, leaf, root, proof)


def test_the_largest_tree_is_verified_in_as_many_steps_as_it_has_levels():
    assert not verify_inclusion(bytes(32), 2**62, MAX_SIZE, [bytes(32)] * 63, bytes(32))
    assert not verify_inclusion(bytes(32), MAX_SIZE, MAX_SIZE + 1, [bytes(32)] * 64, bytes(32))
    assert not verify_consistency(
        2**62 - 1, MAX_SIZE, bytes(32), bytes(32), [bytes(32)] * 1_000_000
    )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, MAX_SIZE + 1)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(index, size, TREE.node)


def test_a_tree_does_not_give_what_it_does_not_hold():
    with pytest.raises(ValueError, match="not 601"):
        TREE.root(601)
    with pytest.raises(IndexError):
        TREE.node(9, 1)
    with pytest.raises(IndexError):
        TREE.node(40, 0)
    with pytest.raises(IndexError):
        root_of(601, TREE.node)
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_proof(7, 6, TREE.node)
