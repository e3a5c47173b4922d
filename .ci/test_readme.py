import contextlib
import io
import unittest

import readme


def faults(block: str) -> list[str]:
    with contextlib.redirect_stdout(io.StringIO()):
        return [fault for commands in readme.blocks(f"```console\n{block}```\n") for fault in readme.run(commands)]


class Blocks(unittest.TestCase):
    def test_only_console_blocks_hold_commands(self):
        text = "# A\n```sh\n$ false\n```\n\n```console\n$ one\nshown\n$ two \\\n    --more\n```\n"
        (commands,) = readme.blocks(text)
        self.assertEqual([(c.line, c.text, c.shown) for c in commands], [(7, "one", ["shown"]), (9, "two \\\n    --more", [])])

    def test_output_without_a_command_is_refused(self):
        with self.assertRaises(ValueError):
            readme.blocks("```console\nshown\n```\n")


class Run(unittest.TestCase):
    def test_output_is_compared_where_it_is_shown(self):
        self.assertEqual(faults("$ echo one\n"), [])
        self.assertEqual(faults("$ echo one\none\n"), [])
        self.assertEqual(len(faults("$ echo one\ntwo\n")), 1)
        self.assertEqual(len(faults("$ echo one; echo two\none\n")), 1)

    def test_dots_stand_for_any_number_of_lines(self):
        self.assertEqual(faults("$ seq 9\n1\n...\n9\n"), [])
        self.assertEqual(faults("$ seq 2\n1\n...\n2\n"), [])
        self.assertEqual(len(faults("$ seq 9\n2\n...\n9\n")), 1)

    def test_a_failure_counts_unless_its_exit_is_shown(self):
        self.assertEqual(len(faults("$ exit 3\n")), 1)
        self.assertEqual(faults("$ exit 3\n$ echo $?\n3\n"), [])
        self.assertEqual(len(faults("$ exit 3\n$ echo $?\n0\n")), 1)

    def test_a_command_may_go_on_over_lines(self):
        self.assertEqual(faults("$ echo \\\n    one\none\n"), [])


if __name__ == "__main__":
    unittest.main()
