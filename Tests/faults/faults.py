"""All faults, in the order of the table."""

from disks import FlippedBit, FullDisk, Removal, Truncation
from kills import KillHost, KillLauncher, KillRank, KillRanks, KillScript, KillWriter
from stops import Hang, Limit, SignalRank, Stop, Terminate

ALL = [
    KillRank(), KillRanks(), KillLauncher(), KillHost(), KillWriter(), KillScript(), Terminate(), SignalRank(), Stop(),
    Limit(), Hang(), Truncation(), FlippedBit(), Removal(), FullDisk()]
