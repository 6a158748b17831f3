"""Words that reviewers need again and again: shipped ones, and a school's own."""
