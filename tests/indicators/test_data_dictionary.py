"""The data dictionary in docs/ is the one the catalogue gives."""

from pathlib import Path

from indicators.catalogue import Catalogue
from indicators.data_dictionary import DOCUMENT, data_dictionary, write_data_dictionary


def test_the_committed_data_dictionary_is_current(catalogue: Catalogue) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == data_dictionary(catalogue), (
        "docs/data_dictionary.md is older than the definitions; run python -m indicators.data_dictionary."
    )


def test_the_data_dictionary_names_everything_in_both_languages(catalogue: Catalogue) -> None:
    document = data_dictionary(catalogue)
    assert catalogue.hash in document
    for one in catalogue.values():
        assert f"### {one.name.zh} / {one.name.en}\n" in document
        for text in (one.description, one.caveats, one.owner, one.numerator_text, one.denominator_text):
            assert text.zh in document and text.en in document
    for pairing in catalogue.pairings.values():
        assert f"### {pairing.name.zh} / {pairing.name.en}\n" in document
    for dimension in catalogue.dimensions.values():
        assert all(f"- `{value}` {name.zh} / {name.en}" in document for value, name in dimension.values.items())


def test_the_data_dictionary_is_written_where_it_is_asked(tmp_path: Path, catalogue: Catalogue) -> None:
    write_data_dictionary(tmp_path / "docs" / "dictionary.md")
    assert (tmp_path / "docs" / "dictionary.md").read_text(encoding="utf-8") == data_dictionary(catalogue)
