package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// An under is a command that every gossterm of a case runs under: the program and its
// arguments follow it.
type under struct {
	argv []string
	need string // a program that it needs, "" if every machine has it
}

// traceFile stands in an under's command for a file of each person's own.
const traceFile = "TRACE"

var (
	fewFiles = under{argv: []string{"/bin/sh", "-c", `ulimit -n 64 && exec "$@"`, "sh"}}
	// With -D the gossterm is the process that was started, and strace a grandchild.
	// Each thread has a count of its own.
	noBuffers = under{need: "strace", argv: []string{"strace", "-D", "-f", "-qq", "-o", traceFile,
		"-e", "trace=" + sends, "-e", "inject=" + sends + ":error=ENOBUFS:when=3+3"}}
)

// sends are the system calls that may send a packet.
const sends = "sendto,sendmsg,sendmmsg"

// of returns the command for one person.
func (u under) of(file string) []string {
	argv := slices.Clone(u.argv)
	for i, a := range argv {
		if a == traceFile {
			argv[i] = file
		}
	}
	return argv
}

func (s *show) traceFile(who string) string { return filepath.Join(s.dir, who+".trace") }

// calmlyTraced is calmly, and demands that something was injected for each person.
func calmlyTraced(s *show) error {
	if err := calmly(s); err != nil {
		return err
	}
	for _, p := range s.people {
		switch b, err := os.ReadFile(s.traceFile(p.who)); {
		case err != nil:
			return err
		case !bytes.Contains(b, []byte("(INJECTED)")):
			return fmt.Errorf("no packet of %s has failed: the case shows nothing", p.who)
		}
	}
	return nil
}

// missing says why nothing can run under u here; nil if it can.
func (u under) missing() error {
	if u.need == "" {
		return nil
	}
	if _, err := exec.LookPath(u.need); err != nil {
		return errors.New(u.need + " is missing")
	}
	argv := append(u.of(os.DevNull), "true")
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not work: %v: %.100q", u.need, err, out)
	}
	return nil
}
