"""Tables of options, and the catalogue of all config groups."""

from docs.book.markdown import code, table
from fercli.catalog import COMMANDS, choices, group_names, groups
from fercli.yaml_options import Choice, read


def option_table(choice: Choice) -> str:
    """The options of a choice as a table; one sentence where it has none."""
    rows = [(code(option.key), code(option.default), option.comment) for option in choice.options]
    return table(("Option", "Default", "Meaning"), rows) if rows else "It has no options of its own."


def choice_section(group: str, name: str, heading: str = "###") -> str:
    """One choice: what it is, what it sets and builds, and its options."""
    choice = read(group, name)
    parts = [f"{heading} {code(f'{group}={name}')} {{ #{anchor(group, name)} }}", choice.about + "."]
    if choice.takes:
        parts.append("It sets " + ", ".join(map(code, choice.takes)) + ".")
    if choice.builds:
        parts.append("It builds " + ", ".join(map(code, dict.fromkeys(choice.builds))) + ".")
    if choice.options:
        parts.append(option_table(choice))
    return "\n\n".join(parts)


def anchor(group: str, name: str) -> str:
    """The anchor of a choice on the page of its group."""
    return f"{group}-{name}".replace("/", "-").replace("_", "-")


def group_page(group: str) -> str:
    """The page of a group: all its choices."""
    used = [command for command in COMMANDS if group in groups(command)]
    names = choices(group)
    parts = [f"# {group}"]
    parts.append(
        f"Choose with {code(group + '=<choice>')}"
        + (f" in {', '.join(code('fercli ' + command) for command in used)}." if used else ".")
        + f" There are {len(names)} choices. This page is generated from `conf/{group}/`."
    )
    parts.append(table(("Choice", "What it is"), [_entry(group, name) for name in names]))
    parts += [choice_section(group, name, "##") for name in names]
    return "\n\n".join(parts) + "\n"


def _entry(group: str, name: str) -> tuple[str, str]:
    return f"[{code(name)}](#{anchor(group, name)})", read(group, name).about


def root_page(command: str) -> str:
    """The options at the root of a command."""
    choice = read("", command)
    parts = [f"# Options of fercli {command}", choice.about + "."]
    if choice.takes:
        parts.append("Its groups, each with the choice that is taken where you name none:")
        parts.append(table(("Group", "Choice"), [_group_row(taken) for taken in choice.takes]))
    parts.append("Its own options:")
    parts.append(option_table(choice))
    return "\n\n".join(parts) + "\n"


def _group_row(taken: str) -> tuple[str, str]:
    group, _, name = taken.partition("=")
    page = f"[{code(group)}](../groups/{group}.md)" if group in group_names() else code(group)
    return page, code(name)


def study_page() -> str:
    """The page of all studies: their titles by source, without their rows."""
    parts = ["# study", "A study is a published table as one yaml. Run one with `fercli ablate <study>`."]
    parts.append("This page is generated from `conf/study/`.")
    rows = [(code(name), read("study", name).about) for name in choices("study")]
    parts.append(table(("Study", "What it is"), rows))
    return "\n\n".join(parts) + "\n"


def catalogue() -> str:
    """The page that lists all groups with their choices."""
    parts = ["# Catalogue", "All config groups and their choices. This page is generated from `conf/`."]
    for group in group_names():
        parts.append(f"## [{group}](groups/{group}.md)")
        parts.append(", ".join(map(code, choices(group))))
    return "\n\n".join(parts) + "\n"
