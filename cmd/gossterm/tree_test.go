//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gossterm/internal/screen"
	"gossterm/internal/ticket"
)

// A grove is a host and joiners on terminals of their own, and the tree that they
// make, as their logs tell it.
type grove struct {
	testing.TB
	*stage
	ticket  string
	hostTag string
	host    *planted
	joiners []*planted
}

// A planted is one program of a grove. What its log says is guarded by the stage's
// lock.
type planted struct {
	*program
	log *os.File // a pipe: each line is known when it is written

	tag         string // as logs name it; a joiner's is known when the host has let it in
	incarnation string
	parent      string          // the tag of whom it has the session from
	neighbors   map[string]bool // by tag
	lost        []loss
	joined      map[string]string // at the host: tags by incarnation
	kept        []string          // all lines
}

// A loss is a neighbor that was lost.
type loss struct {
	tag, why string
	at       time.Time
}

// newGrove starts a host of so many neighbors that runs argv.
func newGrove(t testing.TB, degree int, argv ...string) *grove {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	g := &grove{TB: t, stage: newStage(dir, append(os.Environ(), scriptEnv(home)...))}
	t.Cleanup(g.stage.close)
	t.Cleanup(g.keepLogs)
	g.host = g.plant("host", nil, append([]string{"gossterm", "host", "--stats", "--degree", fmt.Sprint(degree)}, argv...))
	re := regexp.MustCompile(`(gst1[a-z2-7]+)\r?\n`)
	g.wait("the host prints a ticket", func() bool {
		if found := re.FindSubmatch(g.host.raw); found != nil {
			g.ticket = string(found[1])
		}
		return g.ticket != ""
	})
	tick, err := ticket.Parse(g.ticket)
	if err != nil {
		t.Fatal(err)
	}
	g.hostTag = tick.Host.Tag()
	g.host.tag = g.hostTag
	return g
}

// plant starts a program whose log is read. The log comes right behind the verb.
func (g *grove) plant(name string, before, argv []string) *planted {
	g.Helper()
	file := filepath.Join(g.dir, name+".log")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		g.Fatal(err)
	}
	log, err := os.OpenFile(file, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		g.Fatal(err)
	}
	p := &planted{log: log, neighbors: map[string]bool{}, joined: map[string]string{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.follow(g.stage)
	}()
	g.Cleanup(func() { log.Close(); <-read })
	argv = append(append(append([]string(nil), before...), argv[0], argv[1], "--log", file), argv[2:]...)
	if p.program, err = g.onTerminal(name, 80, 60, nil, argv); err != nil {
		g.Fatal(err)
	}
	return p
}

// join starts a joiner. before is what runs it, if anything does.
func (g *grove) join(before ...string) *planted {
	g.Helper()
	return g.joinBy(g.ticket, before...)
}

func (g *grove) joinBy(ticket string, before ...string) *planted {
	g.Helper()
	name := fmt.Sprintf("j%d", len(g.joiners))
	p := g.plant(name, before, []string{"gossterm", "join", "--stats", "--name", name, ticket})
	g.joiners = append(g.joiners, p)
	return p
}

// follow takes in a program's log as it is written.
func (p *planted) follow(s *stage) {
	var rest []byte
	buf := make([]byte, 16<<10)
	for {
		n, err := p.log.Read(buf)
		rest = append(rest, buf[:n]...)
		if end := bytes.LastIndexByte(rest, '\n'); end >= 0 {
			lines := strings.Split(string(rest[:end]), "\n")
			rest = rest[end+1:]
			s.change(func() {
				for _, line := range lines {
					p.note(line)
				}
			})
		}
		if err != nil {
			return
		}
	}
}

// note takes in one line of a log. The stage's lock is held.
func (p *planted) note(line string) {
	p.kept = append(p.kept, line)
	tag := field(line, "peer")
	switch field(line, "msg") {
	case "joined":
		p.joined[field(line, "incarnation")] = tag
	case "welcomed":
		p.incarnation = field(line, "incarnation")
	case "parent":
		p.parent = tag
	case "neighbor":
		p.neighbors[tag] = true
	case "neighbor lost":
		delete(p.neighbors, tag)
		p.lost = append(p.lost, loss{tag, field(line, "why"), timeOf(line)})
	}
}

// field returns the value of a key in a line of a log.
func field(line, key string) string {
	_, after, found := strings.Cut(" "+line, " "+key+"=")
	if !found {
		return ""
	}
	if strings.HasPrefix(after, `"`) {
		value, _, _ := strings.Cut(after[1:], `"`)
		return value
	}
	value, _, _ := strings.Cut(after, " ")
	return value
}

// timeOf returns when a line of a log was written.
func timeOf(line string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, field(line, "time"))
	return t
}

// wait waits until ok, which is called under the stage's lock.
func (g *grove) wait(what string, ok func() bool) time.Duration {
	g.Helper()
	return g.within(patience, what, ok)
}

func (g *grove) within(d time.Duration, what string, ok func() bool) time.Duration {
	g.Helper()
	begin := time.Now()
	if !g.until(d, ok) {
		g.Fatalf("not within %v: %s\n%s\n%s", d, what, g.drawn(), g.show())
	}
	return time.Since(begin)
}

// named finds out which tag is whose, once all are in. Tags are short: two peers may
// have the same one, and their tree cannot be told then.
func (g *grove) named() {
	g.Helper()
	g.wait("the host names all joiners", func() bool {
		for _, p := range g.joiners {
			if p.tag = g.host.joined[p.incarnation]; p.tag == "" {
				return false
			}
		}
		return true
	})
	seen := map[string]bool{g.hostTag: true}
	for _, p := range g.joiners {
		if seen[p.tag] {
			g.Skipf("two peers are called %s", p.tag)
		}
		seen[p.tag] = true
	}
}

// of returns whose tag it is, or nil.
func (g *grove) of(tag string) *planted {
	for _, p := range g.joiners {
		if p.tag == tag {
			return p
		}
	}
	return nil
}

// depth returns how many links p is away from the host, 0 if it hangs in the air.
func (g *grove) depth(p *planted) int {
	for d := 1; p != nil && d <= len(g.joiners); d++ {
		if p.parent == g.hostTag {
			return d
		}
		p = g.of(p.parent)
	}
	return 0
}

// deepest returns the largest depth, 0 if somebody hangs in the air.
func (g *grove) deepest() (most int) {
	for _, p := range g.joiners {
		if p.exit != "" {
			continue
		}
		d := g.depth(p)
		if d == 0 {
			return 0
		}
		most = max(most, d)
	}
	return most
}

// drawn describes the tree for a failure's message.
func (g *grove) drawn() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "host %s, neighbors %v\n", g.hostTag, g.host.neighbors)
	for _, p := range g.joiners {
		fmt.Fprintf(&b, "%s %s: parent %s, depth %d, neighbors %v, lost %v\n", p.name, p.tag, p.parent, g.depth(p), p.neighbors, p.lost)
	}
	return b.String()
}

// expect waits until all of ps show a pattern.
func (g *grove) expect(pattern string, ps ...*planted) {
	g.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	for _, p := range ps {
		g.wait(fmt.Sprintf("%s shows %q", p.name, pattern), func() bool { return re.MatchString(p.text()) })
	}
}

// same waits until all of ps show what the host shows, and returns how long that took.
func (g *grove) same(d time.Duration, ps ...*planted) time.Duration {
	g.Helper()
	begin := time.Now()
	for _, p := range ps {
		diff := ""
		if !g.until(max(d-time.Since(begin), 0), func() bool { diff = unlike(g.host.program, p.program); return diff == "" }) {
			g.Fatalf("%s differs from the host after %v: %s\n%s%s\n%s", p.name, d, diff, g.drawn(), g.host.show(), p.show())
		}
	}
	return time.Since(begin)
}

// unlike says in what two terminals of one size differ, or is "": in any cell but those
// of the last row, where each has notices of its own.
func unlike(p, q *program) string {
	var a, b screen.Frame
	p.screen.Frame(&a)
	q.screen.Frame(&b)
	for i := range a.Cells[:(a.Rows-1)*a.Cols] {
		if x, y := cellText(&a, i), cellText(&b, i); x != y {
			return fmt.Sprintf("row %d column %d: %s and %s", i/a.Cols, i%a.Cols, x, y)
		}
	}
	return ""
}

func (g *grove) send(p *planted, sig syscall.Signal) {
	g.Helper()
	if err := p.signal(sig); err != nil {
		g.Fatal(err)
	}
}

func (g *grove) types(p *planted, text string) {
	g.Helper()
	if !p.typeIn([]byte(text)) {
		g.Fatal("too much typed")
	}
}

// alive returns the joiners that have not ended.
func (g *grove) alive() (ps []*planted) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.joiners {
		if p.exit == "" {
			ps = append(ps, p)
		}
	}
	return ps
}

// but returns all joiners but some.
func (g *grove) but(without ...*planted) (ps []*planted) {
	for _, p := range g.joiners {
		keep := true
		for _, w := range without {
			keep = keep && p != w
		}
		if keep {
			ps = append(ps, p)
		}
	}
	return ps
}

// everybodyTypes has all joiners type n words at once and checks that each was typed
// once.
func (g *grove) everybodyTypes(round string, n int) {
	g.Helper()
	ps := g.alive()
	all := append(slices.Clip(ps), g.host)
	g.types(g.host, "clear; stty -echo; echo go"+round+"; cat -n\r")
	g.expect("^go"+round+"$", all...)
	for i := range n {
		for _, p := range ps {
			g.types(p, fmt.Sprintf("%s.%s.%d\r", round, p.name, i))
		}
	}
	words := regexp.MustCompile(`(?m)^ +\d+\t? *(` + round + `\.j\d+\.\d+)$`)
	var got map[string]int
	g.wait("all words are typed", func() bool {
		got = map[string]int{}
		for _, m := range words.FindAllStringSubmatch(g.host.text(), -1) {
			got[m[1]]++
		}
		return len(got) == n*len(ps)
	})
	g.types(g.host, "end\r")
	g.expect(fmt.Sprintf("^ +%d +end$", n*len(ps)+1), all...) // so many lines, and no more
	for word, times := range got {
		if times != 1 {
			g.Errorf("%s is there %d times", word, times)
		}
	}
	g.types(g.host, "\x04stty echo; echo o\"\"ver\r")
	g.expect("^over$", all...)
}

// scriptEnv is the environment in which programs look the same everywhere.
func scriptEnv(home string) []string {
	return []string{"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"PS1=rdy> ", "TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/sh", "INPUTRC=/dev/null", "HISTFILE="}
}

// keepLogs writes all that the logs said to a file of a test that failed.
func (g *grove) keepLogs() {
	if !g.Failed() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range append([]*planted{g.host}, g.joiners...) {
		file := filepath.Join(g.ArtifactDir(), p.name+".log")
		if err := os.WriteFile(file, []byte(strings.Join(p.kept, "\n")+"\n"), 0o600); err != nil {
			g.Log(err)
		}
	}
}
