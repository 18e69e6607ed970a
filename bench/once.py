"""One whole process, as a user's script would run it: import, build, train, exit."""

from __future__ import annotations

import sys

from .peers import PEERS
from .workloads import WORKLOADS

if __name__ == "__main__":
    peer, workload = sys.argv[1:]
    work = WORKLOADS[workload]
    PEERS[peer].trainer_for(work)(work).train(work.whole_epochs)
