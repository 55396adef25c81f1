package gossip

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the histories in testdata; commit only differences you understand")

// A history is a file of lines that a rig runs, each followed by what was done,
// indented. The first line names the peer whose history it is, and its target; it
// behaves as in the papers unless a third word says product.
func TestHistories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.history")
	if err != nil || len(files) == 0 {
		t.Fatal("no histories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".history"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(b))
			if again := replay(t, string(b)); again != got {
				t.Error("one history, two outcomes: a clock or a map order leaked in")
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(b) {
				t.Errorf("got\n%s\nwant\n%s", got, b)
			}
		})
	}
}

func replay(t *testing.T, history string) string {
	var r *rig
	var out strings.Builder
	for line := range strings.Lines(history) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "  "):
			continue
		case line == "" || strings.HasPrefix(line, "#"):
		case r == nil:
			f := append(strings.Fields(line), "paper")
			of := newRig
			if f[2] == "product" {
				of = productRig
			}
			r = of(t, f[0], Config{Active: int((&rig{t: t}).num(f[1]))})
		default:
			out.WriteString(line + "\n")
			for _, a := range r.do(line) {
				out.WriteString("  " + a + "\n")
			}
			continue
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}
