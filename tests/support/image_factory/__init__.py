"""Makes real photos in code, with known metadata: the test data of this project.

``photos()`` lists them, ``photo(name)`` gives one; each has its bytes (``content``), a stream
(``open()``) and what must be read from it (``expected``). ``python -m tests.support.image_factory DIR``
writes them into a folder.
"""

from tests.support.image_factory.catalogue import Expected, Photo, photo, photos

__all__ = ["Expected", "Photo", "photo", "photos"]
