"""The rules of the house that no other tool checks: registries, sizes, doors, lock files, words in the README."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from credkit import errors

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("contexts", "credkit", "ui", "issuer", "wallet", "verifier")
ALL_CODE = (*PRODUCT, "demo", "bench", "tests")
MODULE_LINES = 600
FUNCTION_LINES = 40


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that is, or could be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


def modules(*packages: str) -> list[Path]:
    """The Python files of these packages, as committed."""
    return [path for path in tracked_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in packages]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Everything in the file; walking it is dear, and each rule looks at all of it."""
    return tuple(ast.walk(tree_of(path)))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Dotted names of all modules that the file imports, at any depth of the code."""
    names: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def is_or_in(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


# Registries -----------------------------------------------------------------------------------------------------------

# Package → files in it that are no entry of its registry: what the entries share, or what only helps.
REGISTRIES: dict[str, set[str]] = {
    "credkit.keys": set(),
    "credkit.dids": {"document"},
    "credkit.proofs": set(),
    "credkit.formats": set(),
    "credkit.status": set(),
    "credkit.profiles": {"unlinkable"},
    "credkit.trust": set(),
    "credkit.protocols.oid4vci": {"messages"},
    "credkit.protocols.oid4vp": {"messages"},
    "wallet.vault.methods": set(),
}
# What only published vectors can decide; each name must stand in the PROVENANCE.md of the vectors that decide it.
DECIDED_BY_VECTORS = ("credkit.keys", "credkit.proofs", "credkit.formats", "credkit.status")


def folder_of(package: str) -> Path:
    return ROOT.joinpath(*package.split("."))


def existing_registries() -> list[str]:
    return [package for package in REGISTRIES if (folder_of(package) / "__init__.py").is_file()]


def entries_of(package: str) -> set[str]:
    """The files of a registry package, by module name; those with a leading underscore are its inner parts."""
    names = {path.stem for path in folder_of(package).glob("*.py")}
    return {name for name in names if not name.startswith("_")} - REGISTRIES[package]


def registered_in(package: str) -> set[str]:
    """The modules named, directly or through something imported from them, in the package's literal tuples."""
    tree = tree_of(folder_of(package) / "__init__.py")
    module_behind: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and is_or_in(node.module, package):
            for alias in node.names:
                inner = node.module.removeprefix(package).lstrip(".") or alias.name
                module_behind[alias.asname or alias.name] = inner.split(".")[0]
    named = {node for value in literal_tuples(tree) for node in ast.walk(value)}
    by_name = {module_behind.get(node.id, "") for node in named if isinstance(node, ast.Name)}
    by_word = {node.value for node in named if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (by_name | by_word) & {path.stem for path in folder_of(package).glob("*.py")}


def literal_tuples(tree: ast.Module) -> Iterator[ast.Tuple]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Tuple):
            yield node.value


@pytest.mark.parametrize("package", existing_registries())
def test_every_file_of_a_registry_is_named_in_its_tuple(package: str) -> None:
    assert registered_in(package) == entries_of(package)


def every_entry(packages: tuple[str, ...] | list[str]) -> list[tuple[str, str]]:
    return [(package, name) for package in packages if package in existing_registries() for name in entries_of(package)]


@pytest.mark.parametrize(("package", "name"), sorted(every_entry(DECIDED_BY_VECTORS)))
def test_what_vectors_decide_has_published_vectors(package: str, name: str) -> None:
    """A folder of vectors names it: in its PROVENANCE.md or in the name of a file beside that."""
    folders = [path.parent for path in (ROOT / "tests" / "vectors").glob("*/PROVENANCE.md")]
    named = [(folder / "PROVENANCE.md").read_text(encoding="utf-8") for folder in folders]
    named += [path.stem for folder in folders for path in folder.iterdir()]

    assert any(plain(name) in plain(text) for text in named), f"no folder of tests/vectors names {name}"


def plain(text: str) -> str:
    """Letters and digits only: ``P-256`` and ``p256`` are one name."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.parametrize(
    ("package", "name"), sorted(every_entry([package for package in REGISTRIES if package not in DECIDED_BY_VECTORS]))
)
def test_every_other_entry_has_tests_named_after_it(package: str, name: str) -> None:
    """A file, a folder or a test function carries the entry's name; a protocol's version is tested in its folder."""
    owner = package.split(".")[-1]
    wanted = rf"^{owner}/" if re.fullmatch(r"v\d+_\d+", name) else rf"(\b|_){name}(\b|_)"

    assert any(re.search(wanted, test) for test in names_of_tests()), f"no test is named after {name} of {package}"


@cache
def names_of_tests() -> tuple[str, ...]:
    """``folder/file/function`` of every test."""
    return tuple(
        f"{path.parent.name}/{path.stem}/{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_error_stands_in_the_tree_that_the_docstring_draws() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.CredkitError)
    }

    drawn = set(re.findall(r"\b[A-Z][A-Za-z]+\b", errors.__doc__ or ""))

    assert classes <= drawn


# Sizes and style ------------------------------------------------------------------------------------------------------


def test_a_module_is_one_idea() -> None:
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*ALL_CODE)}

    assert not {name: lines for name, lines in sizes.items() if lines > MODULE_LINES}


def test_no_function_is_longer_than_a_screen() -> None:
    """A migration's list of tables is data, not logic, and may be."""
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"
        for path in modules(*PRODUCT, "demo", "bench")
        if "migrations" not in path.parts
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := body_lines(node)) > FUNCTION_LINES
    ]

    assert not too_long, "\n".join(too_long)


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code: what comes after signature and docstring."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def test_nothing_ambient_is_changed_through_global() -> None:
    found = [
        name_of(path) for path in modules(*PRODUCT) for node in nodes_of(path) if isinstance(node, ast.Global)
    ]

    assert not found


def test_no_test_sleeps() -> None:
    sleepers = [name_of(path) for path in modules("tests") if imports_of(path) & {"time.sleep"} or calls_sleep(path)]

    assert not sleepers


def calls_sleep(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
        for node in nodes_of(path)
    )


# Doors (import-linter checks the rest) --------------------------------------------------------------------------------

# fmt: off
NETWORK = (
    "socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "smtplib", "ftplib",
)
WEB = (
    "flask", "flask_babel", "flask_bootstrap", "flask_limiter", "flask_wtf", "wtforms", "werkzeug", "jinja2",
    "markupsafe", "click", "rich", "qrcode",
)
# fmt: on
ORACLES = (
    "pyld", "didkit", "jsonschema", "jwcrypto", "openbadgeslib", "pkcs11", "sd_jwt",
    "pytest", "hypothesis", "playwright",
)


def importers(names: tuple[str, ...]) -> list[tuple[Path, str]]:
    return [
        (path.relative_to(ROOT), module)
        for path in modules(*PRODUCT)
        for module in imports_of(path)
        if any(is_or_in(module, name) for name in names)
    ]


def test_the_kernels_http_is_the_only_way_out() -> None:
    strays = [
        f"{path} imports {module}" for path, module in importers(NETWORK) if path.parts[:2] != ("credkit", "http")
    ]

    assert not strays


def test_web_and_command_line_stay_in_ui_web_and_cli() -> None:
    allowed = {"web", "cli", "cli.py", "wsgi.py", "__main__.py"}

    strays = [
        f"{path} imports {module}"
        for path, module in importers(WEB)
        if path.parts[0] != "ui"
        and not (path.parts[0] in {"issuer", "wallet", "verifier"} and path.parts[1] in allowed)
    ]

    assert not strays


def test_no_oracle_of_the_tests_is_part_of_the_product() -> None:
    assert not [f"{path} imports {module}" for path, module in importers(ORACLES)]


@pytest.mark.parametrize("name", PRODUCT)
def test_nobody_else_on_this_machine_ships_our_import_names(name: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(name, []))
    spec = importlib.util.find_spec(name)

    assert owners <= {"learner-backpack"}
    assert spec is not None and spec.origin is not None
    assert Path(spec.origin).parent == ROOT / name


# Files that are committed ---------------------------------------------------------------------------------------------

# Spelled so that this file does not match itself.
ADDRESSES = (
    r"(^|[^A-Za-z0-9.])/(work|farm)/",
    r'"resolved": "https?:',
    r'https?://[^ "]*\.(whl|tgz|tar\.gz)([^a-z]|$)',
    r"--(extra-)?index-url",
    r"\b(files\.python[h]osted|py[p]i\.org|registry\.np[m]js|deb\.debi[a]n)",
    r"(^|[^A-Za-z0-9.])/(home|root|Users)/[a-z]",
)


def test_no_path_of_a_machine_and_no_download_address_is_committed() -> None:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            found += [f"{name_of(path)}:{number}: {pattern}" for pattern in ADDRESSES if re.search(pattern, line)]

    assert not found, "\n".join(found[:20])


def test_nothing_heavy_is_committed() -> None:
    assert not [name_of(path) for path in tracked_files() if path.stat().st_size > 1_000_000]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_locked_requirements_are_exact_hashed_and_name_no_host(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()

    assert "://" not in "\n".join(lines)
    requirements = [line for line in lines if line and not line.startswith((" ", "#", "-"))]
    assert requirements
    assert all("==" in line and line.endswith("\\") for line in requirements)
    assert all(line.strip().startswith("--hash=sha256:") for line in lines if line.startswith(" "))


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    pairs = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^ ]+)", text, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in pairs}


def test_what_is_tested_is_what_is_run() -> None:
    assert locked("requirements.txt").items() <= locked("requirements-test.txt").items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(entry for extra in project["optional-dependencies"].values() for entry in extra),
    ]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", entry, maxsplit=1)[0]).lower() for entry in wanted}

    assert names <= set(locked("requirements-test.txt"))


def test_every_runtime_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {plain(re.split(r"[<>=!~;\[ ]", entry, maxsplit=1)[0]) for entry in project["dependencies"]}
    distributions = importlib.metadata.packages_distributions()
    imported = {module.split(".")[0] for path in modules(*PRODUCT) for module in imports_of(path)}

    used = {plain(owner) for name in imported for owner in distributions.get(name, [])}

    assert declared <= used


# What people read -----------------------------------------------------------------------------------------------------


def test_the_first_screen_of_the_readme_shows_the_two_commands() -> None:
    screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:24])

    assert re.findall(r"^ *make [a-z]+", screen, flags=re.MULTILINE) == ["    make demo", "    make test"]


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    used = {
        setting
        for path in modules(*PRODUCT, "demo")
        if path.name in {"config.py", "cli.py", "__main__.py"} or "cli" in path.parts
        for setting in re.findall(r"\"(BACKPACK_[A-Z_]+)\"", path.read_text(encoding="utf-8"))
    }

    assert not {setting for setting in used if setting not in readme}


def test_decisions_are_numbered_and_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 16, path.name
