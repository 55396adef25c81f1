//go:build unix

package screen

import (
	"fmt"
	"slices"
	"testing"
)

// TestTmuxHistory has a newcomer's history drawn in a real terminal when its first
// screen shows already: below what was there before, above the screen, in order.
func TestTmuxHistory(t *testing.T) {
	for _, alt := range []bool{false, true} {
		t.Run(fmt.Sprint("alternate screen ", alt), func(t *testing.T) {
			x := newTmux(t, 40, 10)
			want := []string{"$ gossterm join", "gst1ticket"}
			x.print(want)
			host := New(40, 10)
			host.KeepHistory(true)
			for i := range 500 {
				fmt.Fprintf(writerTo{host}, "\x1b[3%dmline %d\x1b[m\r\n", i%8, i)
				want = append(want, fmt.Sprint("line ", i))
			}
			host.Write([]byte("$ "))
			if alt {
				host.Write([]byte("\x1b[?1049h\x1b[Han editor"))
			}
			v := New(40, 10)
			v.KeepScrolled(true)
			v.HoldScrolled(true)
			v.Write(host.Snapshot())
			r := NewRenderer(40, 10)
			var f Frame
			draw := func() { v.Frame(&f); x.write(r.Draw(&f, Overlay{})) }
			draw()
			if got, first := x.lines(), host.Text()[0]; !slices.Contains(got, first) {
				t.Fatalf("before the history tmux has %q, want %q", got, first)
			}
			if alt {
				v.Write([]byte("\x1b[?1049l"))
			}
			for i := range 20 {
				fmt.Fprintf(writerTo{v}, "\rheld %d\n", i)
				want = append(want, fmt.Sprint("held ", i))
			}
			if alt {
				v.Write([]byte("\x1b[?1049h\x1b[Hagain"))
			}
			draw()
			if err := v.PrependHistory(host.History()); err != nil {
				t.Fatal(err)
			}
			v.HoldScrolled(false)
			draw()
			if alt {
				v.Write([]byte("\x1b[?1049l"))
			}
			v.Write([]byte("\r$ exit"))
			draw()
			x.check("in the end", append(want, "$ exit"))
		})
	}
}
