package gossterm

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport is the whole table of imports among our packages: each points down.
var mayImport = map[string][]string{
	"cmd/gossterm": {"session", "gossip", "pty", "internal/id", "internal/ticket", "internal/envelope", "internal/member",
		"internal/screen", "internal/transport", "internal/node", "internal/tty", "internal/relay", "internal/lan", "internal/path",
		"internal/doctor", "internal/cast"},
	"session":            {"dedup", "internal/screen", "internal/envelope", "internal/member", "internal/id"},
	"internal/node":      {"gossip", "internal/member", "internal/transport", "internal/envelope", "internal/id"},
	"internal/gossipsim": {"gossip", "internal/id"},
	"cmd/gossip-sim":     {"internal/gossipsim"},
	"cmd/chaos":          {"internal/lab"},
	"cmd/natlab":         {"internal/lab", "internal/screen", "internal/ticket"},
	"cmd/gossip-bench": {"gossip", "dedup", "internal/node", "internal/transport", "internal/member", "internal/envelope",
		"internal/ticket", "internal/id"},
	"internal/sim":       {"gossip", "session", "internal/member", "internal/screen", "internal/envelope", "dedup", "internal/id"},
	"internal/transport": {"internal/path", "internal/cert", "internal/relay", "internal/source", "internal/id"},
	"internal/path":      {"internal/relay", "internal/id"},
	"internal/relay":     {"internal/cert", "internal/source", "internal/id"},
	"internal/lan":       {"internal/cert", "internal/source", "internal/id"},
	"internal/cert":      {"internal/id"},
	"internal/doctor":    {},
	"internal/lab":       {"internal/screen"},
	"internal/source":    {},
	"internal/member":    {"internal/ticket", "internal/envelope", "internal/id"},
	"internal/envelope":  {"internal/id"},
	"internal/ticket":    {"internal/id"},
	"gossip":             {"internal/id"},
	"dedup":              {"internal/id"},
	"internal/screen":    {},
	"internal/cast":      {},
	"internal/id":        {},
	"internal/tty":       {},
	"pty":                {},
}

// pure packages hold no clock, goroutine, channel, lock, log, file or network.
var pure = []string{"dedup", "gossip", "internal/cast", "internal/doctor", "internal/envelope", "internal/id", "internal/member", "internal/screen", "internal/ticket"}

// pureFiles are the cores inside packages that have loops too.
var pureFiles = map[string][]string{
	"session": {"author.go", "backlog.go", "fresh.go", "history.go", "hostcore.go", "hostevents.go", "interrupt.go", "items.go", "membercore.go",
		"memberevents.go", "outage.go", "reader.go", "recording.go", "roster.go", "sizing.go", "split.go", "tellsize.go", "typing.go", "typist.go"},
	"internal/path": {"set.go", "candidate.go", "doubt.go", "due.go", "gone.go", "via.go", "budget.go", "packet.go"},
}

// impureImports are what a pure file must not import. A logger's value types are
// allowed: log/slog's LogValuer is how a secret refuses to be logged.
var impureImports = []string{"os", "net", "sync", "sync/atomic", "log", "crypto/rand", "math/rand", "math/rand/v2",
	"context", "syscall", "io/fs", "runtime"}

const module = "gossterm/"

// A source is one parsed file of ours.
type source struct {
	dir, name string
	test      bool
	file      *ast.File
	fset      *token.FileSet
}

// sources parses every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{filepath.ToSlash(filepath.Dir(path)), d.Name(), strings.HasSuffix(path, "_test.go"), f, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir == "." || s.test {
			continue
		}
		allowed, known := mayImport[s.dir]
		if !known && s.dir != "scripts" && !strings.HasPrefix(s.dir, "scripts/") {
			t.Errorf("%s is not in the table of packages", s.dir)
			continue
		}
		for _, imp := range s.file.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			ours, ok := strings.CutPrefix(path, module)
			if ok && known && !slices.Contains(allowed, ours) {
				t.Errorf("%s/%s imports %s", s.dir, s.name, ours)
			}
		}
	}
}

func isPure(s source) bool {
	return !s.test && (slices.Contains(pure, s.dir) || slices.Contains(pureFiles[s.dir], s.name))
}

func TestPurePackagesStayPure(t *testing.T) {
	seen := 0
	for _, s := range sources(t) {
		if !isPure(s) {
			continue
		}
		seen++
		for _, imp := range s.file.Imports {
			if path := strings.Trim(imp.Path.Value, `"`); slices.Contains(impureImports, path) {
				t.Errorf("%s/%s imports %s", s.dir, s.name, path)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.GoStmt:
				what = "starts a goroutine"
			case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
				what = "uses a channel"
			case *ast.CallExpr:
				if name := selector(n.Fun); slices.Contains([]string{"time.Now", "time.Sleep", "time.After",
					"time.NewTimer", "time.Since", "time.Until", "time.Tick", "time.AfterFunc"}, name) {
					what = "reads the clock: " + name
				}
			}
			if what != "" {
				t.Errorf("%s: %s", s.fset.Position(n.Pos()), what)
			}
			return true
		})
	}
	if seen == 0 {
		t.Error("no pure file found: the test looks in the wrong place")
	}
}

// selector returns "a.b" for a selector of two names, else "".
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}

// calls lists where a method of the given name is called in a package's product
// code on something whose last name is receiver.
func calls(t *testing.T, dir, receiver, method string) []string {
	var at []string
	for _, s := range sources(t) {
		if s.dir != dir || s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr) // also where it is not called but handed on
			if !ok || sel.Sel.Name != method {
				return true
			}
			name := ""
			switch x := sel.X.(type) {
			case *ast.Ident:
				name = x.Name
			case *ast.SelectorExpr:
				name = x.Sel.Name
			}
			if name == receiver {
				at = append(at, s.fset.Position(sel.Pos()).String())
			}
			return true
		})
	}
	return at
}

// Promise 2: what is typed goes through one call in one loop. The session writes
// to its shell in one place, the command's adaptor to the pty in one, and nobody
// else knows either.
func TestTheShellIsWrittenToInOnePlace(t *testing.T) {
	if at := calls(t, "session", "shell", "Write"); len(at) != 1 {
		t.Errorf("session writes to the shell at %v, want one place", at)
	}
	if at := calls(t, "cmd/gossterm", "s", "Write"); len(at) != 1 {
		t.Errorf("the command writes to the pty at %v, want one place", at)
	}
	for _, s := range sources(t) {
		if s.test || s.dir == "pty" || s.dir == "internal/lab" { // the lab sits in front of a terminal
			continue
		}
		for _, imp := range s.file.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if (path == module+"pty" || path == "github.com/creack/pty") && (s.dir != "cmd/gossterm" || s.name != "shell.go") {
				t.Errorf("%s/%s knows the pty", s.dir, s.name)
			}
		}
	}
}

// Only dedup makes a Fresh, only the model makes a Reply, and only typing.go and
// hostevents.go turn them into what can be typed.
func TestWhatCanBeTypedIsMadeInOnePlace(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.dir != "session" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if id, ok := lit.Type.(*ast.Ident); ok && id.Name == "typed" && s.name != "typing.go" && s.name != "hostevents.go" {
				t.Errorf("%s makes something to type", s.fset.Position(lit.Pos()))
			}
			return true
		})
	}
}
