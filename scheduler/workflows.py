"""Every workflow by name. Whoever launches the engine imports this first: an unknown workflow's run is stranded."""

from scheduler.digest import build_digest
from scheduler.prepare import prepare, rebuild
from scheduler.pull import reread, sync_connection
from scheduler.respond import respond

WORKFLOWS = (sync_connection, reread, prepare, rebuild, respond, build_digest)
