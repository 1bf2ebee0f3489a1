"""Every workflow by name. Whoever launches the engine imports this first: an unknown workflow's run is stranded."""

from scheduler.digest import build_digest
from scheduler.exporting import export
from scheduler.prepare import prepare, rebuild
from scheduler.pull import reread, sync_connection
from scheduler.respond import respond
from scheduler.sources import pull_source

WORKFLOWS = (sync_connection, reread, pull_source, prepare, rebuild, respond, build_digest, export)
