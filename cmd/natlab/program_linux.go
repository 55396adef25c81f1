package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gossterm/internal/screen"
)

const (
	termCols, termRows = 80, 24
	rawKept            = 64 << 10        // bytes of a program's output kept as they came
	logKept            = 20_000          // lines of a program's log kept
	typePatience       = 2 * time.Second // how long a terminal may be full
	inboxSize          = 1024            // what waits while the lab itself works on the networks
)

// A program runs on a terminal of its own on one machine. Its fields belong to the
// loop that takes its events.
type program struct {
	name   string
	cmd    *exec.Cmd
	master *os.File
	log    *os.File // a pipe, so that each line is known when it is written
	hold   *os.File // its other end, so that it lasts as long as the program

	screen            *screen.Screen
	raw               []byte
	started, screened time.Time // when the marker first stood on its screen
	lines             []string
	paths             []pathChange
	ended             bool
	leaves            sync.WaitGroup
}

// An event is something that a program did.
type event struct {
	from   *program
	at     time.Time
	output []byte // to its terminal
	line   string // in its log
	ended  bool
}

// start runs argv on the machine, on a terminal and with a log in dir. It sends what happens to inbox.
func start(m *machine, inbox chan<- event, dir, name string, argv []string) (*program, error) {
	p := &program{name: name, screen: screen.New(termCols, termRows), started: time.Now()}
	p.screen.AnswerQueries(true)
	file := filepath.Join(dir, name+".log")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		return nil, fmt.Errorf("make the log of %s: %w", name, err)
	}
	var err error
	if p.log, err = os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, err
	}
	if p.hold, err = os.OpenFile(file, os.O_WRONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, err
	}
	home := filepath.Join(dir, name+"-home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	slave, err := p.openTerminal()
	if err != nil {
		return nil, err
	}
	defer slave.Close()
	p.cmd = exec.Command(argv[0], append([]string{argv[1], "--log", file}, argv[2:]...)...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/sh"}
	if err := m.within(p.cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.leaves.Go(func() { p.readTerminal(inbox) })
	p.leaves.Go(func() { p.readLog(inbox) })
	return p, nil
}

// openTerminal makes a terminal whose reads end when it is closed.
func (p *program) openTerminal() (slave *os.File, err error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer blocking.Close()
	if err := pty.Setsize(blocking, &pty.Winsize{Cols: termCols, Rows: termRows}); err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, err
	}
	p.master = os.NewFile(uintptr(fd), "terminal of "+p.name)
	return slave, nil
}

// readTerminal sends what the program prints until nobody has the terminal open, and
// lets go of the log when the program has ended.
func (p *program) readTerminal(inbox chan<- event) {
	buf := make([]byte, 16<<10)
	for {
		n, err := p.master.Read(buf)
		if n > 0 {
			inbox <- event{from: p, at: time.Now(), output: append([]byte(nil), buf[:n]...)}
		}
		if err != nil {
			break
		}
	}
	p.cmd.Wait()
	p.hold.Close()
}

// readLog sends the lines of the program's log, and at last that it has ended.
func (p *program) readLog(inbox chan<- event) {
	lines := bufio.NewScanner(p.log)
	for lines.Scan() {
		inbox <- event{from: p, at: time.Now(), line: lines.Text()}
	}
	p.log.Close()
	inbox <- event{from: p, at: time.Now(), ended: true}
}

// take takes an event in.
func (p *program) take(e event) {
	switch {
	case e.ended:
		p.ended = true
	case e.output != nil:
		if len(p.raw) < rawKept {
			p.raw = append(p.raw, e.output...)
		}
		p.screen.Write(e.output)
		if p.screened.IsZero() && p.shows(marker) {
			p.screened = e.at
		}
		for _, r := range p.screen.TakeReplies() {
			p.typeIn(r.Take())
		}
	default:
		if len(p.lines) < logKept {
			p.lines = append(p.lines, e.line)
		}
		if c, ok := parsePath(e.line, e.at); ok {
			p.paths = append(p.paths, c)
		}
	}
}

// typeIn types at the program's terminal.
func (p *program) typeIn(keys []byte) error {
	p.master.SetWriteDeadline(time.Now().Add(typePatience))
	if _, err := p.master.Write(keys); err != nil {
		return fmt.Errorf("type at %s: %w", p.name, err)
	}
	return nil
}

// shows reports whether text stands on the program's screen, in one row.
func (p *program) shows(text string) bool {
	return strings.Contains(strings.Join(p.screen.Text(), "\n"), text)
}

// after returns what stands in the rows below the last one that is text, up to the first
// empty row, as if it were one row. Who was stopped draws all anew below.
func (p *program) after(text string) string {
	var b strings.Builder
	found, over := false, false
	for _, row := range p.screen.Text() {
		row = strings.TrimRight(row, " ")
		switch {
		case row == text:
			b.Reset()
			found, over = true, false
		case row == "":
			over = true
		case found && !over:
			b.WriteString(row)
		}
	}
	return b.String()
}

// signal sends the program a signal.
func (p *program) signal(sig syscall.Signal) error { return p.cmd.Process.Signal(sig) }

// shown returns what stands on the program's screen.
func (p *program) shown() string {
	return strings.TrimRight(strings.Join(p.screen.Text(), "\n"), " \n")
}

// fate says what became of the program.
func (p *program) fate() string {
	if !p.ended {
		return "runs"
	}
	return "has ended: " + p.cmd.ProcessState.String()
}

// kill ends the program at once. That it has ended comes as an event.
func (p *program) kill() { p.signal(syscall.SIGKILL) }

// close closes the program's terminal and waits for what reads from it and its log.
func (p *program) close() {
	p.master.Close()
	p.leaves.Wait()
}
