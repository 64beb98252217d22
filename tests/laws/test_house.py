"""The laws of the house: the tree as it is passes, and every planted breach is named with file and line."""

import shutil

import pytest

from tools import laws
from tools.houseplan import DRIVERS, PACKAGE, VAGUE, writers

LONG_BODY = "def long():\n" + "    x = 1\n" * 51
LONG_DOCSTRING = 'def short():\n    """One.\n' + "\n    more\n" * 40 + '    """\n    return 1\n'

# (file, source, line of the breach, what is said of it)
BREACHES = {
    "a module at the root": ("extra.py", "x = 1\n", 1, "a module at the root of the package"),
    "an unknown room": ("marketing/plan.py", "x = 1\n", 1, "there is no room 'marketing'"),
    "a vague name": ("decide/helpers.py", "x = 1\n", 1, "'helpers' says nothing"),
    "a vague folder": ("decide/common/score.py", "x = 1\n", 1, "'common' says nothing"),
    "a long file": ("decide/endless.py", "x = 1\n" * 401, 1, "401 lines; 400 is the most"),
    "a long function": ("decide/tall.py", "\n" + LONG_BODY, 2, "long is 51 lines long"),
    "an import sideways": ("decide/aside.py", "import os\nfrom tactful.learn import x\n", 2, "sideways from learn"),
    "an import sideways on the first floor": (
        "project/aside.py",
        "from tactful.store import contracts\n",
        1,
        "project imports sideways from store",
    ),
    "an import up inside a function": (
        "know/upward.py",
        "def act():\n    from tactful.flow import plan\n    return plan\n",
        2,
        "know imports up from flow",
    ),
    "words leaning on reckon": ("words/leaning.py", "from tactful.reckon import chance\n", 1, "words imports up"),
    "a room by `from tactful import`": (
        "decide/whole.py",
        "from tactful import learn as l\n",
        1,
        "sideways from learn",
    ),
    "everything by a star": ("decide/star.py", "from tactful import *\n", 1, "imports everything"),
    "a relative import out of its room": ("decide/near.py", "from ..learn import x\n", 1, "relative import out"),
    "a name given to import_module": (
        "decide/hidden.py",
        "from importlib import import_module\nx = import_module('tactful.learn.beliefs')\n",
        2,
        "decide imports sideways from learn",
    ),
    "a name given to __import__": ("decide/under.py", "x = __import__('tactful.flow')\n", 1, "decide imports up"),
    "a computed name given to import_module": (
        "decide/computed.py",
        "import importlib\nname = 'tactful.' + 'learn'\nx = importlib.import_module(name)\n",
        3,
        "only running it would tell",
    ),
    "a relative name given to import_module": (
        "decide/dotted.py",
        "import importlib\nx = importlib.import_module('..learn', __package__)\n",
        2,
        "relative import in a string",
    ),
    "a relative name that climbs": (
        "api/__init__.py",
        "from importlib import import_module\n\n\ndef part(n):\n    return import_module(f'..{n}', __name__)\n",
        5,
        "only running it would tell",
    ),
    "a module taken from sys.modules": (
        "decide/taken.py",
        "import sys\nx = sys.modules['tactful.learn']\n",
        2,
        "sideways",
    ),
    "a chain from the package": ("decide/chained.py", "import tactful\nx = tactful.learn.beliefs\n", 2, "sideways"),
    "a chain from an alias": ("decide/alias.py", "import tactful as t\nx = t.flow.plan\n", 2, "decide imports up"),
    "a chain through getattr": ("decide/got.py", "import tactful\nx = getattr(tactful, 'learn')\n", 2, "sideways"),
    "the garden imported by the house": (
        "flow/garden.py",
        "import tactful.testing\n",
        1,
        "flow imports up from testing",
    ),
    "a library under the words": ("words/heavy.py", "import pyarrow\n", 1, "words imports pyarrow"),
    "a library under reckon": ("reckon/heavy.py", "import pyarrow\n", 1, "reckon imports pyarrow"),
    "chance of one's own": ("decide/dice.py", "import random\n", 1, "chance comes from reckon.chance"),
    "chance from numpy": (
        "decide/roll.py",
        "import numpy as np\nx = np.random.default_rng()\n",
        2,
        "chance comes from",
    ),
    "a clock of one's own": (
        "decide/late.py",
        "from datetime import UTC, datetime\nx = datetime.now(UTC)\n",
        2,
        "now comes in as a Clock",
    ),
    "the time of day": ("decide/stamp.py", "import time\nx = time.time()\n", 2, "now comes in as a Clock"),
    "the environment": (
        "decide/env.py",
        "import os\nx = os.environ['HOME']\n",
        2,
        "the environment is read in project",
    ),
    "a write by ledger.write": (
        "learn/writer.py",
        "from tactful.store import ledger\n\n\ndef act(tx):\n    ledger.write(tx, 'outbox', [])\n",
        5,
        "learn writes outbox; only deliver may",
    ),
    "a write through the package": (
        "learn/chain.py",
        "import tactful.store.ledger\n\n\ndef act(tx):\n    tactful.store.ledger.write(tx, 'consent', [])\n",
        5,
        "learn writes consent; only know may",
    ),
    "a write by an imported function": (
        "learn/named.py",
        "from tactful.store.ledger import write as put\n\n\ndef act(tx):\n    put(tx, table='contact', rows=[])\n",
        5,
        "learn writes contact; only deliver may",
    ),
    "a seal by a handle that is passed in": (
        "learn/seal.py",
        "def act(self, rows):\n    self._lake.seal('decisions', rows)\n",
        2,
        "learn writes decisions; only decide may",
    ),
    "a write to a computed table": (
        "learn/computed.py",
        "def act(ledger, tx, name):\n    ledger.write(tx, name, [])\n",
        2,
        "cannot be read here",
    ),
    "a write to no table we know": (
        "learn/unknown.py",
        "def act(lake, rows):\n    lake.seal('diary', rows)\n",
        2,
        "'diary', which store/contracts.py does not know",
    ),
    "a stage that writes for another room": (
        "flow/wrong_stage.py",
        (
            "from tactful import decide\nfrom tactful.flow.stage import Stage\n\n"
            "S = Stage(\n    name='d',\n    reads=(),\n    writes=('decisions', 'messages'),\n    act=decide.act,\n)\n"
        ),
        7,
        "decide writes messages; only compose may",
    ),
    "a stage whose act is imported by name": (
        "flow/other_stage.py",
        (
            "from tactful.learn.act import act\nfrom tactful.flow.stage import Stage\n\n"
            "S = Stage(name='l', reads=(), writes=('profiles',), act=act)\n"
        ),
        4,
        "learn writes profiles; only know may",
    ),
    "a stage whose writes are computed": (
        "flow/vague_stage.py",
        "from tactful import decide\nfrom tactful.flow.stage import Stage\n\nS = Stage(writes=W, act=decide.x)\n",
        4,
        "a stage's writes cannot be read here",
    ),
    "a stage whose own act asks another room": (
        "flow/own_stage.py",
        (
            "from tactful.decide import choosing\nfrom tactful.flow.stage import Stage\n\n\n"
            "def act(inputs, work):\n    return choosing.choose(inputs)\n\n\nS = Stage(writes=('messages',), act=act)\n"
        ),
        9,
        "decide and flow write messages; only compose may",
    ),
    "a stage whose act is nobody's": (
        "flow/nobody.py",
        "from tactful.flow.stage import Stage\n\nS = Stage(writes=('messages',), act=acts[0])\n",
        3,
        "whose act this stage is cannot be read here",
    ),
    "several tables sealed at once": (
        "learn/several.py",
        "from tactful.store import lake\n\nlake.seal_all([], tables=('beliefs', 'decisions'))\n",
        3,
        "learn writes decisions; only decide may",
    ),
    "another room's writing SQL": (
        "learn/asks.py",
        "from tactful.store.sql import named\n\nEND = named('ledger.flow.end_run')\n",
        3,
        "learn asks for ledger.flow.end_run, which writes; only flow may",
    ),
    "SQL that stands nowhere": (
        "learn/asks_nothing.py",
        "from tactful.store import sql\n\nX = sql.named('learn.no_such_statement')\n",
        3,
        "which stands in no file of store/sql",
    ),
    "SQL whose name is computed": (
        "learn/asks_any.py",
        "from tactful.store.sql import named\n\n\ndef ask(name):\n    return named(name)\n",
        5,
        "asks for SQL whose name cannot be read here",
    ),
    "SQL of one's own": (
        "learn/own.py",
        "from tactful.store.sql import Query\n\nX = Query('x', 'SELECT 1')\n",
        3,
        "makes SQL of its own",
    ),
    **{
        f"the driver {driver}": (
            f"account/uses_{driver}.py",
            f"import os\nimport {driver}.part\n",
            2,
            f"imports {driver};",
        )
        for driver in DRIVERS
    },
    **{
        f"the vague name {name}": (f"account/{name}.py", "x = 1\n", 1, f"'{name}' says nothing")
        for name in sorted(VAGUE)
    },
}

# What looks like a breach and is none.
LAWFUL = {
    "flow/sealing_stage.py": "from tactful import decide\nfrom tactful.flow.stage import Stage\n\n"
    "S = Stage(name='d', reads=(), writes=('decisions', 'candidates'), act=decide.act)\n",
    "flow/asking_stage.py": "from tactful.decide import choosing\nfrom tactful.flow.stage import Stage\n\n\n"
    "def _act(inputs, work):\n    return _asked(inputs)\n\n\ndef _asked(i):\n    return choosing.choose(i)\n\n\n"
    "S = Stage(writes=('decisions',), act=_act)\n",
    "deliver/writing.py": "from tactful.store import ledger\n\n\ndef act(tx):\n    ledger.write(tx, 'outbox', [])\n",
    "learn/down.py": "from tactful.words.ids import x\nfrom tactful.reckon import chance\nimport numpy as np\n",
    "learn/reading.py": "from tactful.store.sql import named\n\nRUNS = named('ledger.flow.runs')\n",
    "learn/file.py": "def act(file):\n    file.write('outbox')\n",
    "learn/hours.py": "from datetime import time\n\nNOON = time(12)\n",
    "learn/documented.py": LONG_DOCSTRING,
    "testing/walk.py": "import importlib\n\n\ndef walk(name):\n    return importlib.import_module(name)\n",
    "console/__init__.py": "import importlib as i\n\n\ndef part(n):\n    return i.import_module(f'.{n}', __name__)\n",
    "compose/near.py": "from .text import plain\n",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the laws say of a copy of the tree in which every breach is planted."""
    package = tmp_path_factory.mktemp("house") / "tactful"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.pyc", "*.parquet", "*.gz"))
    planted = {file: source for file, source, _, _ in BREACHES.values()} | LAWFUL
    for file, source in planted.items():
        path = package / file
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), f"{file} is in the house: plant the breach elsewhere"
        path.write_text(source, "utf-8")
    return [(fault.path.as_posix(), fault.line, fault.what) for fault in laws.faults(package)]


@pytest.mark.parametrize("breach", sorted(BREACHES))
def test_a_planted_breach_is_named_with_file_and_line(breach, found):
    file, _, line, what = BREACHES[breach]
    said = [(at, why) for path, at, why in found if path == file or (path == file.split("/")[0] and "no room" in why)]
    assert any(at == line and what in why for at, why in said), f"{file}:{line} {what!r} is not among {said}"


@pytest.mark.parametrize("file", sorted(LAWFUL))
def test_what_is_lawful_is_left_alone(file, found):
    assert [(line, what) for path, line, what in found if path == file] == []


def test_the_house_stands():
    assert [str(fault) for fault in laws.faults(PACKAGE)] == []


def test_every_table_has_one_known_writer():
    tables = writers()
    assert {"decisions": "decide", "outbox": "deliver", "messages": "compose", "run": "flow"}.items() <= tables.items()


def test_the_program_exits_1_and_prints_what_it_found(tmp_path, capsys):
    package = tmp_path / "tactful"
    (package / "decide").mkdir(parents=True)
    (package / "decide" / "misc.py").write_text("import tactful.learn\n", "utf-8")
    assert laws.main([str(package)]) == 1
    assert "decide/misc.py:1: decide imports sideways from learn" in capsys.readouterr().out


def test_the_package_may_not_import_its_rooms_when_it_is_itself_imported(tmp_path):
    package = tmp_path / "tactful"
    package.mkdir()
    lazy = "if TYPE_CHECKING:\n    from tactful.flow import plan\n\n\ndef __getattr__(name):\n    import tactful.flow\n"
    (package / "__init__.py").write_text(lazy + "\n\nfrom tactful.flow import plan\n", "utf-8")
    (fault,) = laws.faults(package)
    assert (fault.line, fault.what) == (
        9,
        "the package imports flow when it is itself imported; do it in __getattr__",
    )
