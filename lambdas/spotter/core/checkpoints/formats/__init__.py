"""Whether a checkpoint's files are complete, by their own formats, which are read in pieces.

Theory. A listing shows that an object is there, not that its writer had finished it when it was
uploaded. Most formats tell their own end: an archive ends with a directory, a header counts the bytes
that follow it. A verifier is a generator: it yields the byte ranges that it wants of one file, is
sent exactly those bytes, and returns a verdict. It does no I/O, so that whoever drives it decides
where the bytes come from and how many of them may be read.

Three verdicts, and they stay apart. `WHOLE`: the format's own end is there and fits the file's size.
`torn`: a loader of this format cannot read the file, and why in one phrase. `not_verified`: the format
tells no end, or the bound was reached, or the file could not be read; it is no evidence either way.

Nothing that is read is executed. Pickles are walked opcode by opcode (`pickled`); no class is looked
up, nothing is imported, nothing is called. A file's own numbers are never trusted: each is compared
with the file's size, or with a bound, before anything is read or allocated because of it. And a
verdict is in our own words: no text of a file gets into one.
"""

from spotter.core.checkpoints.formats.verdicts import FileState, FileVerdict

__all__ = ["FileState", "FileVerdict"]
