# completion_bash.awk - prints the tables of completion.awk for bash, with bash-completion's functions.

function action(kind) {
	if (kind == "files")
		return "_filedir"
	if (kind == "folders")
		return "_filedir -d"
	if (kind == "interfaces")
		return "_available_interfaces"
	if (kind == "users")
		return "COMPREPLY=($(compgen -u -- \"$cur\"))"
	if (kind == "command_line")
		return "COMPREPLY=($(compgen -c -- \"$cur\"))"
	if (kind ~ /^names /)
		return "_wedge_names " substr(kind, 7)
	if (kind ~ /^words /)
		return "COMPREPLY=($(compgen -W \"" substr(kind, 7) "\" -- \"$cur\"))"
	if (kind == "names_or_files")
		return "_wedge_names list; local names=(\"${COMPREPLY[@]}\"); _filedir yaml; COMPREPLY+=(\"${names[@]}\")"
	if (kind == "folder_then_name")
		return "if ((first == cword)); then _filedir -d; else _wedge_names list; fi"
	return ":"
}

END {
	end_option()
	print "# wedge(1) completion for bash, made by packaging/completion.sh."
	print "# shellcheck shell=bash\n"
	print "# What \"wedge LIST\" lists."
	print "_wedge_names()\n{"
	print "\tCOMPREPLY=($(compgen -W \"$(\"${words[0]}\" \"$1\" 2>/dev/null | sed '/^$/,$d; s/ .*//')\" -- \"$cur\"))"
	print "}\n"
	print "_wedge()\n{"
	print "\tlocal cur prev words cword split options taking first"
	print "\t_init_completion -s || return\n"
	all = ""
	for (i = 1; i <= commands; i++)
		all = all " " name[i]
	print "\tif ((cword == 1)) || [[ $cword == 2 && ${words[1]} == help ]]; then"
	print "\t\tCOMPREPLY=($(compgen -W \"" substr(all, 2) " help version --help --version\" -- \"$cur\"))"
	print "\t\treturn\n\tfi"
	print "\tcase ${words[1]} in"
	for (i = 1; i <= commands; i++) {
		command = name[i]
		every = taking = ""
		for (k = 1; k <= options[command]; k++) {
			option = list[command, k]
			every = every (short[command, option] ? " " short[command, option] : "") " " option
			if (takes[command, option])
				taking = taking " " option
		}
		printf "\t%s)\n\t\toptions=\"%s\"\n\t\ttaking=\"%s \"\n\t\t;;\n", command, substr(every, 2), taking
	}
	print "\t*) return ;;\n\tesac\n"
	print "\t# The first word that is neither an option nor an option's value."
	print "\tfor ((first = 2; first < cword; first++)); do"
	print "\t\tcase ${words[first]} in"
	print "\t\t--) first=$((first + 1)); break ;;"
	print "\t\t-*) [[ $taking == *\" ${words[first]} \"* ]] && first=$((first + 1)) ;;"
	print "\t\t*) break ;;\n\t\tesac\n\tdone\n"
	print "\tcase \"${words[1]} $prev\" in"
	for (i = 1; i <= commands; i++)
		for (k = 1; k <= options[name[i]]; k++) {
			option = list[name[i], k]
			if (takes[name[i], option])
				printf "\t\"%s %s\")\n\t\t((first > cword)) || $split && { %s; return; } ;;\n", name[i], option, action(kind[name[i], option])
		}
	print "\tesac\n\t$split && return"
	print "\tcase ${words[1]} in"
	for (i = 1; i <= commands; i++)
		if (words_kind[name[i]] == "command")
			printf "\t%s)\n\t\tif ((first < cword)) || [[ $cur != -* ]]; then\n\t\t\t_command_offset \"$first\"\n\t\t\treturn\n\t\tfi ;;\n", name[i]
	print "\tesac"
	print "\tif [[ $cur == -* ]]; then"
	print "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))"
	print "\t\treturn\n\tfi"
	print "\tcase ${words[1]} in"
	for (i = 1; i <= commands; i++)
		if (words_kind[name[i]] != "command" && words_kind[name[i]] != "none")
			printf "\t%s) %s ;;\n", name[i], action(words_kind[name[i]])
	print "\tesac"
	print "}\ncomplete -F _wedge wedge"
}
