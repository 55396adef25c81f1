//go:build linux

package main

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// scriptCommands are what scripts can do beside testscript's own. NAME names a
// program; all that waits does so for patience at most.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"pty":      plain(cmdPTY),      // pty NAME [-size CxR] [VAR=VALUE...] CMD...
	"pipe":     plain(cmdPipe),     // pipe NAME [VAR=VALUE...] CMD...
	"type":     plain(cmdType),     // type NAME TEXT, as in 'ls\r' or '\x03'
	"paste":    plain(cmdPaste),    // paste NAME FILE [-bracketed]
	"flush":    plain(cmdFlush),    // flush NAME: wait until all typed so far is in the PTY
	"expect":   plain(cmdExpect),   // expect NAME REGEXP [WITHIN]: wait until the screen shows it
	"gone":     plain(cmdGone),     // gone NAME REGEXP: wait until the screen does not show it
	"above":    plain(cmdAbove),    // above NAME REGEXP: in what left the top of its terminal
	"printed":  cmdPrinted,         // [!] printed NAME REGEXP: in all bytes so far
	"count":    plain(cmdCount),    // count NAME N REGEXP: wait until it is on the screen N times, not more
	"same":     plain(cmdSame),     // same A B: wait until both show the same, cell for cell
	"exits":    plain(cmdExits),    // exits NAME STATUS|... [WITHIN]: a number or a signal's name
	"stopped":  plain(cmdStopped),  // stopped NAME: wait until it was stopped by a signal
	"signal":   plain(cmdSignal),   // signal NAME SIGNAME
	"hangup":   plain(cmdHangup),   // hangup NAME: the terminal goes away
	"watcher":  plain(cmdWatcher),  // watcher NAME SIGNAME: signal the process that restores its terminal
	"resize":   plain(cmdResize),   // resize NAME CxR
	"restored": plain(cmdRestored), // restored NAME: wait until the terminal is as it was found
	"output":   plain(cmdOutput),   // output NAME: for stdout and stderr; with pipes
	"ticket":   plain(cmdTicket),   // ticket NAME VAR [gst1|gsr1]
	"shown":    plain(cmdShown),    // shown NAME VAR REGEXP: wait for it on the screen; VAR is its group
	"silence":  plain(cmdSilence),  // silence NAME REGEXP: type nothing until it has shown it for a while
	"made":     plain(cmdMade),     // made TICKET BASE: check that TICKET is BASE and a member
	"forge":    plain(cmdForge),    // forge VAR TICKET [key|addr|ADDR:PORT]
	"silent":   plain(cmdSilent),   // silent VAR: open a UDP port that never answers
	"packets":  cmdPackets,         // [!] packets: whether anything came to that port
}

// plain is a command that cannot be negated.
func plain(f func(ts *testscript.TestScript, args []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command takes no !")
		}
		f(ts, args)
	}
}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// need fails unless there are from least to most arguments.
func need(ts *testscript.TestScript, args []string, least, most int) {
	if len(args) < least || len(args) > most {
		ts.Fatalf("wrong number of arguments: %q", args)
	}
}

// programOf returns the program that a command's first argument names.
func programOf(ts *testscript.TestScript, args []string) *program {
	need(ts, args, 1, 1<<10)
	s := stageOf(ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.programs[args[0]]
	if p == nil {
		ts.Fatalf("no program %s", args[0])
	}
	return p
}

// cutEnv splits leading VAR=VALUE words off.
func cutEnv(args []string) (env, argv []string) {
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.HasPrefix(args[0], "-") {
		env, args = append(env, args[0]), args[1:]
	}
	return env, args
}

func sizeOf(ts *testscript.TestScript, text string) (cols, rows int) {
	c, r, _ := strings.Cut(text, "x")
	cols, err1 := strconv.Atoi(c)
	rows, err2 := strconv.Atoi(r)
	ts.Check(errors.Join(err1, err2))
	return cols, rows
}

func cmdPTY(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 1<<10)
	name, args := args[0], args[1:]
	cols, rows := 80, 24
	if args[0] == "-size" {
		need(ts, args, 3, 1<<10)
		cols, rows = sizeOf(ts, args[1])
		args = args[2:]
	}
	env, argv := cutEnv(args)
	_, err := stageOf(ts).onTerminal(name, cols, rows, env, argv)
	ts.Check(err)
}

func cmdPipe(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 1<<10)
	env, argv := cutEnv(args[1:])
	_, err := stageOf(ts).withPipes(args[0], env, argv)
	ts.Check(err)
}

func cmdType(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	if !programOf(ts, args).typeIn([]byte(text)) {
		ts.Fatalf("too much typed")
	}
}

func cmdPaste(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 3)
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(args) == 3 {
		data = []byte("\x1b[200~" + string(data) + "\x1b[201~")
	}
	if !programOf(ts, args).typeIn(data) {
		ts.Fatalf("too much typed")
	}
}

func cmdFlush(ts *testscript.TestScript, args []string) {
	p := programOf(ts, args)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case p.flush <- struct{}{}:
		case <-p.ended:
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
		ts.Fatalf("%s takes no input\n%s", p.name, p.show())
	}
}

func patternOf(ts *testscript.TestScript, text string) *regexp.Regexp {
	re, err := regexp.Compile("(?m)" + text)
	ts.Check(err)
	return re
}

// withinOf returns the optional last argument, a duration.
func withinOf(ts *testscript.TestScript, args []string, at int) time.Duration {
	if len(args) <= at {
		return patience
	}
	d, err := time.ParseDuration(args[at])
	ts.Check(err)
	return d
}

func cmdExpect(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 3)
	p, re := programOf(ts, args), patternOf(ts, args[1])
	begin := time.Now()
	if !p.stage.until(withinOf(ts, args, 2), func() bool { return re.MatchString(p.text()) }) {
		ts.Fatalf("%s does not show %q\n%s", p.name, args[1], p.stage.show())
	}
	ts.Logf("[%s shows it after %v]", p.name, time.Since(begin).Round(time.Millisecond))
}

func cmdGone(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	p, re := programOf(ts, args), patternOf(ts, args[1])
	if !p.stage.until(patience, func() bool { return !re.MatchString(p.text()) }) {
		ts.Fatalf("%s still shows %q\n%s", p.name, args[1], p.show())
	}
}

func cmdPrinted(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 2, 2)
	p, re := programOf(ts, args), patternOf(ts, args[1])
	var printed bool
	p.stage.until(patience, func() bool { printed = re.Match(p.raw); return printed || neg })
	if printed == neg {
		ts.Fatalf("%s printed %q: %v\n%s", p.name, args[1], printed, p.show())
	}
}

func cmdAbove(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	p, re := programOf(ts, args), patternOf(ts, args[1])
	if !p.stage.until(patience, func() bool { return re.MatchString(p.above()) }) {
		ts.Fatalf("%s has no %q above its terminal\n%s", p.name, args[1], p.show())
	}
}

func cmdCount(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, 3)
	p, re := programOf(ts, args), patternOf(ts, args[2])
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	got := 0
	p.stage.until(patience, func() bool { got = len(re.FindAllString(p.text(), -1)); return got >= want })
	if got != want {
		ts.Fatalf("%s shows %q %d times, want %d\n%s", p.name, args[2], got, want, p.show())
	}
}

func cmdSame(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	p, q := programOf(ts, args), programOf(ts, args[1:])
	diff := ""
	if !p.stage.until(patience, func() bool { diff = difference(p, q); return diff == "" }) {
		ts.Fatalf("%s and %s differ: %s\n%s\n%s", p.name, q.name, diff, p.show(), q.show())
	}
}

func cmdExits(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 3)
	p := programOf(ts, args)
	got := ""
	p.stage.until(withinOf(ts, args, 2), func() bool { got = p.exit; return got != "" })
	if !slices.Contains(strings.Split(args[1], "|"), got) {
		ts.Fatalf("%s ended with %q, want %s\n%s", p.name, got, args[1], p.show())
	}
}

func cmdStopped(ts *testscript.TestScript, args []string) {
	p := programOf(ts, args)
	if !p.stage.until(patience, func() bool { return p.stops > 0 }) {
		ts.Fatalf("%s was not stopped\n%s", p.name, p.show())
	}
}

func cmdSignal(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	ts.Check(programOf(ts, args).signal(signalNamed(ts, args[1])))
}

func signalNamed(ts *testscript.TestScript, name string) syscall.Signal {
	sig := unix.SignalNum(name)
	if sig == 0 {
		ts.Fatalf("no signal %s", name)
	}
	return sig
}

func cmdHangup(ts *testscript.TestScript, args []string) {
	ts.Check(programOf(ts, args).master.Close())
}

func cmdResize(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	cols, rows := sizeOf(ts, args[1])
	ts.Check(programOf(ts, args).resize(cols, rows))
}

func cmdRestored(ts *testscript.TestScript, args []string) {
	p := programOf(ts, args)
	wrong := ""
	if !p.stage.until(patience, func() bool { wrong = p.unrestored(); return wrong == "" }) {
		ts.Fatalf("the terminal of %s is not restored: %s\n%s", p.name, wrong, p.show())
	}
}

func cmdOutput(ts *testscript.TestScript, args []string) {
	p := programOf(ts, args)
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	ts.Stdout().Write(p.stdout)
	ts.Stderr().Write(p.stderr)
}
