from domain.images.model import ImageRef
from domain.images.work import Work


def test_work_is_about_an_image_or_the_whole_account() -> None:
    assert Work("ann", "image-1").ref == ImageRef("ann", "image-1")
    assert Work("ann").ref is None
