"""Candidacies files of three years read to the same facts."""

from databases.official import night_candidacies, sample
from openprep.databases import Candidacies, ListedCandidacy, read_candidacies, read_document


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
