"""Where COCO's files are: a folder in COCO's own layout, filled from the network if need be."""

import zipfile
from pathlib import Path, PurePosixPath

SPLITS = {"train": "train2017", "held-out": "val2017"}  # the course's words for COCO's own
ARCHIVE = "annotations_trainval2017.zip"
# COCO's own server has no certificate of its own name, hence http. Another one with the same layout below it: give its
# address with --address, or in the environment variable GAN_WORKSHOP_COCO.
ADDRESS = "http://images.cocodataset.org"
ANEW = "Delete it and run the command again."
ARCHIVE_ADDRESS = f"annotations/{ARCHIVE}"  # below it; a picture is at train2017/NAME


class CocoFolder:
    """A folder as COCO's archives unpack into: annotations/, train2017/, val2017/; the archive of the annotations may
    lie there instead of the first."""

    def __init__(self, folder: Path):
        self.folder = Path(folder).expanduser()

    @property
    def archive(self) -> Path:
        """The archive of the annotations, whether it is there or not."""
        return self.folder / ARCHIVE

    def picture(self, split: str, file: str) -> Path:
        """The file of a picture, whether it is there or not. Raises ValueError for a name that leads elsewhere."""
        if PurePosixPath(file).name != file or file in ("", ".", "..") or "\\" in file:
            raise ValueError(f"the annotations name a picture {file!r}: expected the name of a file, without a path.")
        return self.folder / SPLITS[split] / file

    def annotations(self, split: str) -> tuple[bytes, bytes] | None:
        """The contents of the two annotation files of a split, instances and captions; None where one is missing."""
        names = [f"annotations/{kind}_{SPLITS[split]}.json" for kind in ("instances", "captions")]
        if all((self.folder / name).is_file() for name in names):
            instances, captions = ((self.folder / name).read_bytes() for name in names)
            return instances, captions
        if not self.archive.is_file():
            return None
        check_archive(self.archive)
        with zipfile.ZipFile(self.archive) as archive:
            if not set(names) <= set(archive.namelist()):
                return None
            try:
                instances, captions = (archive.read(name) for name in names)
            except (zipfile.BadZipFile, EOFError, OSError) as error:
                raise ValueError(f"{self.archive} is damaged ({error}). {ANEW}") from error
        return instances, captions


def check_archive(path: Path) -> None:
    """Raise ValueError unless `path` is a whole zip archive whose paths stay inside.

    Nothing is ever unpacked from it, members are read by name; an archive with paths that climb out is not COCO's.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is no whole zip archive ({error}). {ANEW}") from error
    for name in names:
        if "\\" in name or name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name:
            raise ValueError(
                f"{path} holds the path {name!r}, which leads out of its folder: this is not COCO's archive. Nothing "
                "was read from it. Delete it and check the address."
            )
