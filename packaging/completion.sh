#!/bin/sh
# completion.sh WEDGE bash|zsh - writes the completion of wedge's command line for a shell, made of what
# WEDGE's commands say under --help, which is printed from the tables that the command lines are read by.
set -eu
wedge=$1
shell=$2

"$wedge" --help >/dev/null
{
	"$wedge" --help
	for command in $("$wedge" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		echo "@ $command"
		"$wedge" "$command" --help
	done
} | awk -v shell="$shell" -f "$(dirname "$0")/completion.awk" -f "$(dirname "$0")/completion_$shell.awk"
