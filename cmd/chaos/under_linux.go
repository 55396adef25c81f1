package main

import (
	"errors"
	"fmt"
	"os/exec"
)

// An under is a command that every gossterm of a case runs under: the program and its
// arguments follow it.
type under struct {
	argv []string
	need string // a program that it needs, "" if every machine has it
}

var (
	fewFiles = under{argv: []string{"/bin/sh", "-c", `ulimit -n 64 && exec "$@"`, "sh"}}
	// With -D the gossterm is the process that was started, and strace a grandchild.
	noBuffers = under{need: "strace", argv: []string{"strace", "-D", "-f", "-qq", "-o", "/dev/null",
		"-e", "trace=sendto", "-e", "inject=sendto:error=ENOBUFS:when=3+3"}}
)

// missing says why nothing can run under u here; nil if it can.
func (u under) missing() error {
	if u.need == "" {
		return nil
	}
	if _, err := exec.LookPath(u.need); err != nil {
		return errors.New(u.need + " is missing")
	}
	run := append(u.argv[1:len(u.argv):len(u.argv)], "true")
	if out, err := exec.Command(u.argv[0], run...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not work: %v: %.100q", u.need, err, out)
	}
	return nil
}
