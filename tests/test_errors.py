"""Whatever an operator can see has a code, and says its facts in a template."""

import ast
import errno
import importlib
import pkgutil
import re
import string
from functools import cache, reduce
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import openprep
from openprep.cli.main import main
from openprep.cli.options import fail
from openprep.coded import CodedError, said
from openprep.databases import DatabaseCode, UnreadableDatabase
from openprep.election.declared.mistakes import FolderCode, FolderRefused, Mistakes
from openprep.record.codes import RecordCode, RecordTrouble

SOURCE = Path(openprep.__file__).parent
CLI = sorted((SOURCE / "cli").rglob("*.py"))
OPTIONS = SOURCE / "cli" / "options.py"

CAUGHT = {
    "audit.place.Missing": "the checks note it under their code; a search refuses with one",
    "audit.checks.election.Unreadable": "the checks note it under their code; a search refuses",
    "bounded.TooMany": "whoever reads says under which code",
    "cuts.results.CannotAdopt": "center.center shows the cut again, and says so (P006)",
    "decoding.Undecodable": "caught as msgspec.DecodeError, wherever strangers' bytes are read",
    "desks.figures.NotAFigure": "the page names the field, and shows what was typed",
    "digitising.opening.UnfitFile": "a child answers why, and the digitiser says K103 to K108",
    "distribution.service.CosignatureRefused": "the service answers S026",
    "doors.bodies.GaveWay": "the inbox answers T022",
    "doors.bodies.TooLarge": "the inbox answers by kind of body",
    "doors.bodies.TooSlow": "the inbox answers T021",
    "doors.places.NoPlace": "the inbox answers T022",
    "election.image.NotAnImage": "the inbox answers T018, a station says T108",
    "hosting.http.server.TooLarge": "the server answers 431 or 413",
    "hosting.log.LogTrouble": "center.center says P010 or P011; a mirror fetches the log anew",
    "mirror.sources.download.Broken": "mirror.sources.center goes on, and then says M001",
    "private.Exposed": "whoever keeps a key says that others may read it",
    "record.ledger.ReceptionClosed": "the inbox answers that reception is closed",
    "record.snapshot.Doubt": "whatever it is, a start folds the record from its beginning",
    "transmission.station.delivery.NotNow": "the courier says T107 and tries again",
    "wire.cut.pack.PackError": "a mirror says M017",
    "wire.distribution.age.AgeHeaderTrouble": "wire.distribution.package says S040",
    "wire.log.checkpoint.CheckpointError": "whoever opens a note says under which code",
    "wire.log.growth.GrowthError": "an audit notes it",
    "wire.log.leaf.LeafError": "whoever reads the log says under which code",
    "wire.log.proof.ProofError": "a receipt is refused",
    "wire.log.tiles.TileError": "whoever reads the log says under which code",
    "wire.note.NoteError": "whoever opens a note says under which code",
    "wire.release.ReleaseError": "pages say P020 or P022",
    "wire.trust.TrustError": "ceremony, mirror and audit say under which code",
}
"""Errors that nobody is shown as they are: who catches each, and what is said instead."""

NO_TEMPLATE = {"DeliveryRefused", "FactTooLarge", "FolderRefused", "AnotherDrill", "CenterRefused"}
"""Coded errors that are made from what they are about, and have one template of their own."""

SAYING = {"NotAnImage"}
"""Errors without a code that say what is wrong by a template all the same."""

PLAIN = {"expected", "again_in", "line", "notes", "status"}
"""What an error carries beside its text, by the name of the parameter."""


def modules():
    for module in pkgutil.walk_packages(openprep.__path__, "openprep."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def errors():
    """Every class of an error that is declared here."""
    return {
        kind
        for module in modules()
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, BaseException)
        and kind.__module__ == module.__name__
    }


def name_of(kind):
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("openprep.")


def handlers(path):
    """Each ``except``, with the names of what it catches."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            yield node, [ast.unparse(kind).rpartition(".")[2] for kind in kinds]


def test_every_error_has_a_code_or_somebody_who_catches_it():
    uncoded = {name_of(kind) for kind in errors() if not issubclass(kind, CodedError)}
    assert uncoded == set(CAUGHT)


def caught_in(module):
    """The classes that a module catches, whatever it calls them: two may have one name."""
    tree = ast.parse(Path(module.__file__).read_text())
    known = dict(vars(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("openprep"):
            source = importlib.import_module(node.module)
            known |= {
                alias.asname or alias.name: getattr(source, alias.name, None)
                for alias in node.names
            }
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for first, *rest in (ast.unparse(kind).split(".") for kind in kinds):
                found = reduce(
                    lambda holder, name: getattr(holder, name, None), rest, known.get(first)
                )
                yield from found if isinstance(found, tuple) else [found]


def test_whatever_has_no_code_is_caught_somewhere():
    caught = {kind for module in modules() for kind in caught_in(module)}
    uncaught = {name_of(kind) for kind in errors() - caught if not issubclass(kind, CodedError)}
    as_what_it_is_a_kind_of = {"decoding.Undecodable", "record.snapshot.Doubt"}
    assert uncaught == as_what_it_is_a_kind_of


@cache
def coded():
    """Names of the errors that have a code."""
    return {kind.__name__ for kind in errors() if issubclass(kind, CodedError)}


@pytest.mark.parametrize("path", CLI, ids=lambda path: str(path.relative_to(SOURCE / "cli")))
def test_a_command_shows_no_error_without_a_code(path):
    """What a handler shows is coded or the system's; of others it says the text under a code."""
    for handler, kinds in handlers(path):
        if handler.name is None:
            continue
        shown = [
            call
            for call in ast.walk(handler)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name | ast.Attribute)
            and any(isinstance(a, ast.Name) and a.id == handler.name for a in call.args)
        ]
        for call in shown:
            teller = ast.unparse(call.func)
            if teller == "under_a_code":
                continue
            assert teller in {"fail", "unfit_by", "_refuse"}, teller
            assert set(kinds) <= coded() | {"OSError"}, (path, handler.lineno)
        printed = [
            part
            for part in ast.walk(handler)
            if isinstance(part, ast.FormattedValue) and handler.name in ast.unparse(part)
        ]
        assert not printed, (path, handler.lineno)


def test_usage_errors_are_made_in_one_place_under_a_code():
    for path in CLI:
        calls = [
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
        ]
        made = {call for call in calls if re.search(r"(UsageError|BadParameter|Exception)$", call)}
        if path == OPTIONS:
            assert made == {"click.UsageError", "click.BadParameter"}
        else:
            assert not made, path
            assert not {"self.fail", "click.Path", "click.File"} & set(calls), path


def commands(command=main):
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name))


def test_every_path_of_every_command_is_refused_under_a_code():
    paths = [
        option
        for command in commands()
        for option in command.params
        if isinstance(option.type, click.Path)
    ]
    assert len(paths) > 60
    for option in paths:
        with pytest.raises(click.BadParameter, match="U001"):
            option.type.fail("nothing there", option, None)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["station", "status", "--outbox", "nowhere.sqlite"], "U001"),
        (["center", "status", "--election", "nowhere", "--data", "."], "U001"),
        (["audit", "tree", "."], "U002"),
        (["demo", "--speed", "-1"], "U003"),
        (["drill", "check-2018", "--cut", "20180702_2101"], "U003"),
        (["trust", "join", "--root", __file__, "--to", "x", "--center", "localhost"], "M051"),
    ],
)
def test_a_command_given_wrongly_says_a_code(given, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(main, given)
    assert told.exit_code == 2, told.output
    assert f"{code} " in told.output


@pytest.mark.parametrize(
    "given",
    [
        ["mirror", "init", "--data", "m", "--election", "e", "--id", "t", "--name", "T"],
        ["ceremony", "key", "--name", "authority", "--online", "--out"],
    ],
)
def test_what_no_command_foresaw_of_the_system_has_a_code_too(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    ends = {"init": ["--request", "nowhere/request"], "key": ["file/key"]}[given[1]]
    told = CliRunner().invoke(main, [*given, *ends])
    assert told.exit_code == 2
    assert re.search(r"^[A-Z]\d{3} .*(nowhere/request|file)", told.output, re.MULTILINE)
    assert "Traceback" not in told.output


def test_an_unknown_option_is_clicks_own_to_tell():
    told = CliRunner().invoke(main, ["station", "status", "--nonsense"])
    assert told.exit_code == 2
    assert "No such option" in told.output


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "R004"), (errno.EIO, "R008"), (errno.EMFILE, "R010"), (errno.EACCES, "U004")],
)
def test_what_the_system_refuses_is_told_under_a_code(number, code, capsys):
    with pytest.raises(SystemExit) as left:
        fail(OSError(number, "no", "a\x1b[2Jfile"))
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{code} [Errno {number}] no: ")
    assert "\x1b" not in told


# --- texts apart from facts -----------------------------------------------------------------------


TELLING = {"audit": r"findings\.(expect|fail|note)$|self\._(expect\w*|fail)$"}
"""Calls of a room that say something though their names do not tell so everywhere."""

PASSING_ON = {
    "audit/checks/log.py",
    "audit/checks/results.py",
    "audit/checks/tree.py",
    "audit/report.py",
    "cli/options.py",
}
"""Modules with helpers that pass a template on with its facts."""


def tells(called, path):
    """Whether ``called`` is a helper that takes a template in the room of ``path``."""
    room = path.relative_to(SOURCE).as_posix().partition("/")[0]
    return room in TELLING and re.search(TELLING[room], called)


def modules_of(room):
    """The modules of a room, which may be a module itself."""
    return [SOURCE / room] if room.endswith(".py") else sorted((SOURCE / room).rglob("*.py"))


def said_in(path):
    """Every call that says something: of a coded error, of ``.of`` of a code, of ``said``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        if (
            (name in (coded() | SAYING) - NO_TEMPLATE and not called.startswith("click."))
            or called == "said"
            or re.search(r"[cC]ode(\.\w+|\(.*\))?\.of$", called)
            or tells(called, path)
        ):
            yield node


def template_of(call):
    """The literal of a call, or the choice between two."""
    texts = [argument for argument in call.args if _texts(argument)]
    return texts[0] if texts else None


def _texts(node):
    """The literals that ``node`` is, or chooses between."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return []


@pytest.mark.parametrize("room", sorted(path.name for path in SOURCE.iterdir()))
def test_what_is_said_is_a_literal_template_with_facts_by_name(room):
    for path in modules_of(room):
        if path.name == "coded.py":
            continue
        for call in said_in(path):
            where = f"{path}:{call.lineno}: {ast.unparse(call)[:120]}"
            given = {keyword.arg for keyword in call.keywords}
            if None in given:
                assert path.relative_to(SOURCE).as_posix() in PASSING_ON, where
                continue
            template = template_of(call)
            if template is None:  # the code alone says it
                assert ast.unparse(call.func) == "UnreadableDatabase", where
                continue
            for text in _texts(template):
                fields = list(string.Formatter().parse(text))
                names = {name for _, name, _, _ in fields if name is not None}
                assert all(name.isidentifier() for name in names), where
                assert given - PLAIN <= names <= given, where


@pytest.mark.parametrize("room", sorted(path.name for path in SOURCE.iterdir()))
def test_a_fact_is_no_sentence(room):
    """A sentence among the facts could not be had in another language: it is ``said`` itself."""
    for path in modules_of(room):
        whole_room = any(path.is_relative_to(SOURCE / room) for room in IN_TEXTS)
        for call in said_in(path):
            for keyword in call.keywords:
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "said":
                        break
                    literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
                    sentence = literal and re.search(r"[a-z]{3}.* .*[a-z]{3}", node.value)
                    if whole_room and isinstance(node, ast.JoinedStr):
                        sentence = is_sentence(node)
                    assert not sentence, f"{path}:{call.lineno}: {keyword.arg}"


# --- rooms in which nothing is said otherwise -----------------------------------------------------


IN_TEXTS = ("audit", "databases", "election", "watch", "cli/database.py", "cli/election.py")
"""Rooms whose findings, alarms, notices and mistakes are texts too, and two of the commands that
show them: no sentence stands outside of one."""

IN_ONE_LANGUAGE = {
    "databases/read/moments.py": "how times are written in the files that are read",
    "databases/wording.py": "the words of the official files",
    "databases/write/official_zip.py": "the LEEME of the official files",
    "watch/words.py": "the words of the status page, in Spanish beside English",
}
"""Modules whose sentences are in a language of their own, so that no catalogue has them."""

PLACES_OF_TEXTS = {"said", "super().__init__", "click.option", "AssertionError"}
"""Calls in which a literal is a template, or the help of a command, or for whoever edits code."""

FOREIGN = {"unexpected end", "system volume information"}
"""What the csv module and Windows say, to be known by it."""

VALUES = {"not open", "wrong files"}
"""Values of enums of two words: programs that read ``status.json`` know the one by it."""

SENTENCE = re.compile(r"[a-z]{2}\W* \W*[a-z]{2}")
WORD_BESIDE_A_BLANK = re.compile(r"[A-Za-z]{2}[,.:;]? | [A-Za-z]{2}")


def whole(node):
    """What stands in a literal; for an f-string, ``{}`` in the place of each value."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(whole(part) or "{}" for part in node.values)
    return ""


def is_sentence(node):
    """Whether ``node`` has two words, or one and a value; official ones are all in capitals."""
    pattern = SENTENCE if isinstance(node, ast.Constant) else WORD_BESIDE_A_BLANK
    return pattern.search(whole(node)) and whole(node) not in FOREIGN | VALUES


def unsaid(tree, path=SOURCE):
    """Literals and f-strings that are in no text, nor documentation, nor the meaning of a code."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.ClassDef) and "Coded" in map(ast.unparse, tree.bases):
        return
    if isinstance(tree, ast.Call):
        called = ast.unparse(tree.func)
        if called in {*PLACES_OF_TEXTS, *coded(), *SAYING} or called.endswith(".split"):
            return
        if tells(called, path):
            return
    if whole(tree):
        yield tree
        return
    for inner in ast.iter_child_nodes(tree):
        yield from unsaid(inner, path)


def sentences(source, path=SOURCE):
    """Sentences that stand outside of a text, and what is put together to be one."""
    return [ast.unparse(node) for node in unsaid(ast.parse(source), path) if is_sentence(node)]


@pytest.mark.parametrize("room", IN_TEXTS)
def test_no_sentence_stands_outside_of_a_text(room):
    for path in modules_of(room):
        name = path.relative_to(SOURCE).as_posix()
        found = sentences(path.read_text(), path)
        assert bool(found) is (name in IN_ONE_LANGUAGE), f"{name}: {found}"


@pytest.mark.parametrize(
    "told",
    [
        'value = f"{total} votes"',
        'value = f"no {column}"',
        'reason = f"over {most} bytes of {file}"',
        'reason = "closes must be after opens"',
        'reason = "column " + name + " is declared twice"',
        'reason = "column %s is declared twice" % name',
        'reason = "column {} is declared twice".format(name)',
        'note(f"{written}, rows give {given}")',
    ],
)
def test_a_sentence_is_found_however_it_is_put_together(told):
    assert sentences(told)


@pytest.mark.parametrize(
    "laid_out",
    [
        'file = f"contests/{contest}/columns.csv"',
        'line = f"{code} {where}: {reason}"',
        'clave = f"{kind}{number:02}{extension:02}"',
        'text = said("over {most} bytes", most=most)',
    ],
)
def test_what_is_only_laid_out_is_no_sentence(laid_out):
    assert not sentences(laid_out)


def test_a_finding_quotes_a_cell_or_says_a_text():
    """What is noted without ``said`` is of the file: a word of ours could not be translated."""
    for path in modules_of("databases"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("findings.note"):
                values = [keyword.value for keyword in call.keywords if keyword.arg == "value"]
                for argument in (*call.args[3:], *values):
                    assert not re.search(r"[A-Za-z]", "".join(map(whole, unsaid(argument)))), path


def test_a_folder_that_is_refused_says_each_mistake_as_a_text():
    mistakes = Mistakes()
    text = said("party {party} is declared twice", party="{0.__class__}")
    mistakes.add(FolderCode.DUPLICATE, "parties.csv", 3, text)
    mistakes.add(FolderCode.DUPLICATE, "parties.csv", None, text)
    with pytest.raises(FolderRefused) as refused:
        mistakes.refuse_if_any("here")
    lines = refused.value.text.facts["lines"]
    assert [said.facts["reason"] for said in lines.texts] == [text, text]
    assert refused.value.detail == (
        "here: 2 mistakes, nothing was used:\n"
        "E008 parties.csv: party {0.__class__} is declared twice\n"
        "E008 parties.csv:3: party {0.__class__} is declared twice"
    )


def test_a_database_that_is_refused_says_its_line_with_what_it_says_or_alone():
    said_of = UnreadableDatabase(DatabaseCode.TOO_MANY_ROWS, "over {rows} rows", line=9, rows=8)
    meaning = DatabaseCode.TOO_MANY_ROWS.meaning
    assert str(said_of) == f"D110 {meaning} over 8 rows (line 9). Nothing was used."
    alone = UnreadableDatabase(DatabaseCode.TOO_MANY_ROWS, line=9)
    assert str(alone) == f"D110 {meaning} (line 9). Nothing was used."
    assert str(UnreadableDatabase(DatabaseCode.EMPTY)).endswith("empty. Nothing was used.")


# --- what is made of a text -----------------------------------------------------------------------


def test_an_error_says_code_facts_and_meaning():
    error = RecordTrouble(
        RecordCode.CLOSED, "{path}: more than {limit:,} bytes", path="x", limit=1000
    )
    assert str(error) == f"R006 x: more than 1,000 bytes — {RecordCode.CLOSED.meaning}"
    assert error.detail == "x: more than 1,000 bytes"
    assert error.text == said("{path}: more than {limit:,} bytes", path="x", limit=1000)


def test_braces_in_a_fact_are_not_read():
    error = RecordTrouble(RecordCode.CLOSED, "{name}", name="{0.__class__} {x}")
    assert error.detail == "{0.__class__} {x}"


def test_no_fact_shows_the_secret_of_an_address():
    inner = said("{address}", address="https://user:secret@host/x?sig=abc")
    for told in (str(inner), RecordTrouble(RecordCode.CLOSED, "{inner}", inner=inner).detail):
        assert "secret" not in told
        assert "abc" not in told
    assert "secret" not in RecordCode.CLOSED.of("{address}", address="https://user:secret@host/")
