"""What belongs to the event loop in which servers are asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from workflow_cli.adapters.lmstudio.address import address_of
from workflow_cli.adapters.lmstudio.server import Server
from workflow_cli.adapters.lmstudio.slots import Slots

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions


class Connections:
    def __init__(self, options: LmStudioOptions) -> None:
        self.loop = asyncio.get_running_loop()
        addresses = {address.root: address for address in map(address_of, options.hosts)}
        self.servers = [Server(address, options) for address in addresses.values()]
        self.slots = Slots()
        self.embedding = asyncio.Lock()
