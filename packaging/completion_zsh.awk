# completion_zsh.awk - prints the tables of completion.awk for zsh, as the arguments of _arguments.

function action(kind) {
	if (kind == "files")
		return "_files"
	if (kind == "folders")
		return "_files -/"
	if (kind == "interfaces")
		return "_net_interfaces"
	if (kind == "users")
		return "_users"
	if (kind == "command_line")
		return "_command_names -e"
	if (kind ~ /^names /)
		return "_wedge_names " substr(kind, 7)
	if (kind ~ /^words /)
		return "(" substr(kind, 7) ")"
	return " "
}

# What stands between single quotes in _arguments' brackets.
function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "'\\''", text)
	gsub(/\[/, "\\[", text)
	gsub(/\]/, "\\]", text)
	gsub(/:/, "\\:", text)
	return text
}

# An option's help up to what explains it further.
function short_help(text) {
	sub(/(;| \().*/, "", text)
	return quoted(text)
}

function print_option(command, option,    value, text) {
	value = takes[command, option]
	text = "[" short_help(help[command, option]) "]" (value ? ":" quoted(value) ":" action(kind[command, option]) : "")
	if (option == "--help")
		printf " \\\n\t\t\t'(- *)'{%s,%s}'%s'", short[command, option], option, text
	else if (short[command, option])
		printf " \\\n\t\t\t'*'{%s,%s}'%s'", short[command, option], option, text
	else
		printf " \\\n\t\t\t'%s%s%s%s'", (help[command, option] ~ /repeatable/ ? "*" : ""), option, (value ? "=" : ""), text
}

function print_words(kind) {
	if (kind == "command")
		printf " \\\n\t\t\t'(-)1:command:_command_names -e' '*::argument:_normal'"
	else if (kind == "folder_then_name")
		printf " \\\n\t\t\t'1:folder:_files -/' '2:name:_wedge_names list'"
	else if (kind == "names_or_files")
		printf " \\\n\t\t\t'*:scenario: _alternative \"names:name:_wedge_names list\" \"files:file:_files -g \\*.yaml\"'"
	else if (kind == "files")
		printf " \\\n\t\t\t'*:file:_files'"
	else if (kind ~ /^names /)
		printf " \\\n\t\t\t'1:name:%s'", action(kind)
}

END {
	end_option()
	print "#compdef wedge"
	print "# wedge(1) completion for zsh, made by packaging/completion.sh.\n"
	print "# What \"wedge LIST\" lists; LIST is the last argument, those before it are compadd's."
	print "_wedge_names() {"
	print "\tlocal -a names=(${${(f)\"$(_call_program names wedge $@[-1] 2>/dev/null | sed '/^$/,$d')\"}%% *})"
	print "\tcompadd \"$@[1,-2]\" -a names\n}\n"
	print "_wedge() {"
	print "\tlocal command\n\tlocal -a subcommands=("
	for (i = 1; i <= commands; i++)
		printf "\t\t'%s:%s'\n", name[i], quoted(summary[name[i]])
	print "\t\t'help:what a command does' 'version:the version'\n\t)"
	print "\tif ((CURRENT == 2)) || [[ $CURRENT == 3 && $words[2] == help ]]; then"
	print "\t\tif [[ $words[CURRENT] == -* ]]; then"
	print "\t\t\tcompadd -- --help --version\n\t\telse"
	print "\t\t\t_describe -t commands command subcommands\n\t\tfi\n\t\treturn\n\tfi"
	print "\tcommand=$words[2]\n\tshift words\n\t((CURRENT--))"
	print "\tcase $command in"
	for (i = 1; i <= commands; i++) {
		printf "\t%s)\n\t\t_arguments -s -S%s", name[i], (words_kind[name[i]] == "command" ? " -A '-*'" : "")
		for (k = 1; k <= options[name[i]]; k++)
			print_option(name[i], list[name[i], k])
		print_words(words_kind[name[i]])
		print "\n\t\t;;"
	}
	print "\tesac\n}\n\n_wedge \"$@\""
}
