//go:build linux

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long a script waits for what must happen.
const patience = 20 * time.Second

type stageKey struct{}

// A stage is where the programs of one script run. Its lock guards all that the
// programs' readers write.
type stage struct {
	dir string
	env []string

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew with each change
	programs map[string]*program

	silent *silentPort
}

func newStage(dir string, env []string) *stage {
	return &stage{dir: dir, env: env, changed: make(chan struct{}), programs: map[string]*program{}}
}

// change runs f under the lock and wakes all who wait.
func (s *stage) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits until ok, which is called under the lock at first and after each
// change, and reports whether that came within d.
func (s *stage) until(d time.Duration, ok func() bool) bool {
	late := time.After(d)
	for {
		s.mu.Lock()
		done, changed := ok(), s.changed
		s.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-late:
			return false
		}
	}
}

// add registers a program under its name.
func (s *stage) add(p *program) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.programs[p.name] != nil {
		return fmt.Errorf("there is a program %s already", p.name)
	}
	s.programs[p.name] = p
	return nil
}

// show describes all programs for a failure's message.
func (s *stage) show() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.programs)) {
		b.WriteString(s.programs[name].shown() + "\n")
	}
	return b.String()
}

// close ends all programs and waits for what watches them.
func (s *stage) close() {
	s.mu.Lock()
	programs := s.programs
	s.mu.Unlock()
	for _, p := range programs {
		p.close()
	}
	if s.silent != nil {
		s.silent.close()
	}
}
