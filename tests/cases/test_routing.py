"""Where errands land: every rule of the example municipality, by what residents write in three languages."""

from __future__ import annotations

import pytest

from caseflow.cases.models import LANGUAGES, Category, Department, RoutingRule
from caseflow.cases.routing import Route, first_word, matches, route, rules, triage_department
from caseflow.database import db

# For each rule in its order: kind, department, and a text in Swedish, English and Finnish with the word that decides.
EXAMPLES = [
    (
        "handling",
        "vo",
        ("Jag vill läsa min mors journal.", ""),
        ("My mother's records, please.", ""),
        ("Äitini asiakirjat, kiitos.", ""),
    ),
    ("handling", "ifo", ("Min akt, tack.", ""), ("My file, please.", ""), ("Asiakirjani, kiitos.", "")),
    ("handling", "sb", ("Avtalet om plogning.", ""), ("The contract about the roads.", ""), ("Sopimus teistä.", "")),
    (
        "dataskydd",
        "utb",
        ("Vad har ni om mig?", ""),
        ("What do you hold about me?", ""),
        ("Mitä tiedätte minusta?", ""),
    ),
    (
        "klagomal",
        "sb",
        ("Jag kräver ersättning för bilen.", "kräver ersättning"),
        ("I want compensation.", "compensation"),
        ("Haluan korvausta autosta.", "korvausta"),
    ),
    (
        "felanmalan",
        "sb",
        ("Det är en vattenläcka i gatan.", "vattenläcka"),
        ("There is a water leak.", "water leak"),
        ("Kadulla on vesivuoto.", "vesivuoto"),
    ),
    (
        "fraga",
        "vet",
        ("Hur söker man försörjningsstöd?", "försörjningsstöd"),
        ("How do I get income support?", "income support"),
        ("Miten haen toimeentulotukea?", "toimeentulotukea"),
    ),
    (
        "klagomal",
        "vet",
        ("Hemtjänsten kom aldrig.", "Hemtjänsten"),
        ("The care home is cold.", "care home"),
        ("Kotihoito ei tullut.", "Kotihoito"),
    ),
    (
        "felanmalan",
        "vet",
        ("Ingen har plogat hos oss.", "plogat"),
        ("So much snow here!", "snow"),
        ("Tie on liukas.", "liukas"),
    ),
    (
        "felanmalan",
        "vet",
        ("Gatlyset är släckt.", "Gatlyset"),
        ("The street light is out.", "street light"),
        ("Katuvalo ei pala.", "Katuvalo"),
    ),
    (
        "felanmalan",
        "vet",
        ("Ett potthål på vår väg.", "potthål"),
        ("A deep pothole.", "pothole"),
        ("Suojatie on kulunut.", "Suojatie"),
    ),
    (
        "fraga",
        "vet",
        ("Behövs bygglov för en mur?", "bygglov"),
        ("Do I need a building permit?", "building permit"),
        ("Tarvitsenko rakennusluvan?", "rakennusluvan"),
    ),
    (
        "klagomal",
        "vet",
        ("Läraren svarar inte.", "Läraren"),
        ("The teacher never answers.", "teacher"),
        ("Opettaja ei vastaa.", "Opettaja"),
    ),
    (
        "fraga",
        "vet",
        ("När öppnar simhallen?", "simhallen"),
        ("When does the library open?", "library"),
        ("Milloin kirjasto aukeaa?", "kirjasto"),
    ),
    (
        "felanmalan",
        "vet",
        ("Tvättstugan är trasig.", "Tvättstugan"),
        ("The laundry room is locked.", "laundry room"),
        ("Pesutupa on lukossa.", "Pesutupa"),
    ),
    (
        "felanmalan",
        "vet",
        ("Soporna är inte hämtade.", "Soporna"),
        ("Nobody has taken the bins.", "bins"),
        ("Jätteet on hakematta.", "Jätteet"),
    ),
    (
        "felanmalan",
        "vet",
        ("Gungan på lekplatsen är av.", "lekplatsen"),
        ("The playground is dirty.", "playground"),
        ("Leikkipaikka on rikki.", "Leikkipaikka"),
    ),
    (
        "fraga",
        "vet",
        ("När möts fullmäktige?", "fullmäktige"),
        ("Where is the nearest shelter?", "shelter"),
        ("Milloin valtuusto kokoontuu?", "valtuusto"),
    ),
]


def test_every_rule_is_met_by_what_somebody_writes_in_each_language() -> None:
    table = rules()
    assert len(EXAMPLES) == len(table)
    for rule, (kind, department, *texts) in zip(table, EXAMPLES, strict=True):
        for language, (text, word) in zip(LANGUAGES, texts, strict=True):
            way = route(kind=kind, department=department, category=None, text=text)
            expected = {"by": "rule", "word": word, **rule.reasons}
            assert way == Route(rule.to_department, expected), (rule.position, language, text)
            assert way.because[language].strip()


def test_the_first_rule_that_matches_wins() -> None:
    both = "Hemtjänsten kom inte på grund av snön, och gatlyset var släckt."
    assert route(kind="klagomal", department="vet", category=None, text=both).department_code == "vo"
    assert route(kind="felanmalan", department="vet", category=None, text="Snö på lekplatsen").because["word"] == "Snö"


def test_what_may_be_secret_is_looked_for_first() -> None:
    secret = {row.code for row in db.session.query(Department).filter(Department.secret)}
    worded = [rule.to_department in secret for rule in rules() if rule.department_code == "vet"]
    assert worded == sorted(worded, reverse=True) and sum(worded) == 2
    text = "Råttor, snö och sopor, men framför allt behöver jag ekonomiskt bistånd till hyran."
    assert route(kind="fraga", department="vet", category=None, text=text).department_code == "ifo"


def test_a_request_for_a_document_goes_to_the_office_except_where_it_may_be_secret() -> None:
    ways = {
        code: route(kind="handling", department=code, category=None, text="Protokollet, tack.").department_code
        for code in ("vo", "ifo", "utb", "sb", "vet")
    }
    assert ways == {"vo": "vo", "ifo": "ifo", "utb": "ls", "sb": "ls", "vet": "ls"}


def test_words_count_only_where_the_rule_is_about() -> None:
    assert route(kind="fraga", department="utb", category=None, text="Hur plogas skolgården?") == Route(
        "utb", {"by": "choice"}
    )
    assert route(kind="klagomal", department="sb", category=None, text="Jag har sett en råtta i parken") == Route(
        "sb", {"by": "choice"}
    )


def test_a_category_leads_home_whatever_department_was_chosen() -> None:
    way = route(kind="fraga", department="sb", category="kf.idrott", text="När öppnar ni?")
    assert way == Route("kf", {"by": "category"})
    assert route(kind="fraga", department=None, category="kf.idrott", text="När öppnar ni?") == way
    homes = {row.code: row.department_code for row in db.session.query(Category)}
    for category, home in homes.items():
        assert route(kind="berom", department=home, category=category, text="Tack!").department_code == home


def test_what_nothing_matches_goes_to_triage() -> None:
    for department in (None, "vet"):
        way = route(kind="fraga", department=department, category=None, text="Jag har hittat en plånbok.")
        assert way == Route("vet", {"by": "triage"})
    assert triage_department() == "vet"


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("stems", "text", "word"),
    [
        (["lekplats"], "Vid LEKPLATSEN i parken", "LEKPLATSEN"),
        (["snö"], "Osnöat och fint", None),
        (["lss"], "Glass är gott", None),
        (["sfi"], "Jag läser SFI.", "SFI"),
        (["water leak"], "a Water leakage here", "Water leakage"),
        (["e-tjänst"], "Er e-tjänst krånglar", "e-tjänst"),
        (["a.b"], "axb", None),
        (["gräs", "park"], "Parken har högt gräs", "Parken"),
        (["åska"], "Åskan slog ner", "Åskan"),
        (["snö"], "", None),
    ],
)
def test_a_stem_stands_at_the_beginning_of_a_word(stems: list[str], text: str, word: str | None) -> None:
    assert first_word(stems, text) == word


@pytest.mark.no_app
def test_all_conditions_of_a_rule_must_hold() -> None:
    rule = RoutingRule(kind_code="fraga", department_code="sb", category_code="sb.vagar", words=["hål"])
    asked = {"kind": "fraga", "department": "sb", "category": "sb.vagar", "text": "Ett hål i vägen"}
    assert matches(rule, **asked) == "hål"
    for other in ({"kind": "berom"}, {"department": None}, {"category": "sb.snow"}, {"text": "En grop i vägen"}):
        assert matches(rule, **{**asked, **other}) is None
    rule.words = []
    assert matches(rule, **asked) == ""
