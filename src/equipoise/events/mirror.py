"""A copy of the manifest beside the lake, for readers that do not know the database."""

import msgspec

from equipoise.events.compaction import Workshop

PATH = "manifest.json"
FORMAT = "equipoise-manifest/1"


def mirror(shop: Workshop) -> None:
    """Writes which files there are just now. Those it does not name do not exist."""
    with shop.store.read() as reader:
        files = reader.every_file()
    said = {"format": FORMAT, "written_at": shop.now(), "files": files}
    shop.lake.write_bytes(PATH, msgspec.json.encode(said))
