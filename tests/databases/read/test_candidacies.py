"""Candidacies files of three years read to the same facts."""

from databases.official import night_candidacies, packed, sample, write
from openprep.databases import (
    Candidacies,
    ListedCandidacy,
    ZipReader,
    read_candidacies,
    read_document,
    read_official_zip,
)


def test_the_presidency_of_2024() -> None:
    read = read_document(sample("PRES_CANDIDATURAS_2024"))
    assert isinstance(read, Candidacies)
    assert len(read.listed) == 15
    by_column = {candidacy.column: candidacy.name for candidacy in read.listed}
    assert by_column["C_PAN_PRI_PRD"] == by_column["PAN"] == "Bertha Xóchitl Gálvez Ruiz"
    assert read.listed[0].entity == "0"


def test_councils_of_2019_and_2024_have_units_and_substitutes() -> None:
    old = read_candidacies(sample("PUE_AYUN_CANDIDATURAS_ext_2019"))
    assert old.listed[0] == ListedCandidacy(
        "21", "8", "PAN", "José Antonio Romero Granados", "Benjamin Silva Cuevas"
    )
    assert old.listed[-1].column == "C_MORENA_PES"
    new = read_candidacies(night_candidacies("AYUN"))
    assert len(new.listed) == 3077
    assert new.listed[0].unit == "050"


def test_a_candidacy_listed_twice_or_without_name_is_found() -> None:
    data = b"ID_ENTIDAD,PARTIDO_CI,CANDIDATURA\n21,PAN,ANA\n21,PAN,ANA\n21,PRI,-\n"
    codes = {finding.code.code for finding in read_candidacies(data).findings}
    assert codes == {"D080", "D081"}


def test_a_list_that_the_zip_before_had_is_the_same_list_under_its_own_path() -> None:
    """It is known by its bytes alone: another list in its place is another list."""
    lists = {"c.csv": night_candidacies("GUB"), "d.csv": write()}
    other = {"c.csv": night_candidacies("AYUN"), "d.csv": write()}
    zips = ZipReader()
    for files in (lists, lists, other, lists):
        data = packed({f"{len(files['c.csv'])}.zip": packed(files)})
        again = zips.read(data)
        assert again.documents.keys() == read_official_zip(data).documents.keys()
        (path,) = (path for path in again.documents if path.endswith("c.csv"))
        assert again.documents[path] == read_official_zip(data).documents[path]
        assert again.documents[path].name == path
