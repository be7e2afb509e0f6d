# completion.awk - reads the help of all commands into tables for completion_SHELL.awk, which prints
# them: commands with their summaries and the kind of their words; options with kind and help.

# What a value, or a command's words, are completed by: none, or files, folders, command, interfaces,
# users, names of a list that wedge prints ("list" of "wedge list"), or the words themselves.
function kind_of(option, value, help,    kind) {
	if (option == "--impair")
		return "names impairments"
	if (value == "FILE" || value == "OUT")
		return "files"
	if (value == "DIR")
		return "folders"
	if (value == "COMMAND")
		return "command_line"
	if (value == "INTERFACE")
		return "interfaces"
	if (value == "USER")
		return "users"
	if (value ~ /^[a-z]+(\|[a-z]+)+$/) {
		gsub(/\|/, " ", value)
		return "words " value
	}
	kind = words_of(help)
	return kind ? "words" kind : "none"
}

# Of a help that begins with "WORD, WORD: meaning" or "WORD: meaning; WORD: meaning" the words.
function words_of(help,    part, n, i, at, words) {
	n = split(help, part, /; /)
	words = ""
	for (i = 1; i <= n; i++) {
		at = index(part[i], ": ")
		if (at && substr(part[i], 1, at - 1) ~ /^[a-z0-9.-]+(, [a-z0-9.-]+)*$/)
			words = words " " substr(part[i], 1, at - 1)
		else if (i == 1)
			return ""
	}
	gsub(/,/, "", words)
	return words ~ / .* / ? words : ""
}

function kind_of_words(usage, command) {
	if (usage ~ / COMMAND( |$)/)
		return "command"
	if (usage ~ / DIR NAME/)
		return "folder_then_name"
	if (usage ~ /SCENARIO/)
		return "names_or_files"
	if (usage ~ /CAPTURE/)
		return "files"
	return usage ~ / \[NAME\]/ ? "names " command : "none"
}

# Of a finished option the kind.
function end_option() {
	if (option)
		kind[command, option] = takes[command, option] ? kind_of(option, takes[command, option], help[command, option]) : ""
	option = ""
}

/^@ / {
	end_option()
	command = $2
	next
}

!command && /^  [a-z]+  / {
	name[++commands] = $1
	summary[$1] = $0
	sub(/^  [a-z]+ +/, "", summary[$1])
}

!command {
	next
}

tolower($1) == "usage:" {
	usage[command] = $0
	words_kind[command] = kind_of_words($0, command)
}

/^  (    )?(-[a-zA-Z], )?--[a-z]/ {
	end_option()
	text = $0
	sub(/^ +/, "", text)
	letter = ""
	if (text ~ /^-[a-zA-Z],/) {
		letter = substr(text, 1, 2)
		text = substr(text, 5)
	}
	match(text, /^--[a-z0-9-]+/)
	option = substr(text, 1, RLENGTH)
	text = substr(text, RLENGTH + 1)
	list[command, ++options[command]] = option
	short[command, option] = letter
	# One blank before it: the value's word. The help's column is further off, or on the next line.
	if (text ~ /^ [^ ]/) {
		match(text, /^ [^ ]+/)
		takes[command, option] = substr(text, 2, RLENGTH - 1)
		text = substr(text, RLENGTH + 1)
	}
	sub(/^ +/, "", text)
	help[command, option] = text
	next
}

/^          / && option {
	text = $0
	sub(/^ +/, "", text)
	help[command, option] = help[command, option] (help[command, option] ? " " : "") text
	next
}

{
	end_option()
}
