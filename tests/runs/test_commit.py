import re
import subprocess

from fercli.runs import commit as module
from fercli.runs.commit import commit


def git(folder, *args):
    return subprocess.run(["git", "-C", folder, *args], check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_says_whether_files_differ_from_it(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "commit.py"))
    git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "commit.py").write_text("")
    git(tmp_path, "add", "code.py", "commit.py")
    assert commit() is None  # there is none yet
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    (tmp_path / "notes.txt").write_text("git does not know me")
    clean = commit()
    assert re.fullmatch("[0-9a-f]{40}", clean)
    assert clean == git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "code.py").write_text("2")
    assert commit() == clean + "+"


def test_a_repository_around_an_installed_package_gives_no_commit(monkeypatch, tmp_path):
    """As where a project keeps its environment, which git ignores, within its folder."""
    installed = tmp_path / ".venv" / "site-packages" / "commit.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("")
    git(tmp_path, "init")
    (tmp_path / "paper.tex").write_text("1")
    git(tmp_path, "add", "paper.tex")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "first")
    monkeypatch.setattr(module, "__file__", str(installed))
    assert commit() is None


def test_outside_git_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "commit.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() is None
    monkeypatch.setenv("PATH", "")
    assert commit() is None
