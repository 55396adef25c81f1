package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gossterm/internal/lab"
	"gossterm/internal/ticket"
)

const (
	patience     = 20 * time.Second // for what must happen
	pathPatience = 5 * time.Second  // for a path that is not there in time: how late is it?
	// regainPatience is how long the way that is wanted in the end may take to come back:
	// PROTOCOL.md §8.2 has a round of checks after 10 s on a relay.
	regainPatience = 15 * time.Second

	logShown = 20 // lines of a log that are shown when a trial fails

	marker     = "the-host-is-here"
	hostName   = "harriet-hosts"
	joinerName = "jeremy-joins"
)

// play plays a trial. What it cannot do is told in the result, and to errs at more length.
func play(ctx context.Context, o options, dir string, t trial, errs io.Writer) result {
	s := &show{
		world: &world{trial: t}, ctx: ctx, gossterm: o.gossterm, dir: filepath.Join(dir, fileName(t.name)),
		inbox: make(chan lab.Event, lab.InboxSize), keeps: o.logs != "", typing: newTyping(uint64(len(t.name))),
	}
	err := s.play()
	r := s.result()
	s.close()
	if o.logs != "" {
		err = errors.Join(err, s.keep(filepath.Join(o.logs, fileName(t.name))))
	}
	if err != nil && ctx.Err() == nil {
		io.WriteString(errs, s.shown())
		r.Failure = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return r
}

func fileName(name string) string { return strings.NewReplacer("/", "-", " ", "-").Replace(name) }

// play goes through the trial, to its end or what keeps it from there.
func (s *show) play() error {
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return err
	}
	if err := s.lay(); err != nil {
		return err
	}
	if err := s.tapAll(); err != nil {
		return err
	}
	if err := s.meet(); err != nil {
		return err
	}
	if s.direct > 0 { // else it is seen at the end which path it was
		s.wait(pathPatience, func() bool { return s.directAt() != nil })
	}
	if s.sealed {
		if err := s.sendControl(); err != nil {
			return err
		}
	}
	if s.showTicket {
		var err error
		if s.shownAtJoiner, err = s.ticketOn(s.joiner, func(ticket.Ticket) bool { return true }); err != nil {
			return err
		}
	}
	if err := s.typeAll(); err != nil {
		return err
	}
	if err := s.awaitOthers(); err != nil {
		return err
	}
	if len(s.events) > 0 {
		s.noteChanges()
		s.regain()
	}
	if err := s.end(); err != nil {
		return err
	}
	if err := s.judge(); err != nil || !s.sealed {
		return err
	}
	var err error
	s.leaked, err = s.plaintext()
	return err
}

// meet starts all programs and waits for the joiner's first screen.
func (s *show) meet() error {
	for i := range s.relayCount {
		if err := s.startRelay(i); err != nil {
			return err
		}
	}
	word, err := s.startHost()
	if err != nil {
		return err
	}
	if !s.byName {
		t, err := ticket.Parse(word)
		if err != nil {
			return fmt.Errorf("the host's ticket: %w", err)
		}
		s.talksTo = t.Host.Tag()
	}
	if s.withMember {
		if word, err = s.startMember(word); err != nil {
			return err
		}
	}
	s.given = word
	return s.startJoiner(word)
}

// noteChanges notes when the joiner's path changed while keys were typed.
func (s *show) noteChanges() {
	for _, c := range s.paths() {
		if after := c.at.Sub(s.typed[0]); after > 0 {
			s.note("%s at %.1f s", c.via, after.Seconds())
		}
	}
}

// regain waits until the path is again what it is to be in the end, for a while.
func (s *show) regain() {
	if s.want == "" || s.path().via == s.want {
		return
	}
	begun := time.Now()
	if s.wait(regainPatience, func() bool { return s.path().via == s.want }) {
		s.note("%s again %.1f s after the last echo", s.want, time.Since(begun).Seconds())
	}
}

// startRelay starts relay i and learns how a host is told of it.
func (s *show) startRelay(i int) error {
	p, err := s.run(s.relayAt[i], fmt.Sprintf("relay%d", i+1), "relay", "--listen", relayAddr(i, s.v6).String())
	if err != nil {
		return err
	}
	s.relays = append(s.relays, p)
	re := regexp.MustCompile(`--relay '?([^'\s]+)`) // quoted for a shell where it has brackets
	var found [][]byte
	s.wait(patience, func() bool {
		found = re.FindSubmatch(p.Raw)
		return found != nil || p.Ended
	})
	if found == nil {
		return errors.Join(s.ctx.Err(), fmt.Errorf("%s prints no --relay VALUE; it %s", p.Name, p.Fate()))
	}
	s.relayValues = append(s.relayValues, string(found[1]))
	return nil
}

// startHost starts the host and returns what a joiner is given.
func (s *show) startHost() (word string, err error) {
	args := []string{"host", "--name", hostName}
	re := regexp.MustCompile(`gossterm join ([a-z]+-[a-z]+-[0-9]+)`)
	if !s.byName {
		args = append(args, "--accept")
		if !s.drawn {
			args = append(args, "--quiet")
		}
		re = regexp.MustCompile(`(gst1[a-z2-7]+)\r?\n`)
	}
	for _, v := range s.relayValues {
		args = append(args, "--relay", v)
	}
	if s.a == forwarded {
		args = append(args, "--listen", fmt.Sprintf(":%d", hostPort))
	}
	args = append(args, s.hostFlags...)
	args = append(args, "--", "sh", "-c", "echo "+marker+"; exec cat >"+s.typedFile())
	if s.host, err = s.run(s.homeA, "host", args...); err != nil {
		return "", err
	}
	err = s.await("the host's ticket or name", patience, func() bool {
		if found := re.FindSubmatch(s.host.Raw); found != nil {
			word = string(found[1])
		}
		return word != ""
	})
	if err == nil && s.a == forwarded {
		word, err = withOutside(word)
	}
	return word, err
}

func (s *show) typedFile() string { return filepath.Join(s.dir, "typed") }

// startJoiner starts the joiner and waits for its first screen.
func (s *show) startJoiner(word string) (err error) {
	s.started = time.Now()
	args := append([]string{"join", "--name", joinerName}, s.joinFlags...)
	if s.joiner, err = s.run(s.homeB, "joiner", append(args, word)...); err != nil {
		return err
	}
	if s.byName {
		if err := s.letIn(); err != nil {
			return err
		}
	}
	return s.await("the joiner's first screen", patience, func() bool { return !s.screened.IsZero() })
}

// letIn lets the joiner in at the host, when both show the same words.
func (s *show) letIn() error {
	re := regexp.MustCompile(`tell them: ([a-z]+ [a-z]+ [a-z]+ [a-z]+)\r?\n`)
	err := s.await("the same four words at the joiner and the host", patience, func() bool {
		found := re.FindSubmatch(s.joiner.Raw)
		return found != nil && strings.Contains(unbroken(s.host.Shown()), unbroken(string(found[1])))
	})
	if err != nil {
		return err
	}
	return s.host.Type([]byte("~y")) // a plain y would have to wait
}

// unbroken returns text without its spaces and line ends, wherever rows were broken.
func unbroken(text string) string { return strings.Join(strings.Fields(text), "") }

// end ends what was typed, and the session with it, and waits for the host's end.
func (s *show) end() error {
	if err := s.joiner.Type([]byte("\r")); err != nil {
		return err
	}
	if err := s.joiner.Type([]byte("\x04")); err != nil {
		return err
	}
	if !s.wait(patience, func() bool { return s.host.Ended && s.joiner.Ended }) {
		return fmt.Errorf("not within %v: the end of the host and the joiner", patience)
	}
	return s.ctx.Err()
}

// withOutside returns a ticket with the address at which the host's router forwards.
func withOutside(word string) (string, error) {
	t, err := ticket.Parse(word)
	if err != nil {
		return "", fmt.Errorf("the host's ticket: %w", err)
	}
	t.Addrs = append(t.Addrs, netip.AddrPortFrom(netip.MustParseAddr(outA), hostPort))
	return t.String(), nil
}
