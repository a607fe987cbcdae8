package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/report"
)

// Exit codes. Incomplete wins over findings: what was found is reported all the same.
const (
	exitClean       = 0 // everything was scanned and nothing was found
	exitFindings    = 1
	exitIncomplete  = 2 // something could not be scanned, misuse, or an internal error
	exitInterrupted = 130
	exitTerminated  = 143
)

// environment is all that a run takes from outside.
type environment struct {
	args   []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string

	// environ returns all variables, as os.Environ does: git tells a hook of a merge in the names of some.
	environ func() []string
}

// exitError ends a run with a code of its own. err may be nil when all has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

// usageError is misuse of a command.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v\nRun %q for how to use it.", e.err, strings.TrimSpace("keysieve help "+e.command))
}

// command is one subcommand.
type command struct {
	name    string
	summary string
	usage   string // arguments
	help    string // text after the summary, with examples
	run     func(context.Context, environment) error
	flags   func(*flag.FlagSet) // for the help
}

func commands() []command {
	return []command{scanCommand(), stagedCommand(), diffCommand(), ciCommand(), historyCommand(), hookCommand(), rulesCommand(), explainCommand(), versionCommand()}
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, env environment) int {
	err := dispatch(ctx, env)
	var exit *exitError
	switch {
	case err == nil:
		return exitClean
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &exit):
		if exit.err != nil {
			complain(env, exit.err)
		}
		return exit.code
	}
	complain(env, err)
	return exitIncomplete
}

// complain prints an error. Nothing can be done where that fails.
func complain(env environment, err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintf(env.stderr, "keysieve: %s\n", report.Sanitize(line))
	}
}

func dispatch(ctx context.Context, env environment) error {
	if len(env.args) == 0 {
		_ = printHelp(env.stderr, "")
		return &exitError{code: exitIncomplete}
	}
	name := env.args[0]
	env.args = env.args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		topic := ""
		if len(env.args) > 0 {
			topic = env.args[0]
		}
		return printHelp(env.stdout, topic)
	case "-version", "--version", "-V":
		name = "version"
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return &usageError{err: fmt.Errorf("there is no command %q", name)}
	}
	err := all[i].run(ctx, env)
	if errors.Is(err, flag.ErrHelp) {
		return printHelp(env.stdout, name)
	}
	return err
}

// parseFlags parses args, in which flags and other arguments may be mixed, and returns the others. "--" ends the flags.
func parseFlags(command string, define func(*flag.FlagSet), args []string) ([]string, error) {
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	define(fs)
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, &usageError{command, err}
		}
		left := fs.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if parsed := len(args) - len(left); parsed > 0 && args[parsed-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func printHelp(w io.Writer, name string) error {
	var b strings.Builder
	all := commands()
	if name == "" {
		b.WriteString("Keysieve finds hard-coded API keys, tokens, passwords and private keys before they leak.\n\nUsage: keysieve COMMAND [FLAG…] [ARGUMENT…]\n\n")
		for _, c := range all {
			fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.summary)
		}
		b.WriteString(examplesHelp + exitHelp)
		return writeAll(w, b.String())
	}
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return &usageError{err: fmt.Errorf("there is no command %q", name)}
	}
	c := all[i]
	usage := strings.TrimSpace("keysieve " + c.name + " " + c.usage)
	fmt.Fprintf(&b, "%s\n\nUsage: %s\n\n%s\n", c.summary, usage, c.help)
	if c.flags != nil {
		b.WriteString("\nFlags:\n")
		fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.flags(fs)
		fs.VisitAll(func(f *flag.Flag) {
			value, usage := flag.UnquoteUsage(f)
			head := "--" + f.Name
			if len(f.Name) == 1 {
				head = "-" + f.Name
			}
			if value != "" {
				head += " " + value
			}
			fmt.Fprintf(&b, "  %-24s %s\n", head, strings.ReplaceAll(usage, "\n", "\n"+strings.Repeat(" ", 27)))
		})
	}
	b.WriteString("\n" + exitHelp)
	return writeAll(w, b.String())
}

const examplesHelp = `
  keysieve scan                 find secrets in the current directory
  keysieve hook install         check each commit and push in this repository
  keysieve help scan            explain one command
  keysieve rules list github    show what is looked for

`

const exitHelp = `Exit codes: 0 all was scanned and nothing was found; 1 there are findings; 2 something could not be scanned, or
the command line is wrong (what was found is still reported); 130 interrupted.
`

func writeAll(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}
