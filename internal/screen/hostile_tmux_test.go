//go:build unix

package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHostileTmux draws every threat, come every way, on a real terminal and reads what
// that types: nothing. Sent as they are, the threats make it type.
func TestHostileTmux(t *testing.T) {
	typed := filepath.Join(t.TempDir(), "typed")
	x := newTmuxRunning(t, 40, 10, "stty raw -echo; cat %s & exec cat >'"+typed+"'")
	seen := 0
	read := func() string { // what was typed since the last call
		const end = "<end>"
		x.run("send-keys", "-l", end)
		for x.ctx.Err() == nil {
			data, err := os.ReadFile(typed)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if before, ok := strings.CutSuffix(string(data[min(seen, len(data)):]), end); ok {
				seen = len(data)
				return before
			}
		}
		t.Fatal("tmux types nothing")
		return ""
	}
	for _, threat := range threats(t) {
		for _, hazard := range hazards(40, 10) {
			var f Frame
			o := Overlay{Writer: true}
			hazard.show(threat.seq, &f, &o)
			r := NewRenderer(40, 10)
			sent := append([]byte(nil), r.Draw(&f, o)...)
			if _, err := x.pipe.Write(append(sent, r.End()...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.write(nil) // all is taken
	if got := read(); got != "" {
		t.Errorf("the terminal types %q", got)
	}
	x.write([]byte("\x1b[c\x1b[6n"))
	if got := read(); got == "" {
		t.Error("the terminal does not answer what it is asked: this test sees nothing")
	}
}
