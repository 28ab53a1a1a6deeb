#!/usr/bin/env python3
"""Prints which modules of the crate use which, and fails if there is a cycle.

A module is a top-level one: `src/NAME.rs`, or all files of `src/NAME/`. It uses another module if code outside of
tests has a path to it that begins with `crate::`, in a `use` or anywhere else. Each line of the output is a module
and the modules that it uses. The lines are ordered so that each module comes after all modules that it uses.

Exit code 1, with the place of each path, if

- some modules use each other in a cycle, or
- a path goes through the re-exports of `src/lib.rs`: `crate::Scalar` instead of `crate::scalar::Scalar`.

Not checked: comments, tests (`#[cfg(test)]`, and the files of modules declared with it), `src/lib.rs`, and `$crate::`
in macros, which is resolved where the macro is used: a module that uses a macro of another module names it by
`crate::`.

usage: python3 tools/module_graph.py [--help] [DIRECTORY]

DIRECTORY is the one with `lib.rs`; the default is `src`, beside this file's directory.
"""

import re
import sys
from pathlib import Path


def without_comments(text):
    """The code with comments and literals replaced by blanks; line numbers stay the same."""
    token = re.compile(
        r"""//[^\n]*|/\*|b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^'\n]*|[^\\'\n])'""", re.DOTALL
    )
    pieces, at = [], 0
    while match := token.search(text, at):
        begin, end = match.span()
        if match[0] == "/*":  # Block comments nest.
            depth = 1
            while depth and (other := re.compile(r"/\*|\*/").search(text, end)):
                depth += 1 if other[0] == "/*" else -1
                end = other.end()
        pieces += [text[at:begin], re.sub(r"[^\n]", " ", text[begin:end])]
        at = end
    return "".join(pieces) + text[at:]


CLOSING = {"{": "}", "(": ")", "[": "]"}


def end_of_group(code, begin):
    """The end of the group that opens at `begin`."""
    closing = []
    for at in range(begin, len(code)):
        if code[at] in CLOSING:
            closing.append(CLOSING[code[at]])
        elif closing and code[at] == closing[-1]:
            closing.pop()
            if not closing:
                return at + 1
    return len(code)


def end_of_item(code, begin):
    """The end of the item that starts at `begin`: after its braces, or after a semicolon or comma."""
    at = begin
    while at < len(code):
        if code[at] == "{":
            end = end_of_group(code, at)
            # `use a::{b, c};` has a semicolon after its braces.
            return end + 1 if code[end : end + 1] == ";" else end
        if code[at] in ";,":
            return at + 1
        if code[at] in "})]":  # the last field or arm
            return at
        at = end_of_group(code, at) if code[at] in CLOSING else at + 1
    return at


def without_tests(code):
    """The code without items under `#[cfg(test)]`, and the names of the file modules among them."""
    files = []
    while match := re.search(r"#\[cfg\(test\)\]", code):
        end = end_of_item(code, match.end())
        item = code[match.start() : end]
        if module := re.search(r"\bmod\s+(\w+)\s*;", item):
            files.append(module[1])
        code = code[: match.start()] + re.sub(r"[^\n]", " ", item) + code[end:]
    return code, files


def paths_of(code, root=r"(?<!\$)\bcrate\s*::\s*"):
    """`(position, first name)` of each path below `root`, and of each path of a group in braces."""
    for match in re.finditer(root, code):
        if code[match.end() : match.end() + 1] != "{":
            yield match.start(), re.compile(r"\*|\w+").match(code, match.end())[0]
            continue
        end, at = end_of_group(code, match.end()), match.end() + 1
        while name := re.compile(r"\s*,?\s*(\*|\w+)").match(code, at, end):
            yield name.start(1), name[1]
            at = name.end()
            while at < end and code[at] not in ",}":
                at = end_of_group(code, at) if code[at] == "{" else at + 1


def leaves_by_super(code, depth):
    """Positions of `super` paths that lead to the root, in a file that is `depth` modules below it."""
    for match in re.finditer(r"\bsuper(?:\s*::\s*super)*", code):
        inline = sum(
            module.end() <= match.start() < end_of_group(code, module.end() - 1)
            for module in re.finditer(r"\bmod\s+\w+\s*\{", code)
        )
        if match[0].count("super") >= depth + inline:
            yield match.start()


class Source:
    """A file of the crate."""

    def __init__(self, file, root):
        self.file = file
        names = list(file.relative_to(root).with_suffix("").parts)
        self.names = names[:-1] if names[-1] == "mod" else names
        self.code, tests = without_tests(without_comments(file.read_text(encoding="utf-8")))
        below = [] if self.names == ["lib"] else self.names
        self.tests = [below + [name] for name in tests]

    def line(self, position):
        return self.code.count("\n", 0, position) + 1


def read(root):
    """All files except those that exist only for tests."""
    sources = [Source(file, root) for file in sorted(root.rglob("*.rs"))]
    tests = [names for source in sources for names in source.tests]
    return [s for s in sources if not any(s.names[: len(names)] == names for names in tests)]


def graph_of(root):
    """`{module: {used module: place}}`, and messages about wrong paths."""
    sources = [source for source in read(root) if source.names != ["lib"]]
    graph = {source.names[0]: {} for source in sources}
    # Exported macros are at the root, wherever they are defined.
    exported = re.compile(r"#\[macro_export\]\s*(?:#\[[^\]]*\]\s*)*macro_rules!\s*(\w+)")
    macros = {name: source.names[0] for source in sources for name in exported.findall(source.code)}
    wrong = []
    for source in sources:
        module = source.names[0]
        for position, name in paths_of(source.code):
            place = f"{source.file.relative_to(root.parent)}:{source.line(position)}"
            used = name if name in graph else macros.get(name)
            if used is None:
                wrong.append(f"{place}: crate::{name} goes through lib.rs; name the module where it is defined")
            elif used != module:
                graph[module].setdefault(used, place)
        for position in leaves_by_super(source.code, len(source.names)):
            place = f"{source.file.relative_to(root.parent)}:{source.line(position)}"
            wrong.append(f"{place}: super leads to lib.rs; name the module by crate::")
    return graph, wrong


def ordered(graph):
    """The modules, each after all that it uses, without those that are in cycles or use a module in one."""
    order, rest = [], sorted(graph)
    while ready := [module for module in rest if all(used in order for used in graph[module])]:
        order += ready
        rest = [module for module in rest if module not in ready]
    return order


def cycle_in(graph):
    """Modules of which each uses the next and the last uses the first; None if there is no cycle."""
    order = ordered(graph)
    left = [module for module in sorted(graph) if module not in order]
    if not left:
        return None
    # Each remaining module uses another remaining one, so this walk returns to a module that it has visited.
    walk = [left[0]]
    while True:
        following = next(used for used in sorted(graph[walk[-1]]) if used in left)
        if following in walk:
            return walk[walk.index(following) :]
        walk.append(following)


def main(arguments):
    if any(argument in ("-h", "--help") for argument in arguments):
        print(__doc__.strip())
        return 0
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("usage: python3 tools/module_graph.py [--help] [DIRECTORY]", file=sys.stderr)
        return 2
    root = Path(arguments[0]).resolve() if arguments else Path(__file__).resolve().parent.parent / "src"
    if not (root / "lib.rs").is_file():
        print(f"module_graph: there is no {root / 'lib.rs'}", file=sys.stderr)
        return 2

    graph, wrong = graph_of(root)
    order = ordered(graph)
    width = max(map(len, graph))
    for module in order + [module for module in sorted(graph) if module not in order]:
        print(f"{module:{width}}  {' '.join(sorted(graph[module]))}".rstrip())
    sys.stdout.flush()
    if cycle := cycle_in(graph):
        print("a cycle of modules:", file=sys.stderr)
        for module, used in zip(cycle, cycle[1:] + cycle[:1]):
            print(f"  {module} uses {used}: {graph[module][used]}", file=sys.stderr)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if cycle or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
