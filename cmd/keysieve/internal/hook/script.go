package hook

import (
	"slices"
	"strings"
)

// kind is what is special about one of git's hooks, see githooks(5).
type kind struct {
	name    string
	input   bool // git says on standard input what it is about
	onAsk   bool // only installed when it is named
	bypass  string
	ignored bool // SKIP does not count: it is not the person who pushes that sets it
}

// kinds are the hooks that Keysieve has a script for.
var kinds = [...]kind{
	{name: "pre-commit", bypass: "git commit --no-verify"},
	{name: "pre-merge-commit", bypass: "git merge --no-verify"},
	{name: "commit-msg", bypass: "git commit --no-verify"},
	{name: "pre-push", input: true, bypass: "git push --no-verify"},
	{name: "pre-receive", input: true, onAsk: true, ignored: true},
}

// Names returns the names of the hooks that are installed unless some are named, and of those that can be.
func Names() (usual, all []string) {
	for _, k := range kinds {
		all = append(all, k.name)
		if !k.onAsk {
			usual = append(usual, k.name)
		}
	}
	return usual, all
}

func kindOf(name string) (kind, bool) {
	i := slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// signature is in every script's second line; no other file has it there.
const signature = "# Installed by \"keysieve hook install\"; \"keysieve hook uninstall\" removes it."

// chainedSuffix is added to the name of the hook that was there before.
const chainedSuffix = ".keysieve-chained"

// script returns the text of a hook. It is for any POSIX shell and uses only what is built into them.
func (k kind) script(program string) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line("#!/bin/sh")
	line(signature)
	line("keysieve=" + quote(program))
	line(`chained="${0%/*}/` + k.name + chainedSuffix + `" # the hook that was here before`)
	feed := ""
	if k.input {
		feed = `printf %s "$input" | `
		line("")
		line(`input=`)
		line(`while IFS= read -r line || [ -n "$line" ]; do`)
		line(`  input="$input$line`)
		line(`"`)
		line(`done`)
	}
	line("")
	line(`# Another tool may have made that hook call this one.`)
	line(`if [ -x "$chained" ] && [ "${KEYSIEVE_CHAINED-}" != "$PWD/$chained" ]; then`)
	line(`  ` + feed + `KEYSIEVE_CHAINED="$PWD/$chained" "$chained" "$@" || exit`)
	line(`fi`)
	line("")
	line(`if [ ! -x "$keysieve" ] && ! keysieve=$(command -v keysieve); then`)
	if !k.ignored {
		line(`  case ",${SKIP-}," in *,keysieve,*) exit 0 ;; esac`)
	}
	line(`  echo ` + quote("keysieve: the program is neither at "+program+" nor on the PATH, so nothing was checked.") + ` >&2`)
	line(`  echo "keysieve: install it again, or remove this hook: $0" >&2`)
	if k.bypass != "" {
		line(`  echo ` + quote("keysieve: to go on without the check this time: SKIP=keysieve, or "+k.bypass) + ` >&2`)
	}
	line(`  exit 1`)
	line(`fi`)
	line(`# What git itself says on standard output may be for a program.`)
	line(feed + `"$keysieve" hook run --` + k.name + ` --quiet -- "$@" >&2`)
	return b.String()
}

// quote returns s as a word of the shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
