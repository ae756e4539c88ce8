# Reads `objdump -p -T` of the library, and fails if it asks for more than the images people use have: a glibc newer than
# `floor`, another library, or a function that is not in the list beside this, which musl has as well.

function newer(version, than,    a, b, i) {
	split(version, a, ".")
	split(than, b, ".")
	for (i = 1; i <= 3; i++) {
		if (a[i] + 0 != b[i] + 0)
			return a[i] + 0 > b[i] + 0
	}
	return 0
}

function refuse(what) {
	print "the C layer needs " what > "/dev/stderr"
	failed = 1
}

FILENAME != "-" { if ($0 !~ /^#/) known[$1]; next }

$1 == "NEEDED" && $2 != "libc.so.6" && $2 != "libpthread.so.0" { refuse("the library " $2) }

/\*UND\*/ {
	seen = 1
	name = $NF
	version = ""
	if (match($0, /GLIBC_[0-9.]+/))
		version = substr($0, RSTART + 6, RLENGTH - 6)
	if (version != "" && newer(version, floor))
		refuse(name " of glibc " version ", newer than " floor ": use the system call, or an older version (glibc.h)")
	# Weak: the toolchain asks for them, and does without.
	if ($0 !~ / w +/ && !(name in known))
		refuse(name ", which imports.list does not have: add it if musl has it too")
}

END {
	if (!seen)
		refuse("nothing: objdump did not say what it needs")
	exit failed
}
