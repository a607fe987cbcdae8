package keysieve_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/keysieve/keysieve/"

// arrows says what each top-level package of the module may import of the others. What lies in a package's folders
// follows the package.
var arrows = map[string][]string{
	"decode":   {},
	"detect":   {"decode"},
	"rules":    {"detect"},
	"internal": {},
	"gitscan":  {"detect", "internal"},
	"filescan": {"detect", "internal"},
	"baseline": {"detect"},
	"report":   {"detect"},
	"config":   {"detect", "rules", "baseline"},
	"cmd":      {"config", "baseline", "report", "filescan", "gitscan", "rules", "detect"},
}

// mayOpenFiles are the packages that touch the file system; generators run at build time only.
var mayOpenFiles = []string{"filescan", "gitscan", "config", "baseline", "cmd"}

// thirdParty says what may be imported from outside, by the module's path.
var thirdParty = map[string][]string{
	"github.com/dlclark/regexp2":      {"detect"},
	"github.com/BurntSushi/toml":      {"rules", "config"},
	"github.com/fatih/color":          {"report", "cmd"},
	"github.com/mattn/go-isatty":      {"cmd"},
	"github.com/go-git/":              {"gitscan"},
	"golang.org/x/sys":                {"filescan", "gitscan", "cmd"},
	"github.com/rogpeppe/go-internal": {"cmd"},
}

type source struct {
	name string // slash-separated path from the root
	pkg  string // top-level folder
	file *ast.File
}

// sources parses the root module's Go files; nested modules (tools, benchmarks) are their own.
func sources(t *testing.T) []source {
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if nested, _ := filepath.Glob(filepath.Join(name, "go.mod")); name != "." && nested != nil {
				return filepath.SkipDir
			}
			if base := e.Name(); base == "testdata" || base != "." && strings.HasPrefix(base, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		name = filepath.ToSlash(name)
		all = append(all, source{name, strings.Split(name, "/")[0], f})
		return err
	})
	if err != nil || len(all) < 20 {
		t.Fatalf("%d files parsed: %v", len(all), err)
	}
	return all
}

func (s source) isTest() bool      { return strings.HasSuffix(s.name, "_test.go") }
func (s source) isGenerator() bool { return strings.Contains(s.name, "/internal/gen/") }

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.isGenerator() {
			continue
		}
		for _, spec := range s.file.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			if why := badImport(s, p); why != "" {
				t.Errorf("%s imports %s: %s", s.name, p, why)
			}
		}
	}
}

func badImport(s source, p string) string {
	if own, ok := strings.CutPrefix(p, module); ok {
		target := strings.Split(own, "/")[0]
		if target != s.pkg && !slices.Contains(arrows[s.pkg], target) {
			return "against the arrows between packages"
		}
		return ""
	}
	switch {
	case p == "os/exec" || p == "net" || strings.HasPrefix(p, "net/") && p != "net/url" && p != "net/netip":
		return "nothing starts a process or uses the network"
	case p == "os" && !slices.Contains(mayOpenFiles, s.pkg):
		return "this package does no I/O"
	case !strings.Contains(strings.Split(p, "/")[0], "."):
		return ""
	}
	for prefix, users := range thirdParty {
		if strings.HasPrefix(p, prefix) {
			if slices.Contains(users, s.pkg) {
				return ""
			}
			return "only " + strings.Join(users, ", ") + " may"
		}
	}
	return "a module that is not on the list"
}

func TestHygiene(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.isGenerator() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s has an init function", s.name)
				}
			case *ast.SelectorExpr:
				id, ok := n.X.(*ast.Ident)
				if !ok {
					break
				}
				call := id.Name + "." + n.Sel.Name
				if call == "os.Exit" && s.name != "cmd/keysieve/main.go" || strings.HasPrefix(call, "log.Fatal") || strings.HasPrefix(call, "log.Panic") {
					t.Errorf("%s calls %s: only main ends the program", s.name, call)
				}
			}
			return true
		})
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	packageDocs := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		dir := path.Dir(s.name)
		packageDocs[dir] = packageDocs[dir] || s.file.Doc.Text() != ""
		for _, d := range s.file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no comment", s.name, name)
			}
		}
	}
	for dir, ok := range packageDocs {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// undocumented returns the exported names that d declares without a comment.
func undocumented(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d.Recv)) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					if n.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

func exportedReceiver(recv *ast.FieldList) bool {
	t := recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
