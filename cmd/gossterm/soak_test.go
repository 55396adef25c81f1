//go:build linux

package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gossterm/gossip"
)

var (
	soakFor  = flag.Duration("soak", 0, "how long members join, leave, type and flood; 0: not at all")
	soakSeed = flag.Uint64("soakseed", 1, "what they do is drawn from it")
)

const (
	soakMembers = 16
	soakStay    = 3 // of them are there from begin to end
	soakDegree  = 4
	// soakWarm is how long the same goes on before it is measured what the host holds: until
	// all that is kept and bounded is as large as it gets, but for the memory of who was
	// here, which is some 300 bytes a life and bounded by thousands.
	soakWarm = 3 * time.Minute
	// soakEvery is the mean time between two things that happen.
	soakEvery = 150 * time.Millisecond
	// soakPause is the longest that a member is stopped: a shorter time than that after
	// which one who types is asked whether to send it.
	soakPause = 2 * time.Second
	// soakForget is how long a host may remember the link of a member that was killed:
	// two minutes, and what it takes to notice.
	soakForget = 2*time.Minute + 30*time.Second
	// soakLooks is how often the host is asked what it holds, soakFill of how many random
	// bytes a line is printed each time: together more than twice what a log keeps, so that one look is
	// just behind a snapshot at which it was cut, and one while nobody who left is called.
	soakLooks = 60
	soakFill  = 200_000
	// soakMost is how many times as much the host may hold afterwards.
	soakMost = 1.05
)

// soakChild is what the host shares: it notes each line typed, and floods when a line
// says how much. It fills with what is neither packed to little nor left out: one line.
const soakChild = `stty -echo
while IFS= read -r line; do
	case $line in
	'') ;;
	flood*) seq "${line#flood}" ;;
	fill*) head -c "${line#fill}" /dev/urandom | base64 -w 0; echo ;;
	*) printf '%s\n' "$line" >>typed; printf 'got %s\n' "$line" ;;
	esac
done`

// Members join, leave, die, stop, type and flood at random, for as long as is wanted:
// afterwards the host holds what it held before, and what was typed was typed once and
// in order.
func TestSoak(t *testing.T) {
	if *soakFor == 0 {
		t.Skip("scripts/soak runs it")
	}
	s := newSoak(t)
	s.rage(soakWarm)
	s.calm()
	before := s.held()
	s.figure("before", before)
	begun, lives := time.Now(), len(s.lives)
	s.rage(*soakFor)
	s.figure(fmt.Sprintf("members that came and went in %v", time.Since(begun).Round(time.Second)), len(s.lives)-lives)
	s.calm()
	after := s.held()
	s.figure("after", after)
	s.judge(before, after)
	s.tokens()
	s.figure("all screens are the host's after", s.same(quiet, s.alive()...))
}

// A soak is a grove in which things happen at random.
type soak struct {
	*grove
	random  *rand.Rand
	lives   []*life
	figures chan string // what the host wrote of what it holds
	scanned int         // lines of the host's log that were looked at
	ended   map[string]int
	did     map[string]int
}

// A life is one process of a member.
type life struct {
	*planted
	words   int  // that it typed
	abrupt  bool // it was killed: its last words may not have been typed
	leaving bool
	reaped  bool
	until   time.Time // it is stopped until then
}

func newSoak(t *testing.T) *soak {
	pipe := filepath.Join(t.TempDir(), "figures")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(soakFigures, pipe)
	s := &soak{random: rand.New(rand.NewPCG(*soakSeed, 0)), figures: make(chan string, 1), ended: map[string]int{}, did: map[string]int{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(f); lines.Scan(); {
			s.figures <- lines.Text()
		}
	}()
	t.Cleanup(func() { f.Close(); <-read })
	t.Cleanup(func() { s.keepProfiles(pipe) })
	s.grove = newGrove(t, soakDegree, "--", "bash", "--norc", "--noprofile", "-c", soakChild)
	for range soakStay {
		s.born()
	}
	s.wait("the first are in", func() bool {
		return !slices.ContainsFunc(s.lives, func(l *life) bool { return !l.ready() })
	})
	return s
}

// keepProfiles keeps what the host held, of a soak that failed, where -artifacts says.
func (s *soak) keepProfiles(pipe string) {
	if !s.Failed() {
		return
	}
	profiles, _ := filepath.Glob(pipe + ".*.*")
	for _, from := range profiles {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(s.ArtifactDir(), filepath.Base(from)), b, 0o600)
		}
		if err != nil {
			s.Log(err)
		}
	}
}

func (s *soak) born() { s.lives = append(s.lives, &life{planted: s.join()}) }

// ready reports whether what is typed at a member's terminal reaches it as it is typed.
// The stage's lock is held.
func (l *life) ready() bool {
	if l.incarnation == "" || l.exit != "" || l.leaving || !l.until.IsZero() {
		return false
	}
	now, err := l.termios()
	return err == nil && now.Lflag&syscall.ICANON == 0
}

// some returns a life for which ok holds, drawn at random, or nil. The first few are
// not drawn if others alone may be.
func (s *soak) some(first int, ok func(*life) bool) *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ls []*life
	for _, l := range s.lives[first:] {
		if !l.reaped && l.exit == "" && ok(l) {
			ls = append(ls, l)
		}
	}
	if len(ls) == 0 {
		return nil
	}
	return ls[s.random.IntN(len(ls))]
}

// rage has things happen for a while.
func (s *soak) rage(d time.Duration) {
	s.Helper()
	ticks := time.NewTicker(soakEvery)
	defer ticks.Stop()
	said := time.Now()
	for end := time.Now().Add(d); time.Now().Before(end); {
		now := <-ticks.C
		s.reap(now)
		s.happen(now)
		if now.Sub(said) >= time.Minute {
			said = now
			s.figure("so far", fmt.Sprintf("%d lives, %v", len(s.lives), s.did))
		}
	}
}

// happen does one thing, drawn at random.
func (s *soak) happen(now time.Time) {
	s.Helper()
	switch draw := s.random.IntN(100); {
	case draw < 62:
		s.says(s.some(0, (*life).ready))
	case draw < 72:
		if l := s.some(0, (*life).ready); l != nil {
			s.types(l.planted, fmt.Sprintf("flood%d\r", 100+s.random.IntN(3_000)))
			s.did["flood"]++
		}
	case draw < 92:
		if s.living() < soakMembers {
			s.born()
			s.did["join"]++
		}
	case draw < 95:
		s.leaves(s.some(soakStay, (*life).ready))
	case draw < 96:
		s.dies(s.some(soakStay, func(l *life) bool { return l.incarnation != "" }))
	default:
		s.stops(s.some(0, (*life).ready), now)
	}
}

func (s *soak) living() (n int) {
	for _, l := range s.lives {
		if !l.reaped {
			n++
		}
	}
	return n
}

// says has a member type a word that nobody else types.
func (s *soak) says(l *life) {
	if l == nil {
		return
	}
	s.types(l.planted, fmt.Sprintf("%s.%d\r", l.name, l.words))
	l.words++
	s.did["word"]++
}

func (s *soak) leaves(l *life) {
	if l == nil {
		return
	}
	s.types(l.planted, "\r~.")
	l.leaving = true
	s.did["leave"]++
}

func (s *soak) dies(l *life) {
	if l == nil || l.signal(syscall.SIGKILL) != nil { // it has gone just now
		return
	}
	l.abrupt, l.leaving = true, true
	s.did["kill"]++
}

func (s *soak) stops(l *life, now time.Time) {
	if l == nil || l.signal(syscall.SIGSTOP) != nil {
		return
	}
	l.until = now.Add(time.Duration(s.random.Int64N(int64(soakPause))))
	s.did["stop"]++
}

// reap lets those go on that were stopped long enough, and forgets all but the words of
// those that have ended.
func (s *soak) reap(now time.Time) {
	s.Helper()
	s.mu.Lock()
	var gone, back []*life
	for _, l := range s.lives {
		switch {
		case l.reaped:
		case l.exit != "":
			gone = append(gone, l)
		case !l.until.IsZero() && now.After(l.until):
			back = append(back, l)
		}
	}
	s.mu.Unlock()
	for _, l := range back {
		l.until = time.Time{}
		if err := l.signal(syscall.SIGCONT); err != nil {
			s.Error(err)
		}
	}
	for _, l := range gone {
		s.forget(l)
	}
}

// forget frees what a member that has ended needed.
func (s *soak) forget(l *life) {
	s.Helper()
	l.program.close()
	l.log.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.leaving || !l.abrupt && l.exit != "0" {
		s.Errorf("%s ended with %s\n%s", l.name, l.exit, l.shown())
	}
	l.tag = s.host.joined[l.incarnation]
	if strings.Contains(string(l.raw), "may not have been typed") {
		l.abrupt = true // and said so
	}
	l.reaped, l.raw, l.kept, l.screen = true, nil, nil, nil
	delete(s.programs, l.name)
}

// calm has all but the first leave, and waits until nothing is under way and the host
// has forgotten who was killed.
func (s *soak) calm() {
	s.Helper()
	begun := time.Now()
	for s.living() > soakStay {
		if time.Since(begun) > 2*patience {
			s.Fatalf("%d are still there\n%s", s.living(), s.drawn())
		}
		s.reap(time.Now().Add(soakPause))
		for l := s.some(soakStay, (*life).ready); l != nil; l = s.some(soakStay, (*life).ready) {
			s.leaves(l)
		}
		s.stage.until(soakEvery, func() bool { return false })
	}
	s.reap(time.Now().Add(soakPause))
	s.within(soakForget, "the host has forgotten all who were killed", s.forgotten)
	s.stage.until(soakForget-time.Since(begun), func() bool { return false }) // what nobody waits for goes by itself
	// The log, and all that keeps of it, is as full as it gets.
	first := s.lives[0]
	s.types(first.planted, fmt.Sprintf("fill%d\r", 3*gossip.Kept))
	s.says(first)
	s.spoken(first)
	s.figure("calm after", time.Since(begun))
}

// forgotten reports whether the host has let go of the links of all that have ended.
func (s *soak) forgotten() bool {
	for ; s.scanned < len(s.host.kept); s.scanned++ {
		if line := s.host.kept[s.scanned]; field(line, "msg") == "link down" {
			s.ended[field(line, "peer")]++
		}
	}
	for _, l := range s.lives[soakStay:] {
		if l.tag != "" && s.ended[l.tag] == 0 {
			return false
		}
	}
	return true
}

// spoken waits until the newest word of a member was typed, and shown to all: behind
// megabytes of output, on a machine that may have other work.
func (s *soak) spoken(l *life) {
	s.Helper()
	re := regexp.MustCompile(fmt.Sprintf(`(?m)^got %s\.%d$`, l.name, l.words-1))
	for _, p := range append(s.alive(), s.host) {
		s.within(soakForget, p.name+" shows "+re.String(), func() bool { return re.MatchString(p.text()) })
	}
}

// held returns what the host holds when it is quiet: of many times the least, for how much
// of its log it keeps depends on where the newest snapshot is, and it goes on calling those
// who have left for a while, one or two at a time, each some goroutines.
func (s *soak) held() (least holding) {
	s.Helper()
	first := s.lives[0]
	for i := range soakLooks {
		s.types(first.planted, fmt.Sprintf("fill%d\r", soakFill))
		s.says(first)
		s.spoken(first)
		s.stage.until(time.Second, func() bool { return false })
		s.send(s.host, syscall.SIGUSR1)
		var line string
		select {
		case line = <-s.figures:
		case <-time.After(patience):
			s.Fatal("the host does not say what it holds")
		}
		h, err := parseHolding(line)
		if err != nil {
			s.Fatalf("%q: %v", line, err)
		}
		if i == 0 {
			least = h
		}
		least = holding{min(least.goroutines, h.goroutines), min(least.files, h.files), min(least.heap, h.heap), min(least.resident, h.resident)}
	}
	return least
}

// judge compares what the host held.
func (s *soak) judge(before, after holding) {
	s.Helper()
	for _, x := range []struct {
		what          string
		before, after int
	}{
		{"goroutines", before.goroutines, after.goroutines},
		{"descriptors", before.files, after.files},
		{"bytes of heap", before.heap, after.heap},
		{"bytes resident", before.resident, after.resident},
	} {
		times := float64(x.after) / float64(x.before)
		s.figure(x.what+", times as many as before", fmt.Sprintf("%.3f", times))
		if times > soakMost {
			s.Errorf("%d %s, and %d before", x.after, x.what, x.before)
		}
	}
}

// tokens checks that all words were typed once and in order, but for the last of those
// who were killed.
func (s *soak) tokens() {
	s.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "typed"))
	if err != nil {
		s.Fatal(err)
	}
	byName := map[string]*life{}
	for _, l := range s.lives {
		byName[l.name] = l
	}
	typed, lost := map[string]int{}, 0
	for line := range strings.Lines(string(b)) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), ".")
		if l := byName[name]; l == nil || number != fmt.Sprint(typed[name]) || typed[name] >= l.words {
			s.Errorf("%q was typed, and %d words of it before", strings.TrimSpace(line), typed[name])
			continue
		}
		typed[name]++
	}
	words, unsure := 0, 0
	for _, l := range s.lives {
		words += l.words
		switch missing := l.words - typed[l.name]; {
		case l.abrupt:
			unsure += missing
		case missing > 0:
			lost += missing
			s.Errorf("%d of %d words of %s were never typed", missing, l.words, l.name)
		}
	}
	s.figure("words typed, lost, and of those killed, never typed", fmt.Sprintf("%d, %d, %d", words, lost, unsure))
}
