# JavaCPP writes a class's methods in the order reflection gives them, which changes from run to run. This puts them in
# order of their names, so that the same sources give the same library. While it is sorted a function is one line, with
# \1 between its own.

BEGIN { sorted = "LC_ALL=C sort | tr '\\1' '\\n'" }

/^JNIEXPORT .*[{]$/ { inside = 1 }

inside {
	printf "%s%s", $0, $0 == "}" ? "\n" : "\1" | sorted
	if ($0 == "}") {
		inside = 0
		seen = 1
	}
	next
}

seen { rest = rest $0 "\n"; next }

{ print }

END {
	fflush()
	close(sorted)
	printf "%s", rest
}
