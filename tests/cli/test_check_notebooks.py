"""A notebook is read cell by cell: magics are understood or left out, and one broken cell loses only itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from spotter_cli.check import files, scripts
from spotter_cli.errors import CommandError
from tests.cli.test_command_line import run

WAIT = "StoppingCondition.MaxWaitTimeInSeconds"
IMPORT = "from sagemaker.pytorch import PyTorch"
MADE = "PyTorch(use_spot_instances=True, max_run=7200, max_wait={}, instance_type='ml.g5.xlarge', instance_count=1)"


def notebook(*cells: str | list[str], **more: Any) -> dict[str, Any]:
    code = [{"cell_type": "code", "source": source, "outputs": []} for source in cells]
    return {"cells": [{"cell_type": "markdown", "source": "# Title"}, *code], "nbformat": 4} | more


def waits(*cells: str | list[str]) -> list[Any]:
    found = scripts.in_notebook(notebook(*cells), "book.ipynb").requests
    return [one.get(WAIT) for one in found]


@pytest.mark.parametrize(
    "cells",
    [
        (IMPORT, "wait = 5", MADE.format("wait")),
        (f"{IMPORT}\n", ["%%time\n", f"{MADE.format(5)}\n"]),
        ("!pip install sagemaker --quiet\n" + IMPORT, "%matplotlib inline\n" + MADE.format(5)),
        (f"%%capture\n{IMPORT}", MADE.format(5)),
        (IMPORT, "files = !ls\nrole = %env ROLE\n" + MADE.format(5)),
        (IMPORT, f"?PyTorch\nPyTorch?\n{MADE.format(5)}"),
        (IMPORT, "!aws s3 cp a b \\\n  --recursive\n" + MADE.format(5)),
        (IMPORT, "if True:\n    !mkdir data\n    x = 1\n" + MADE.format(5)),
        (IMPORT, "%%bash\nif [ -f x ]; then\n  ls; fi", MADE.format(5)),
        (IMPORT, "%%writefile train.py\nPyTorch(max_wait=1)", MADE.format(5)),
        (IMPORT, "def broken(:\n", MADE.format(5)),
        (IMPORT, "raise SystemExit", MADE.format(5)),
    ],
)
def test_a_job_is_found_whatever_stands_around_it(cells):
    assert waits(*cells) == [5]


def test_a_finding_names_its_cell_and_its_line_there(tmp_path: Path):
    book = tmp_path / "book.ipynb"
    book.write_text(json.dumps(notebook(IMPORT, "x = (", f"\n{MADE.format(3600)}")))
    done = run("check", str(book), "--offline")
    assert done.returncode == 3
    assert "refused  cell 4, line 2, max_wait: it is 3600, below the 7200 of the run" in done.stdout
    assert f"not read: {book}, cell 3 is not Python: line 1: '(' was never closed" in done.stdout
    facts = json.loads(run("check", str(book), "--offline", "--json").stdout)
    [request] = facts["requests"]
    assert (request["cell"], request["line"]) == (4, 2)
    assert request["request"] == f"{book}, cell 4, line 2 (PyTorch)"
    assert len(facts["not_read"]) == 1


def test_a_notebook_of_the_third_version_is_read(tmp_path: Path):
    cells = [{"cell_type": "code", "input": [f"{IMPORT}\n", MADE.format(5)]}]
    found = scripts.in_notebook({"worksheets": [{"cells": cells}], "nbformat": 3}, "old").requests
    assert [one.get(WAIT) for one in found] == [5]


@pytest.mark.parametrize(
    "given", ["['time'], '', 'x = 1'", "{}, '', ''", "name, '', 'x'", "", "'time'"]
)
def test_a_magic_whose_name_is_no_text_is_not_followed(given):
    source = f"{IMPORT}\nget_ipython().run_cell_magic({given})\n{MADE.format(5)}"
    assert len(scripts.in_script(source.encode(), "exported.py").requests) == 1


def test_an_exported_cell_magic_is_followed():
    source = f"{IMPORT}\nget_ipython().run_cell_magic('time', '', {MADE.format(5)!r})\n"
    source += f"get_ipython().run_cell_magic('writefile', 'x.py', {MADE.format(1)!r})\n"
    source += "get_ipython().system('ls')\n"
    [one] = scripts.in_script(source.encode(), "exported.py").requests
    assert (one.get(WAIT), str(one.position)) == (5, "line 2")


@pytest.mark.parametrize(
    ("book", "sentence"),
    [
        (notebook("print(1)"), "has no training job that can be recognised"),
        (notebook("x = ("), "cell 2 is not Python"),
        ({"cells": 5}, "has no training job that can be recognised"),
        ({"cells": [5, {}, {"cell_type": "code"}]}, "has no training job that can be recognised"),
        (
            notebook("x", metadata={"kernelspec": {"language": "R"}}),
            "is a notebook in r: Python is read",
        ),
        ([], "is no request"),
    ],
)
def test_a_notebook_without_a_job_is_one_sentence(tmp_path: Path, book, sentence):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(book))
    with pytest.raises(CommandError) as reason:
        files.read(str(path))
    assert sentence in str(reason.value)


def test_several_files_and_folders_are_checked_in_one_call(tmp_path: Path):
    (tmp_path / "jobs" / ".venv").mkdir(parents=True)
    (tmp_path / "jobs" / "train.py").write_text(f"{IMPORT}\n{MADE.format(3600)}")
    (tmp_path / "jobs" / "helper.py").write_text("x = 1")
    (tmp_path / "jobs" / "settings.json").write_text('{"a": 1}')
    (tmp_path / "jobs" / "broken.py").write_text("def")
    (tmp_path / "jobs" / ".venv" / "theirs.py").write_text(f"{IMPORT}\n{MADE.format(1)}")
    (tmp_path / "book.ipynb").write_text(json.dumps(notebook(IMPORT, MADE.format(99999))))
    done = run("check", str(tmp_path / "jobs"), str(tmp_path / "book.ipynb"), "--offline")
    assert (done.returncode, done.stderr) == (3, "")
    assert "line 2, max_wait: it is 3600" in done.stdout
    assert f"not read: {tmp_path}/jobs/broken.py is no Python: line 1: " in done.stdout
    assert "theirs.py" not in done.stdout
    assert done.stdout.endswith("2 requests in 5 files: 1 refused, 2 unwise\n")


def test_standard_input_is_read_where_a_dash_stands():
    done = run("check", "-", "--offline", input=f"{IMPORT}\n{MADE.format(3600)}")
    assert done.returncode == 3
    assert "line 2, max_wait: it is 3600" in done.stdout
    done = run("check", "-", "--offline", input=json.dumps(notebook(IMPORT, MADE.format(3600))))
    assert "cell 3, line 1, max_wait: it is 3600" in done.stdout
