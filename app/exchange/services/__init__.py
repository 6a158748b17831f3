"""The only writers of files for employment systems without an interface, and of what they answer.

Each step is one transaction: a file and its messages, or the answers of a file, are kept whole or not at all. A message
waits in the outbox until its answer has come, whatever becomes of the file. What fills more than MOST_AT_ONCE rows is
written and read by a worker, file by file.
"""

from typing import Final

from app.access.actors import OPERATOR, PROVINCE

VIEW: Final = "exchange"
MODULE: Final = "employment"
READERS: Final = (OPERATOR, PROVINCE)
WRITE, READ = "exchange_write", "exchange_answers"
MOST_ROWS: Final = 10_000  # of a file, as spreadsheet programs open it without waiting
MOST_AT_ONCE: Final = 1000  # rows that a request writes or reads
