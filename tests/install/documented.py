"""Finds the commands that a page of documentation tells its reader to run, in the order in which they stand."""

import re

PROGRAMS = (
    r"(?:\.venv/bin/\S+|make|git|python3?|pip|uv|conda|jupyter|torchrun|accelerate|tensorboard|ruff|cp|npm|printf)"
)


def commands(markdown):
    """The commands in the shell blocks of a page, and in its code spans where one begins with a program and goes on."""
    found = []
    for block, span in re.findall(r"^```sh\n(.*?)^```|`([^`\n]+)`", markdown, flags=re.DOTALL | re.MULTILINE):
        if block:
            lines = re.sub(r"\\\n\s*", " ", block).splitlines()
            commands = (line.partition("   #")[0].partition(" # ")[0].strip() for line in lines)
            found += [command for command in commands if command and not command.startswith("#")]
        elif re.match(rf"{PROGRAMS} \S", span):
            found.append(span)
    return found
