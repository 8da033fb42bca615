"""Turns Params, templates and XCom promises into examples, and failures into counterexamples."""
