"""Every resource type of the local AWS, led through its life."""

import pytest

pytest.register_assert_rewrite("tests.engine.aws_types.case")
