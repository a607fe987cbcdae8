package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/cmd/keysieve/internal/hook"
	"github.com/keysieve/keysieve/gitscan"
	"github.com/keysieve/keysieve/report"
)

// hookOptions are the flags of hook. All but global are those of hook run.
type hookOptions struct {
	gitOptions
	global bool
	quiet  bool
	named  map[string]*bool // by the name of the hook that is said to be running
}

func (o *hookOptions) define(fs *flag.FlagSet) {
	o.gitOptions.define(fs)
	fs.BoolVar(&o.global, "global", false, "install, uninstall, status: for all repositories of the user")
	fs.BoolVar(&o.quiet, "quiet", false, "run: write nothing when there is nothing to report")
	_, all := hook.Names()
	o.named = map[string]*bool{}
	for _, name := range all {
		o.named[name] = fs.Bool(name, false, "run: this is git's "+name+" hook, with its arguments and input")
	}
}

func hookCommand() command {
	return command{
		name: "hook", summary: "Have git run Keysieve before commits and pushes.",
		usage: "install|uninstall|status [--global] [HOOK…] | run [FLAG…] [ARGUMENT…]",
		help: `install puts scripts into the repository's hooks directory, which core.hooksPath may name. A hook that is there already
is moved aside and runs first; uninstall gives it back. Without names, it is pre-commit, pre-merge-commit, commit-msg and
pre-push; pre-receive is for servers. --global does the same for the user's template directory, or for the directory of
a core.hooksPath that the user has set.

run is what the scripts call, and what to give to a hook framework. Without a flag that says which hook it is, it finds
out: from standard input, the framework's variables, its arguments, and otherwise scans what is staged. SKIP=keysieve
has it do nothing.

  keysieve hook install               before each commit and push in this repository
  keysieve hook install pre-push      before pushes only
  keysieve hook status
  keysieve hook run                   what a framework calls
  keysieve hook run --pre-receive     on a server`,
		flags: func(fs *flag.FlagSet) { new(hookOptions).define(fs) },
		run:   runHook,
	}
}

func runHook(ctx context.Context, env environment) error {
	var o hookOptions
	args, err := parseFlags("hook", o.define, env.args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return &usageError{"hook", errors.New("say what to do: install, uninstall, status or run")}
	}
	switch args[0] {
	case "install":
		return changeHooks(env, &o, args[1:], change{hook.Dir.Install, func(d hooksDir) string { return d.after }})
	case "uninstall":
		return changeHooks(env, &o, args[1:], change{hook.Dir.Uninstall, hooksDir.tidy})
	case "status":
		look := func(d hook.Dir, name string) (hook.Status, bool, error) {
			s, err := d.Status(name)
			return s, false, err
		}
		return changeHooks(env, &o, args[1:], change{look, func(hooksDir) string { return "" }})
	case "run":
		return o.run(ctx, env, args[1:])
	}
	return &usageError{"hook", fmt.Errorf("hook has no %q: use install, uninstall, status or run", args[0])}
}

// change is what install, uninstall and status do to each hook, and to the directory in the end. end returns what else
// there is to say, in whole lines.
type change struct {
	each func(d hook.Dir, name string) (s hook.Status, changed bool, err error)
	end  func(hooksDir) string
}

// changeHooks does something to hooks, and says how things are then.
func changeHooks(env environment, o *hookOptions, names []string, do change) error {
	usual, all := hook.Names()
	for _, name := range names {
		if !slices.Contains(all, name) {
			return &usageError{"hook", fmt.Errorf("there is no hook %q: use %s", name, strings.Join(all, ", "))}
		}
	}
	dir, err := hooksDirectory(env, o)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = usual
		if s, err := dir.Status("pre-receive"); err == nil && (s.State == hook.Current || s.State == hook.Outdated) {
			names = all
		}
	}
	var b strings.Builder
	var failed []error
	fmt.Fprintf(&b, "%s\n", report.QuotePath(dir.Path))
	for _, name := range names {
		s, changed, err := do.each(dir.Dir, name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintf(&b, "  %-17s %s\n", name, describeHook(s, changed))
	}
	b.WriteString(do.end(dir))
	if err := writeAll(env.stdout, b.String()); err != nil {
		return err
	}
	return errors.Join(failed...)
}

// describeHook says how things are with a hook.
func describeHook(s hook.Status, changed bool) string {
	var text string
	switch s.State {
	case hook.Absent:
		text = "not installed"
		if changed {
			text = "removed"
		} else if s.Chained != "" {
			text = "interrupted: install or uninstall it again"
		}
	case hook.Current:
		text = "installed"
	case hook.Outdated:
		text = "installed by another version or from another place: install it again"
	case hook.Foreign:
		text = "another hook, not Keysieve's"
		if changed {
			text = "removed; the hook that was there before is back"
		}
	}
	if s.Chained == "" || s.State == hook.Absent {
		return text
	}
	name := report.QuotePath(filepath.Base(s.Chained))
	switch {
	case s.State == hook.Foreign:
		return text + "; it has replaced Keysieve's, and " + name + " does not run"
	case !s.Runs:
		return text + "; " + name + " is not executable and does not run"
	}
	return text + "; " + name + " runs first"
}

// hooksDir is where hooks are to be installed.
type hooksDir struct {
	hook.Dir
	own   []string // directories that are not needed when they are empty, the innermost first
	after string   // what there is to say and to do after hooks were installed, in whole lines
}

// tidy removes what is not needed any more.
func (d hooksDir) tidy() string {
	for _, dir := range d.own {
		// A link to a directory could be removed whatever it holds.
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			_ = os.Remove(dir)
		}
	}
	return ""
}

// hooksDirectory finds the directory that git runs hooks from, or for all repositories the one to use.
func hooksDirectory(env environment, o *hookOptions) (d hooksDir, err error) {
	program, err := os.Executable()
	if err != nil {
		return d, fmt.Errorf("where this program is cannot be found out: %w", err)
	}
	settings, err := hook.ReadUserSettings(env.getenv)
	if err != nil {
		return d, err
	}
	if o.global {
		d, err = globalHooks(settings, env.getenv)
	} else {
		var repo *gitscan.Repository
		repo, err = gitscan.Open(".", env.getenv, gitscan.Options{})
		if err != nil {
			return d, err
		}
		defer repo.Close()
		d, err = repositoryHooks(repo, settings, env.getenv)
	}
	d.Program = filepath.ToSlash(program)
	return d, err
}

// repositoryHooks returns the directory that git runs a repository's hooks from.
func repositoryHooks(repo *gitscan.Repository, user hook.UserSettings, getenv func(string) string) (d hooksDir, err error) {
	switch path := repo.HooksPath(); {
	case path != "":
		d.Path = hook.ExpandHome(path, getenv)
		top := repo.WorkTree()
		if top == "" {
			top = repo.GitDir()
		}
		if !filepath.IsAbs(d.Path) {
			d.Path = filepath.Join(top, d.Path)
		}
	case user.HooksPath != "":
		err = fmt.Errorf("core.hooksPath is %s in %s, so git does not run the hooks of this repository: use --global to install there, or set core.hooksPath for this repository",
			user.HooksPath, user.HooksPathFile)
	default:
		d.Path = filepath.Join(repo.CommonDir(), "hooks")
		d.own = []string{d.Path}
	}
	return d, err
}

// globalHooks returns the directory of hooks for all repositories. The user's configuration is read and not written: git
// itself does that best.
func globalHooks(user hook.UserSettings, getenv func(string) string) (d hooksDir, err error) {
	config := hook.ConfigHome(getenv)
	if config == "" {
		return d, errors.New("there is no home directory: set HOME")
	}
	own := filepath.Join(config, "keysieve", "template")
	switch {
	case user.HooksPath != "":
		d.Path = hook.ExpandHome(user.HooksPath, getenv)
	case user.TemplateDir != "":
		d.Path = filepath.Join(hook.ExpandHome(user.TemplateDir, getenv), "hooks")
		d.after = templateNote
	default:
		d.Path = filepath.Join(own, "hooks")
		d.after = fmt.Sprintf("\nFor git to use them, init.templateDir has to name the directory above:\n  git config --global init.templateDir %s\n%s",
			report.QuotePath(own), templateNote)
	}
	if !filepath.IsAbs(d.Path) {
		return d, fmt.Errorf("%s is relative, so that it is another directory in each repository: set it to an absolute path", d.Path)
	}
	if d.Path == filepath.Join(own, "hooks") {
		d.own = []string{d.Path, own, filepath.Dir(own)}
	}
	return d, nil
}

const templateNote = `
Repositories that are made or cloned from now on get a copy. Run "git init" in an existing one to copy what it lacks.
`
