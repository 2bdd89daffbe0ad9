#!/usr/bin/env python3
"""Proves that the checks of tools/ find what they look for: each test plants a violation in a small
tree of its own, runs the check on it, and reads what it says."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
LIBRARY = "millrace_library({0} SOURCES {0}.cc HEADERS {0}.h DEPS {1})\n"

# A small tree that every check accepts.
CLEAN = {
    "tools/layers.txt": "base\nserve\n----\nengine\ncli\n",
    "tools/adapters.txt": "duckdb src/engine/\n",
    "src/base/CMakeLists.txt": LIBRARY.format("base", ""),
    "src/base/base.h": "#pragma once\n\nnamespace millrace {\n\nint Base();\n\n}  // namespace millrace\n",
    "src/base/base.cc": '#include "base/base.h"\n\nnamespace millrace {\n\n'
                        "int Base() { return 1; }\n\n}  // namespace millrace\n",
    "src/serve/CMakeLists.txt": LIBRARY.format("serve", "base"),
    "src/serve/serve.h": "#pragma once\n",
    "src/serve/serve.cc": '#include "base/base.h"\n',
    "src/engine/CMakeLists.txt": "millrace_library(engine SOURCES engine.cc HEADERS engine.h DEPS base LIBS duckdb)\n",
    "src/engine/engine.h": "#pragma once\n",
    "src/engine/engine.cc": '#include <duckdb.h>\n\n#include "base/base.h"\n',
    "server/CMakeLists.txt": "millrace_program(millrace-server SOURCES main.cc DEPS serve)\n",
    "server/main.cc": '#include "serve/serve.h"\n',
    "README.md": "# Title\n\nSee [the tree](src/base/base.h) and [above](#title).\n",
}


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="millrace_check_")
        self.addCleanup(shutil.rmtree, self.root)
        style = os.path.join(TOOLS, "..", ".clang-format")
        shutil.copy(style, os.path.join(self.root, ".clang-format"))
        for path, text in CLEAN.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def run_check(self, name):
        done = subprocess.run([sys.executable, os.path.join(TOOLS, "check_" + name), "--root", self.root],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def refuses(self, check, *words):
        code, said = self.run_check(check)
        self.assertEqual(code, 1, said)
        for word in words:
            self.assertIn(word, said)

    def accepts(self, check):
        code, said = self.run_check(check)
        self.assertEqual(code, 0, said)

    def base_code(self, text):
        self.write("src/base/base.cc", '#include "base/base.h"\n\nnamespace millrace {\n' + text +
                   "\n}  // namespace millrace\n")


class CleanTree(CheckTest):
    def test_every_check_accepts_it(self):
        for check in ("layers", "sizes", "names", "code", "docs", "format"):
            self.accepts(check)


class Layers(CheckTest):
    def test_an_include_downwards(self):
        self.write("src/base/base.cc", '#include "engine/engine.h"\n')
        self.refuses("layers", "src/base/base.cc:1: includes engine/, which lies below base")

    def test_serving_includes_what_lies_below_the_border(self):
        self.write("src/serve/serve.cc", '#include "engine/engine.h"\n')
        self.refuses("layers", "src/serve/serve.cc:1: includes engine/")

    def test_the_server_includes_what_lies_below_the_border(self):
        self.write("server/main.cc", '#include "serve/serve.h"\n#include "engine/engine.h"\n')
        self.refuses("layers", "server/main.cc:2: includes engine/, which lies below the serving border")

    def test_the_server_links_what_lies_below_the_border(self):
        self.write("server/CMakeLists.txt",
                   "millrace_program(millrace-server SOURCES main.cc DEPS serve engine)\n")
        self.refuses("layers", "server/CMakeLists.txt: DEPS names engine")

    def test_serving_links_an_engine_library(self):
        self.write("src/serve/CMakeLists.txt",
                   "millrace_library(serve SOURCES serve.cc HEADERS serve.h DEPS base LIBS duckdb)\n")
        self.refuses("layers", "src/serve/CMakeLists.txt: links duckdb")

    def test_a_folder_that_no_layer_names(self):
        self.write("src/extra/extra.cc", "\n")
        self.refuses("layers", "src/extra: not in tools/layers.txt")

    def test_deps_that_leave_out_an_included_folder(self):
        self.write("src/serve/CMakeLists.txt", "millrace_library(serve SOURCES serve.cc HEADERS serve.h)\n")
        self.refuses("layers", "DEPS does not name base")

    def test_deps_that_nothing_includes(self):
        self.write("src/engine/engine.cc", "#include <duckdb.h>\n")
        self.refuses("layers", "DEPS names base, but no file of engine includes it")

    def test_a_source_that_is_not_built(self):
        self.write("src/base/forgotten_test.cc", "\n")
        self.refuses("layers", "src/base/forgotten_test.cc: is in no list")

    def test_a_listed_source_that_is_not_there(self):
        self.write("src/base/CMakeLists.txt", "millrace_library(base SOURCES base.cc gone.cc HEADERS base.h)\n")
        self.refuses("layers", "names gone.cc, which is not there")


class Sizes(CheckTest):
    def test_a_long_source(self):
        self.write("src/base/base.cc", "\n" * 801)
        self.refuses("sizes", "src/base/base.cc: 801 lines, at most 800")

    def test_a_long_header(self):
        self.write("src/base/base.h", "\n" * 401)
        self.refuses("sizes", "src/base/base.h: 401 lines, at most 400")

    def test_a_long_test(self):
        self.write("src/base/base_test.cc", "\n" * 1001)
        self.refuses("sizes", "1001 lines, at most 1000")

    def test_a_long_function(self):
        self.base_code("int Long() {\n" + "  Base();\n" * 99 + "}\nint Short() { return 0; }\n")
        self.refuses("sizes", "src/base/base.cc:4: Long has 101 lines, at most 100")

    def test_a_long_method_and_a_long_constructor(self):
        body = "{\n" + "    Base();\n" * 120 + "  }\n"
        self.base_code("class A {\n  A() : a_{1}, b_(2) " + body + "  int M() const " + body + "  int a_, b_;\n};\n")
        self.refuses("sizes", "M has 122 lines", "2 found")

    def test_a_function_of_100_lines_and_a_long_table_pass(self):
        self.base_code("int Fits() {\n" + "  Base();\n" * 98 + "}\nconstexpr int kTable[] = {\n" +
                       "  1,\n" * 150 + "};\n")
        self.accepts("sizes")

    def test_a_folder_too_deep(self):
        self.write("src/base/a/b/deep.h", "#pragma once\n")
        self.refuses("sizes", "src/base/a/b/deep.h: lies too deep")


class Names(CheckTest):
    def test_files_folders_and_types_that_say_nothing(self):
        self.write("src/base/string_utils.h", "class CacheManager;\nnamespace helpers {}\n")
        self.write("src/misc/other.h", "\n")
        self.refuses("names", "string_utils.h: 'utils'", "CacheManager: 'manager'", "helpers: 'helpers'",
                     "src/misc/other.h: 'misc'")

    def test_a_file_name_that_is_not_snake_case(self):
        self.write("src/base/CamelCase.h", "\n")
        self.refuses("names", "file names are snake_case")

    def test_words_that_only_contain_such_a_word_pass(self):
        self.write("src/base/commonality.h", "struct Utilization {};\n")
        self.accepts("names")


class Code(CheckTest):
    def test_throw_new_and_delete(self):
        self.base_code("int* A() { return new int(1); }\nvoid B(int* p) { delete p; }\nvoid C() { throw 1; }")
        self.refuses("code", "base.cc:4: new", "base.cc:5: delete", "base.cc:6: throw")

    def test_the_same_words_in_comments_strings_and_deleted_functions_pass(self):
        self.base_code('// a new world, throw nothing\nstruct A {\n  A(const A&) = delete;\n};\n'
                       'const char* const kText = "throw new delete p";\n'
                       'const char* const kRaw = R"(throw new "x" delete p)";\nconstexpr int kMany = 1\'000\'000;\n')
        self.accepts("code")

    def test_code_in_comments(self):
        for line in ("// int x = 3;", "// return x;", "// if (x) {", "// foo.Bar(x);", "// #include <a>"):
            self.base_code(line + "\n")
            self.refuses("code", "code in a comment: " + line)

    def test_prose_in_comments_passes(self):
        self.base_code("// Counts rows; the caller keeps them.\n// If it fails, nothing is written;\n"
                       "/// int x = Base();\n// Return values are not cached.\n")
        self.accepts("code")

    def test_mutable_globals(self):
        for line in ("int counter = 0;", "static std::string name;", "std::atomic<bool> stop{false};",
                     "thread_local int depth = 0;", "int F() {\n  static int calls = 0;\n  return ++calls;\n}"):
            self.base_code(line + "\n")
            self.refuses("code", "a variable that outlives all calls")

    def test_constants_declarations_and_members_pass(self):
        self.base_code("constexpr int kOne = 1;\nconst std::string kName = \"a\";\nint F(int a);\n"
                       "using A = int;\nstruct S {\n  int a = 0;\n  std::string b;\n};\n"
                       "int G() {\n  static const int once = Base();\n  int local = 0;\n  return once + local;\n}\n"
                       "class Forward;\nconstexpr int kTable[] = {1, 2};\n")
        self.accepts("code")

    def test_a_library_header_outside_its_adapter(self):
        self.write("src/serve/serve.cc", '#include <duckdb.h>\n')
        self.refuses("code", "src/serve/serve.cc:1: <duckdb.h> belongs into src/engine/ only")

    def test_a_disabled_test_needs_an_issue_and_a_date(self):
        self.base_code("TEST(A, DISABLED_B) {}\n")
        self.refuses("code", "DISABLED_B")
        self.base_code("// #12 2026-11-24: waits for a fix.\nTEST(A, DISABLED_B) {}\n")
        self.accepts("code")

    def test_paths_of_a_machine_and_addresses_of_registries(self):
        self.write("docs/a.md", "See /ho" + "me/me/data.\n")
        self.write("docs/b.md", "From https://py" + "pi.org/simple.\n")
        self.refuses("code", "docs/a.md:1: a path of one machine", "docs/b.md:1: address of a registry")

    def test_an_exception_needs_a_reason_and_a_use(self):
        self.base_code("int counter = 0;\n")
        self.write("tools/allowed_code.txt", "global src/base/base.cc\n")
        self.refuses("code", "an exception needs a reason")
        self.write("tools/allowed_code.txt", "global src/base/base.cc counts calls of a signal handler\n")
        self.accepts("code")
        self.base_code("")
        self.refuses("code", "is not needed any more")


class Docs(CheckTest):
    def test_a_link_to_nothing(self):
        self.write("docs/a.md", "# A\n[x](gone.md) and [y](../README.md#nowhere)\n")
        self.refuses("docs", "docs/a.md:2: no such file: gone.md", "no such heading: ../README.md#nowhere")

    def test_addresses_and_code_are_left_alone(self):
        self.write("docs/a.md", "[x](https://example.com/y) `[y](gone.md)`\n```\n[z](gone.md)\n```\n")
        self.accepts("docs")

    def test_a_row_that_is_cut_off_its_table(self):
        table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
        self.write("docs/a.md", table + "\n| 3 | 4 |\n")
        self.refuses("docs", "docs/a.md:5: a row without the head of its table")
        self.write("docs/a.md", table + "\n```\n| 3 | 4 |\n```\n")
        self.accepts("docs")

    def test_a_decision_that_is_not_listed_in_its_place(self):
        for number in ("0001", "0002", "0003"):
            self.write(f"docs/adr/{number}-x.md", "# X\n")
        row = "| [{0}]({0}-x.md) | x |\n"
        head = "| number | decision |\n|---|---|\n"
        self.write("docs/adr/README.md", head + row.format("0003") + row.format("0001"))
        self.refuses("docs", "docs/adr/README.md:4: not in order: 0001-x.md",
                     "docs/adr/README.md: not listed: 0002-x.md")
        self.write("docs/adr/README.md", head + "".join(row.format(n) for n in ("0001", "0002", "0003")))
        self.accepts("docs")


@unittest.skipUnless(shutil.which("clang-format-14") or shutil.which("clang-format"), "no clang-format")
class Format(CheckTest):
    def test_a_file_that_is_not_in_the_format(self):
        self.write("src/base/base.h", "#pragma once\nint   Base( ) ;\n")
        self.refuses("format", "src/base/base.h: not in the format")


class All(CheckTest):
    def test_one_failing_check_fails_the_whole(self):
        self.write("src/base/base.cc", "\n" * 801)
        done = subprocess.run([os.path.join(TOOLS, "check"), "--root", self.root], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed", done.stdout)
        self.assertNotIn(" 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
