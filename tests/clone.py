"""The working tree as a repository of its own, for tests that commit, release or follow the documentation."""

import shutil
import signal
import subprocess


def git(*arguments, folder):
    """What git prints, in that folder."""
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def hear_interrupts():
    """For a process about to start: an interrupt ends it, also where these tests run in a shell's background.

    Such a shell has its children ignore interrupts, and they hand that on.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def make_clone(repository, folder):
    """Copy the working tree without what git ignores to `folder`, a new repository where everything is committed."""
    for name in filter(None, git("ls-files", "-z", "-co", "--exclude-standard", folder=repository).split("\0")):
        if (repository / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", folder=folder)
    git("config", "user.name", "test", folder=folder)
    git("config", "user.email", "test@example.org", folder=folder)
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--message", "copy", folder=folder)
    return folder
