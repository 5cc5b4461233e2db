"""Faults of files and disks."""

import os
import shutil
import subprocess

from fault import Fault, checkpoints, shoot
from job import Wrong


class Damage(Fault):
    """Kills the run once it has two checkpoints, and damages the newest."""

    codes, kills = {137}, True

    def inject(self, job, chance, span):
        if not job.wait_until(lambda: job.has_done_a_step() and len(checkpoints(job.run)) > 1):
            return False
        return job.sleep(chance.uniform(0, 0.3 * span)) and shoot(job.all_ranks().values())

    def repair(self, run, chance):
        file = chance.choice(sorted(checkpoints(run)[-1].iterdir()))
        self.change(file, chance)

    def check(self, job):
        if "; taking " not in job.said:
            raise Wrong("the damaged checkpoint was not refused")


class Truncation(Damage):
    name = "truncated"
    how = "SIGKILL to all ranks, then a random file of the newest checkpoint is cut at a random byte"

    def change(self, file, chance):
        os.truncate(file, chance.randrange(file.stat().st_size))


class FlippedBit(Damage):
    name = "flipped-bit"
    how = "SIGKILL to all ranks, then a random bit of a random file of the newest checkpoint is flipped"

    def change(self, file, chance):
        data = bytearray(file.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)


class Removal(Fault):
    name, codes, kills = "removed", {137}, True
    how = "the directory `checkpoints` is deleted while the run goes on, then SIGKILL to all ranks"

    def inject(self, job, chance, span):
        if not job.wait_until(lambda: checkpoints(job.run)) or not job.sleep(chance.uniform(0, 0.3 * span)):
            return False
        shutil.rmtree(job.run / "checkpoints", ignore_errors=True)
        return job.sleep(chance.uniform(0, 0.2 * span)) and shoot(job.all_ranks().values())


class FullDisk(Fault):
    name, codes = "full-disk", {74}
    how = "a disk of 64 MiB is filled up to less than a checkpoint, at a random moment; then room is made"

    def prepare(self, run):
        run.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "faults", run], check=True, capture_output=True)

    def clean(self, run):
        subprocess.run(["umount", "--lazy", run], check=False)

    def inject(self, job, chance, span):
        if not job.wait_until(lambda: checkpoints(job.run)) or not job.sleep(chance.uniform(0, 0.3 * span)):
            return False
        newest = checkpoints(job.run)[-1]
        left = chance.uniform(0, 0.9) * sum(file.stat().st_size for file in newest.iterdir())
        disk = os.statvfs(job.run)
        with open(job.run / "filler", "wb") as filler:
            try:
                filler.write(bytes(max(0, int(disk.f_bavail * disk.f_frsize - left))))
            except OSError:
                pass
        return True

    def repair(self, run, chance):
        (run / "filler").unlink()
