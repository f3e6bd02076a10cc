#!/usr/bin/env python3
"""Makes the notebooks of the plain programs beside this file, and checks them.

    notebooks.py             writes NAME.ipynb for each program NAME.java that has cells
    notebooks.py --check     exits 1 if a notebook is not what its program says, or imports what it does not use
    notebooks.py --executed FILE...     exits 1 if an executed notebook has an error or lacks an output

Cells begin with a line "// %%" (code), "// %% [markdown]" (text, each line a comment) or "// %% [program]" (what a plain program needs
and a notebook does not). Only Python's standard library is needed.
"""

import json
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).parent
KERNEL = {"display_name": "Nautile (Java)", "language": "java", "name": "nautile"}


def cells(source):
    """The kinds and lines of a program's cells."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        mark = line.strip()
        if mark.startswith("// %%"):
            kind = mark[len("// %%"):].strip()
            if kind not in ("", "[markdown]", "[program]"):
                raise ValueError(f"line {number}: '{mark}' is not a kind of cell")
            found.append((kind, []))
        elif found:
            found[-1][1].append(line)
        elif mark:
            raise ValueError(f"line {number}: text before the first cell")
    return found


def text(kind, lines):
    """What a notebook's cell holds."""
    source = textwrap.dedent("\n".join(lines)).strip("\n")
    if kind == "[markdown]":
        for line in source.splitlines():
            if line and line != "//" and not line.startswith("// "):
                raise ValueError(f"'{line}' is in a cell of text, but is no comment")
        source = "\n".join(line[3:] for line in source.splitlines())
    return source


def notebook(source):
    """The notebook of a program, as its file has it."""
    made = []
    for kind, lines in cells(source):
        if kind == "[program]":
            continue
        cell = {
            "cell_type": "markdown" if kind else "code",
            "id": f"cell-{len(made) + 1:02}",
            "metadata": {},
            "source": text(kind, lines).splitlines(keepends=True),
        }
        if not kind:
            cell.update(execution_count=None, outputs=[])
        made.append(cell)
    language = {"name": "java", "file_extension": ".jshell", "mimetype": "text/x-java-source"}
    whole = {
        "cells": made,
        "metadata": {"kernelspec": KERNEL, "language_info": language},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def unused_imports(source):
    """The imports that nothing uses, which the Java compiler does not mind."""
    names = re.findall(r"^import [\w.]+\.(\w+);", source, re.MULTILINE)
    return [name for name in names if len(re.findall(rf"\b{name}\b", source)) == 1]


def programs():
    """The programs with cells, by path."""
    return [path for path in sorted(HERE.glob("*.java")) if "// %%" in path.read_text(encoding="utf-8")]


def executed(path):
    """What is wrong with an executed notebook."""
    problems = []
    pictures = 0
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        outputs = cell["outputs"]
        if cell["execution_count"] is None:
            problems.append(f"cell {number} was not executed")
        for output in outputs:
            if output["output_type"] == "error":
                problems.append(f"cell {number}: {output['ename']}: {output['evalue']}")
            elif output["output_type"] == "stream" and output["name"] == "stderr":
                problems.append(f"cell {number} wrote: {''.join(output['text'])}")
        shown = sum("image/png" in output.get("data", {}) for output in outputs)
        wanted = source.count("show(")
        if shown < wanted:
            problems.append(f"cell {number}: {shown} pictures instead of {wanted}")
        pictures += shown
        said = "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
        if "System.out.println" in source and not said.strip():
            problems.append(f"cell {number} said nothing")
    if pictures == 0:
        problems.append("no picture at all")
    return problems


def main(arguments):
    wrong = []
    if arguments[:1] == ["--executed"] and len(arguments) > 1:
        for name in arguments[1:]:
            wrong += [f"{name}: {problem}" for problem in executed(pathlib.Path(name))]
    elif arguments in ([], ["--check"]):
        for program in programs():
            file = program.with_suffix(".ipynb")
            source = program.read_text(encoding="utf-8")
            try:
                made = notebook(source)
            except ValueError as problem:
                sys.exit(f"{program}: {problem}")
            wrong += [f"{program} imports {name} for nothing" for name in unused_imports(source)]
            if not arguments:
                file.write_text(made, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != made:
                wrong.append(f"{file} is not what {program.name} says; make it anew: {sys.argv[0]}")
        known = {program.stem for program in programs()}
        wrong += [f"{file} has no program" for file in sorted(HERE.glob("*.ipynb")) if file.stem not in known]
    else:
        sys.exit(__doc__)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
