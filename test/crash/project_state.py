"""What lies in a project folder, read without the program under test: objects, catalog, audit chain,
servers. Used by the tests of this folder."""

import hashlib
import os
import re
import signal
import sqlite3
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIFICATION = """millrace: 1
problem: {description: predict which customers churn, task: binary, target: churn, positive: "yes"}
data: {source: data.csv, id: customer}
develop: {budget: {time: %s}}
deploy: {port: 0, threads: 1}
"""


class Failure(Exception):
    pass


class Project:
    """A project folder and the program that works on it."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, os.path.join(program, "millrace")
        self.environment = dict(os.environ, NO_COLOR="1", HOME=folder)

    def make(self, rows, budget):
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, "data.csv"), "wb") as file:
            table = os.path.join(HERE, "..", "programs", "make_table")
            subprocess.run([table, str(rows)], check=True, stdout=file)
        with open(os.path.join(self.folder, "millrace.yaml"), "w", encoding="utf-8") as file:
            file.write(SPECIFICATION % budget)

    def call(self, *arguments, **options):
        return subprocess.run([self.program, *arguments], cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=600, **options)

    def run(self):
        return self.call("run", "--yes")

    def start(self):
        return subprocess.Popen([self.program, "run", "--yes"], cwd=self.folder, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def objects(self):
        """Returns {digest: (inode, time of the last change)}; fails where bytes and name differ."""
        found = {}
        top = os.path.join(self.folder, ".millrace", "objects")
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                key = os.path.relpath(path, top).replace(os.sep, "")
                if not re.fullmatch(r"[0-9a-f]{64}", key):
                    continue
                with open(path, "rb") as file:
                    if hashlib.sha256(file.read()).hexdigest() != key:
                        raise Failure(f"object {key} has other bytes than its name says")
                stat = os.stat(path)
                found[key] = (stat.st_ino, stat.st_mtime_ns)
        return found

    def query(self, sql):
        """Returns the rows of a query; an absent or empty catalog has none."""
        path = os.path.join(self.folder, ".millrace", "catalog.sqlite")
        if not os.path.exists(path) or os.path.getsize(path) == 0:
            return []
        catalog = sqlite3.connect(path, timeout=10)
        try:
            return catalog.execute(sql).fetchall()
        except sqlite3.OperationalError as problem:
            if "no such table" in str(problem):
                return []
            raise
        finally:
            catalog.close()

    def finished(self):
        """Returns {(run, phase): record} of the phases that are done."""
        rows = self.query("select run, phase, record from phases where status in ('done', 'not_met')")
        return {(run, phase): record for run, phase, record in rows}

    def objects_of(self, records):
        """Returns the objects that finished phases 1 to 4 made: their records and what these name."""
        names = set()
        for (_, phase), record in records.items():
            if phase in ("deploy", "operate"):
                continue
            names.add(record)
            with open(os.path.join(self.folder, ".millrace", "objects", record[:2], record[2:]),
                      encoding="utf-8") as file:
                names.update(re.findall(r'_object":"([0-9a-f]{64})"', file.read()))
        return names

    def check_catalog(self):
        """Fails when the catalog is damaged, names an absent object, or its audit chain is broken."""
        for (verdict,) in self.query("pragma integrity_check"):
            if verdict != "ok":
                raise Failure(f"the catalog is damaged: {verdict}")
        objects = self.objects().keys()
        for what, digest in self.query("select 'record of ' || phase, record from phases where record is not null "
                                       "union all select name, digest from artefacts "
                                       "union all select 'specification', spec from runs"):
            if digest not in objects:
                raise Failure(f"the catalog names an object that is not there: {what} {digest}")
        head = "0" * 64
        rows = self.query("select sequence, time, actor, action, detail, previous, hash from audit order by sequence")
        for number, (sequence, micros, actor, action, detail, previous, digest) in enumerate(rows, 1):
            sha = hashlib.sha256()
            for field in ("millrace-audit-1", str(sequence), str(micros), actor, action, detail, previous):
                data = field.encode("utf-8")
                sha.update(struct.pack("<Q", len(data)) + data)
            if sequence != number or previous != head or sha.hexdigest() != digest:
                raise Failure(f"the audit chain breaks at entry {sequence}")
            head = digest

    def servers(self):
        """Returns the processes of millrace-server that were started for this project."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if words and os.path.basename(words[0]) == "millrace-server" and any(self.folder in w for w in words):
                found.append(int(name))
        return found

    def stop_servers(self):
        for process in self.servers():
            try:
                os.kill(process, signal.SIGTERM)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 10
        while self.servers() and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in self.servers():
            os.kill(process, signal.SIGKILL)


def lists_command(program, name):
    listed = subprocess.run([os.path.join(program, "millrace"), "help", "all"], capture_output=True, text=True,
                            timeout=60).stdout
    return re.search(rf"^ +(?:millrace )?{name}\b", listed, re.M) is not None
