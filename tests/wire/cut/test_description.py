"""What is declared: expected actas as columns are the same actas."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprep.election import CasillaKind, ExpectedActa, Level, Location
from openprep.wire.cut.description import (
    AreaName,
    Candidacies,
    Catalogue,
    ExpectedColumns,
    decode_declared,
    encode_declared,
)
from openprep.wire.cut.ref import SCHEMA

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(0, 2**31)
expected_actas = st.builds(
    ExpectedActa,
    id=words,
    area=words,
    seccion=words,
    kind=st.sampled_from(CasillaKind),
    number=numbers,
    extension=numbers,
    location=st.sampled_from(Location),
    tipo_acta=words,
    lista_nominal=numbers,
    representatives=st.none() | numbers,
)
catalogues = st.builds(
    Catalogue,
    schema=st.just(SCHEMA),
    election=words,
    contest=words,
    areas=st.lists(st.builds(AreaName, st.sampled_from(Level), words, words), max_size=3).map(
        tuple
    ),
    expected=st.lists(expected_actas, max_size=5).map(ExpectedColumns.of),
)


@given(st.lists(expected_actas, max_size=8))
def test_expected_actas_are_the_same_from_their_columns(expected):
    columns = ExpectedColumns.of(expected)
    assert columns.actas() == tuple(expected)
    data = msgspec.json.encode(columns)
    assert msgspec.json.decode(data, type=ExpectedColumns) == columns


@given(st.lists(expected_actas, min_size=1, max_size=4), st.data())
def test_columns_of_different_lengths_are_no_actas(expected, data):
    columns = ExpectedColumns.of(expected)
    field = data.draw(st.sampled_from(columns.__struct_fields__))
    column = getattr(columns, field)
    for wrong in (column[:-1], (*column, column[0])):
        with pytest.raises(ValueError, match="argument"):
            msgspec.structs.replace(columns, **{field: wrong}).actas()


@given(catalogues)
def test_what_is_declared_has_one_form(catalogue):
    data = encode_declared(catalogue)
    assert decode_declared(data) == catalogue
    assert encode_declared(decode_declared(data)) == data


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"{}", b'{"kind":"area"}', b'{"kind":"catalogue"}', b"\xff", b"[" * 60_000],
)
def test_what_is_not_declared_in_a_known_form_is_refused(data):
    with pytest.raises(msgspec.DecodeError):
        decode_declared(data)


def test_who_runs_is_told_by_unit():
    running = Candidacies(SCHEMA, "puebla-2024", "GUB", {"*": ()})
    assert encode_declared(running) == (
        b'{"kind":"candidacies","schema":2,"election":"puebla-2024","contest":"GUB","units":{"*":[]}}'
    )
