# SPDX-License-Identifier: GPL-3.0-or-later
# Lines of a case by kind: comments (and blank lines), tables, building, behaviour.
#
# Tables are all that stands outside of functions: parameters, metrics, faults, structs. Functions are told apart by what
# begins them. Behaviour begins with what the simulator calls: .arrive, .fault, .finish, .map of the case, and every
# function whose address is taken, since an event, a part or a table will call it; all that these call, directly or not,
# is behaviour too. The rest is building: it is over before the first event (.check, .build, .share, .targets, .idle, and
# what only these call). A function's lines are its head and its body, without comments and blank lines.

# Takes comments and the inside of strings and of characters out of a line.
function bare(line,   out, c, next2, i) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		next2 = substr(line, i, 2)
		if (inside_comment) {
			if (next2 == "*/") {
				inside_comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote)
				quote = ""
		} else if (next2 == "/*") {
			inside_comment = 1
			i++
		} else if (next2 == "//") {
			break
		} else if (c == "\"" || c == "'") {
			quote = c
		} else {
			out = out c
		}
	}
	quote = ""
	return out
}

# Notes which words a text has, and which of them are called.
function note(who, text,   word, after) {
	while (match(text, /[A-Za-z_][A-Za-z_0-9]*/)) {
		word = substr(text, RSTART, RLENGTH)
		after = substr(text, RSTART + RLENGTH)
		before = substr(text, 1, RSTART - 1)
		if (before ~ /(\.|->)[ \t]*$/)
			field = 1
		else
			field = 0
		if (!field && after ~ /^[ \t]*\(/)
			calls[who] = calls[who] " " word
		else if (!field)
			takes[who] = takes[who] " " word
		text = after
	}
}

{
	line = bare($0)
	if (line ~ /^[ \t]*$/) {
		comments++
		if (!in_body && !open_head)
			head = ""
		next
	}
	if (in_body) {
		lines[name]++
		note(name, line)
		if (line ~ /^}/)
			in_body = 0
		next
	}
	if (line ~ /^{/) {
		in_body = 1
		name = head
		sub(/\(.*/, "", name)
		sub(/.*[^A-Za-z_0-9]/, "", name)
		count = heads + 1
		tables -= heads
		lines[name] = count
		order[++functions] = name
		is_function[name] = 1
		head = ""
		heads = 0
		open_head = 0
		next
	}
	tables++
	# A head is what stands before "{" since the last ";" or "}" or "=".
	if (head == "" && line ~ /^[A-Za-z_]/ && line ~ /\(/ && line !~ /=/ && line !~ /^#/) {
		head = line
		heads = 1
	} else if (head != "") {
		head = head " " line
		heads++
	}
	if (line ~ /[;}]/ || line ~ /=[ \t]*{?[ \t]*$/) {
		head = ""
		heads = 0
	}
	outside[++outsides] = line
}

END {
	building_fields = "check build share targets idle parts needs"
	for (i = 1; i <= outsides; i++) {
		text = outside[i]
		if (match(text, /\.[a-z_]+ = [A-Za-z_0-9]+,?/)) {
			field = substr(text, RSTART + 1, RLENGTH - 1)
			value = field
			sub(/ = .*/, "", field)
			sub(/.* = /, "", value)
			sub(/,.*/, "", value)
			if (index(" " building_fields " ", " " field " "))
				text = ""
		}
		if (text !~ /;[ \t]*$/ || text ~ /=/)
			note("", text)
	}
	words = split(takes[""], word, " ")
	for (i = 1; i <= words; i++)
		reached[word[i]] = 1
	for (f in is_function) {
		words = split(takes[f], word, " ")
		for (i = 1; i <= words; i++)
			if (word[i] != f)
				reached[word[i]] = 1
	}
	do {
		grown = 0
		for (f in is_function)
			if (f in reached) {
				words = split(calls[f], word, " ")
				for (i = 1; i <= words; i++)
					if ((word[i] in is_function) && !(word[i] in reached)) {
						reached[word[i]] = 1
						grown = 1
					}
			}
	} while (grown)
	for (i = 1; i <= functions; i++) {
		if (order[i] in reached)
			behaviour += lines[order[i]]
		else
			building += lines[order[i]]
		if (list)
			printf "# %5d %s %s\n", lines[order[i]], (order[i] in reached) ? "behaviour" : "building ", order[i]
	}
	printf "%d %d %d %d\n", comments, tables, building, behaviour
}
