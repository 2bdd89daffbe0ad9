#!/usr/bin/env python3
"""Proves that test/run_scripts fails where it must: each test runs it on a small script."""

import os
import subprocess
import sys
import tempfile
import unittest

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run_scripts")
HEAD = "name: a case\npurpose: to see it judged\n"


class RunScripts(unittest.TestCase):
    def judge(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.test")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run([sys.executable, RUNNER, "--program", folder, path], capture_output=True,
                                  text=True, timeout=60, env=dict(os.environ, MILLRACE_DATA="/nowhere"))
        return done.returncode, done.stdout + done.stderr

    def expect(self, text, code, *words):
        got, said = self.judge(text)
        self.assertEqual(got, code, said)
        for word in words:
            self.assertIn(word, said)

    def test_what_is_met_passes(self):
        self.expect(HEAD + "write a/b.txt:\n| one\n|  two\nrun: cat a/b.txt; echo no >&2; touch c; exit 3\nexit: 3\n"
                    "stdout has:  two\nstderr has: no\nstdout lacks: three\nfile: c\nno file: d\n", 0, "1 passed")

    def test_each_unmet_expectation_fails(self):
        for line in ("exit: 1", "exit: 0\nstdout has: x", "exit: 0\nstderr has: x", "exit: 0\nfile: x",
                     "exit: 0\nstdout lacks: out", "exit: 0\nstderr lacks: err", "exit: 0\nno file: f"):
            self.expect(HEAD + "run: touch f; echo out; echo err >&2\n" + line + "\n", 1, "1 failed", "unmet")

    def test_a_crash_and_an_uncaught_exception_fail_whatever_is_expected(self):
        self.expect(HEAD + "run: bash -c 'kill -SEGV $$'\nexit: 1\n", 1, "1 failed")
        self.expect(HEAD + "run: echo terminate called >&2; exit 2\nexit: 2\n", 1, "1 failed")

    def test_a_setup_that_fails_is_a_failure(self):
        self.expect(HEAD + "setup: false\nrun: true\nexit: 0\n", 1, "setup ended with 1")

    def test_cases_have_folders_of_their_own(self):
        case = HEAD + "run: test ! -e f && touch f\nexit: 0\n"
        self.expect(case + "====\n" + case, 0, "2 passed")

    def test_a_case_that_needs_data_says_that_it_is_skipped(self):
        _, said = self.judge(HEAD + "needs: data\nrun: true\nexit: 0\n")
        self.assertRegex(said, "skipped|1 passed")

    def test_a_project_is_made_once_and_each_case_has_a_copy(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "projects"))
            with open(os.path.join(folder, "projects", "made"), "w", encoding="utf-8") as file:
                file.write(f"echo once >>{folder}/count; echo kept >a.txt\n")
            case = HEAD + "project: made\nrun: cat a.txt; rm a.txt; grep -c once " + folder + "/count\n"
            path = os.path.join(folder, "a.test")
            with open(path, "w", encoding="utf-8") as file:
                file.write("====\n".join([case + "exit: 0\nstdout has: kept\nstdout has: 1\n"] * 3))
            done = subprocess.run([sys.executable, RUNNER, "--program", folder, path], capture_output=True,
                                  text=True, timeout=60)
            self.assertIn("3 passed", done.stdout, done.stdout + done.stderr)

    def test_a_project_that_cannot_be_made_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "projects"))
            with open(os.path.join(folder, "projects", "broken"), "w", encoding="utf-8") as file:
                file.write("false\necho not reached\n")
            path = os.path.join(folder, "a.test")
            with open(path, "w", encoding="utf-8") as file:
                file.write(HEAD + "project: broken\nrun: true\nexit: 0\n")
            done = subprocess.run([sys.executable, RUNNER, "--program", folder, path], capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("projects/broken ended with 1", done.stdout)
        self.expect(HEAD + "project: gone\nrun: true\nexit: 0\n", 2, "no such project: gone")

    def test_scripts_that_check_nothing_are_refused(self):
        self.expect(HEAD + "run: true\n", 2, "has no 'exit:'")
        self.expect(HEAD, 2, "nothing is run")
        self.expect("run: true\nexit: 0\n", 2, "needs name and purpose")
        self.expect(HEAD + "rnu: true\n", 2, "unknown key: rnu")


if __name__ == "__main__":
    unittest.main()
