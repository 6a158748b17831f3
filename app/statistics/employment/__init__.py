"""毕业去向落实率 and its parts, by every grouping, with the people behind each number, day by day and on a dated sheet."""
